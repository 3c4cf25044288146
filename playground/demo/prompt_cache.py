"""The prompt cache: the beginnings of earlier requests, which cost less when they come again."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playground.demo import tokens
from playground.demo.state import State

LEAST = 1024
"""Tokens of the shortest beginning that is cached."""
STEP = 128
"""Tokens by which cached beginnings differ in length."""
LIFETIME = 30 * 60
"""Seconds that a beginning is kept after its last use, the default ``ttl`` of the API."""
KIND = "cached prompt"
BREAKPOINT = '"prompt_cache_breakpoint"'


@dataclass(frozen=True)
class Cached:
    """How many tokens of a prompt were read from the cache and how many were written to it."""

    read: int
    written: int


def look_up(state: State, prompt: str, params: dict[str, Any]) -> Cached:
    """Return what the cache holds of a prompt, and keep the prompt's beginnings in it.

    Args:
        state: The app's memory.
        prompt: The whole prompt, in the order in which a model reads it.
        params: The request's parameters. Requests with another ``prompt_cache_key`` share nothing;
            with the mode ``explicit`` and no breakpoint anywhere nothing is cached. The demo does
            not look where a breakpoint stands.
    """
    options = params.get("prompt_cache_options") or {}
    if options.get("mode") == "explicit" and BREAKPOINT not in tokens.as_json(params):
        return Cached(0, 0)
    key = params.get("prompt_cache_key")
    store, now = state.store(KIND), state.clock.timestamp()
    read = longest = 0
    for length, name in _beginnings(prompt, key or ""):
        longest = length
        if name in store and store.get(name) > now:
            read = length
        store.put(name, now + LIFETIME)
    return Cached(read, longest - read)


def _beginnings(prompt: str, key: str) -> Iterator[tuple[int, str]]:
    """Yield the cacheable beginnings: their lengths in tokens, and a name for each."""
    pieces = tokens.pieces(prompt)
    running = hashlib.sha256(f"{key}\0".encode())
    for start in range(0, len(pieces) - STEP + 1, STEP):
        running.update("".join(pieces[start : start + STEP]).encode())
        if start + STEP >= LEAST:
            yield start + STEP, running.hexdigest()
