"""Let the worker's ``fetch`` talk to the offline demo in the same interpreter."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit


@cache
def _app() -> Any:
    # Imported on the first demo request: readers with a key never need it.
    from playground.demo import create_app

    return create_app()


async def handle(method: str, url: str, headers: Any, body: Any, exchange: Any) -> None:
    """Answer one request of the worker's ``fetch`` from the demo app.

    Args:
        method: HTTP method.
        url: Absolute URL.
        headers: JavaScript array of ``[name, value]``.
        body: JavaScript ``Uint8Array``, empty for a request without a body.
        exchange: JavaScript object with ``start(status, headers)``, ``chunk(bytes)``, ``end()``
            and ``aborted``, a promise that resolves when the reader of the answer is gone.
    """
    parts = urlsplit(url)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": parts.scheme,
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
        "client": ("127.0.0.1", 0),
        "server": (parts.hostname, parts.port or 443),
    }
    data = body.to_bytes()
    sent_body = False

    async def receive() -> dict[str, Any]:
        nonlocal sent_body
        if not sent_body:
            sent_body = True
            return {"type": "http.request", "body": data, "more_body": False}
        await exchange.aborted
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            pairs = [[n.decode("latin-1"), v.decode("latin-1")] for n, v in message["headers"]]
            exchange.start(message["status"], _to_js(pairs))
        elif message["type"] == "http.response.body":
            if message.get("body"):
                exchange.chunk(_to_js(message["body"]))
            if not message.get("more_body", False):
                exchange.end()
        # One turn of the event loop, so that a chunk leaves before the next one is made.
        await asyncio.sleep(0)

    await _app()(scope, receive, send)


def _to_js(value: Any) -> Any:
    from pyodide.ffi import to_js

    return to_js(value)
