"""The files the demo keeps: what was uploaded, and what batches and jobs write."""

from typing import Any

from playground.demo.errors import api_error
from playground.demo.state import State, Store

MAX_STORED = 256 * 1024 * 1024
"""Bytes of all files together."""
EACH = 4096
"""Bytes that every file counts for besides its content, so that empty files have a limit, too."""
KIND = "file"


def live(state: State) -> Store:
    """Return the files that have not expired."""
    store = state.store(KIND)
    for file in store.values():
        if file["expires_at"] is not None and file["expires_at"] <= state.clock.timestamp():
            remove(state, file["id"])
    return store


def add(
    state: State,
    filename: str,
    content: bytes,
    purpose: str,
    expires_after: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Keep a file and return the API's ``file`` object.

    Raises:
        APIError: 400, the demo keeps too much already.
    """
    held = sum(len(blob) + EACH for blob in state.blobs.values())
    if held + len(content) + EACH > MAX_STORED or len(state.store(KIND)) >= state.store(KIND).limit:
        raise api_error("storage_full", limit=MAX_STORED)
    now = state.clock.timestamp()
    file = {
        "id": state.ids.make("file-"),
        "object": "file",
        "bytes": len(content),
        "created_at": now,
        "expires_at": now + expires_after["seconds"] if expires_after else None,
        "filename": filename,
        # The SDK's FileObject knows no purpose "evals", although files.create takes it.
        "purpose": "user_data" if purpose == "evals" else purpose,
        "status": "processed",
    }
    state.blobs[file["id"]] = content
    return state.store(KIND).put(file["id"], file)


def content_of(state: State, id: str) -> bytes:
    """Return a file's bytes.

    Raises:
        APIError: 404, there is no such file.
    """
    live(state).get(id)
    return state.blobs[id]


def remove(state: State, id: str) -> None:
    """Forget a file; raises like ``content_of``."""
    state.store(KIND).pop(id)
    del state.blobs[id]
