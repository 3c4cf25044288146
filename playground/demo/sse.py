"""Server-sent events: how the API streams."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from typing import Any

DONE = b"data: [DONE]\n\n"
"""The line that ends a stream of ``chat.completions`` and ``completions``."""


class BrokenStream(Exception):
    """The connection is cut on purpose in the middle of a stream (fault ``broken-stream``)."""


def encode(data: Any, event: str | None = None) -> bytes:
    """Return one event, with its name if it has one."""
    head = f"event: {event}\n" if event else ""
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"{head}data: {body}\n\n".encode()


async def paced(events: Iterable[Any], delay: float) -> AsyncIterator[Any]:
    """Yield ``events`` with ``delay`` seconds before each but the first.

    With a delay of 0 control still goes back to the event loop after each event, so that parallel
    streams take turns and a client that is gone is noticed.
    """
    first = True
    for event in events:
        if not first:
            await asyncio.sleep(delay)
        first = False
        yield event
