"""The tab 「请求与响应」: what went over the wire, without the key, and never believed."""

import json
import os
import subprocess

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.provider import RecordingProvider
from tests.browser.reader import Cell, Inspector, Reader, reading

KEY = "sk-reader-secret-of-inspector"
MASKED = "Bearer sk-…（不显示）"
CHAT = """
from openai import OpenAI

print(OpenAI().chat.completions.create(
    model="gpt-6-luna", messages=[{"role": "user", "content": "it's 「你好」 $HOME `id` \\\\ !"}]
).choices[0].message.content)
"""
STREAM = """
from openai import OpenAI

for chunk in OpenAI().chat.completions.create(
    model="gpt-6-luna", messages=[{"role": "user", "content": "用一句话介绍你自己"}], stream=True
):
    print(chunk.choices[0].delta.content or "", end="", flush=True)
"""
UPLOAD = """
from openai import OpenAI

lines = b'{"custom_id": "a", "method": "POST", "url": "/v1/embeddings", "body": {}}\\n'
OpenAI().files.create(file=("输入 1.jsonl", lines), purpose="batch")
"""
EMPTY = "还没有请求。运行一段会发请求的代码，例如默认的这段。"


@pytest.fixture
def inspector(playground: Cell) -> Inspector:
    """The tab of the shared 调试台, which shows its code."""
    return Inspector(playground.root)


@pytest.fixture
def connected(warm_reader: Reader, playground: Cell, provider: RecordingProvider) -> Cell:
    """The 调试台, set to the recording provider with a key."""
    warm_reader.choose(provider="自定义", base_url=provider.base_url, key=KEY)
    return playground


def assert_no_key_in_the_page(inspector: Inspector) -> None:
    """Look at everything the page consists of, in every tree and attribute."""
    assert KEY not in inspector.page.content()
    assert KEY not in inspector.page.evaluate("document.documentElement.innerText")


def assert_no_curl(inspector: Inspector, number: int = -1) -> None:
    """A command would send the key to an address that the reader did not choose."""
    entry = inspector.open(number)
    entry.get_by_role("button", name="复制为 cURL", exact=True).click()
    expect(entry.get_by_role("status")).to_have_text("地址不在 Base URL 之内，不写成 cURL")


def test_the_code_is_shown_first_and_the_tabs_follow_the_keyboard(reader: Reader) -> None:
    cell = reader.open_playground()
    inspector = Inspector(cell.root)
    code = cell.root.get_by_role("tab", name="代码", exact=True)
    expect(cell.root.get_by_role("tablist").get_by_role("tab")).to_have_count(2)
    expect(code).to_have_attribute("aria-selected", "true")
    panel = cell.root.get_by_role("tabpanel", name="代码", exact=True)
    expect(panel.get_by_role("textbox", name="代码")).to_be_visible()
    expect(panel.get_by_label("服务商")).to_be_visible()
    expect(inspector.panel).to_be_hidden()

    keys = reader.page.keyboard
    code.focus()
    for key, selected in {
        "ArrowRight": inspector.tab,
        "ArrowLeft": code,
        "End": inspector.tab,
        "Home": code,
    }.items():
        keys.press(key)
        expect(selected).to_be_focused()
        expect(selected).to_have_attribute("aria-selected", "true")
    keys.press("ArrowLeft")
    expect(inspector.tab).to_be_focused()
    expect(panel).to_be_hidden()
    expect(inspector.panel.get_by_text(EMPTY)).to_be_visible()
    keys.press("Tab")
    expect(inspector.panel).to_be_focused()


def test_a_request_of_the_demo_is_shown_as_the_code_sent_it(
    playground: Cell, inspector: Inspector
) -> None:
    printed = playground.run(CHAT)
    inspector.show()
    (line,) = inspector.lines()
    assert line.startswith("POST /v1/chat/completions 200 离线演示 ")
    assert " ms · " in line or " s · " in line
    expect(inspector.open().get_by_text("没有离开浏览器")).to_be_visible()
    sent = json.loads(inspector.request().get_by_label("请求体", exact=True).inner_text())
    content = "it's 「你好」 $HOME `id` \\ !"
    assert sent == {"model": "gpt-6-luna", "messages": [{"role": "user", "content": content}]}
    assert inspector.headers(inspector.request())["authorization"] == MASKED
    assert inspector.headers(inspector.response())["content-type"] == "application/json"
    answer = json.loads(inspector.response().get_by_label("响应体", exact=True).inner_text())
    assert answer["choices"][0]["message"]["content"] == printed.strip()
    assert "key-is-kept-by-the-page" not in inspector.panel.inner_html()


