"""Vector stores: files that the demo has cut into passages and can search.

A file is indexed ``INDEXING`` seconds after it was attached, the files of a batch one after
another. Nothing runs in the background: whoever asks for a store first brings it up to the clock.
"""

from dataclasses import dataclass, field
from typing import Any

from playground.demo import files, passages
from playground.demo.errors import api_error, requires, wrong_state
from playground.demo.passages import Passage
from playground.demo.state import State

KIND = "vector store"
FILE = "vector store file"
BATCH = "vector store file batch"
INDEXING = 0.5
ALL_INDEXED = 10.0
"""Seconds that indexing all files of a batch takes at most."""
DAY = 24 * 3600
SIZE = 800
OVERLAP = 400
"""The chunk size and overlap of the strategy ``auto``, by its docstring."""
STATES = ("in_progress", "completed", "failed", "cancelled")


@dataclass
class Attached:
    """A file in a vector store.

    Attributes:
        file: The API's object.
        filename: The file's name.
        due: The instant at which it is indexed, in seconds.
        parts: Its passages.
        error: Why it has none.
    """

    file: dict[str, Any]
    filename: str
    due: float
    parts: list[Passage] = field(default_factory=list)
    error: dict[str, str] | None = None

    @property
    def size(self) -> int:
        """The bytes of all passages."""
        return sum(len(p.text.encode()) for p in self.parts)

    @property
    def indexed(self) -> list[Passage]:
        """The passages that can be searched: all of them once the file is indexed."""
        return self.parts if self.file["status"] == "completed" else []

    @property
    def owner(self) -> str:
        """The name under which the passages count as stored."""
        return f"{self.file['vector_store_id']}/{self.file['id']}"


@dataclass
class Batch:
    """Files that were attached together: the API's object and the files."""

    batch: dict[str, Any]
    attached: list[Attached]


@dataclass
class Record:
    """One vector store: the API's object, its files and its batches by their ids."""

    store: dict[str, Any]
    attached: dict[str, Attached] = field(default_factory=dict)
    batches: dict[str, Batch] = field(default_factory=dict)


def create(state: State, params: dict[str, Any]) -> dict[str, Any]:
    """Make a vector store and return the API's object.

    Raises:
        APIError: 404, a file does not exist; 400, a file is of a type that cannot be searched.
    """
    now = state.clock.timestamp()
    store: dict[str, Any] = {
        "id": state.ids.make("vs_", 32),
        "object": "vector_store",
        "created_at": now,
        "name": params.get("name") or "",
        "usage_bytes": 0,
        "file_counts": counts([]),
        "status": "completed",
        "expires_after": params.get("expires_after"),
        "expires_at": None,
        "last_active_at": now,
        "metadata": params.get("metadata") or {},
    }
    record = Record(store)
    ids = params.get("file_ids") or []
    entries = [{**params, "file_id": id} for id in ids]
    attach(state, record, entries, [f"file_ids[{i}]" for i in range(len(ids))], "file_ids")
    state.store(KIND).put(store["id"], record)
    bring_up(state, record)
    return store


def get(state: State, id: str) -> Record:
    """Return a vector store as it is at the present instant.

    Raises:
        APIError: 404, there is none.
    """
    record = state.store(KIND).get(id)
    bring_up(state, record)
    return record


def get_file(record: Record, id: str) -> Attached:
    """Return a file of a store.

    Raises:
        APIError: 404, the store does not hold it.
    """
    if id not in record.attached:
        raise api_error("not_found", param="file_id", kind=FILE, value=id)
    return record.attached[id]


def get_batch(record: Record, id: str) -> Batch:
    """Return a batch of a store.

    Raises:
        APIError: 404, the store has none of this id.
    """
    if id not in record.batches:
        raise api_error("not_found", param="batch_id", kind=BATCH, value=id)
    return record.batches[id]


def require_active(record: Record) -> None:
    """Check that a store has not expired.

    Raises:
        APIError: 400, it has.
    """
    if record.store["status"] == "expired":
        raise wrong_state(KIND, "expired", "in_progress or completed")


def touch(state: State, record: Record) -> None:
    """Note that a store was used, from which the time until it expires is counted."""
    record.store["last_active_at"] = state.clock.timestamp()
    bring_up(state, record)


