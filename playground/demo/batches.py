"""Batches: the requests of a file, answered by the demo itself while its clock runs.

A batch validates its file for ``VALIDATING`` seconds, then answers one request after another, each
``PER_REQUEST`` seconds after the one before (faster if there are many), then writes its files for
``FINALIZING`` seconds.
Nothing runs in the background: whoever asks for a batch first brings it up to the clock.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from playground.demo import files, inner, jsonl
from playground.demo.errors import APIError, api_error, wrong_state
from playground.demo.state import State

KIND = "batch"
VALIDATING = 1.0
PER_REQUEST = 0.2
ANSWERING = 20.0
"""Seconds that all requests of a batch take at most."""
FINALIZING = 1.0
CANCELLING = 1.0
WINDOW = 24 * 3600
"""Seconds after which a batch expires, the only ``completion_window`` there is."""
MAX_REQUESTS = 50_000
"""Requests in one file, by the docstring of ``input_file_id``."""
MAX_INPUTS = 50_000
"""Embedding inputs in all requests of a file, by the docstring of ``endpoint``."""
MAX_ERRORS = 100
"""Errors of a file that are reported."""
FINAL = ("failed", "completed", "expired", "cancelled")


@dataclass
class Record:
    """One batch at work.

    Attributes:
        batch: The API's object.
        began: The instant it was created, in seconds.
        content: The input file; empty once it was read.
        expires_after: The policy for the files that it writes.
        requests: The file's requests, still to be answered or not.
        results: The lines of the output and the error file, in the order of the requests.
        cancelled: The instant it was cancelled.
        lock: Held by whoever brings the batch up to the clock.
    """

    batch: dict[str, Any]
    began: float
    content: bytes
    expires_after: dict[str, Any] | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    cancelled: float | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


def create(state: State, params: dict[str, Any]) -> dict[str, Any]:
    """Start a batch and return the API's object.

    Raises:
        APIError: 404, there is no such file; 400, it is for something else.
    """
    id = params["input_file_id"]
    if id not in files.live(state):
        raise api_error("file_not_found", param="input_file_id", value=id)
    purpose = files.purpose_of(state, id)
    if purpose != "batch":
        raise api_error("file_purpose", param="input_file_id", value=purpose, expected="batch")
    now = state.clock.now().timestamp()
    batch: dict[str, Any] = {
        "id": state.ids.make("batch_"),
        "object": "batch",
        "endpoint": params["endpoint"],
        "model": None,
        "errors": None,
        "input_file_id": id,
        "completion_window": params["completion_window"],
        "status": "validating",
        "output_file_id": None,
        "error_file_id": None,
        "created_at": int(now),
        "in_progress_at": None,
        "expires_at": int(now) + WINDOW,
        "finalizing_at": None,
        "completed_at": None,
        "failed_at": None,
        "expired_at": None,
        "cancelling_at": None,
        "cancelled_at": None,
        "request_counts": {"total": 0, "completed": 0, "failed": 0},
        "usage": None,
        "metadata": params.get("metadata"),
    }
    content = files.content_of(state, id)
    files.hold(state, batch["id"], len(content))
    record = Record(batch, now, content, params.get("output_expires_after"))
    state.store(KIND).put(batch["id"], record)
    return batch


async def get(state: State, id: str) -> dict[str, Any]:
    """Return a batch as it is at the present instant; raises 404 if there is none."""
    record = state.store(KIND).get(id)
    await advance(state, record)
    return record.batch


async def cancel(state: State, id: str) -> dict[str, Any]:
    """Cancel a batch.

    Raises:
        APIError: 404, there is none; 400, it has come to its end.
    """
    record = state.store(KIND).get(id)
    await advance(state, record)
    batch = record.batch
    if batch["status"] in FINAL:
        raise wrong_state(KIND, batch["status"], "validating, in_progress or finalizing")
    if record.cancelled is None:
        record.cancelled = state.clock.now().timestamp()
        batch["status"] = "cancelling"
        batch["cancelling_at"] = int(record.cancelled)
    return batch


async def advance(state: State, record: Record) -> None:
    """Bring a batch up to the demo's clock."""
    async with record.lock:
        batch = record.batch
        if batch["status"] in FINAL:
            return
        now = state.clock.now().timestamp()
        if record.cancelled is not None:
            if now >= record.cancelled + CANCELLING:
                _finish(state, record, "cancelled", record.cancelled + CANCELLING)
            return
        started = record.began + VALIDATING
        if now < started:
            return
        if batch["in_progress_at"] is None and not _start(record, started):
            files.release(state, batch["id"])
            return
        total = len(record.requests)
        pace = min(PER_REQUEST, ANSWERING / total)
        # A thousandth forgives the rounding of instants.
        await _answer(state, record, int((now - started) / pace + 0.001))
        answered = started + pace * total
        if now < answered:
            return
        batch["status"] = "finalizing"
        batch["finalizing_at"] = int(answered)
        if now >= answered + FINALIZING:
            _finish(state, record, "completed", answered + FINALIZING)


