"""Read a built page: the parts of it that tests ask about."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
RESOURCES = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "audio": "src",
    "video": "src",
    "link": "href",
    "use": "href",
}
"""Elements that make a browser fetch something, and the attribute that names it."""
LINKS_NOT_FETCHED = ("prev", "next", "canonical", "alternate")


@dataclass
class Page:
    """What one HTML file holds."""

    path: Path
    ids: list[str] = field(default_factory=list)
    headings: list[tuple[str, str | None]] = field(default_factory=list)
    """Level and id, inside the article only."""
    links: list[str] = field(default_factory=list)
    resources: list[str] = field(default_factory=list)
    programs: list[str] = field(default_factory=list)
    """The programs of the snippets, as the page's script will read them."""


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self.in_article = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if attributes.get("id"):
            self.page.ids.append(attributes["id"] or "")
        if tag == "article":
            self.in_article = True
        if tag in HEADINGS and self.in_article:
            self.page.headings.append((tag, attributes.get("id")))
        if tag == "a" and attributes.get("href"):
            self.page.links.append(attributes["href"] or "")
        named = attributes.get(RESOURCES.get(tag, ""))
        if named and attributes.get("rel") not in LINKS_NOT_FETCHED:
            self.page.resources.append(named)
        if attributes.get("data-source"):
            self.page.programs.append(attributes["data-source"] or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "article":
            self.in_article = False


def read_page(path: Path) -> Page:
    """Parse one HTML file."""
    page = Page(path)
    _Reader(page).feed(path.read_text("utf-8"))
    return page


def read_site(folder: Path) -> list[Page]:
    """Parse every page of a built site, except the 404 page."""
    files = [path for path in sorted(folder.rglob("*.html")) if path.name != "404.html"]
    return [read_page(path) for path in files]