def test_requests_of_one_run_in_their_order_and_of_the_last_run_only(
    playground: Cell, inspector: Inspector
) -> None:
    playground.run(CHAT)
    playground.run("from openai import OpenAI\nc = OpenAI()\nc.models.list()\nc.files.list()")
    inspector.show()
    assert [line.split(" 200")[0] for line in inspector.lines()] == [
        "GET /v1/models",
        "GET /v1/files",
    ]
    inspector.leave()
    playground.run("print('no request')")
    inspector.show()
    assert inspector.lines() == []
    expect(inspector.panel.get_by_text(EMPTY)).to_be_visible()


def test_a_stream_is_its_events_with_the_time_of_each(
    playground: Cell, inspector: Inspector
) -> None:
    playground.run(STREAM)
    inspector.show()
    assert "已中断" not in inspector.lines()[0], "the SDK leaves after [DONE], nobody stopped it"
    inspector.open()
    texts = [" ".join(text.split()) for text in inspector.events().all_inner_texts()]
    assert texts[-1].endswith("[DONE]")
    times = [float(text.removeprefix("+").split(" s ")[0]) for text in texts]
    assert times == sorted(times)
    assert times[-1] > times[0] + 0.1, "the demo takes its time, so the events do not come at once"
    # An event is short while it is closed and complete when it is opened.
    words = []
    for event in inspector.events().all()[:-1]:
        event.locator("summary").click()
        chunk = json.loads(event.get_by_label("事件的内容").inner_text())
        assert chunk["object"] == "chat.completion.chunk"
        words += [choice["delta"].get("content") or "" for choice in chunk["choices"]]
    inspector.leave()
    assert "".join(words) == playground.printed()


def test_a_stream_grows_while_it_arrives_and_is_not_read_out(
    connected: Cell, inspector: Inspector, provider: RecordingProvider
) -> None:
    connected.start(STREAM)
    expect(connected.output).to_contain_text("first", timeout=60_000)
    inspector.show()
    expect(inspector.entries).to_have_count(1)
    assert "200 正在接收" in inspector.lines()[0]
    inspector.open()
    before = inspector.events().count()
    expect(inspector.events().nth(before + 2)).to_be_visible()
    live = "[aria-live], [role=log], [role=status], [role=alert]"
    assert inspector.events().first.evaluate("(e, live) => e.closest(live)", live) is None
    provider.go_on.set()
    expect(inspector.events().filter(has_text="[DONE]")).to_be_attached()
    inspector.leave()
    connected.wait_for_status("运行完成")


def test_a_remote_request_shows_what_reached_the_provider_but_the_key(
    connected: Cell, inspector: Inspector, provider: RecordingProvider
) -> None:
    provider.go_on.set()
    connected.run(STREAM)
    (received,) = provider.posts()
    assert received.headers["authorization"] == f"Bearer {KEY}"
    inspector.show()
    line = inspector.lines()[0]
    assert line.startswith("POST /v1/chat/completions 200 ")
    assert "离线演示" not in line
    expect(inspector.open().get_by_text(f"从浏览器直接发往 {provider.origin}。")).to_be_visible()
    headers = inspector.headers(inspector.request())
    assert headers.pop("authorization") == MASKED
    assert headers == {name: received.headers[name] for name in headers}
    assert inspector.headers(inspector.response())["x-request-id"] == "req_recorded"
    sent = inspector.request().get_by_label("请求体", exact=True).inner_text()
    assert json.loads(sent) == received.body
    assert_no_key_in_the_page(inspector)
    copied = json.loads(inspector.copied("复制 JSON"))
    assert copied["request"]["body"] == received.body
    assert copied["response"]["events"][-1]["data"] == "[DONE]"
    assert KEY not in json.dumps(copied)
    assert KEY not in inspector.copied("复制为 cURL")


