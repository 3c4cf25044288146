"""The cURL command that sends what the SDK sent: the example beside each method's Python."""

import json
import re
import shlex
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qsl, urlencode

BASE_URL = "https://api.openai.com/v1"
LINE = 44
"""Columns up to which an object of the body stays on one line."""
_ID = re.compile(r'"(?P<kind>[a-z]+[-_])[A-Za-z0-9]{16,}"')


@dataclass
class Sent:
    """One request as it arrived."""

    verb: str
    path: str
    query: str
    content_type: str
    body: bytes = b""


@dataclass
class Recorder:
    """An ASGI app that notes each request on its way to another app."""

    app: Callable[..., Awaitable[None]]
    sent: list[Sent] = field(default_factory=list)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        sent = Sent(
            verb=scope["method"],
            path=scope["path"].removeprefix("/v1"),
            query=scope["query_string"].decode(),
            content_type=headers.get(b"content-type", b"").decode(),
        )
        self.sent.append(sent)

        async def receive_and_note() -> Any:
            message = await receive()
            sent.body += message.get("body", b"")
            return message

        await self.app(scope, receive_and_note, send)


def find_request(sent: list[Sent], verb: str, endpoint: str) -> Sent | None:
    """Return the last request to ``endpoint``, e.g. ``/files/{file_id}``."""
    pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", endpoint))
    fitting = [s for s in sent if s.verb == verb and pattern.fullmatch(s.path)]
    return fitting[-1] if fitting else None


def curl_command(sent: Sent, endpoint: str) -> str:
    """Return the command, one option a line. Ids become shell variables or placeholders."""
    path = re.sub(r"\{(\w+)\}", lambda found: f"${found[1].upper()}", endpoint)
    url = BASE_URL + path
    if query := [(k, v) for k, v in parse_qsl(sent.query)]:
        url += f"?{urlencode(query)}"
    if "$" in url or "?" in url:
        url = f'"{url}"'
    lines = [f"curl {'-X DELETE ' if sent.verb == 'DELETE' else ''}{url}"]
    if sent.verb == "POST" and not sent.body:
        lines = [f"curl -X POST {url}"]
    lines.append('-H "Authorization: Bearer $OPENAI_API_KEY"')
    if sent.content_type.startswith("application/json") and sent.body:
        lines.append('-H "Content-Type: application/json"')
        body = _ID.sub(r'"\g<kind>abc123"', _json(json.loads(sent.body), 0))
        lines.append(f"-d {shlex.quote(body)}".replace("\n", "\n  "))
    elif sent.content_type.startswith("multipart/"):
        lines += [f"-F {part}" for part in _parts(sent)]
    return " \\\n  ".join(lines) + "\n"


def _json(value: Any, depth: int) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    inside = depth * 2 + len(flat) + sum(ord(c) > 0x2E7F for c in flat)
    if (depth and inside <= LINE) or not isinstance(value, dict | list) or not value:
        return flat
    pad, end = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict):
        items = [f"{json.dumps(k)}: {_json(v, depth + 1)}" for k, v in value.items()]
        return "{\n" + ",\n".join(pad + item for item in items) + f"\n{end}}}"
    items = [_json(item, depth + 1) for item in value]
    return "[\n" + ",\n".join(pad + item for item in items) + f"\n{end}]"


def _parts(sent: Sent) -> list[str]:
    """Return name=value of each form field, files first named as `@file`."""
    head = f"Content-Type: {sent.content_type}\r\n\r\n".encode()
    fields = []
    for part in BytesParser().parsebytes(head + sent.body).get_payload():
        assert not isinstance(part, str)
        name = part.get_param("name", header="content-disposition")
        filename = part.get_filename()
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        value = f"@{filename}" if filename else payload.decode()
        fields.append(shlex.quote(f"{name}={value}"))
    return fields
