"""Say how far the site is while it is built: the reference alone takes some ten seconds.

MkDocs reads every page first and renders every page after that, and is silent over both.
"""

import logging
import time
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

PAUSE = 3.0
"""Seconds between two lines at least, so that a short build says nothing at all."""

log = logging.getLogger("mkdocs.hooks.progress")


class Counter:
    """Counts the pages of one pass and tells of them now and then."""

    def __init__(self, verb: str) -> None:
        self.verb = verb
        self.total = self.done = 0
        self.said = 0.0

    def start(self, total: int) -> None:
        """Begin a pass over ``total`` pages."""
        self.total, self.done, self.said = total, 0, time.monotonic()

    def count(self) -> None:
        """One more page is done."""
        self.done += 1
        now = time.monotonic()
        if now - self.said >= PAUSE:
            self.said = now
            log.info("%s：%d / %d 页", self.verb, self.done, self.total)


reading = Counter("读取并转换文档")
rendering = Counter("写出网页")


def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> None:
    """Take the number of pages from the files: pages outside the navigation count, too."""
    reading.start(len(files.documentation_pages()))


def on_page_content(html: str, **_: Any) -> None:
    """A page was read and turned into HTML."""
    reading.count()


def on_env(env: Any, config: MkDocsConfig, files: Files) -> None:
    """All pages are read; they are rendered now."""
    rendering.start(len(files.documentation_pages()))


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> None:
    """A page was put into its template."""
    rendering.count()
