"""Embeddings: near means alike."""

import math

import httpx2
import openai
import pytest
from openai import AsyncOpenAI

from tests.demo.asynchronous import run_async

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


CORPUS = {
    "food": ["周末想吃顿好的，有什么餐馆推荐", "红烧排骨的做法", "这家川菜馆的水煮鱼很麻辣"],
    "technology": ["折叠屏手机值不值得买", "蓝牙耳机降噪效果测评", "新款芯片的性能提升了三成"],
    "sport": ["主队三比一战胜对手", "她打破了百米短跑纪录", "世界杯决赛今晚开打"],
    "travel": ["成都三日游路线怎么安排", "订机票什么时候最便宜", "护照和签证办好了才能出国"],
    "weather": ["今天会不会下雨", "北京明天气温骤降", "周末多云转晴"],
    "programming": ["Python 列表怎么去重", "如何读取 JSON 文件", "用 git 回退到上一个提交"],
    "service": ["我的包裹三天没更新物流了", "忘记密码怎么办", "买错了可以退吗"],
}


def test_every_text_of_a_small_corpus_is_nearest_to_one_of_its_own_topic(client):
    texts = [(topic, text) for topic, group in CORPUS.items() for text in group]
    found = vectors(client, *(text for _, text in texts))
    for index, (topic, text) in enumerate(texts):
        others = [i for i in range(len(texts)) if i != index]
        nearest = max(others, key=lambda i: cosine(found[index], found[i]))
        assert texts[nearest][0] == topic, (text, texts[nearest])


@pytest.mark.parametrize(
    ("query", "topic"),
    [
        ("哪里有好吃的", "food"),
        ("电子产品评测", "technology"),
        ("体育新闻", "sport"),
        ("旅行计划", "travel"),
        ("出门要带伞吗", "weather"),
        ("怎么写代码", "programming"),
        ("联系售后", "service"),
    ],
)
def test_a_search_without_common_words_finds_the_topic(client, query, topic):
    texts = [(name, text) for name, group in CORPUS.items() for text in group]
    (asked,) = vectors(client, query)
    found = vectors(client, *(text for _, text in texts))
    ranked = sorted(zip(texts, found, strict=True), key=lambda pair: -cosine(asked, pair[1]))
    assert [name for (name, _), _ in ranked[:3]] == [topic] * 3


def test_as_many_texts_as_are_allowed_get_their_vectors_in_order(client):
    texts = [f"第 {n} 条" for n in range(2048)]
    got = client.embeddings.create(model=SMALL, input=texts, dimensions=8)
    assert [d.index for d in got.data] == list(range(2048))
    assert got.data[2047].embedding == vectors(client, texts[2047], dimensions=8)[0]
    with pytest.raises(openai.BadRequestError) as caught:
        client.embeddings.create(model=SMALL, input=[*texts, "多一条"])
    assert (caught.value.param, caught.value.code) == ("input", "array_above_max_length")


def test_a_text_of_too_many_tokens_is_refused_by_its_index(client):
    with pytest.raises(openai.BadRequestError) as caught:
        client.embeddings.create(model=SMALL, input=["短", "长文本" * 6000])
    assert (caught.value.param, caught.value.code) == ("input[1]", "context_length_exceeded")


def test_async_client_and_raw_response(base_url):
    async def ask():
        async with AsyncOpenAI(api_key="x", base_url=base_url, max_retries=0) as sdk:
            got = await sdk.embeddings.create(model=SMALL, input="你好")
            raw = await sdk.embeddings.with_raw_response.create(model=SMALL, input="你好")
            return got, raw

    got, raw = run_async(ask())
    assert raw.parse().data[0].embedding == got.data[0].embedding
    assert raw.headers["x-offline-demo"] == "true"
