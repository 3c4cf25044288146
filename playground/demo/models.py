"""Which models there are, what for, and whether they still run: ``playground/models.yml``."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from playground.data import load_data
from playground.demo import faults
from playground.demo.errors import APIError, api_error
from playground.demo.state import State

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
"""``created`` of a model whose id holds no date; the real instants are not in the SDK."""


@dataclass(frozen=True)
class Model:
    """One model id.

    Attributes:
        id: The id that requests name.
        kinds: What it is for, e.g. ``chat``; see ``playground/models.yml``.
        shutdown: The day on which it was or will be shut down, where known.
        replacement: The id that takes its place, where the sources name one.
        unsupported: Whether the SDK keeps the id although no such model is served.
    """

    id: str
    kinds: tuple[str, ...]
    shutdown: date | None = None
    replacement: str | None = None
    unsupported: bool = False

    def retired(self, state: State) -> bool:
        """Return whether the model no longer runs on the day the demo's clock shows."""
        gone = self.shutdown is not None and self.shutdown <= state.clock.now().date()
        return gone or self.unsupported

    def describe(self) -> dict[str, Any]:
        """Return the API's ``model`` object."""
        dated = re.search(r"(20\d\d)-(\d\d)-(\d\d)$", self.id)
        created = datetime(*map(int, dated.groups()), tzinfo=UTC) if dated else FIRST
        return {
            "id": self.id,
            "object": "model",
            "created": int(created.timestamp()),
            "owned_by": "openai",
            "shutdown_date": self.shutdown.isoformat() if self.shutdown else None,
        }


@cache
def catalog() -> dict[str, Model]:
    """Return every model by its id."""
    found = {}
    for entry in load_data("playground", "models"):
        shutdown = entry.get("shutdown")
        found[entry["id"]] = Model(
            entry["id"],
            tuple(entry["kinds"]),
            date.fromisoformat(shutdown) if shutdown else None,
            entry.get("replacement"),
            entry.get("unsupported", False),
        )
    return found


def require_model(id: str, kind: str, state: State) -> None:
    """Check that a request may use a model.

    Args:
        id: The model that the request names; one's own (``ft:base:…``) counts as its base.
        kind: What it must be for, e.g. ``chat``.
        state: The app's memory, for its clock and its fine-tuned models.

    Raises:
        APIError: 404, there is no such model, or it was shut down; 400, it is for something else.
    """
    if id in faults.models():
        return
    own = id in state.store("model")
    model = catalog().get(id.split(":")[1] if own else id)
    if model is None:
        raise api_error("model_not_found", param="model", value=id)
    if model.retired(state):
        raise retired_error(model)
    if kind not in model.kinds:
        raise api_error(
            "model_kind",
            param="model",
            value=id,
            replacement_en=f" It is for: {', '.join(model.kinds)}.",
            replacement_zh=f"，它属于：{'、'.join(model.kinds)}",
        )


def retired_error(model: Model) -> APIError:
    """Return the 404 for a model that was shut down, with what replaces it."""
    if model.shutdown is None:
        return api_error("model_not_found", param="model", value=model.id)
    new = model.replacement
    return api_error(
        "model_retired",
        param="model",
        value=model.id,
        date=model.shutdown.isoformat(),
        replacement_en=f" Use '{new}' instead." if new else "",
        replacement_zh=f"，请改用 {new}" if new else "",
    )