def test_a_key_that_a_provider_repeats_is_left_out(
    connected: Cell, inspector: Inspector, provider: RecordingProvider
) -> None:
    provider.echo = True
    connected.run("from openai import OpenAI\nOpenAI().models.list()")
    inspector.show()
    expect(inspector.response().get_by_label("响应体")).to_contain_text("Bearer …（不显示）")
    assert_no_key_in_the_page(inspector)
    assert KEY not in inspector.copied("复制 JSON")


@pytest.mark.parametrize("remote", [False, True], ids=["demo", "remote"])
def test_a_refused_request_says_why(
    warm_reader: Reader,
    playground: Cell,
    inspector: Inspector,
    provider: RecordingProvider,
    remote: bool,
) -> None:
    if remote:
        warm_reader.choose(provider="自定义", base_url=provider.base_url, key=KEY)
    playground.run(
        "from openai import OpenAI\nOpenAI(base_url='https://other.invalid/v1').models.list()"
    )
    inspector.show()
    (line,) = inspector.lines()
    assert line.startswith("GET https://other.invalid/v1/models 已拒绝")
    expect(inspector.open().get_by_text("没有发出。", exact=True)).to_be_visible()
    expect(inspector.response()).to_contain_text("https://other.invalid")
    expect(inspector.response()).to_contain_text("删掉代码里的 base_url")
    assert_no_curl(inspector)
    assert provider.received == []


def test_a_provider_that_cannot_be_reached_leaves_the_reason(
    warm_reader: Reader, playground: Cell, inspector: Inspector
) -> None:
    with RecordingProvider(allow_headers="none") as strict:
        warm_reader.choose(provider="自定义", base_url=strict.base_url, key=KEY)
        playground.run("from openai import OpenAI\nOpenAI(max_retries=1).models.list()")
        inspector.show()
        assert [line.split(" ", 3)[:3] for line in inspector.lines()] == 2 * [
            ["GET", "/v1/models", "没有响应"]
        ], "the first try and the second"
        expect(inspector.response()).to_contain_text(f"浏览器没能访问 {strict.origin}")


def test_a_stream_of_the_demo_that_breaks_says_so(playground: Cell, inspector: Inspector) -> None:
    playground.run(STREAM.replace("gpt-6-luna", "demo-broken-stream"))
    inspector.show()
    assert "200 连接断开" in inspector.lines()[0]
    inspector.open()
    assert inspector.events().count() > 0


@pytest.mark.parametrize("remote", [False, True], ids=["demo", "remote"])
def test_a_stopped_stream_keeps_what_has_arrived(
    warm_reader: Reader,
    playground: Cell,
    inspector: Inspector,
    provider: RecordingProvider,
    remote: bool,
) -> None:
    if remote:
        warm_reader.choose(provider="自定义", base_url=provider.base_url, key=KEY)
    playground.start(STREAM)
    expect(playground.output.get_by_role("log", name="打印的内容")).not_to_be_empty(timeout=120_000)
    playground.button("停止").click()
    playground.wait_for_status("已停止")
    inspector.show()
    assert "200 已中断" in inspector.lines()[0]
    expect(inspector.response()).to_contain_text("已中断，后面的没有收到。")
    assert inspector.events().count() > 0
    expect(inspector.events().filter(has_text="[DONE]")).to_have_count(0)


def test_leaving_a_stream_early_is_shown(playground: Cell, inspector: Inspector) -> None:
    playground.run(STREAM + "    break\n")
    inspector.show()
    assert "200 已中断" in inspector.lines()[0]


