"""Every snippet, as the rendered page has it, run in the browser by pressing 运行.

One tab walks through the site by its instant navigation, so that Python starts once.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.reader import Cell, Reader, reading

DOCS = Path(__file__).resolve().parents[2] / "docs"


def _pages_with_snippets() -> list[str]:
    found = []
    for path in sorted(DOCS.rglob("*.md")):
        if "```python" in path.read_text(encoding="utf-8"):
            found.append(path.relative_to(DOCS).as_posix())
    return found


def _url_of(page: str) -> str:
    if page == "index.md":
        return ""
    return page.removesuffix("index.md") if page.endswith("/index.md") else page[:-3] + "/"


PAGES = _pages_with_snippets()
SNIPPETS = ".oa-snippet:not([data-page-skip])"


@pytest.fixture(scope="module")
def walker(browser: Browser, site) -> Iterator[Reader]:
    """A tab that has been opened once and follows links from there on."""
    with reading(browser, site.url) as reader:
        reader.use_instant_navigation([_url_of(page) for page in PAGES])
        reader.open("playground/")
        yield reader


def compare(block: Locator) -> tuple[str, str] | None:
    """Run one snippet; return what the page says and what came, where they differ."""
    expect(block.get_by_role("button", name="运行")).to_be_enabled()
    sample = block.locator(".oa-sample code")
    expected = (sample.text_content() if sample.count() else "") or ""
    cell = Cell(block)
    text = cell.run()
    printed = cell.printed()
    # A program need not end its last line; the page's sample always does.
    return None if printed.rstrip("\n") == expected.rstrip("\n") else (expected, printed or text)


@pytest.mark.parametrize("page", PAGES)
def test_snippets_print_in_the_page_what_the_page_says(
    walker: Reader, browser: Browser, site, page: str
) -> None:
    walker.follow(_url_of(page))
    different = {}
    for index, block in enumerate(walker.page.locator(SNIPPETS).all()):
        if not compare(block):
            continue
        # The demo remembers what earlier snippets created; the page speaks of this one alone.
        with reading(browser, site.url) as reader:
            reader.open(_url_of(page))
            alone = compare(reader.page.locator(SNIPPETS).nth(index))
        if alone:
            different[index + 1] = alone
    assert different == {}
    assert walker.foreign_requests() == []
