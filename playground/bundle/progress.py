"""Tell the person at the terminal which step runs and how long it took."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


def say(text: str) -> None:
    """Print one line of progress at once, to stderr so that stdout stays for results."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Announce a step, then say how many seconds it took."""
    say(f"▸ {text} …")
    started = time.monotonic()
    yield
    say(f"  完成，{time.monotonic() - started:.1f} s")
