"""Files that a run wrote, under its output: seen, heard, downloaded, and never believed."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.provider import RecordingProvider
from tests.browser.reader import Cell, Reader

PICTURE = """
import base64
from openai import OpenAI

answer = OpenAI().images.generate(model="gpt-image-2.6-sunburst", prompt="一只猫")
with open("猫.png", "wb") as file:
    file.write(base64.b64decode(answer.data[0].b64_json))
"""
SPEECH = """
from openai import OpenAI

OpenAI().audio.speech.create(
    model="gpt-4o-mini-tts", voice="alloy", input="你好，欢迎回来。", response_format="{form}"
).write_to_file("hello.{form}")
"""


def writing(**files: str | bytes) -> str:
    """A program that writes files; `__` in a name stands for the dot."""
    contents = {name.replace("__", "."): content for name, content in files.items()}
    return (
        f"for name, content in {contents!r}.items():\n"
        "    with open(name, 'wb') as file:\n"
        "        file.write(content if isinstance(content, bytes) else content.encode())\n"
    )


def wait_for_image(image: Locator) -> dict[str, int]:
    """Wait until an image has loaded and return its size; a broken one has none."""
    return image.evaluate(
        """image => new Promise((done, fail) => {
            const end = () => image.naturalWidth > 0
                ? done({ width: image.naturalWidth, height: image.naturalHeight }) : fail("broken")
            if (image.complete) end()
            else image.onload = image.onerror = end
        })"""
    )


def test_a_picture_is_shown(playground: Cell, warm_reader: Reader) -> None:
    warm_reader.requests.clear()
    playground.run(PICTURE)
    assert playground.files() == ["猫.png"]
    entry = playground.file("猫.png")
    expect(entry.get_by_text("猫.png", exact=True)).to_be_visible()
    image = entry.get_by_role("img", name="猫.png")
    assert wait_for_image(image) == {"width": 1024, "height": 1024}
    expect(image).to_be_visible()
    expect(entry).to_contain_text("KB · 1024 × 1024")
    assert playground.status.inner_text().startswith("运行完成")
    assert playground.status.inner_text().endswith("写了 1 个文件")
    assert "没有输出" not in playground.text()
    assert warm_reader.foreign_requests() == []


def test_a_screen_reader_is_not_read_what_is_in_files(playground: Cell) -> None:
    playground.run(PICTURE)
    heading = playground.output.get_by_role("heading", name="文件")
    expect(heading).to_be_visible()
    for part in (heading, playground.file("猫.png")):
        assert part.evaluate("e => e.closest('[aria-live], [role=log], [role=status]')") is None


@pytest.mark.parametrize("form", ["mp3", "wav", "opus", "flac"])
def test_a_recording_can_be_played(playground: Cell, form: str) -> None:
    playground.run(SPEECH.format(form=form))
    audio = playground.file(f"hello.{form}").get_by_label(f"hello.{form}", exact=True)
    seconds = audio.evaluate(
        """audio => new Promise((done, fail) => {
            if (audio.readyState > 0) done(audio.duration)
            audio.onloadedmetadata = () => done(audio.duration)
            audio.onerror = () => fail(audio.error.message)
        })"""
    )
    assert seconds == pytest.approx(2.0, abs=0.1)
    expect(audio).to_be_visible()
    assert audio.evaluate("audio => audio.controls")


def test_an_svg_is_shown_and_cannot_do_anything(playground: Cell) -> None:
    with RecordingProvider() as outside:
        playground.run(
            writing(
                plot__svg=f"""<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" width="80" height="40" onload="parent.ran = true">
  <script>parent.ran = true; document.documentElement.id = "o-" + self.origin</script>
  <image href="{outside.origin}/image.png" width="10" height="10"/>
  <rect width="80" height="40" fill="teal"/>
