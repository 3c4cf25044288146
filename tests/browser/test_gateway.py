"""The gateway and the key: what reaches a provider, and what cannot get out of the sandbox."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.provider import RecordingProvider
from tests.browser.reader import Cell, Reader, reading

KEY = "sk-reader-secret"
CHAT = """
from openai import OpenAI

for chunk in OpenAI().chat.completions.create(
    model="gpt-6-luna", messages=[{"role": "user", "content": "hi"}], stream=True
):
    print(chunk.choices[0].delta.content, end="", flush=True)
"""


@pytest.fixture
def connected(warm_reader: Reader, playground: Cell, provider: RecordingProvider) -> Cell:
    """The 调试台, set to the recording provider with a key."""
    warm_reader.choose(provider="自定义", base_url=provider.base_url + "/", key=KEY)
    return playground


def test_the_same_code_runs_against_the_chosen_provider(
    connected: Cell, provider: RecordingProvider
) -> None:
    connected.start(CHAT)
    expect(connected.output).to_contain_text("first", timeout=60_000)
    assert provider.go_on.is_set() is False, "the first chunk was shown before the answer ended"
    provider.go_on.set()
    connected.wait_for_status("运行完成")
    assert connected.printed() == "first last"
    (request,) = provider.posts()
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.body["model"] == "gpt-6-luna"


def test_headers_that_fail_a_strict_preflight_stay_home(
    connected: Cell, provider: RecordingProvider
) -> None:
    provider.go_on.set()
    connected.run(CHAT)
    preflight = next(r for r in provider.received if r.method == "OPTIONS")
    asked = preflight.headers["access-control-request-headers"].split(",")
    assert set(asked) <= {"authorization", "content-type"}
    (request,) = provider.posts()
    assert not [name for name in request.headers if name.startswith("x-stainless")]
    assert "referer" not in request.headers
    assert "cookie" not in request.headers


def test_the_model_setting_replaces_the_model_in_the_request(
    warm_reader: Reader, connected: Cell, provider: RecordingProvider
) -> None:
    provider.go_on.set()
    warm_reader.choose(model="deepseek-flash")
    connected.run(CHAT)
    assert provider.posts()[0].body["model"] == "deepseek-flash"


def test_python_never_sees_the_key(connected: Cell) -> None:
    code = """
import gc, os
import js
from openai import OpenAI

client = OpenAI()
seen = [client.api_key, *os.environ.values(), str(js.JSON.stringify(js.Object.keys(js.self)))]
print(any("reader-secret" in text for text in seen))
print(any(isinstance(o, str) and "reader-secret" in o and len(o) < 30 for o in gc.get_objects()))
"""
    assert connected.run(code) == "False\nFalse\n"


def test_another_host_is_refused_with_what_to_change(
    connected: Cell, provider: RecordingProvider
) -> None:
    with RecordingProvider() as other:
        code = f"from openai import OpenAI\nOpenAI(base_url='{other.base_url}').models.list()"
        text = connected.run(code)
        assert other.received == []
    assert other.origin in text
    assert provider.base_url in text
    assert "把设置里的「Base URL」改成代码要访问的地址，或者删掉代码里的 base_url" in text


@pytest.mark.parametrize(
    "url",
    [
        "{origin}/other/models",
        "{origin}/v1/../models",
        "{origin}/v1/%2e%2e/models",
        "{origin}/v1/..%2fmodels",
        "{origin}/v1/..\\models",
        "{origin}/v10/models",
        "http://user:pass@{host}/v1/models",
        "{origin}@example.com/v1/models",
        "//{host}/other",
    ],
)
def test_a_path_outside_the_base_url_is_refused(
    connected: Cell, provider: RecordingProvider, url: str
) -> None:
    target = url.format(origin=provider.origin, host=provider.origin.removeprefix("http://"))
    code = f"""
import js
response = await js.fetch({target!r}, method="GET")
print(response.status, (await response.json()).error.code)
"""
    assert connected.run(code).startswith("403 gateway_refused")
    assert provider.received == []


def test_stopping_closes_the_request(connected: Cell, provider: RecordingProvider) -> None:
    connected.start(CHAT)
    expect(connected.output).to_contain_text("first", timeout=60_000)
    connected.button("停止").click()
    connected.wait_for_status("已停止")
    assert provider.disconnected.wait(10), "the provider went on generating"
    assert connected.printed() == "first "


def test_leaving_a_stream_early_closes_the_request(
    connected: Cell, provider: RecordingProvider
) -> None:
    connected.run(CHAT + "    break\n")
    assert provider.disconnected.wait(10), "the provider went on generating"


def test_no_direct_way_out_of_the_sandbox(connected: Cell, provider: RecordingProvider) -> None:
    code = f"""
