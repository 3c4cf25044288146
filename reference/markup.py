"""Markdown of the entries and of the English originals to HTML."""

import re
from collections.abc import Callable
from functools import lru_cache

from markdown import Markdown
from markupsafe import Markup, escape

type FindAnchor = Callable[[str], str | None]

_REFERENCE = re.compile(r"\[(?P<label>[^\[\]]+)\]\[(?P<target>[\w.*-]+)\]")
_SENTENCE = re.compile(r"^(.*?。)")
_TAG = re.compile(r"<[^>]+>")


@lru_cache(maxsize=1)
def _markdown() -> Markdown:
    return Markdown(extensions=["sane_lists"], output_format="html")


@lru_cache(maxsize=8192)
def to_html(text: str) -> Markup:
    """Return Markdown as HTML. HTML in the source is shown as text, not passed on."""
    converter = _markdown()
    converter.reset()
    # Angle brackets in the SDK's docstrings are placeholders such as <id>, never markup.
    html = converter.convert(text.replace("<", "&lt;")).replace("&amp;lt;", "&lt;")
    # Line breaks between elements would be text nodes; a page has thousands of elements.
    return Markup(html.replace(">\n<", "><"))


def inline(html: Markup) -> Markup:
    """Return the content of the only paragraph of ``html``; other HTML comes back unchanged."""
    text = str(html).strip()
    if text.startswith("<p>") and text.count("<p>") == 1 and text.endswith("</p>"):
        return Markup(text[3:-4])
    return html


def with_links(text: str, find_anchor: FindAnchor) -> str:
    """Resolve the references of an entry's text.

    ``[label][.name]`` leads to the parameter ``name`` of the method whose page this is, so that
    one text fits every page; where the method has no such parameter the label stays as it is.
    ``[label][chat.completions.create.tools]`` leads to that anchor, wherever it is on the site.

    Args:
        text: Chinese Markdown.
        find_anchor: Returns the anchor of a parameter of this page, or None.
    """

    def resolve(match: re.Match[str]) -> str:
        label, target = match["label"], match["target"]
        if not target.startswith("."):
            return match[0]
        anchor = find_anchor(target[1:])
        return f"[{label}](#{anchor})" if anchor else label

    return _REFERENCE.sub(resolve, text)


def autorefs(html: Markup) -> Markup:
    """Turn the remaining references into the elements that mkdocs-autorefs resolves."""

    def element(match: re.Match[str]) -> str:
        return f'<autoref identifier="{escape(match["target"])}">{match["label"]}</autoref>'

    return Markup(_REFERENCE.sub(element, str(html)))


def first_sentence(text: str) -> str:
    """Return the first sentence of a Chinese Markdown text as plain text."""
    flat = " ".join(plain(text).split())
    found = _SENTENCE.match(flat)
    return found[1] if found else flat


def plain(text: str) -> str:
    """Return Markdown as plain text: labels instead of links, code without backticks."""
    text = _REFERENCE.sub(r"\g<label>", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return _TAG.sub("", re.sub(r"[`*]+", "", text))