def attach(
    state: State,
    record: Record,
    entries: list[dict[str, Any]],
    params: list[str],
    param: str,
) -> list[Attached]:
    """Put files into a store; they are indexed one after another.

    Args:
        state: The app's memory.
        record: The store.
        entries: For each file its ``file_id``, ``attributes`` and ``chunking_strategy``.
        params: Where in the request each file is named.
        param: The parameter that names the files.

    Raises:
        APIError: 404, a file does not exist; 400, a file is of a type that cannot be searched, or
            the chunks overlap too much.
    """
    now = state.clock.now().timestamp()
    pace = min(INDEXING, ALL_INDEXED / max(len(entries), 1))
    made = []
    for index, entry in enumerate(entries):
        id = entry["file_id"]
        if id not in files.live(state):
            raise api_error("file_not_found", param=params[index], value=id)
        filename = files.live(state).get(id)["filename"]
        passages.require_type(filename, param)
        file = {
            "id": id,
            "object": "vector_store.file",
            "created_at": int(now),
            "vector_store_id": record.store["id"],
            "usage_bytes": 0,
            "status": "in_progress",
            "last_error": None,
            "attributes": entry.get("attributes") or {},
            "chunking_strategy": strategy(entry.get("chunking_strategy")),
        }
        attached = Attached(file, filename, now + pace * (index + 1))
        read(attached, files.content_of(state, id))
        made.append(attached)
    # All or none: a request that is refused must leave nothing behind.
    files.require_space(state, sum(a.size + files.EACH for a in made))
    for attached in made:
        # A file that is attached again is indexed again, as the newest.
        if attached.file["id"] in record.attached:
            detach(state, record, attached.file["id"])
        files.hold(state, attached.owner, attached.size)
        record.attached[attached.file["id"]] = attached
    return made


def detach(state: State, record: Record, id: str) -> None:
    """Take a file out of a store."""
    attached = record.attached.pop(id)
    attached.parts.clear()
    files.release(state, attached.owner)


def delete(state: State, id: str) -> None:
    """Forget a store and its passages; raises 404 if there is none."""
    record = state.store(KIND).pop(id)
    for file in list(record.attached):
        detach(state, record, file)


def strategy(asked: dict[str, Any] | None) -> dict[str, Any]:
    """Return the chunking strategy that a request asks for, as the API reports it.

    Raises:
        APIError: 400, the chunks overlap by more than half.
    """
    size, overlap = SIZE, OVERLAP
    if asked and asked["type"] == "static":
        size = asked["static"]["max_chunk_size_tokens"]
        overlap = asked["static"]["chunk_overlap_tokens"]
        if overlap > size // 2:
            raise requires(
                "chunking_strategy.static.chunk_overlap_tokens",
                f"a value of at most half of 'max_chunk_size_tokens', which is {size}",
                f"不超过 max_chunk_size_tokens（{size}）的一半",
            )
    static = {"max_chunk_size_tokens": size, "chunk_overlap_tokens": overlap}
    return {"type": "static", "static": static}


def bring_up(state: State, record: Record) -> None:
    """Bring a store up to the demo's clock: index what is due, drop what is deleted, expire."""
    now = state.clock.now().timestamp()
    store = record.store
    known = files.live(state)
    for id in [id for id in record.attached if id not in known]:
        detach(state, record, id)
    waiting = [a for b in record.batches.values() for a in b.attached]
    for attached in (*record.attached.values(), *waiting):
        if attached.file["status"] == "in_progress" and attached.due <= now:
            index(attached)
    for batch in record.batches.values():
        tally = counts(batch.attached)
        batch.batch["file_counts"] = tally
        if batch.batch["status"] == "in_progress" and not tally["in_progress"]:
            batch.batch["status"] = "failed" if tally["failed"] == tally["total"] else "completed"
    held = list(record.attached.values())
    store["file_counts"] = counts(held)
    store["usage_bytes"] = sum(a.file["usage_bytes"] for a in held)
    policy = store["expires_after"]
    store["expires_at"] = store["last_active_at"] + policy["days"] * DAY if policy else None
    if store["expires_at"] is not None and store["expires_at"] <= now:
        store["status"] = "expired"
    else:
        store["status"] = "in_progress" if store["file_counts"]["in_progress"] else "completed"


