"""The reference in the site's search: names and first sentences, so that the guide is not drowned.

The theme would index every word of every tree: two megabytes, of which most is the word 选填. What
a reader types is the name of a method, a parameter or a field; the rest is on the page.
"""

from collections.abc import Iterator
from typing import Any

from reference.extension import Reading
from reference.listing import address, other_families
from reference.pages import ROOT, others_page, page_of
from reference.view import FieldView, UnitView

BOOST = 0.3
"""Weight of the reference against the guide, where both have the word."""


def indexed_pages(reading: Reading) -> set[str]:
    """Return the addresses of the pages whose entries `entries` makes: the theme skips them."""
    return {*_unit_pages(reading), *_other_pages(reading)}


def entries(reading: Reading) -> Iterator[dict[str, Any]]:
    """Yield the entries of these pages, in the form of ``search_index.json``.

    Args:
        reading: What the build has read.
    """
    for page, unit in _unit_pages(reading).items():
        for anchor, title, text in _found(reading, unit):
            location = page if anchor == unit else f"{page}#{anchor}"
            yield {"location": location, "title": title, "text": text, "boost": BOOST}
    for page, family in _other_pages(reading).items():
        places = (p for p in reading.sdk.functions if p.startswith(f"{family}."))
        yield {"location": page, "title": family, "text": " ".join(places), "boost": BOOST}


def lower(index: dict[str, Any]) -> None:
    """Give the lists of the reference, which the theme has indexed, the same weight, in place."""
    for entry in index["docs"]:
        if entry["location"].startswith(f"{ROOT}/"):
            entry["boost"] = BOOST


def _unit_pages(reading: Reading) -> dict[str, str]:
    coverage = reading.coverage
    return {f"{address(page_of(coverage, unit))}/": unit for unit in coverage.family_of}


def _other_pages(reading: Reading) -> dict[str, str]:
    return {f"{address(others_page(f))}/": f for f in other_families(reading)}


def _found(reading: Reading, unit: str) -> Iterator[tuple[str, str, str]]:
    """Yield each anchor of a page that is worth finding, with its title and its text."""
    view: UnitView = reading.views[unit]()
    yield unit, unit, view.summary
    # A helper takes what the method it calls takes; that one's page has the entries.
    if unit in reading.sdk.functions and not reading.sdk.method(unit).endpoint:
        return
    for group in view.groups:
        for field in group.fields:
            yield field.anchor, field.name, _text(field.summary, field)
    for type_ in view.types:
        names = dict.fromkeys(n for f in type_.fields for n in _names(f))
        yield type_.anchor, type_.name, " ".join(names)
    if view.variants:
        inner = (name for v in view.variants for f in v.fields for name in _names(f))
        tags = (v.tag for v in view.variants)
        yield f"{unit}--variants", unit, " ".join(dict.fromkeys([*tags, *inner]))


def _text(summary: str, field: FieldView) -> str:
    names = list(dict.fromkeys(_names(field)))[1:]
    return " ".join(filter(None, [summary, *names]))


def _names(field: FieldView) -> Iterator[str]:
    yield field.name
    for inner in field.fields:
        yield from _names(inner)
    for variant in field.variants:
        for inner in variant.fields:
            yield from _names(inner)