def _start(record: Record, instant: float) -> bool:
    """Read the input file; return whether the batch may begin."""
    batch = record.batch
    record.requests, errors = read_requests(record.content, batch["endpoint"])
    record.content = b""
    if errors:
        batch["status"] = "failed"
        batch["failed_at"] = int(instant)
        batch["errors"] = {"object": "list", "data": errors[:MAX_ERRORS]}
        return False
    batch["status"] = "in_progress"
    batch["in_progress_at"] = int(instant)
    batch["model"] = record.requests[0]["body"].get("model")
    batch["request_counts"]["total"] = len(record.requests)
    return True


async def _answer(state: State, record: Record, due: int) -> None:
    """Answer the requests whose time has come and that are not answered yet."""
    counts = record.batch["request_counts"]
    for request in record.requests[len(record.results) : due]:
        result = await answer(state, request)
        record.results.append(result)
        counts["completed" if succeeded(result) else "failed"] += 1
        await asyncio.sleep(0)  # many requests must not keep other clients waiting


async def answer(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """Return the line of the output or the error file for one request."""
    if request["body"].get("stream"):
        error = api_error("batch_stream", param="stream")
        reply = inner.Answer(error.status, error.body(), state.ids.make("req_", 32))
    else:
        reply = await inner.post(state, request["url"], request["body"])
    response = {
        "status_code": reply.status,
        "request_id": reply.request_id,
        "body": reply.body,
    }
    return {**_line(state, request), "response": response, "error": None}


def _line(state: State, request: dict[str, Any]) -> dict[str, Any]:
    return {"id": state.ids.make("batch_req_"), "custom_id": request["custom_id"]}


def succeeded(result: dict[str, Any]) -> bool:
    """Return whether a line belongs into the output file, not into the error file."""
    return result["response"] is not None and result["response"]["status_code"] < 400


def _finish(state: State, record: Record, status: str, instant: float) -> None:
    """Write the files of a batch and end it."""
    batch, results = record.batch, record.results
    files.release(state, batch["id"])
    for request in record.requests[len(results) :]:
        error = api_error("batch_cancelled")
        reason = {"code": error.code, "message": error.message}
        results.append({**_line(state, request), "response": None, "error": reason})
        batch["request_counts"]["failed"] += 1
    good = [r for r in results if succeeded(r)]
    bad = [r for r in results if not succeeded(r)]
    try:
        for name, lines in (("output", good), ("error", bad)):
            if lines:
                file = files.add(
                    state,
                    f"{batch['id']}_{name}.jsonl",
                    jsonl.dump(lines),
                    "batch_output",
                    record.expires_after,
                )
                batch[f"{name}_file_id"] = file["id"]
    except APIError as error:
        status = "failed"
        reason = {"code": error.code, "line": None, "message": error.message, "param": None}
        batch["errors"] = {"object": "list", "data": [reason]}
    batch["status"] = status
    batch[f"{status}_at"] = int(instant)
    batch["usage"] = total_usage([r["response"]["body"] for r in good])
    record.content, record.requests, record.results = b"", [], []


def total_usage(bodies: list[Any]) -> dict[str, Any]:
    """Return the token counts of all answers together, whichever interface they come from."""
    total = {"input": 0, "output": 0, "cached": 0, "reasoning": 0}
    for body in bodies:
        usage = body.get("usage") or {}
        total["input"] += usage.get("input_tokens", usage.get("prompt_tokens", 0))
        total["output"] += usage.get("output_tokens", usage.get("completion_tokens", 0))
        for kind, part, name in (
            ("cached", "input_tokens_details", "cached_tokens"),
            ("cached", "prompt_tokens_details", "cached_tokens"),
            ("reasoning", "output_tokens_details", "reasoning_tokens"),
            ("reasoning", "completion_tokens_details", "reasoning_tokens"),
        ):
            total[kind] += (usage.get(part) or {}).get(name) or 0
    return {
        "input_tokens": total["input"],
        "input_tokens_details": {"cached_tokens": total["cached"]},
        "output_tokens": total["output"],
        "output_tokens_details": {"reasoning_tokens": total["reasoning"]},
        "total_tokens": total["input"] + total["output"],
    }


def read_requests(
    content: bytes, endpoint: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the requests of an input file, and the errors of its lines as the API reports them.

    Args:
        content: The file.
        endpoint: The path that every request must be for.
    """
    found = jsonl.lines(content)
    if not found:
        return [], [_error("empty_file")]
    if len(found) > MAX_REQUESTS:
        return [], [_error("too_many_tasks", limit=MAX_REQUESTS, value=len(found))]
    requests, errors = [], []
    seen: set[str] = set()
    model: Any = None
    inputs = 0
    for number, line in found:
        try:
            request = _request(jsonl.parse(line), endpoint, seen)
            asked = request["body"].get("model")
            model = asked if model is None else model
            if asked != model:
                raise api_error("model_mismatch", param="body.model", value=asked, expected=model)
        except APIError as error:
            errors.append(_reported(error, number))
            continue
        requests.append(request)
        given = request["body"].get("input")
        inputs += len(given) if isinstance(given, list) else 1
    if endpoint == "/v1/embeddings" and inputs > MAX_INPUTS:
        errors.append(_error("too_many_inputs", limit=MAX_INPUTS, value=inputs))
    return requests, errors


def _request(request: dict[str, Any] | None, endpoint: str, seen: set[str]) -> dict[str, Any]:
    """Check one line.

    Raises:
        APIError: What is wrong with it.
    """
    if request is None:
        raise api_error("invalid_json_line")
    for name, kind, article in (
        ("custom_id", str, "a string"),
        ("method", str, "a string"),
        ("url", str, "a string"),
        ("body", dict, "an object"),
    ):
        if name not in request:
            raise api_error("missing_required_parameter", param=name)
        if not isinstance(request[name], kind):
            raise api_error("invalid_line_field", param=name, expected=article)
    if request["method"] != "POST":
        raise api_error(
            "invalid_value", param="method", value=request["method"], supported="'POST'"
        )
    if request["url"] != endpoint:
        raise api_error("url_mismatch", param="url", value=request["url"], expected=endpoint)
    if request["custom_id"] in seen:
        raise api_error("duplicate_custom_id", param="custom_id", value=request["custom_id"])
    seen.add(request["custom_id"])
    return request


def _error(key: str, **words: Any) -> dict[str, Any]:
    return _reported(api_error(key, **words), None)


def _reported(error: APIError, number: int | None) -> dict[str, Any]:
    return {
        "code": error.code,
        "line": number,
        "message": error.message,
        "param": error.param,
    }
