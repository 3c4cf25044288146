"""What the output says about an exception, for exceptions that the SDK itself raises."""

import httpx2
import openai
import pytest
from openai import OpenAI

from playground.data import load_data
from playground.runtime.failure import explain

MESSAGES = [{"role": "user", "content": "你好"}]


def raised(status: int, body: dict[str, object] | str, key: str = "sk-test") -> BaseException:
    """Return what the SDK raises on an answer, or what using the answer raises."""

    def respond(request: httpx2.Request) -> httpx2.Response:
        if isinstance(body, str):
            return httpx2.Response(status, text=body, headers={"content-type": "text/html"})
        return httpx2.Response(status, json=body)

    client = OpenAI(
        api_key=key,
        base_url="https://provider.example/v1",
        max_retries=0,
        http_client=httpx2.Client(transport=httpx2.MockTransport(respond)),
    )
    try:
        made = client.chat.completions.create(model="m", messages=MESSAGES)
        made.choices[0].message.content.strip()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def api_error(code: str | None, message: str = "no") -> dict[str, object]:
    return {"error": {"message": message, "type": None, "param": None, "code": code}}


CHOICE = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": None}}
EMPTY = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [CHOICE]}


@pytest.mark.parametrize(
    ("error", "title"),
    [
        (raised(401, api_error("invalid_api_key")), "没有通过验证"),
        (raised(402, api_error(None, "Insufficient Balance")), "余额不足（402）"),
        (raised(413, api_error(None)), "请求太大"),
        (raised(429, api_error("rate_limit_exceeded")), "请求太频繁"),
        (raised(429, api_error("insufficient_quota")), "额度已用完"),
        (raised(429, api_error("credit_balance_exhausted")), "额度已用完"),
        (raised(429, api_error("project_spend_limit_exceeded")), "额度已用完"),
        (raised(503, api_error("server_is_overloaded")), "服务商出错了"),
        (raised(200, "<!doctype html><title>欢迎</title>"), "指向了一个网页"),
        (raised(200, EMPTY), "不存在的字段"),
        (raised(200, EMPTY, key="你的 Key"), "请求头里有中文"),
    ],
)
def test_an_error_is_explained_by_its_own_cause(error: BaseException, title: str) -> None:
    explanation = explain(error)
    assert explanation is not None, error
    assert title in explanation["title"]


def test_every_entry_names_an_exception_that_exists() -> None:
    known = {name for name in dir(openai)} | {name for name in dir(__builtins__)}
    known |= set(__builtins__ if isinstance(__builtins__, dict) else ())
    known |= {"APIRemovedInV1"}
    for entry in load_data("playground", "errors"):
        assert entry["exception"] in known
        assert entry["fixes"]
