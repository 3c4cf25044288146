"""The 调试台: running, stopping, failing, in the words that a reader sees."""

import itertools

import pytest
from playwright.sync_api import expect

from tests.browser.reader import Cell, Reader

STREAM = """
from openai import OpenAI

stream = OpenAI().chat.completions.create(
    model="gpt-6-luna",
    messages=[{"role": "user", "content": "用一句话介绍你自己"}],
    stream=True,
)
for chunk in stream:
    if chunk.choices and chunk.choices[0].delta.content:
        print(chunk.choices[0].delta.content, end="", flush=True)
"""


def test_works_at_once_without_a_key(reader: Reader) -> None:
    cell = reader.open_playground()
    assert reader.runtime_requests() == [], "the runtime was loaded before anyone asked for it"
    assert "离线演示" in cell.run()
    assert cell.status.inner_text().startswith("运行完成")
    assert reader.runtime_requests() != []
    assert reader.foreign_requests() == []


def test_output_appears_as_it_is_produced(playground: Cell) -> None:
    playground.start(STREAM)
    playground.wait_for_status("正在运行")
    seen: list[str] = []
    while playground.button("停止").is_enabled():
        text = playground.printed()
        if text and text not in seen:
            seen.append(text)
    assert len(seen) >= 3, f"expected the answer in pieces, saw {seen}"
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(seen))


def test_a_flood_of_lines_does_not_stop_the_page(playground: Cell) -> None:
    playground.start("for i in range(300_000):\n    print(i)")
    playground.wait_for_status("运行完成")
    assert playground.printed().startswith("".join(f"{i}\n" for i in range(100_000)))


@pytest.mark.parametrize(
    "code",
    [
        "print('begin')\nwhile True: pass",
        "print('begin')\nwhile True: print('x' * 80)",
        "import time\nprint('begin')\ntime.sleep(3600)",
        "import asyncio\nprint('begin')\nawait asyncio.sleep(3600)",
    ],
    ids=["endless loop", "endless print", "sleep", "async sleep"],
)
def test_stop_keeps_output_and_the_next_run_works(playground: Cell, code: str) -> None:
    playground.start(code)
    expect(playground.output).to_contain_text("begin", timeout=60_000)
    # The page answers while Python is busy: this waits for two frames to be painted.
    playground.page.evaluate(
        "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    playground.button("停止").click()
    playground.wait_for_status("已停止")
    assert playground.printed().startswith("begin")
    assert playground.run("print('again')") == "again\n"


def test_an_exception_shows_own_lines_explanation_and_folded_traceback(playground: Cell) -> None:
    text = playground.run("def half(x):\n    return x / 0\n\nprint('before')\nhalf(1)\n")
    assert playground.printed() == "before\n"
    assert text.index("第 5 行") < text.index("第 2 行") < text.index("ZeroDivisionError")
    traceback = playground.output.get_by_text('File "snippet.py", line 2')
    expect(traceback).to_be_hidden()
    playground.output.get_by_text("完整的 Traceback").click()
    expect(traceback).to_be_visible()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import openai\nopenai.ChatCompletion.create(model='x')", "0.x 版 SDK 的写法"),
        ("from openai import OpenAI\nOpenAI(api_key='sk-invalid').models.list()", "401"),
        ("print(1", "语法错误"),
        ("import requests", "没有装这个包"),
        ("import threading\nthreading.Thread(target=print).start()", "不能使用线程"),
        ("input('name')", "不能用 input()"),
    ],
    ids=["0.x", "key", "syntax", "package", "thread", "input"],
)
def test_common_mistakes_are_explained(playground: Cell, code: str, expected: str) -> None:
    assert expected in playground.run(code)
    assert playground.status.inner_text().startswith("运行出错")


def test_a_stream_of_the_demo_that_breaks_is_an_error_as_on_a_network(playground: Cell) -> None:
    code = STREAM.replace("gpt-6-luna", "demo-broken-stream")
    assert "openai.APIConnectionError" in playground.run(code)
    assert playground.printed() != ""


