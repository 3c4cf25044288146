"""What the demo remembers between requests: clock, ids and stored objects."""

import hashlib
from collections import defaultdict
from typing import Any

from playground.demo.clock import Clock
from playground.demo.errors import not_found

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def digest(*parts: object, length: int = 24) -> str:
    """Return ``length`` letters and digits that depend on ``parts`` only."""
    number = int.from_bytes(hashlib.sha512("\x1f".join(map(str, parts)).encode()).digest(), "big")
    letters = []
    for _ in range(length):
        number, index = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[index])
    return "".join(letters)


OWN_MODEL = {
    "id": "ft:gpt-4o-mini-2024-07-18:demo::9mXQ3Lk1",
    "object": "model",
    "created": 1_790_000_000,
    "owned_by": "demo",
    "shutdown_date": "2027-01-14",
}
"""A fine-tuned model that is there from the start, so that there is one to use and to delete."""


class Ids:
    """Ids that are the same on every run: the n-th id of a prefix is always the same."""

    def __init__(self) -> None:
        self._count: dict[str, int] = defaultdict(int)

    def make(self, prefix: str, length: int = 24) -> str:
        """Return the next id that starts with ``prefix``, e.g. ``chatcmpl-``."""
        self._count[prefix] += 1
        return prefix + digest(prefix, self._count[prefix], length=length)


class Store:
    """The stored objects of one kind, in the order in which they were created.

    Args:
        kind: What the API calls such an object in its messages, e.g. ``chat completion``.
        limit: How many are kept; beyond it the oldest is forgotten, so that a demo that runs for
            days does not grow without end.
    """

    def __init__(self, kind: str, limit: int = 10_000) -> None:
        self.kind = kind
        self.limit = limit
        self._objects: dict[str, Any] = {}

    def __contains__(self, id: object) -> bool:
        return id in self._objects

    def __len__(self) -> int:
        return len(self._objects)

    def put(self, id: str, value: Any) -> Any:
        """Store ``value`` under ``id`` and return it."""
        self._objects[id] = value
        if len(self._objects) > self.limit:
            del self._objects[next(iter(self._objects))]
        return value

    def get(self, id: str) -> Any:
        """Return the object ``id``.

        Raises:
            APIError: 404, nothing is stored under ``id``.
        """
        try:
            return self._objects[id]
        except KeyError:
            raise not_found(self.kind, id) from None

    def pop(self, id: str) -> Any:
        """Remove the object ``id`` and return it; raises like ``get``."""
        value = self.get(id)
        del self._objects[id]
        return value

    def values(self) -> list[Any]:
        """Return all stored objects, the oldest first."""
        return list(self._objects.values())


class State:
    """Everything one app remembers.

    Args:
        clock: The demo's clock.
        delay: Seconds between two pieces of a stream.
        any_id: Whether an unknown id is answered with a generated object instead of a 404.
    """

    def __init__(self, clock: Clock, *, delay: float, any_id: bool) -> None:
        self.clock = clock
        self.delay = delay
        self.any_id = any_id
        self.app: Any = None
        """The ASGI app whose memory this is, through which batches send their requests."""
        self.reset()

    def reset(self) -> None:
        """Forget everything that was created."""
        self.ids = Ids()
        self._stores: dict[str, Store] = {}
        self.blobs: dict[str, bytes] = {}
        self.counts: dict[str, int] = defaultdict(int)
        self.store("model").put(OWN_MODEL["id"], dict(OWN_MODEL))

    def store(self, kind: str) -> Store:
        """Return the store of one kind of object."""
        return self._stores.setdefault(kind, Store(kind))
