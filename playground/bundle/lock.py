"""Let one build at a time write into the build folder; another one waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playground.bundle.paths import BUILD
from playground.bundle.progress import say

try:
    import fcntl
except ImportError:  # Windows has no advisory locks of this kind
    fcntl = None


@contextmanager
def exclusive_build() -> Iterator[None]:
    """Hold the build folder; the system releases it when the process ends, however it ends."""
    BUILD.mkdir(parents=True, exist_ok=True)
    if fcntl is None:
        yield
        return
    with (BUILD / ".lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("▸ 另一个构建正在进行，等它结束 …")
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield
