"""Fixtures of the browser tests."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.provider import RecordingProvider
from tests.browser.reader import Cell, Reader, reading


@pytest.fixture
def reader(browser: Browser, site) -> Iterator[Reader]:
    """A tab of its own on the built site."""
    with reading(browser, site.url) as opened:
        yield opened


@pytest.fixture(scope="module")
def warm_reader(browser: Browser, site) -> Iterator[Reader]:
    """A tab on the 调试台 that a module's tests share, so that Python starts once for them all."""
    with reading(browser, site.url) as opened:
        opened.open_playground()
        yield opened


@pytest.fixture
def playground(warm_reader: Reader) -> Cell:
    """The shared 调试台, set back to its code and the offline demo."""
    warm_reader.page.get_by_role("tab", name="代码", exact=True).click()
    warm_reader.choose(provider="离线演示")
    return Cell(warm_reader.page.locator(".oa-playground"))


@pytest.fixture
def provider() -> Iterator[RecordingProvider]:
    """A provider on loopback that records what arrives on the wire."""
    with RecordingProvider() as running:
        yield running
