"""What the site needs besides the pages' own text: style and scripts, trees, originals, tips."""

import json
import re
from html import escape
from pathlib import Path

from reference.audit import Audit
from reference.export import write_json
from reference.extension import Reading
from reference.search import entries, lower

ASSETS = Path(__file__).parent / "assets"
SITE_FOLDER = "assets/reference"
STYLES = (f"{SITE_FOLDER}/reference.css",)
SCRIPTS = (f"{SITE_FOLDER}/reference.js", f"{SITE_FOLDER}/tips.js")
_LINK = re.compile(
    r'<a (?P<before>[^>]*?)href="(?P<page>[^"#]+)#(?P<anchor>[\w.-]+)"(?P<after>[^>]*)>'
)


_SIDEBARS = re.compile(
    r'<div class="md-sidebar md-sidebar--primary".*?(?=<div class="md-content")', re.S
)


def asset_files() -> dict[str, Path]:
    """Return the files to publish: path in the site, and where the file lies."""
    return {f"{SITE_FOLDER}/{path.name}": path for path in sorted(ASSETS.iterdir())}


def write_trees(reading: Reading, site: Path) -> list[Path]:
    """Write the tree of each shown method below ``site``; returns the files."""
    audit = Audit(reading.sdk, reading.book, reading.coverage)
    return write_json(audit, site / SITE_FOLDER / "methods")


def write_originals(reading: Reading, site: Path) -> list[Path]:
    """Write the English that each page shows on demand, by anchor; returns the files."""
    folder = site / SITE_FOLDER / "english"
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for unit in reading.coverage.family_of:
        originals = reading.views[unit]().originals
        if originals:
            file = folder / f"{unit}.json"
            text = json.dumps(originals, ensure_ascii=False, separators=(",", ":"))
            file.write_text(text, encoding="utf-8")
            files.append(file)
    return files


def summaries(reading: Reading) -> dict[str, str]:
    """Return the first sentence of each anchor of the reference that has one."""
    found: dict[str, str] = {}
    for unit in reading.coverage.family_of:
        found |= reading.views[unit]().summaries
    return found


def add_tips(html: str, sentences: dict[str, str]) -> str:
    """Give each link to a parameter of another page its first sentence.

    Args:
        html: A page.
        sentences: What `summaries` returns.
    """

    def with_tip(match: re.Match[str]) -> str:
        sentence = sentences.get(match["anchor"])
        if not sentence:
            return match[0]
        rest = re.sub(r' ?(?:class|title)="[^"]*"', "", match["before"] + match["after"]).strip()
        attributes = f'class="ref-link" title="{escape(sentence)}"' + (f" {rest}" if rest else "")
        return f'<a href="{match["page"]}#{match["anchor"]}" {attributes}>'

    return _LINK.sub(with_tip, html)


def write_search(reading: Reading, site: Path) -> None:
    """Add the reference to the search index; see `reference.search`."""
    file = site / "search" / "search_index.json"
    if file.exists():
        index = json.loads(file.read_text(encoding="utf-8"))
        lower(index)
        index["docs"] += entries(reading)
        text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
        file.write_text(text, encoding="utf-8")


def squeeze_sidebars(html: str) -> str:
    """Take the blank text out of the two lists beside the text.

    The theme's templates leave a text node between any two of their elements; with a hundred
    parameters in the table of contents these are a tenth of the page.
    """
    return _SIDEBARS.sub(
        lambda found: re.sub(r"\s*\n\s*", " ", found[0]).replace("> <", "><"), html
    )
