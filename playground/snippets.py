"""Python fences as snippets: what readers read, what the tests run, what the page can run.

The contract in Markdown
    ```` ```python ```` opens a snippet. Lines that start with `#>` at the end of the block are
    its whole expected standard output. Options, each `key="value"`:

    - `skip="reason"`: shown only, run nowhere;
    - `page="reason"`: run by the tests, but not in the page;
    - `title="…"`, `hl_lines="…"`, `linenums="…"`: as everywhere in Material for MkDocs.

    ```` ```json model="openai.types.chat.ChatCompletion" ```` is an ordinary JSON block that the
    tests validate against that model of the SDK.

The contract in HTML
    A snippet becomes::

        <div class="oa-snippet" data-snippet="1" data-source="…" [data-page-skip="reason"]>
          <div class="language-python highlight"><pre><span></span><code>…</code></pre></div>
          [<div class="oa-sample" data-sample>
            <p>示例输出<span>离线演示</span></p>
            <pre><code>…</code></pre>
          </div>]
        </div>

    - `data-snippet` counts the snippets of a page from 1, in reading order.
    - `data-source` is the program: dedented, without the `#>` lines, one newline at the end. In
      the DOM, `element.dataset.source` is byte for byte what the tests run; the text content of
      the highlighted `<code>` equals it as long as nothing else has touched the block.
    - `.oa-sample` is absent when the program prints nothing. Its text is the expected output,
      without `#>`, each line ended by a newline.
    - `skip="reason"` gives the plain highlighted block with class `oa-plain` and no wrapper.

    An attribute holds the source, not a `<script type="text/plain">`: Material's instant
    navigation re-creates inline scripts without their type, so the browser would run them.

The functions here are plain text → text and work without MkDocs; `hooks/snippets.py` registers
them with the superfences extension.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from textwrap import dedent
from typing import Any

from pymdownx.superfences import SuperFencesException, highlight_validator

OUTPUT_MARK = "#>"
"""What an expected output line starts with."""

SNIPPET_OPTIONS = ("skip", "page")
"""Options of a Python fence that are ours; the rest belong to the highlighter."""

HIGHLIGHT_OPTIONS = ("title", "hl_lines", "linenums")
"""Options of any fence that the highlighter understands."""

_OPTION = re.compile(r"""([a-zA-Z][\w-]*)=(["'])(.*?)\2""")
_FENCE = re.compile(
    r"^(?P<indent> *)(?P<ticks>`{3,})(?P<header>[^`\n]*)\n"
    r"(?P<body>.*?)^(?P=indent)(?P=ticks)[ \t]*$",
    re.M | re.S,
)


class FenceError(SuperFencesException):
    """A fence that cannot be rendered; the message says what to change."""


@dataclass(frozen=True)
class Fence:
    """One fenced block of a Markdown text."""

    language: str
    """The first word after the backticks, lower case."""
    options: dict[str, str]
    """The `key="value"` pairs, values as written."""
    body: str
    """The lines between the fences, dedented."""
    line: int
    """Line of the opening fence, from 1."""
    indent: int
    """Spaces before the opening fence."""


def find_fences(markdown: str) -> Iterator[Fence]:
    """Yield every fenced block of `markdown`, in reading order."""
    for match in _FENCE.finditer(markdown):
        header = match["header"].strip()
        yield Fence(
            language=header.split(maxsplit=1)[0].lower() if header else "",
            options=parse_options(header),
            body=dedent(match["body"]),
            line=markdown.count("\n", 0, match.start()) + 1,
            indent=len(match["indent"]),
        )


def parse_options(header: str) -> dict[str, str]:
    """Return the `key="value"` pairs of a fence's first line, values as written."""
    return {key: value for key, _, value in _OPTION.findall(header)}


def split_snippet(text: str) -> tuple[str, str]:
    """Split the text of a Python fence into its program and its expected output.

    Args:
        text: what stands between the fences.

    Returns:
        The program, dedented, ending in one newline; and the expected standard output, empty or
        ending in one newline.
    """
    lines = [line.rstrip() for line in dedent(text).strip("\n").split("\n")]
    start = len(lines)
    while start and lines[start - 1].startswith(OUTPUT_MARK):
        start -= 1
    output = [line.removeprefix(OUTPUT_MARK).removeprefix(" ") for line in lines[start:]]
    return _text(lines[:start]), _text(output) if output else ""


def join_snippet(program: str, output: str) -> str:
    """Return the text of a Python fence for a program and what it prints; inverse of the split."""
    marked = [f"{OUTPUT_MARK} {line}".rstrip() for line in output.splitlines()]
    return program.rstrip("\n") + "\n" + "".join(f"{line}\n" for line in marked)


def _text(lines: list[str]) -> str:
    """Join lines into a text that ends in exactly one newline."""
    return "\n".join(lines).rstrip("\n") + "\n"


def custom_fences() -> list[dict[str, Any]]:
    """Return the entries for superfences' `custom_fences` option."""
    return [
        {
            "name": "python",
            "class": "oa-snippet",
            "validator": _validate_python,
            "format": _format_python,
        },
        {"name": "json", "class": "", "validator": _validate_json, "format": _format_json},
    ]


def _validate_python(
    language: str, inputs: dict[str, str], options: dict[str, Any], attrs: dict[str, str], md: Any
) -> bool:
    """Superfences validator: accept our options and the highlighter's, refuse any other."""
    return _validate(SNIPPET_OPTIONS, language, inputs, options, attrs, md)


def _validate_json(
    language: str, inputs: dict[str, str], options: dict[str, Any], attrs: dict[str, str], md: Any
) -> bool:
    """Superfences validator: accept `model`, which only the tests read."""
    return _validate(("model",), language, inputs, options, attrs, md)


def _validate(
    own: tuple[str, ...],
    language: str,
    inputs: dict[str, str],
    options: dict[str, Any],
    attrs: dict[str, str],
    md: Any,
) -> bool:
    unknown = [key for key in inputs if key not in (*own, *HIGHLIGHT_OPTIONS)]
    if unknown:
        # Superfences would show the fence as running text; a build that stops is kinder.
        known = ", ".join((*own, *HIGHLIGHT_OPTIONS))
        raise FenceError(f"```{language}: unknown option {unknown[0]!r}; known are {known}")
    for key in own:
        if key in inputs:
            options[key] = inputs[key]
    rest = {key: value for key, value in inputs.items() if key not in own}
    return highlight_validator(language, rest, options, attrs, md)


def _format_python(
    source: str, language: str, class_name: str, options: dict[str, Any], md: Any, **parts: Any
) -> str:
    """Superfences formatter: render a Python fence as a snippet or, if skipped, as plain code."""
    skip, page_skip = options.pop("skip", None), options.pop("page", None)
    if skip is not None or _is_nested(md):
        parts["classes"] = [*parts["classes"], "oa-plain"]
        return _highlight(source, language, options, md, parts)
    program, output = split_snippet(source)
    code = _highlight(program, language, options, md, parts)
    return render_snippet(_next_number(md), program, output, code, page_skip)


def _format_json(
    source: str, language: str, class_name: str, options: dict[str, Any], md: Any, **parts: Any
) -> str:
    """Superfences formatter: render a JSON fence as the ordinary highlighted block."""
    options.pop("model", None)
    return _highlight(source, language, options, md, parts)


def render_snippet(
    number: int, program: str, output: str, code: str, page_skip: str | None = None
) -> str:
    """Return the HTML of one snippet; the module's docstring is its contract.

    Args:
        number: position among the snippets of the page, from 1.
        program: the source that runs.
        output: the expected standard output, may be empty.
        code: the highlighted program, HTML.
        page_skip: why the snippet does not run in the page, if it does not.
    """
    attributes = f'class="oa-snippet" data-snippet="{number}" data-source="{_attribute(program)}"'
    if page_skip is not None:
        attributes += f' data-page-skip="{_attribute(page_skip)}"'
    sample = (
        '<div class="oa-sample" data-sample><p>示例输出<span>离线演示</span></p>'
        f"<pre><code>{escape(output, quote=False)}</code></pre></div>"
        if output
        else ""
    )
    return f"<div {attributes}>{code}{sample}</div>"


def _highlight(
    source: str, language: str, options: dict[str, Any], md: Any, parts: dict[str, Any]
) -> str:
    """Return the block exactly as superfences renders it without us."""
    fences = md.preprocessors["fenced_code_block"]
    return fences.highlight(src=source, language=language, options=options, md=md, **parts)


def _attribute(text: str) -> str:
    """Escape for a double-quoted attribute so that a parser gives back the same characters."""
    return escape(text).replace("\n", "&#10;").replace("\t", "&#9;")


def _next_number(md: Any) -> int:
    """Count the snippets of this Markdown instance; MkDocs makes one instance a page."""
    md.oa_snippets = getattr(md, "oa_snippets", 0) + 1
    return md.oa_snippets


def _is_nested(md: Any) -> bool:
    """Whether mkdocstrings renders a docstring here: its code is not ours and is not tested."""
    return "mkdocstrings_ids" in md.treeprocessors
