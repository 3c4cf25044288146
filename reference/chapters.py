"""The way from a page of the reference to the chapter of the guide that shows its use."""

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

_FOLDER = "reference/"
# After the text of a method, or before the list of a family.
_PLACE = re.compile(
    r"^(?:::: .*\n {4}options: \{extra: \{part: intro\}\}\n|(?=<!-- reference: family ))", re.M
)
_TITLE = re.compile(r"^# (?P<title>.+?) \{ #", re.M)


def link_chapter(markdown: str, page: str, chapters: Mapping[str, str], docs: Path) -> str:
    """Return a page with a link to the chapter of its family, unless it has one of its own.

    Args:
        markdown: The page.
        page: Its path below ``docs``.
        chapters: See :class:`reference.coverage.Coverage`.
        docs: The folder of all pages, where the chapter's title is read.
    """
    family = page.removeprefix(_FOLDER).partition("/")[0]
    chapter = chapters.get(family) if page.startswith(_FOLDER) else None
    place = _PLACE.search(markdown)
    if chapter is None or place is None:
        return markdown
    target = posixpath.relpath(chapter, posixpath.dirname(page))
    if f"]({target}" in markdown:
        return markdown
    title = _TITLE.search((docs / chapter).read_text(encoding="utf-8"))
    name = title["title"] if title else chapter
    sentence = f"\n用法和例子见[{name}]({target})。\n\n"
    return markdown[: place.end()] + sentence + markdown[place.end() :]