def run_in_bash(command: str, demo: str) -> str:
    """What the copied command prints where it is pasted, against the demo's own server."""
    environment = {"PATH": os.environ["PATH"], "OPENAI_BASE_URL": demo, "OPENAI_API_KEY": "sk-demo"}
    done = subprocess.run(
        ["bash", "-c", command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_copied_curl_command_gets_the_same_answer(
    playground: Cell, inspector: Inspector, demo: str
) -> None:
    playground.run(CHAT)
    inspector.show()
    command = inspector.copied("复制为 cURL")
    assert 'uthorization: Bearer $OPENAI_API_KEY"' in command
    shown = json.loads(inspector.response().get_by_label("响应体", exact=True).inner_text())
    answer = json.loads(run_in_bash(command, demo))
    assert answer["choices"] == shown["choices"]
    # The body that cURL sends is the one the SDK sent, byte for byte.
    echoed = run_in_bash(f"curl() {{ printf '%s\\n' \"${{@: -1}}\"; }}\n{command}", demo)
    assert json.loads(echoed)["messages"][0]["content"] == "it's 「你好」 $HOME `id` \\ !"


def test_the_copied_curl_command_repeats_a_remote_request(
    connected: Cell, inspector: Inspector, provider: RecordingProvider
) -> None:
    provider.go_on.set()
    connected.run(STREAM)
    inspector.show()
    run_in_bash(inspector.copied("复制为 cURL"), "https://not.asked.invalid/v1")
    sent, repeated = provider.posts()
    assert (repeated.path, repeated.body) == (sent.path, sent.body)
    assert repeated.headers["authorization"] == "Bearer sk-demo"
    assert repeated.headers["content-type"] == sent.headers["content-type"]


def test_the_copied_curl_command_of_a_stream_streams(
    playground: Cell, inspector: Inspector, demo: str
) -> None:
    playground.run(STREAM)
    inspector.show()
    lines = run_in_bash(inspector.copied("复制为 cURL"), demo).strip().split("\n\n")
    assert lines[-1] == "data: [DONE]"
    inspector.open()
    assert len(lines) == inspector.events().count()


def test_an_upload_is_its_parts_and_curl_takes_the_file_from_the_disk(
    playground: Cell, inspector: Inspector, demo: str, tmp_path
) -> None:
    playground.run(UPLOAD)
    inspector.show()
    parts = inspector.request().get_by_label("请求体").locator("> li").all_inner_texts()
    assert [" ".join(part.split()) for part in parts] == [
        "purpose batch",
        "file 文件 输入 1.jsonl，application/octet-stream，74 字节",
    ]
    (tmp_path / "输入 1.jsonl").write_text(
        '{"custom_id": "a", "method": "POST", "url": "/v1/embeddings", "body": {}}\n'
    )
    command = inspector.copied("复制为 cURL")
    answer = json.loads(run_in_bash(f"cd '{tmp_path}'\n{command}", demo))
    assert (answer["filename"], answer["purpose"]) == ("输入 1.jsonl", "batch")


def test_control_characters_do_not_reach_the_terminal(
    playground: Cell, inspector: Inspector, demo: str
) -> None:
    playground.run(
        "import js\n"
        "await js.fetch('https://demo.invalid/v1/files', method='POST',"
        " body='\\x1b[2J it\\'s\\t\\\\n \\x7f', headers=js.Object.fromEntries([['x-mine', '1']]))"
    )
    inspector.show()
    command = inspector.copied("复制为 cURL")
    assert command.isprintable() or command.replace("\n", "").isprintable()
    echoed = run_in_bash(f"curl() {{ printf '%s|' \"$@\"; }}\n{command}", demo)
    assert "|\x1b[2J it's\t\\n \x7f|" in echoed


def test_bytes_are_told_in_words(playground: Cell, inspector: Inspector) -> None:
    playground.run(
        "from openai import OpenAI\nc = OpenAI()\n"
        "c.audio.speech.create(model='gpt-4o-mini-tts', voice='alloy', input='好').read()\n"
        "c.embeddings.create(model='text-embedding-3-small', input='你好')\n"
    )
    inspector.show()
    expect(inspector.response(0)).to_contain_text("二进制内容，audio/mpeg，")
    expect(inspector.response(1)).to_contain_text("（base64，共 8,192 个字符，不全部显示）")
    assert len(inspector.response(1).inner_text()) < 2000


def test_encoded_bytes_in_lines_of_text_are_told_in_words(
    playground: Cell, inspector: Inspector
) -> None:
    playground.run(
        "import js\n"
        "body = '{\"a\": \"' + 'QUJD' * 500 + '\"}\\n{\"b\": 1}'\n"
        "await js.fetch('https://demo.invalid/v1/files', method='POST', body=body)\n"
    )
    inspector.show()
    body = inspector.request().get_by_label("请求体", exact=True)
    expect(body).to_have_text(
        '{"a": "QUJDQUJDQUJDQUJD…（base64，共 2,000 个字符，不全部显示）"}\n{"b": 1}'
    )


def test_a_long_body_is_shown_in_full_on_request(playground: Cell, inspector: Inspector) -> None:
    playground.run(CHAT.replace("it's", "很长 " * 3000))
    inspector.show()
    body = inspector.request().get_by_label("请求体", exact=True)
    assert len(body.inner_text()) < 5000
    inspector.request().get_by_role("button", name="显示全部").click()
    assert json.loads(body.inner_text())["messages"][0]["content"].count("很长 ") == 3000


def test_what_is_kept_is_bounded_and_what_is_left_out_is_said(
    playground: Cell, inspector: Inspector
) -> None:
    playground.run(
        "import js\n"
        "for number in range(55):\n"
        "    await js.fetch(f'https://demo.invalid/v1/models?number={number}')\n"
        "await js.fetch('https://demo.invalid/v1/files', method='POST', body='x ' * 1_500_000)\n"
    )
    inspector.show()
    expect(inspector.entries).to_have_count(50)
    assert "number=6" in inspector.lines()[0]
    expect(inspector.panel).to_contain_text("更早的 6 个请求没有列出：一次运行最多留下 50 个")
    expect(inspector.request()).to_contain_text("共 3 MB，这里只留下前 2 MB")
    inspector.open().get_by_role("button", name="复制为 cURL").click()
    expect(inspector.open().get_by_role("status")).to_have_text(
        "请求体太大，没有完整保留，写不成 cURL"
    )


# Code in the worker can get hold of its port and send what it likes.
FORGE = """
import js

js.eval('''
  (() => {
    const send = MessagePort.prototype.postMessage
    MessagePort.prototype.postMessage = function (message, transfer) {
      if (message.kind === "output") self.caught ??= [this, message.run]
      return send.call(this, message, transfer)
    }
  })()
''')
print("caught")
js.eval('''
  (() => {
    const [port, run] = self.caught
    self.caught = undefined
    const bytes = new TextEncoder().encode("<img src=x onerror='window.ran = 1'>")
    const event = {
      kind: "request", id: 900, method: "GET", url: "https://demo.invalid/v1/forged",
      headers: [["<b>x</b>", "<img src=x onerror='window.ran = 1'>"]], bytes, size: bytes.length,
    }
    const message = { kind: "exchange", run, event }
    const head = { ...message, event: { kind: "head", id: 900, status: 200, headers: [] } }
    for (const forged of [FORGED].flat()) port.postMessage(forged)
  })()
''')
from openai import OpenAI
OpenAI().models.list()
"""


def test_a_forged_exchange_is_nothing_but_text(playground: Cell, inspector: Inspector) -> None:
    playground.run(FORGE.replace("FORGED", "message, head"))
    inspector.show()
    assert [line.split(" 离线演示")[0] for line in inspector.lines()] == [
        "GET /v1/forged 200 已中断",
        "GET /v1/models 200",
    ]
    expect(inspector.request(0)).to_contain_text("<img src=x onerror=")
    assert inspector.panel.locator("img, b").count() == 0
    assert playground.page.evaluate("window.ran") is None


@pytest.mark.parametrize(
    "url",
    ["https://evil.invalid/v1/models", "https://demo.invalid/v1/../models", "//evil", "$(id)"],
)
def test_a_forged_address_gets_no_command(playground: Cell, inspector: Inspector, url: str) -> None:
    forged = f"{{ ...message, event: {{ ...event, url: '{url}' }} }}"
    playground.run(FORGE.replace("FORGED", forged))
    inspector.show()
    assert_no_curl(inspector, 0)


@pytest.mark.parametrize(
    "forged",
    [
        "{ ...message, run: run + 1 }",
        "{ ...message, event: null }",
        "{ ...message, event: { ...event, id: '900' } }",
        "{ ...message, event: { ...event, method: 'get <b>' } }",
        "{ ...message, event: { ...event, url: { toString: 1 } } }",
        "{ ...message, event: { ...event, url: 'x'.repeat(8193) } }",
        "{ ...message, event: { ...event, headers: [,] } }",
        "{ ...message, event: { ...event, headers: [['a']] } }",
        "{ ...message, event: { ...event, headers: Array(101).fill(['a', 'b']) } }",
        "{ ...message, event: { ...event, headers: [['a', 'x'.repeat(8193)]] } }",
        "{ ...message, event: { ...event, bytes: 'text' } }",
        "{ ...message, event: { ...event, size: 1 } }",
        "{ ...message, event: { ...event, size: NaN } }",
        "{ ...message, event: { ...event, bytes: new Uint8Array(2_000_001), size: 2_000_001 } }",
        "{ ...message, event: { ...event, bytes: new Uint8Array(new ArrayBuffer(9e6), 0, 1) } }",
        "{ ...message, event: { ...event, bytes:"
        " new Uint8Array(new ArrayBuffer(1, { maxByteLength: 9 })) } }",
        "{ ...message, event: { kind: 'head', id: 900, status: 200, headers: [] } }",
        "{ ...message, event: { kind: 'constructor', id: 900 } }",
    ],
)
def test_forged_exchanges_are_refused(playground: Cell, inspector: Inspector, forged: str) -> None:
    errors: list[str] = []
    playground.page.on("pageerror", lambda error: errors.append(str(error)))
    playground.run(FORGE.replace("FORGED", forged))
    inspector.show()
    assert [line.split(" 离线演示")[0] for line in inspector.lines()] == ["GET /v1/models 200"]
    assert not errors


def test_code_cannot_put_exchanges_of_the_demo_into_a_remote_run(
    connected: Cell, inspector: Inspector
) -> None:
    connected.run(FORGE.replace("FORGED", "message, head"))
    inspector.show()
    (line,) = inspector.lines()
    assert line.startswith("GET /v1/models 200 ")


def test_a_flood_of_forged_exchanges_leaves_the_page_usable(
    playground: Cell, inspector: Inspector
) -> None:
    flood = (
        "Array.from({ length: 3000 }, (_, id) => [message, head].map(m => "
        "({ ...m, event: { ...m.event, id: 1000 + id } })))"
    )
    playground.run(FORGE.replace("[FORGED].flat()", f"[{flood}].flat(2)"))
    inspector.show()
    expect(inspector.entries).to_have_count(50)
    expect(inspector.panel).to_contain_text("更早的 2951 个请求没有列出")


def test_entries_open_and_copy_by_keyboard_on_a_phone(browser: Browser, site) -> None:
    with reading(
        browser, site.url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    ) as reader:
        cell = reader.open_playground()
        inspector = Inspector(cell.root)
        cell.run(STREAM)
        inspector.show()
        page = reader.page
        page.keyboard.press("Tab")
        expect(inspector.panel).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(inspector.entries.get_by_role("button", name="复制为 cURL")).to_be_visible()
        inspector.open()
        expect(inspector.events().first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_printing_shows_the_code_and_leaves_the_tab_out(reader: Reader) -> None:
    cell = reader.open_playground()
    inspector = Inspector(cell.root)
    inspector.show()
    reader.page.emulate_media(media="print")
    expect(cell.root.get_by_role("tablist")).to_have_count(0)
    expect(inspector.panel).to_be_hidden()
    expect(cell.code).to_be_visible()


def test_reset_takes_the_requests_back_too(playground: Cell, inspector: Inspector) -> None:
    playground.run(CHAT)
    playground.button("还原").click()
    inspector.show()
    expect(inspector.panel.get_by_text(EMPTY)).to_be_visible()
