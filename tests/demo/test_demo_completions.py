"""The legacy completions."""

import openai
import pytest
from openai import AsyncOpenAI

from tests.demo.asynchronous import run_async

MODEL = "demo-instruct"


def complete(client, prompt, **params):
    return client.completions.create(model=MODEL, prompt=prompt, **{"max_tokens": 100, **params})


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("床前明月光，", "疑是地上霜。举头望明月，低头思故乡。"),
        ("def add(a, b):", "\n    return a + b\n"),
        ("1, 2, 3,", " 4, 5, 6, 7, 8, 9, 10"),
        ("The capital of France is", " Paris."),
    ],
)
def test_the_text_goes_on(client, prompt, text):
    (choice,) = complete(client, prompt).choices
    assert (choice.text, choice.finish_reason) == (text, "stop")


def test_a_question_is_answered_as_in_a_chat(client):
    assert "递归" in complete(client, "什么是递归？").choices[0].text


def test_sixteen_tokens_unless_told_otherwise(client):
    got = client.completions.create(model=MODEL, prompt="你是谁？")
    assert got.choices[0].finish_reason == "length"
    assert got.usage.completion_tokens == 16
    assert complete(client, "你是谁？", max_tokens=5).usage.completion_tokens == 5


def test_every_model_of_the_api_is_gone_and_the_error_says_so(client):
    for model in ("gpt-3.5-turbo-instruct", "davinci-002", "babbage-002"):
        with pytest.raises(openai.NotFoundError, match=r"2026-09-28.*gpt-5\.6-terra") as caught:
            client.completions.create(model=model, prompt="你好")
        assert (caught.value.code, caught.value.param) == ("model_not_found", "model")
        assert MODEL in str(caught.value)


def test_a_chat_model_is_sent_to_its_own_endpoint(client):
    with pytest.raises(openai.NotFoundError, match="v1/chat/completions"):
        client.completions.create(model="gpt-6-luna", prompt="你好")
    with pytest.raises(openai.NotFoundError) as caught:
        client.completions.create(model="gpt-9", prompt="你好")
    assert caught.value.code == "model_not_found"


def test_several_prompts_times_several_answers(client):
    got = complete(client, ["从前，", "1, 2, 3,"], n=2, best_of=3)
    assert [c.index for c in got.choices] == [0, 1, 2, 3]
    assert got.choices[0].text != got.choices[1].text
    assert got.choices[2].text == " 4, 5, 6, 7, 8, 9, 10"
    assert got.usage.total_tokens == got.usage.prompt_tokens + got.usage.completion_tokens
    shown = complete(client, ["从前，", "1, 2, 3,"], n=2).usage
    assert got.usage.completion_tokens == shown.completion_tokens * 3 // 2


def test_echo_and_stop(client):
    (choice,) = complete(client, "1, 2, 3,", echo=True, stop=[" 7"]).choices
    assert choice.text == "1, 2, 3, 4, 5, 6,"
    assert choice.finish_reason == "stop"
    (choice,) = complete(client, "1, 2, 3,", echo=True, max_tokens=0).choices
    assert choice.text == "1, 2, 3,"


def test_suffix_gets_something_in_between(client):
    (choice,) = complete(client, "今天早上我出门，", suffix="，最后回到了家。").choices
    assert "离线演示" in choice.text


def test_logprobs_belong_to_the_text(client):
    (choice,) = complete(client, "1, 2, 3,", echo=True, logprobs=2).choices
    log = choice.logprobs
    assert "".join(log.tokens) == choice.text
    for token, offset in zip(log.tokens, log.text_offset, strict=True):
        assert choice.text[offset : offset + len(token)] == token
    for token, own, top in zip(log.tokens, log.token_logprobs, log.top_logprobs, strict=True):
        assert own < 0
        assert len(top) == 2
        assert top[token] == own == max(top.values())
    assert complete(client, "你好", logprobs=0).choices[0].logprobs.top_logprobs is None


def test_token_ids_are_a_prompt(client):
    got = complete(client, [1, 2, 3])
    assert got.usage.prompt_tokens == 3
    assert len(complete(client, [[1, 2], [3]]).choices) == 2


def test_the_stream_joins_to_the_same_text(client):
    whole = complete(client, ["从前，", "你好"], n=2)
    parts = {c.index: "" for c in whole.choices}
    ends = {}
    chunks = list(
        complete(
            client, ["从前，", "你好"], n=2, stream=True, stream_options={"include_usage": True}
        )
    )
    for chunk in chunks[:-1]:
        (choice,) = chunk.choices
        parts[choice.index] += choice.text
        if choice.finish_reason:
            ends[choice.index] = choice.finish_reason
        assert chunk.usage is None
    assert parts == {c.index: c.text for c in whole.choices}
    assert ends == dict.fromkeys(parts, "stop")
    assert chunks[-1].choices == []
    assert chunks[-1].usage == whole.usage


def test_async_client(base_url):
    async def ask():
        async with AsyncOpenAI(api_key="x", base_url=base_url, max_retries=0) as sdk:
            stream = await sdk.completions.create(
                model=MODEL, prompt="床前明月光，", stream=True, max_tokens=50
            )
            return "".join([chunk.choices[0].text async for chunk in stream])

    assert run_async(ask()) == "疑是地上霜。举头望明月，低头思故乡。"
