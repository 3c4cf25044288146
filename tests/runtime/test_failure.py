"""What the output says about an exception, for exceptions that the SDK itself raises."""

import httpx2
import openai
import pytest
from openai import OpenAI

from playground.data import load_data
from playground.runtime.failure import describe, explain

MESSAGES = [{"role": "user", "content": "你好"}]


def raised(
    status: int, body: dict[str, object] | str, key: str = "sk-test", kind: str = "text/html"
) -> BaseException:
    """Return what the SDK raises on an answer, or what using the answer raises."""

    def respond(request: httpx2.Request) -> httpx2.Response:
        if isinstance(body, str):
            return httpx2.Response(status, text=body, headers={"content-type": kind})
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
        (raised(200, {"error": {"message": "overloaded"}}), "取到的是 None"),
        (raised(200, '{"id": "x", "choices": [', kind="application/json"), "不是完整的 JSON"),
    ],
)
def test_an_error_is_explained_by_its_own_cause(error: BaseException, title: str) -> None:
    explanation = explain(error)
    assert explanation is not None, error
    assert title in explanation["title"]


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("print（1）", "全角标点"),
        ("print(“a”)", "全角标点"),
        ("x = {'a'：1}", "全角标点"),
        ("x = 1\n\u3000print(x)", "全角空格"),
        ("if True:\nprint(1)", "缩进"),
        ("if True:\n\tx = 1\n        x = 2", "缩进"),
        ("print(1", "语法错误"),
        ("def f(n):\n    return f(n + 1)\nf(0)", "调用自己太多层"),
        ("import os\nos.environ['PROVIDER_API_KEY']", "没有这个环境变量"),
        ("async def f(): ...\nr = f()\nr.close()\nr.choices", "忘了写 await"),
        ("async def f(): ...\nr = f()\nr.close()\nr['choices']", "忘了写 await"),
        ("async def f(): ...\nr = f()\nr.close()\nfor chunk in r: ...", "忘了写 await"),
        ("raise OSError(138, 'emscripten does not support processes.')", "不能启动别的程序"),
        ("raise EOFError", "不能读键盘"),
    ],
)
def test_a_mistake_in_the_code_is_explained_by_its_own_cause(code: str, title: str) -> None:
    explanation = explain(failed(code))
    assert explanation is not None
    assert title in explanation["title"]


def failed(code: str) -> BaseException:
    """Return what running ``code`` raises."""
    try:
        exec(compile(code, "snippet.py", "exec"), {"__name__": "__main__"})
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def test_a_deep_recursion_is_shown_in_a_few_lines() -> None:
    code = "def f(n):\n    return f(n + 1)\n\nf(0)\n"
    failure = describe(failed(code), "snippet.py")
    assert [line["number"] for line in failure["lines"]] == [4, 2]
    assert "次" in failure["lines"][1]["text"]


def test_every_entry_names_an_exception_that_exists() -> None:
    known = {name for name in dir(openai)} | {name for name in dir(__builtins__)}
    known |= set(__builtins__ if isinstance(__builtins__, dict) else ())
    known |= {"APIRemovedInV1", "JSONDecodeError"}
    for entry in load_data("playground", "errors"):
        assert entry["exception"] in known
        assert entry["fixes"]
