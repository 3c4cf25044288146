"""Errors, slowness and broken connections on request; ``faults.yml`` lists them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.requests import Request

from playground.data import load_data
from playground.demo.errors import APIError
from playground.demo.sse import BrokenStream, encode
from playground.demo.state import State

HEADER = "x-demo-fault"


def table() -> dict[str, dict[str, Any]]:
    """Return every fault by its name, e.g. ``429``."""
    return load_data("playground.demo", "faults")


def models() -> dict[str, str]:
    """Return the name of the fault that each of the demo's own models asks for."""
    return {entry["model"]: name for name, entry in table().items()}


def requested(params: Mapping[str, Any], headers: Mapping[str, str]) -> str | None:
    """Return the name of the fault that a request asks for, by header or by model.

    Raises:
        APIError: 400, the header names a fault that does not exist.
    """
    name = headers.get(HEADER)
    if name is not None:
        if name not in table():
            known = ", ".join(table())
            raise APIError(
                400,
                f"Unknown fault '{name}'. Known faults: {known}. "
                f"请求头 {HEADER} 的值不对，可选值：{known}。",
                code="invalid_value",
            )
        return name
    model = params.get("model")
    return models().get(model) if isinstance(model, str) else None


def error_of(name: str) -> APIError:
    """Return the error answer of a fault."""
    entry = table()[name]
    return APIError(
        entry["status"],
        f"{entry['en']} {entry['zh']}",
        type=entry["type"],
        code=entry["code"],
        headers=entry.get("headers"),
    )


async def before_answer(name: str | None, state: State, request: Request) -> None:
    """Do what the fault does before there is an answer: wait, or fail.

    Raises:
        APIError: The error that the fault stands for.
    """
    if name is None:
        return
    entry = table()[name]
    if "wait" in entry:
        await asyncio.sleep(entry["wait"])
    elif "failures" in entry:
        state.counts[name] += 1
        if state.counts[name] % (entry["failures"] + 1):
            raise error_of(name)
    elif "status" in entry and "after" not in entry:
        raise error_of(name)


async def in_stream(
    name: str | None, chunks: AsyncIterator[bytes], state: State
) -> AsyncIterator[bytes]:
    """Yield ``chunks``, and do what the fault does in the middle of a stream.

    Raises:
        BrokenStream: The fault cuts the connection.
    """
    after = table()[name].get("after") if name else None
    sent = 0
    async for chunk in chunks:
        if after is not None and sent >= after:
            assert name is not None
            if "status" not in table()[name]:
                raise BrokenStream(f"fault {name}: the stream ends after {after} events")
            yield encode(error_of(name).body())
            return
        yield chunk
        sent += 1


def rate_limit_headers() -> dict[str, str]:
    """Return the rate limit headers of a request that is within the limits."""
    return {
        "x-ratelimit-limit-requests": "10000",
        "x-ratelimit-limit-tokens": "2000000",
        "x-ratelimit-remaining-requests": "9999",
        "x-ratelimit-remaining-tokens": "1999900",
        "x-ratelimit-reset-requests": "6ms",
        "x-ratelimit-reset-tokens": "3ms",
    }
