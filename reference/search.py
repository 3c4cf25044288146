"""The reference in the site's search: names and first sentences, so that the guide is not drowned.

The theme would index every word of every tree: two megabytes, of which most is the word 选填. What
a reader types is the name of a method, a parameter or a field; the rest is on the page.
"""

from collections.abc import Iterator
from typing import Any

from reference.extension import Reading
from reference.listing import address
from reference.pages import ROOT, others_page, page_of
from reference.view import FieldView, UnitView

BOOST = 0.3
"""Weight of the reference against the guide, where both have the word."""


def trim(index: dict[str, Any], reading: Reading) -> None:
    """Cut the reference's entries in the theme's search index down, in place.

    Args:
        index: The content of ``search_index.json``.
        reading: What the build has read.
    """
    coverage = reading.coverage
    pages = {f"{address(page_of(coverage, unit))}/": unit for unit in coverage.family_of}
    families = {place.partition(".")[0] for place in reading.sdk.functions}
    others = {f"{address(others_page(f))}/": f for f in families - set(coverage.families)}
    texts: dict[str, dict[str, str]] = {}
    kept = []
    for entry in index["docs"]:
        page, _, anchor = entry["location"].partition("#")
        if page in pages:
            unit = pages[page]
            if page not in texts:
                texts[page] = dict(_texts(reading, unit))
            text = texts[page].get(anchor or unit)
            if text is None:
                continue
            entry["text"] = text
        elif page in others:
            places = reading.sdk.functions
            entry["text"] = " ".join(p for p in places if p.startswith(f"{others[page]}."))
        if page.startswith(f"{ROOT}/"):
            entry["boost"] = BOOST
        kept.append(entry)
    index["docs"] = kept


def _texts(reading: Reading, unit: str) -> Iterator[tuple[str, str]]:
    """Yield what is found at each anchor of a page that is worth finding."""
    view: UnitView = reading.views[unit]()
    yield unit, view.summary
    # A helper takes what the method it calls takes; that one's page has the entries.
    if unit in reading.sdk.functions and not reading.sdk.method(unit).endpoint:
        return
    for group in view.groups:
        for field in group.fields:
            yield field.anchor, _text(field.summary, field)
    for type_ in view.types:
        yield type_.anchor, " ".join(dict.fromkeys(n for f in type_.fields for n in _names(f)))
    if view.variants:
        inner = (name for v in view.variants for f in v.fields for name in _names(f))
        tags = (v.tag for v in view.variants)
        yield f"{unit}--variants", " ".join(dict.fromkeys([*tags, *inner]))


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