</svg>"""
            )
        )
        image = playground.file("plot.svg").get_by_role("img", name="plot.svg")
        assert wait_for_image(image) == {"width": 80, "height": 40}
        playground.page.wait_for_timeout(200)
        assert outside.received == []
    assert playground.page.evaluate("window.ran") is None
    # 在新标签页打开: the script does run there, but in an origin of its own.
    tab = playground.page.context.new_page()
    tab.goto(image.get_attribute("src") or "")
    assert tab.evaluate("document.documentElement.id") == "o-null"
    tab.close()


def test_html_can_only_be_downloaded(playground: Cell, tmp_path: Path) -> None:
    content = b"<!doctype html>\r\n<script>parent.ran = 1</script>\x00\xff\n"
    playground.run(writing(page__html=content))
    entry = playground.file("page.html")
    link = entry.get_by_role("link")
    assert entry.locator("img, audio, iframe, pre").count() == 0
    assert link.get_attribute("download") == "page.html"
    kind = link.evaluate("async a => (await (await fetch(a.href)).blob()).type")
    assert kind == "application/octet-stream"
    download = playground.download("page.html")
    assert download.suggested_filename == "page.html"
    download.save_as(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_bytes() == content


def test_a_file_that_is_not_what_its_name_says_is_not_shown(playground: Cell) -> None:
    text = playground.run(
        writing(
            page__png="<html><script>1</script>",
            picture__svg="<html><script>1</script>",
            half__png=b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            sound__wav=b"RIFF\x04\0\0\0AVI ",
        )
    )
    assert "内容不是 PNG" in text
    assert "内容不是 SVG" in text
    assert "内容不是 WAV" in text
    expect(playground.file("half.png")).to_contain_text("图片打不开")
    assert playground.output.locator("img, audio").count() == 0
    assert len(playground.files()) == 4


def test_a_text_file_is_folded_and_stays_text(playground: Cell) -> None:
    playground.run(writing(notes__md="# 标题\n<b id=bold>粗</b>", large__txt="长" * 10_000))
    content = playground.file("notes.md").get_by_text("<b id=bold>粗</b>")
    expect(content).to_be_hidden()
    playground.file("notes.md").get_by_text("查看内容").click()
    expect(content).to_be_visible()
    assert playground.page.locator("#bold").count() == 0
    expect(playground.file("large.txt")).to_contain_text("30 KB")
    assert playground.file("large.txt").get_by_text("查看内容").count() == 0


def test_a_name_is_only_text(playground: Cell) -> None:
    names = ["<img src=x onerror=alert(1)>.txt", "photo\u202egnp.exe", "two\nlines.csv"]
    playground.run(f"for name in {names!r}:\n    open(name, 'w').write('x')")
    assert sorted(playground.files()) == [
        "<img src=x onerror=alert(1)>.txt",
        "photo\ufffdgnp.exe",
        "two\ufffdlines.csv",
    ]
    assert playground.output.locator("img").count() == 0


def test_what_is_too_large_or_too_many_is_said_in_words(playground: Cell) -> None:
    text = playground.run("open('large.bin', 'wb').write(bytes(16_000_001))")
    assert playground.files() == []
    assert "有 1 个文件没有显示：太大，每个文件最多 16 MB" in text
    text = playground.run(
        "open('huge.bin', 'wb').write(bytes(16_000_001))\n"
        "for i in range(23):\n    open(f'{i}.txt', 'w').write('x')"
    )
    assert len(playground.files()) == 20
    assert "还有 3 个文件没有显示：太多，一次运行最多显示 20 个" in text
    assert "还有 1 个文件没有显示：太大" in text
    text = playground.run("for i in range(3):\n    open(f'{i}.bin', 'wb').write(bytes(15_000_000))")
    assert len(playground.files()) == 2
    assert "还有 1 个文件没有显示：加起来太大，一次运行最多 32 MB" in text


def test_a_run_shows_its_own_files_and_finds_those_of_earlier_ones(playground: Cell) -> None:
    playground.run(writing(first__txt="one", second__txt="two"))
    assert sorted(playground.files()) == ["first.txt", "second.txt"]
    assert playground.run("print(open('first.txt').read())") == "one\n"
    assert playground.files() == []
    playground.run(writing(second__txt="two"))
    assert playground.files() == ["second.txt"]


def test_a_run_that_fails_shows_what_it_wrote(playground: Cell) -> None:
    text = playground.run(writing(half__csv="a,b\n") + "1 / 0")
    assert "ZeroDivisionError" in text
    assert playground.files() == ["half.csv"]


def test_the_next_run_and_reset_free_the_files(playground: Cell) -> None:
    def href() -> str:
        return playground.output.get_by_role("link").first.evaluate("link => link.href")

    def readable(url: str) -> bool:
        return playground.page.evaluate("url => fetch(url).then(() => true, () => false)", url)

    playground.run(writing(a__bin="x"))
    first = href()
    assert readable(first)
    playground.run(writing(b__bin="x"))
    assert not readable(first)
    second = href()
    playground.button("还原").click()
    assert not readable(second)
    assert playground.output.get_by_role("link").count() == 0


def test_a_run_that_leaves_or_removes_the_working_directory(playground: Cell) -> None:
    playground.run("import os\nos.chdir('/tmp')\nopen('elsewhere.txt', 'w').write('x')")
    assert playground.files() == []
    playground.run(writing(here__txt="x"))
    assert playground.files() == ["here.txt"]
    playground.run("import os, shutil\nshutil.rmtree(os.getcwd())")
    playground.run("import os\nos.makedirs('a/b')\nopen('a/b/c.txt', 'w').write('x')")
    assert playground.files() == ["a/b/c.txt"]
    assert playground.file("a/b/c.txt").get_by_role("link").get_attribute("download") == "c.txt"


def test_the_keyboard_reaches_a_file(playground: Cell) -> None:
    playground.run("print('done')\n" + writing(notes__txt="x"))
    playground.output.get_by_role("log", name="打印的内容").focus()
    playground.page.keyboard.press("Tab")
    expect(playground.file("notes.txt").get_by_role("link")).to_be_focused()
    with playground.page.expect_download():
        playground.page.keyboard.press("Enter")
    playground.page.keyboard.press("Tab")
    playground.page.keyboard.press("Enter")
    expect(playground.file("notes.txt").get_by_text("x", exact=True)).to_be_visible()


def test_a_snippet_of_the_guide_shows_files_too(reader: Reader) -> None:
    reader.use_instant_navigation(["", "start/quickstart/"])
    reader.open("start/quickstart/")
    snippet = reader.snippet(1)
    snippet.run(PICTURE)
    wait_for_image(snippet.file("猫.png").get_by_role("img"))
    assert snippet.download("猫.png").suggested_filename == "猫.png"
    assert reader.page.url.endswith("start/quickstart/")
    url = snippet.file("猫.png").get_by_role("link").evaluate("link => link.href")
    reader.follow("")
    assert reader.page.evaluate("url => fetch(url).then(() => true, () => false)", url) is False


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
    const bytes = new TextEncoder().encode("forged")
    const file = { name: "forged.txt", bytes }
    const message = { kind: "artifacts", run, artifacts: [file], omitted: {} }
    port.postMessage(FORGED)
  })()
''')
open("real.txt", "w").write("real")
"""