def read(attached: Attached, content: bytes) -> None:
    """Read a file and cut it into passages, which can be searched once it is indexed."""
    static = attached.file["chunking_strategy"]["static"]
    try:
        text = passages.read(attached.filename, content)
    except passages.Unreadable as error:
        attached.error = dict(passages.table()["errors"][str(error)])
    else:
        size, overlap = static["max_chunk_size_tokens"], static["chunk_overlap_tokens"]
        attached.parts = passages.cut(text, size, overlap)


def index(attached: Attached) -> None:
    """Say of a file that it was indexed, or that it could not be read."""
    attached.file["status"] = "failed" if attached.error else "completed"
    attached.file["last_error"] = attached.error
    attached.file["usage_bytes"] = attached.size


def counts(attached: list[Attached]) -> dict[str, int]:
    """Return how many files are in which state."""
    tally = {name: sum(a.file["status"] == name for a in attached) for name in STATES}
    return {**tally, "total": len(attached)}


def create_batch(state: State, record: Record, params: dict[str, Any]) -> dict[str, Any]:
    """Attach many files at once and return the API's object.

    Raises:
        APIError: 400, the files are named in both ways or in none; and like ``attach``.
    """
    ids, entries = params.get("file_ids"), params.get("files")
    if ids is not None and entries is not None:
        raise api_error("excludes", param="file_ids", other="files")
    if ids is None and entries is None:
        raise api_error("missing_required_parameter", param="file_ids")
    if entries is None:
        name, places = "file_ids", [f"file_ids[{i}]" for i in range(len(ids or ()))]
        entries = [{**params, "file_id": id} for id in ids or ()]
    else:
        name, places = "files", [f"files[{i}].file_id" for i in range(len(entries))]
    attached = attach(state, record, entries, places, name)
    batch = {
        "id": state.ids.make("vsfb_", 32),
        "object": "vector_store.files_batch",
        "created_at": state.clock.timestamp(),
        "vector_store_id": record.store["id"],
        "status": "in_progress",
        "file_counts": counts(attached),
    }
    record.batches[batch["id"]] = Batch(batch, attached)
    touch(state, record)
    return batch


def cancel_batch(state: State, record: Record, id: str) -> dict[str, Any]:
    """Cancel the files of a batch that are not indexed yet.

    Raises:
        APIError: 404, there is no such batch; 400, it has come to its end.
    """
    found = get_batch(record, id)
    if found.batch["status"] != "in_progress":
        raise wrong_state(BATCH, found.batch["status"], "in_progress")
    for attached in found.attached:
        if attached.file["status"] == "in_progress":
            attached.file["status"] = "cancelled"
            attached.parts.clear()
    found.batch["status"] = "cancelled"
    bring_up(state, record)
    return found.batch


def search(
    state: State, records: list[Record], queries: list[str], params: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return what fits the queries in some stores, the best first.

    Args:
        state: The app's memory.
        records: The stores; those that have expired hold nothing.
        queries: The queries; a passage counts as much as it fits the best of them.
        params: ``filters``, ``max_num_results`` and ``ranking_options`` of the request.

    Raises:
        APIError: 400, a filter is none.
    """
    filters = params.get("filters")
    searched: list[tuple[Attached, Passage]] = []
    for record in records:
        if record.store["status"] == "expired":
            continue
        touch(state, record)
        for attached in record.attached.values():
            if filters is None or passages.fits(filters, attached.file["attributes"]):
                searched += [(attached, part) for part in attached.indexed]
    parts = [part for _, part in searched]
    fit = [passages.scores(parts, Passage(q)) for q in queries]
    least = (params.get("ranking_options") or {}).get("score_threshold") or 0
    found = [
        {
            "file_id": attached.file["id"],
            "filename": attached.filename,
            "score": score,
            "attributes": attached.file["attributes"],
            "content": [{"type": "text", "text": part.text}],
        }
        for (attached, part), *scored in zip(searched, *fit, strict=True)
        if (score := max(scored)) >= max(least, passages.RELEVANT)
    ]
    return sorted(found, key=lambda r: -r["score"])[: params.get("max_num_results") or 10]


def search_all(
    state: State, ids: list[str], question: str, params: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return what fits a question in the stores of these ids, as ``search`` does.

    Stores that do not exist hold nothing.
    """
    records = [get(state, id) for id in ids if id in state.store(KIND)]
    return search(state, records, [question], params)
