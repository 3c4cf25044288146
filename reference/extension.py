"""The griffe extension that hands the views to mkdocstrings' templates."""

from functools import cache
from pathlib import Path
from typing import ClassVar

import griffe

from reference.entries import ZH_FOLDER, EntryBook
from reference.sdk import PACKAGE, Sdk
from reference.view import MethodView, ViewBuilder

TEMPLATE = "reference_method.html.jinja"


class ReferenceExtension(griffe.Extension):
    """Attaches the view of each method to its function's ``extra``.

    ``extra["reference"]["view"]`` is a function without arguments: a view is built when a page
    asks for it, and only once.

    Args:
        entries: Folder of the Chinese entries.
    """

    # What the last build has read, for steps of the same build that need it too.
    last_sdk: ClassVar[Sdk | None] = None

    def __init__(self, entries: str = str(ZH_FOLDER)) -> None:
        super().__init__()
        self._entries = Path(entries)

    def on_package(self, *, pkg: griffe.Module, loader: griffe.GriffeLoader, **_: object) -> None:
        """Read the SDK's tree out of what griffe has just loaded."""
        if pkg.name != PACKAGE:
            return
        loader.resolve_aliases(implicit=False, external=False)
        sdk = Sdk(loader.modules_collection)
        ReferenceExtension.last_sdk = sdk
        book = EntryBook.load(self._entries)
        for place, function in sdk.functions.items():
            function.extra["reference"]["view"] = _view_of(sdk, book, place)
            function.extra["mkdocstrings"]["template"] = TEMPLATE


def _view_of(sdk: Sdk, book: EntryBook, place: str):
    @cache
    def view() -> MethodView:
        return ViewBuilder(sdk, book, sdk.method(place)).build()

    return view
