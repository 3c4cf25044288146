"""How fast the demo answers, as a ratio to a bare Starlette app that sends the same bytes.

``python -m benchmarks.demo`` prints requests per second and the time to the first chunk of a
stream for both, over loopback HTTP with eight connections that are kept alive.
"""

import asyncio
import json
import statistics
import time
from typing import Any
from urllib.parse import urlsplit

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from playground.demo import create_app
from tests.demo.server import serving

CONNECTIONS = 8
SECONDS = 3.0
PLAIN = {"model": "gpt-6-luna", "messages": [{"role": "user", "content": "讲个笑话"}]}
STREAMED = {**PLAIN, "stream": True}


def bare(plain: bytes, first: bytes) -> Starlette:
    """Return an app that reads the body and sends constant bytes."""

    async def answer(request: Request) -> Response:
        if b'"stream"' not in await request.body():
            return Response(plain, media_type="application/json")

        async def chunks():
            yield first

        return StreamingResponse(chunks(), media_type="text/event-stream")

    return Starlette(routes=[Route("/v1/chat/completions", answer, methods=["POST"])])


def request_bytes(body: dict[str, Any]) -> bytes:
    """Return one HTTP request, written out."""
    content = json.dumps(body).encode()
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer x\r\n"
        f"content-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


async def throughput(origin: str) -> float:
    """Return plain requests per second."""
    address, request = urlsplit(origin), request_bytes(PLAIN)
    deadline = time.perf_counter() + SECONDS

    async def connection() -> int:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        done = 0
        while time.perf_counter() < deadline:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            await reader.readexactly(length)
            done += 1
        writer.close()
        return done

    began = time.perf_counter()
    counts = await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    return sum(counts) / (time.perf_counter() - began)


async def first_chunk(origin: str, times: int = 200) -> float:
    """Return the median time in milliseconds from a streaming request to its first event."""
    address, request = urlsplit(origin), request_bytes(STREAMED)
    taken = []
    for _ in range(times):
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        began = time.perf_counter()
        writer.write(request)
        await reader.readuntil(b"data: ")
        taken.append(time.perf_counter() - began)
        writer.close()
    return statistics.median(taken) * 1000


def main() -> None:
    """Measure both apps and print the table."""
    headers = {"authorization": "Bearer x"}
    with serving(create_app(delay=0)) as origin:
        url = f"{origin}/v1/chat/completions"
        plain = httpx2.post(url, json=PLAIN, headers=headers).content
        stream = httpx2.post(url, json=STREAMED, headers=headers).content
        demo = asyncio.run(throughput(origin)), asyncio.run(first_chunk(origin))
    with serving(bare(plain, stream.partition(b"\n\n")[0] + b"\n\n")) as origin:
        base = asyncio.run(throughput(origin)), asyncio.run(first_chunk(origin))
    print(f"{'':24}{'bare':>10}{'demo':>10}{'ratio':>8}")
    for name, b, d in zip(("requests per second", "first chunk, ms"), base, demo, strict=True):
        print(f"{name:24}{b:10.2f}{d:10.2f}{d / b:8.2f}")


if __name__ == "__main__":
    main()
