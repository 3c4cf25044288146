"""Embeddings: near means alike."""

import math

import httpx2
import pytest

SMALL = "text-embedding-3-small"


def vectors(client, *texts, **params):
    got = client.embeddings.create(model=SMALL, input=list(texts), **params)
    assert [d.index for d in got.data] == list(range(len(texts)))
    return [d.embedding for d in got.data]


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("我喜欢小猫", "猫咪是可爱的宠物", "今天股票大跌"),
        ("怎么申请退款？", "我想退货，钱怎么退", "明天北京会下雨吗"),
        ("Python 怎么写循环", "编程里如何使用 for 循环", "这家餐厅的火锅很好吃"),
        ("今天天气真好", "今天是个晴天，阳光明媚", "如何重置登录密码"),
        ("快递什么时候到", "我的包裹还没有发货", "地球绕着太阳转"),
        ("a cat sits on the mat", "the kitten is a pet", "interest rates rose at the bank"),
        ("猫", "cat", "bank"),
    ],
)
def test_alike_is_nearer_than_unlike(client, text, near, far):
    base, a, b = vectors(client, text, near, far)
    assert cosine(base, a) > cosine(base, b) + 0.1


def test_the_same_text_is_the_same_vector_of_length_one(client):
    a, b = vectors(client, "你好", "你好")
    assert a == b
    assert len(a) == 1536
    assert math.isclose(cosine(a, a), 1, abs_tol=1e-4)


def test_both_encodings_hold_the_same_numbers(client, base_url):
    (decoded,) = vectors(client, "你好")  # the SDK asks for base64 and decodes it
    (floats,) = vectors(client, "你好", encoding_format="float")
    assert decoded == pytest.approx(floats, abs=1e-6)
    raw = httpx2.post(
        f"{base_url}/embeddings",
        json={"model": SMALL, "input": "你好", "encoding_format": "base64"},
        headers={"authorization": "Bearer x"},
    )
    assert isinstance(raw.json()["data"][0]["embedding"], str)


def test_dimensions_shorten_the_same_vector(client):
    (whole,) = vectors(client, "你好，世界")
    (short,) = vectors(client, "你好，世界", dimensions=256)
    length = math.sqrt(cosine(whole[:256], whole[:256]))
    assert short == pytest.approx([v / length for v in whole[:256]], abs=1e-4)


def test_large_model_has_longer_vectors_and_usage_counts(client):
    got = client.embeddings.create(model="text-embedding-3-large", input="你好，世界")
    assert len(got.data[0].embedding) == 3072
    assert got.usage.prompt_tokens == got.usage.total_tokens == 3


def test_token_ids_are_an_input(client):
    one = client.embeddings.create(model=SMALL, input=[1, 2, 3])
    assert len(one.data) == 1
    assert one.usage.total_tokens == 3
    two = client.embeddings.create(model=SMALL, input=[[1, 2], [3]])
    assert len(two.data) == 2