def test_a_message_that_has_the_right_form_is_taken_once(playground: Cell) -> None:
    playground.run(FORGE.replace("FORGED", "message"))
    assert playground.files() == ["forged.txt"]


@pytest.mark.parametrize(
    "forged",
    [
        "{ ...message, run: run + 1 }",
        "{ ...message, run: String(run) }",
        "{ ...message, artifacts: file }",
        "{ ...message, artifacts: [,] }",
        "{ ...message, artifacts: [null] }",
        "{ ...message, artifacts: Array(21).fill(file) }",
        "{ ...message, artifacts: [{ bytes }] }",
        "{ ...message, artifacts: [{ name: '', bytes }] }",
        "{ ...message, artifacts: [{ name: 'x'.repeat(5000), bytes }] }",
        "{ ...message, artifacts: [{ name: { toString: 1 }, bytes }] }",
        "{ ...message, artifacts: [{ name: 'x.txt', bytes: 'text' }] }",
        "{ ...message, artifacts: [{ name: 'x.txt', bytes: bytes.buffer }] }",
        "{ ...message, artifacts: [{ name: 'x.txt', bytes: new Uint8Array(16_000_001) }] }",
        "{ ...message, artifacts: [{ name: 'x.txt', bytes:"
        " new Uint8Array(new ArrayBuffer(1, { maxByteLength: 9 })) }] }",
        "{ ...message, artifacts: Array(3).fill({ name: 'x', bytes: new Uint8Array(12e6) }) }",
        "{ ...message, omitted: null }",
        "{ ...message, omitted: { size: '<b>' } }",
        "{ ...message, omitted: { size: -1 } }",
        "{ ...message, omitted: { constructor: 1 } }",
    ],
)
def test_forged_files_are_refused(playground: Cell, forged: str) -> None:
    playground.run(FORGE.replace("FORGED", forged))
    assert playground.files() == ["real.txt"]
    assert "没有显示" not in playground.text()


@pytest.mark.parametrize(
    "forged",
    [
        "{ kind: 'finished', run, outcome: { status: 'error', failure: { type: 'E', message: '',"
        " lines: [,], explanation: null, traceback: '' } } }",
        "{ kind: 'finished', run, outcome: { status: 'error', failure: { type: 'E', message: '',"
        " lines: [], explanation: { title: '', cause: '', fixes: [,] }, traceback: '' } } }",
    ],
    ids=["line", "fix"],
)
def test_an_array_with_holes_is_no_message(playground: Cell, forged: str) -> None:
    errors: list[str] = []
    playground.page.on("pageerror", lambda error: errors.append(str(error)))
    playground.run(FORGE.replace("FORGED", forged))
    assert playground.status.inner_text().startswith("运行完成")
    assert playground.files() == ["real.txt"]
    assert not errors
