"""Start the real demo server for tests: real HTTP, on a free port."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from playground.demo import Clock, create_app


@contextmanager
def running_demo(*, delay: float = 0, clock: Clock | None = None, **options: Any) -> Iterator[str]:
    """Serve a new offline demo and yield its base URL, e.g. ``http://127.0.0.1:41234/v1``.

    Args:
        delay: Seconds between two pieces of a stream.
        clock: The demo's clock; by default one that runs. ``Clock()`` stands still until driven.
        options: Further options of ``create_app``.
    """
    app = create_app(delay=delay, clock=clock, **options)
    with serving(app) as origin:
        yield f"{origin}/v1"


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve any ASGI app and yield its origin, e.g. ``http://127.0.0.1:41234``."""
    # With the protocol named, asyncio switches Nagle's delay off: 40 ms for each answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    config = uvicorn.Config(
        app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1, ws="none"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise RuntimeError("the demo server did not start within 10 s")
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()