def test_async_clients_and_top_level_await_work(playground: Cell) -> None:
    code = """
import asyncio
from openai import AsyncOpenAI

client = AsyncOpenAI()
print(type(await client.models.list()).__name__)

async def main():
    pages = await asyncio.gather(client.models.list(), client.models.list())
    print(len(pages))

asyncio.run(main())
"""
    assert playground.run(code) == "AsyncPage[Model]\n2\n"


def test_runs_do_not_share_names_or_environment(playground: Cell) -> None:
    playground.run("import os\nvalue = 1\nos.environ['OPENAI_BASE_URL'] = 'https://changed'")
    code = "import os\nprint('value' in globals(), os.environ['OPENAI_BASE_URL'])"
    assert playground.run(code) == "False https://demo.invalid/v1\n"


def test_a_task_left_behind_does_not_print_into_the_next_run(playground: Cell) -> None:
    playground.run(
        "import asyncio\n"
        "async def later():\n    await asyncio.sleep(0.2)\n    print('late')\n"
        "asyncio.ensure_future(later())\n"
    )
    assert playground.run("import asyncio\nawait asyncio.sleep(0.5)\nprint('own')") == "own\n"


def test_a_program_without_output_says_so(playground: Cell) -> None:
    assert "没有输出" in playground.run("x = 1")


def test_reset_brings_the_code_of_the_page_back(reader: Reader) -> None:
    cell = reader.open_playground()
    before = cell.code.inner_text()
    cell.code.fill("print('mine')")
    cell.button("还原").click()
    assert cell.code.inner_text() == before


def test_copy_takes_the_code_as_edited(reader: Reader) -> None:
    reader.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    cell = reader.open_playground()
    cell.code.fill("print('mine')")
    cell.button("复制").click()
    assert cell.wait_for_status("已复制")
    assert reader.page.evaluate("navigator.clipboard.readText()") == "print('mine')"


def test_keyboard_runs_code_and_leaves_the_editor(reader: Reader) -> None:
    cell = reader.open_playground()
    cell.code.fill("if True:\nprint('typed')")
    cell.code.press("Home")
    cell.code.press("Tab")
    cell.code.press("Control+Enter")
    cell.wait_for_status("运行完成")
    assert cell.printed() == "typed\n"
    cell.code.focus()
    cell.code.press("Escape")
    cell.code.press("Tab")
    expect(cell.code).not_to_be_focused()
    expect(cell.button("运行")).to_be_focused()
    expect(cell.root.get_by_text("先按 Esc 再按 Tab 离开编辑框")).to_be_visible()


def test_a_snippet_of_the_guide_is_edited_in_place(reader: Reader) -> None:
    reader.open("start/quickstart/")
    snippet = reader.snippet(1)
    assert snippet.run("print('mine')") == "mine\n"
    expect(snippet.root.get_by_text("先按 Esc 再按 Tab 离开编辑框")).to_be_visible()
    snippet.button("还原").click()
    assert "from openai import OpenAI" in snippet.code.inner_text()


def test_tab_passes_a_snippet_that_is_not_being_edited(reader: Reader) -> None:
    reader.open("start/quickstart/")
    snippet = reader.snippet(1)
    snippet.code.focus()
    reader.page.keyboard.press("Tab")
    expect(snippet.button("运行")).to_be_focused()
    assert not reader.page.locator(".cm-content").count()


def test_settings_open_over_a_guide_page(reader: Reader) -> None:
    reader.open("start/quickstart/")
    snippet = reader.snippet(1)
    snippet.button("离线演示").click()
    dialog = reader.page.get_by_role("dialog", name="设置")
    reader.choose(provider="自定义", base_url="")
    reader.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(snippet.button("自定义")).to_be_focused()
    # A setting that is missing brings the dialog back, at the field.
    snippet.button("运行").click()
    expect(reader.page.get_by_label("Base URL", exact=True)).to_be_focused()
    expect(dialog.get_by_role("alert").filter(has_text="请填写 Base URL")).to_be_visible()
    reader.choose(provider="离线演示")
    dialog.get_by_role("button", name="完成").click()
    assert snippet.run() != ""