import asyncio
import js

request = js.XMLHttpRequest.new()
request.open("GET", "{provider.origin}/xhr", False)
attempts = [
    lambda: request.send(),
    lambda: js.WebSocket.new("{provider.origin}/ws".replace("http", "ws")),
    lambda: js.EventSource.new("{provider.origin}/events"),
    lambda: js.navigator.sendBeacon("{provider.origin}/beacon"),
    lambda: js.eval("import('{provider.origin}/import')"),
    lambda: js.eval("Object.getPrototypeOf(self.fetch)") and js.eval(
        "new Request('{provider.origin}/request')"),
]
for attempt in attempts:
    try:
        attempt()
    except Exception:
        pass
await asyncio.sleep(1)
print("tried")
"""
    assert "tried" in connected.run(code)
    assert provider.received == []


def test_forged_messages_do_nothing(connected: Cell, provider: RecordingProvider) -> None:
    """Code in the sandbox has no port to the page, and the frame does not relay for it."""
    code = """
import js
js.postMessage(js.JSON.parse('{"kind": "request"}'))
js.postMessage("crashed")
print("still here")
"""
    assert connected.run(code) == "still here\n"
    assert provider.received == []


def test_a_provider_that_refuses_browsers_is_explained(
    warm_reader: Reader, playground: Cell
) -> None:
    with RecordingProvider(allow_headers="none") as strict:
        warm_reader.choose(provider="自定义", base_url=strict.base_url, key=KEY)
        text = playground.run("from openai import OpenAI\nOpenAI(max_retries=0).models.list()")
    assert "CORS" in text
    assert "在浏览器新标签页打开 Base URL" in text


def test_openai_without_a_key_sends_nothing(warm_reader: Reader, playground: Cell) -> None:
    warm_reader.requests.clear()
    warm_reader.choose(provider="OpenAI", key="")
    text = playground.run("from openai import OpenAI\nOpenAI().models.list()")
    assert "还没有填写 OpenAI 的 API Key，请求没有发出" in text
    assert warm_reader.foreign_requests() == []


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("", "请填写 Base URL"),
        ("api.deepseek.com/v1", "要以 https:// 或 http:// 开头"),
        ("https://", "不是有效的网址"),
        ("https://api deepseek.com/v1", "不是有效的网址"),
        ("https://a:b@host/v1", "不能带用户名和密码"),
        ("https://host/v1/chat/completions", "Base URL 只填到 https://host/v1"),
    ],
)
def test_a_bad_base_url_is_named_and_kept(
    warm_reader: Reader, playground: Cell, base_url: str, expected: str
) -> None:
    warm_reader.choose(provider="自定义", base_url=base_url)
    playground.start("print(1)")
    expect(warm_reader.page.get_by_role("alert").filter(has_text=expected)).to_be_visible()
    field = warm_reader.page.get_by_label("Base URL", exact=True)
    expect(field).to_be_focused()
    expect(field).to_have_value(base_url)


def test_the_key_is_remembered_only_when_asked(browser: Browser, site: Any) -> None:
    with reading(browser, site.url) as reader:
        page = reader.page

        def stored() -> str:
            return page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")

        def key() -> str:
            return page.get_by_label("API Key", exact=True).input_value()

        reader.open_playground()
        reader.choose(provider="自定义", base_url="https://host/v1", key=KEY)
        assert KEY not in stored()
        page.get_by_label("在此标签页记住").check()
        assert KEY in page.evaluate("JSON.stringify({...sessionStorage})")
        assert KEY not in page.evaluate("JSON.stringify({...localStorage})")
        reader.open_playground()
        assert key() == KEY
        page.get_by_role("button", name="清除").click()
        assert KEY not in stored()
        assert key() == ""
        reader.open_playground()
        assert key() == ""


def test_a_key_is_not_carried_to_another_provider(warm_reader: Reader) -> None:
    warm_reader.choose(provider="自定义", base_url="https://host/v1", key=KEY)
    warm_reader.choose(provider="OpenAI")
    assert warm_reader.page.get_by_label("API Key", exact=True).input_value() == ""
