"""Run a coroutine in a test, also while the browser of other tests holds this thread's loop."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def run_async[T](coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what the coroutine returns, run on a loop of its own in a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()
