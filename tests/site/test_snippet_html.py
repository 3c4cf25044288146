"""From fence to HTML: the page must hold, byte for byte, the program that the tests run."""

from html.parser import HTMLParser

import pytest
from markdown import Markdown

from playground.snippets import (
    FenceError,
    custom_fences,
    find_fences,
    join_snippet,
    split_snippet,
)

HARD = '''\
import json  # 注释 <b>&amp;</b> &#10;

text = "引号\\" 和 'single' </script> <!-- \\n \\t 🦊"
html = f"""<p class="x">
  {text}

    indented
</p>"""
print(html, end="")
'''


class Snippets(HTMLParser):
    """Collects the snippets of a page as a browser's DOM would show them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.code: list[str] = []
        self._in_code = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if attributes.get("class") == "oa-snippet":
            self.found.append(attributes)
        if tag == "code":
            self._in_code = True
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "code":
            self._in_code = False

    def handle_data(self, data: str) -> None:
        if self._in_code:
            self.code[-1] += data


def render(markdown: str) -> str:
    return Markdown(
        extensions=[
            "admonition",
            "attr_list",
            "md_in_html",
            "pymdownx.details",
            "pymdownx.highlight",
            "pymdownx.superfences",
            "pymdownx.tabbed",
        ],
        extension_configs={
            "pymdownx.superfences": {"custom_fences": custom_fences()},
            "pymdownx.tabbed": {"alternate_style": True},
        },
    ).convert(markdown)


def indented(text: str, by: int) -> str:
    return "".join(" " * by + line if line.strip() else line for line in text.splitlines(True))


@pytest.mark.parametrize(
    "around",
    [
        "{fence}",
        '!!! note "提示"\n\n{fence4}',
        "1. 第一步\n\n{fence4}\n2. 第二步\n",
        '=== "同步"\n\n{fence4}\n=== "异步"\n\n    文字\n',
        '??? note "展开"\n\n    - 项\n\n{fence8}',
    ],
)
def test_source_survives_byte_for_byte(around: str) -> None:
    fence = f"```python\n{HARD}#> 输出\n```\n"
    page = render(around.format(fence=fence, fence4=indented(fence, 4), fence8=indented(fence, 8)))
    snippets = Snippets(page)
    assert [found["data-source"] for found in snippets.found] == [HARD]
    assert snippets.code == [HARD, "输出\n"]


def test_numbers_follow_the_page_and_start_again_on_the_next() -> None:
    fence = "```python\nprint(1)\n```\n\n"
    page = fence + '```python skip="只是片段"\nx\n```\n\n' + fence
    for _ in range(2):
        assert [found["data-snippet"] for found in Snippets(render(page)).found] == ["1", "2"]


def test_output_is_shown_apart_and_marked_as_demo() -> None:
    page = render("```python\nprint('a <b>')\nprint()\nprint('c')\n#> a <b>\n#>\n#> c\n```\n")
    assert "示例输出<span>离线演示</span>" in page
    assert Snippets(page).code[1] == "a <b>\n\nc\n"
    assert "#&gt;" not in page


def test_no_output_no_sample() -> None:
    assert "oa-sample" not in render("```python\nx = 1\n```\n")


def test_a_mark_before_the_end_is_a_comment() -> None:
    program, output = split_snippet("#> heading\nx = 1\n#> 1\n")
    assert (program, output) == ("#> heading\nx = 1\n", "1\n")


def test_page_reason_reaches_the_page() -> None:
    page = render('```python page="要用线程"\nx = 1\n```\n')
    assert Snippets(page).found[0]["data-page-skip"] == "要用线程"


def test_skipped_fence_is_plain_code() -> None:
    page = render('```python skip="旧写法"\nopenai.api_key = 1\n```\n')
    assert "oa-snippet" not in page
    assert "oa-plain" in page


def test_title_stays_the_highlighters() -> None:
    page = render('```python title="hello.py"\nx = 1\n```\n')
    assert '<span class="filename">hello.py</span>' in page
    assert Snippets(page).found


def test_json_model_is_for_the_tests_only() -> None:
    page = render('```json model="openai.types.Model"\n{"a": 1}\n```\n')
    assert "openai.types.Model" not in page
    assert "highlight" in page


def test_unknown_option_stops_the_build_and_names_the_known_ones() -> None:
    with pytest.raises(FenceError, match=r"'skp'; known are skip, page"):
        render('```python skp="x"\nx = 1\n```\n')


@pytest.mark.parametrize("output", ["", "一行\n", "a\n\n  b\n", "```python\nx\n```\n"])
def test_split_undoes_join(output: str) -> None:
    assert split_snippet(join_snippet(HARD, output)) == (HARD, output)


def test_find_fences_reads_options_as_written_and_ignores_backticks_inside() -> None:
    text = (
        "文字\n\n"
        '    ```python skip="Only A" title=\'b.py\'\n    print("```")\n    #> ```\n    ```\n\n'
        "````text\n```python\nnot a snippet\n```\n````\n"
    )
    first, second = find_fences(text)
    assert first.options == {"skip": "Only A", "title": "b.py"}
    assert (first.language, first.line, first.indent) == ("python", 3, 4)
    assert first.body == 'print("```")\n#> ```\n'
    assert (second.language, second.line) == ("text", 8)
