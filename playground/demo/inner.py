"""Requests that the demo sends to itself, as its batches do: over ASGI, without a network."""

import json
from dataclasses import dataclass
from typing import Any

from playground.demo.state import State


@dataclass(frozen=True)
class Answer:
    """What the demo answered to a request of its own.

    Attributes:
        status: The HTTP status.
        body: The JSON body.
        request_id: The answer's ``x-request-id``.
    """

    status: int
    body: Any
    request_id: str


async def post(state: State, path: str, body: dict[str, Any]) -> Answer:
    """Send a JSON body to one of the demo's own paths, e.g. ``/v1/embeddings``."""
    content = json.dumps(body).encode()
    sent: list[bytes] = [content]
    received: dict[str, Any] = {"status": 500, "headers": {}, "body": b""}

    async def receive() -> dict[str, Any]:
        part = sent.pop() if sent else b""
        return {"type": "http.request", "body": part, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            received["status"] = message["status"]
            received["headers"] = {k.decode(): v.decode() for k, v in message["headers"]}
        else:
            received["body"] += message.get("body", b"")

    headers = {
        "host": "demo.invalid",
        "authorization": "Bearer sk-batch",
        "content-type": "application/json",
        "content-length": str(len(content)),
    }
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
        "client": None,
        "server": ("demo.invalid", 80),
    }
    await state.app(scope, receive, send)
    return Answer(
        received["status"], json.loads(received["body"]), received["headers"]["x-request-id"]
    )
