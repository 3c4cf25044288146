"""The files the demo keeps: what was uploaded, and what batches and jobs write."""

from typing import Any

from playground.demo import jsonl
from playground.demo.errors import api_error
from playground.demo.state import State, Store

MAX_STORED = 256 * 1024 * 1024
"""Bytes of all files together."""
EACH = 4096
"""Bytes that every file counts for besides its content, so that empty files have a limit, too."""
KIND = "file"
PARTS = "upload part"
"""The kind of the parts of uploads that are not complete; their bytes count, too."""
HELD = "held content"
"""The kind of what batches, jobs and vector stores keep of files, by its owner: bytes."""
BATCH_LIFETIME = 30 * 24 * 3600
"""Seconds that a file with the purpose ``batch`` is kept unless the request says otherwise."""
JSONL_ONLY = {"batch": "Batch", "fine-tune": "Fine-tuning"}
"""Purposes whose files must be ``.jsonl``, by the docstring of ``files.create``, with the API."""
SEALED = ("assistants", "user_data")
"""Purposes whose files the API does not give back."""


def require_name(filename: str, purpose: str) -> None:
    """Check the file's ending where the purpose asks for one.

    Raises:
        APIError: 400, it is another.
    """
    interface = JSONL_ONLY.get(purpose)
    if interface and not filename.endswith(".jsonl"):
        raise api_error("jsonl_name", interface=interface, value=filename)


def require_content(content: bytes, purpose: str) -> None:
    """Check what the API checks of a file's content when it arrives.

    A training file must be JSON Lines. Batch files are looked at when a batch starts.

    Raises:
        APIError: 400, a line of a training file is not a JSON object.
    """
    if purpose == "fine-tune":
        jsonl.objects(content)


def require_space(state: State, size: int) -> None:
    """Check that the demo may keep ``size`` more bytes.

    Raises:
        APIError: 400, it keeps too much already.
    """
    now = state.clock.timestamp()
    for part in state.store(PARTS).values():
        if part["expires_at"] <= now:
            state.store(PARTS).pop(part["id"])
    held = sum(len(blob) + EACH for blob in state.blobs.values())
    held += sum(len(part["content"]) + EACH for part in state.store(PARTS).values())
    held += sum(size + EACH for size in state.store(HELD).values())
    crowded = any(len(state.store(k)) >= state.store(k).limit for k in (KIND, PARTS, HELD))
    if crowded or held + size + EACH > MAX_STORED:
        raise api_error("storage_full", limit=MAX_STORED)


def live(state: State) -> Store:
    """Return the files that have not expired."""
    store = state.store(KIND)
    for file in store.values():
        if file["expires_at"] is not None and file["expires_at"] <= state.clock.timestamp():
            remove(state, file["id"])
    return store


def hold(state: State, owner: str, size: int) -> None:
    """Count ``size`` bytes as stored until ``release``; raises like ``require_space``."""
    require_space(state, size)
    state.store(HELD).put(owner, size)


def release(state: State, owner: str) -> None:
    """Count what ``owner`` held no longer, if it held anything."""
    if owner in state.store(HELD):
        state.store(HELD).pop(owner)


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
    require_space(state, len(content))
    now = state.clock.timestamp()
    seconds = expires_after["seconds"] if expires_after else None
    if seconds is None and purpose == "batch":
        seconds = BATCH_LIFETIME
    file = {
        "id": state.ids.make("file-"),
        "object": "file",
        "bytes": len(content),
        "created_at": now,
        "expires_at": None if seconds is None else now + seconds,
        "filename": filename,
        # The SDK's FileObject knows no purpose "evals", although files.create takes it.
        "purpose": "user_data" if purpose == "evals" else purpose,
        "status": "processed",
        "status_details": None,
    }
    state.blobs[file["id"]] = content
    state.store("purpose").put(file["id"], purpose)
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
    state.store("purpose").pop(id)
    del state.blobs[id]


def purpose_of(state: State, id: str) -> str:
    """Return the purpose that a file was created with; raises like ``content_of``."""
    live(state).get(id)
    return state.store("purpose").get(id)
