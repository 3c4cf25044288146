"""The demo's clock: it starts at a fixed instant, so that answers are the same on every run."""

import time
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 24, tzinfo=UTC)
"""The instant at which every demo starts unless told otherwise."""


class Clock:
    """A clock that tests can drive.

    Args:
        start: The first instant, with a time zone.
        running: Whether elapsed real time is added, as in the loopback server, where jobs and
            batches move on while the reader waits. Otherwise only ``advance`` moves the clock.
    """

    def __init__(self, start: datetime = START, *, running: bool = False) -> None:
        if start.tzinfo is None:
            raise ValueError("the clock's start needs a time zone, e.g. 2026-11-24T00:00:00+00:00")
        self._start = start
        self._running = running
        self._moved = timedelta()
        self._began = time.monotonic()

    def now(self) -> datetime:
        """Return the demo's present instant."""
        ran = timedelta(seconds=time.monotonic() - self._began) if self._running else timedelta()
        return self._start + self._moved + ran

    def timestamp(self) -> int:
        """Return the present instant as a Unix timestamp in whole seconds."""
        return int(self.now().timestamp())

    def advance(self, seconds: float) -> datetime:
        """Move the clock on by ``seconds`` and return the new instant."""
        if seconds < 0:
            raise ValueError("the demo's clock does not run backwards")
        self._moved += timedelta(seconds=seconds)
        return self.now()

    def reset(self) -> None:
        """Go back to the first instant."""
        self._moved = timedelta()
        self._began = time.monotonic()
