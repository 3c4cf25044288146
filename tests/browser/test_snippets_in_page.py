"""Every snippet, as the rendered page has it, run in the browser by pressing 运行."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.reader import Cell, reading

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


@pytest.mark.parametrize("page", _pages_with_snippets())
def test_snippets_print_in_the_page_what_the_page_says(
    browser: Browser, site: Any, page: str
) -> None:
    with reading(browser, site.url) as reader:
        reader.open(_url_of(page))
        blocks = reader.page.locator(".oa-snippet:not([data-page-skip])")
        different = {}
        for index in range(blocks.count()):
            block = blocks.nth(index)
            sample = block.locator(".oa-sample code")
            expected = sample.text_content() if sample.count() else ""
            cell = Cell(block)
            text = cell.run()
            printed = cell.printed()
            # A program need not end its last line; the page's sample always does.
            if printed.rstrip("\n") != (expected or "").rstrip("\n"):
                different[block.get_attribute("data-snippet")] = (expected, printed or text)
        assert different == {}
        assert reader.foreign_requests() == []
