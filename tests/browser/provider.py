"""A small OpenAI-compatible provider on loopback that keeps what it received."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Received:
    """One request as it came over the wire."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class RecordingProvider:
    """Streams numbers to every chat request until told to go on or the client leaves.

    Attributes:
        allow_headers: Value of Access-Control-Allow-Headers, as a strict provider would send it.
        received: Every request, preflights included.
        disconnected: Set when a client left before its answer was complete.
        go_on: The stream waits for this after its first chunk.
        echo: Answers to GET repeat the Authorization header.
    """

    allow_headers: str = "authorization, content-type"
    received: list[Received] = field(default_factory=list)
    disconnected: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    echo: bool = False

    def __enter__(self) -> "RecordingProvider":
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def _receive(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                text = self.rfile.read(length)
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = json.loads(text) if text else None
                provider.received.append(Received(self.command, self.path, headers, body))

            def _head(self, status: int, kind: str) -> None:
                self.send_response(status)
                self.send_header("access-control-allow-origin", "*")
                self.send_header("access-control-allow-headers", provider.allow_headers)
                self.send_header("access-control-expose-headers", "x-request-id")
                self.send_header("x-request-id", "req_recorded")
                self.send_header("content-type", kind)
                self.send_header("connection", "close")
                self.end_headers()
                self.close_connection = True

            def do_OPTIONS(self) -> None:
                self._receive()
                self._head(204, "text/plain")

            def do_GET(self) -> None:
                self._receive()
                self._head(200, "application/json")
                answer: dict[str, Any] = {"object": "list", "data": []}
                if provider.echo:
                    answer["you_sent"] = self.headers["authorization"]
                self.wfile.write(json.dumps(answer).encode())

            def do_POST(self) -> None:
                self._receive()
                self._head(200, "text/event-stream")
                try:
                    self._chunk("first ")
                    while not provider.go_on.wait(0.05):
                        self._chunk("")
                    self._chunk("last")
                    self.wfile.write(b"data: [DONE]\n\n")
                except OSError:
                    provider.disconnected.set()

            def _chunk(self, text: str) -> None:
                choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
                chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1}
                data = json.dumps(chunk | {"model": "m", "choices": [choice]})
                self.wfile.write(f"data: {data}\n\n".encode())
                self.wfile.flush()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def base_url(self) -> str:
        return f"{self.origin}/v1"

    def posts(self) -> list[Received]:
        return [request for request in self.received if request.method == "POST"]
