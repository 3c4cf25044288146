"""The griffe extension that hands the views to mkdocstrings' templates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

import griffe

from reference.coverage import COVERAGE_FILE, Coverage
from reference.entries import ZH_FOLDER, EntryBook
from reference.sdk import PACKAGE, Sdk
from reference.view import UnitView, method_view, object_view

TEMPLATE = "reference_unit.html.jinja"


@dataclass(frozen=True)
class Reading:
    """The SDK, the entries and the views of one build."""

    sdk: Sdk
    book: EntryBook
    coverage: Coverage
    views: Mapping[str, Callable[[], UnitView]]


class ReferenceExtension(griffe.Extension):
    """Attaches the view of each method and response object to its griffe object's ``extra``.

    ``extra["reference"]["view"]`` is a function without arguments: a view is built when a page
    asks for it, and only once.

    Args:
        entries: Folder of the Chinese entries.
        coverage: The file that says which response objects have a page.
    """

    # What the last build has read, for steps of the same build that need it too.
    last: ClassVar["Reading | None"] = None

    def __init__(self, entries: str = str(ZH_FOLDER), coverage: str = str(COVERAGE_FILE)) -> None:
        super().__init__()
        self._entries = Path(entries)
        self._coverage = Path(coverage)

    def on_package(self, *, pkg: griffe.Module, loader: griffe.GriffeLoader, **_: object) -> None:
        """Read the SDK's tree out of what griffe has just loaded."""
        if pkg.name != PACKAGE:
            return
        loader.resolve_aliases(implicit=False, external=False)
        sdk = Sdk(loader.modules_collection)
        book = EntryBook.load(self._entries)
        coverage = Coverage.load(sdk, self._coverage)
        pages = coverage.objects
        views = {}
        for place, function in sdk.functions.items():
            views[place] = _later(lambda p=place: method_view(sdk, book, sdk.method(p), pages))
            _attach(function, views[place])
        for name, place in pages.items():
            views[name] = _later(lambda n=name: object_view(sdk, book, n, pages))
            _attach(loader.modules_collection[f"{PACKAGE}.{place}"], views[name])
        ReferenceExtension.last = Reading(sdk, book, coverage, views)


def _later(build: Callable[[], UnitView]) -> Callable[[], UnitView]:
    return cache(build)


def _attach(target: griffe.Object | griffe.Alias, view: Callable[[], UnitView]) -> None:
    target.extra["reference"]["view"] = view
    target.extra["mkdocstrings"]["template"] = TEMPLATE
