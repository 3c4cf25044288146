"""Responses: create, plain, streamed and in the background; what was stored can be read again.

``responses.connect`` of the SDK is a WebSocket; the demo speaks HTTP only and has no route for it.
"""

import json
from collections.abc import AsyncIterator
from typing import Any

from playground.demo import items, responses
from playground.demo.errors import api_error, requires_stream, wrong_state
from playground.demo.items import Item
from playground.demo.pages import page
from playground.demo.response_events import events
from playground.demo.responses import Request, conversation_id
from playground.demo.routes import Call, Content, Events, Family, Reply
from playground.demo.sse import encode, paced
from playground.demo.state import State

family = Family("responses", "响应（Responses）")

KIND = "response"
JOINING = "background response"
"""Those that are to join a conversation once they have finished."""
QUEUED, WORKING = 1, 3
"""Seconds that a background response waits, and then works."""
LOOK = 2
"""Seconds that count for each look at a background response, so that a program which polls it
comes to an end even where the demo's clock stands still."""


@family.route(
    "POST /responses",
    methods=("responses.create", "responses.parse", "responses.stream"),
    params="responses.response_create_params:ResponseCreateParams",
    answer="responses:Response",
    stream="responses:ResponseStreamEvent",
    models="responses",
)
async def create(call: Call) -> Reply:
    """Answer the input."""
    state, params = call.state, call.params
    request = read_request(state, params)
    if not state.any_id:
        responses.require_consistent(request)
        request.fit()
    failed, refused = call.fault == "stream-error", call.fault == "refusal"
    response = responses.make(request, failed=failed, refused=refused)
    background = response["background"]
    if background and response["completed_at"] is not None:
        response["completed_at"] += QUEUED + WORKING
    record = {
        "response": response,
        "input": request.given,
        "context": request.context,
        "created": state.clock.now().timestamp(),
        "looks": 0,
        "ended": not background,
        "cancelled": False,
        "partial": partial_images(params),
        "conversation": params.get("conversation"),
    }
    if params.get("store") is not False or background:
        state.store(KIND).put(response["id"], record)
        items.remember(state, [*request.given, *response["output"]])
    if background and params.get("conversation"):
        state.store(JOINING).put(response["id"], record)
    join(state, record)
    include = params.get("include")
    if params.get("stream"):
        return Events(sent(state, record, include), own_errors=True)
    return view(state, record, include)


def read_request(state: State, params: dict[str, Any]) -> Request:
    """Return a request with the items it inherits and its own.

    Raises:
        APIError: 400 the previous response does not exist, 404 the conversation does not.
    """
    context: list[Item] = []
    previous, conversation = params.get("previous_response_id"), params.get("conversation")
    if previous:
        context += history(state, previous)
    if conversation:
        context += conversation_items(state, conversation_id(conversation))
    given = items.take(state, params.get("input"))
    return Request(state, params, [*context, *given], given)


def history(state: State, id: str) -> list[Item]:
    """Return all items up to and including the output of an earlier response.

    Raises:
        APIError: 400, there is no such response, or it has not finished.
    """
    if id not in state.store(KIND):
        if state.any_id:
            return []
        raise api_error("previous_response_not_found", param="previous_response_id", value=id)
    record = state.store(KIND).get(id)
    response = status_of(state, record)
    if response in ("queued", "in_progress"):
        raise wrong_state("response", response, "completed")
    return [*record["context"], *record["response"]["output"]]


def conversation_items(state: State, id: str) -> list[Item]:
    """Return the items of a conversation; none for one that ``any_id`` makes up.

    Raises:
        APIError: 404, there is no such conversation.
    """
    settle(state)
    store = state.store("conversation")
    if state.any_id and id not in store:
        return []
    return list(store.get(id)["items"])


def partial_images(params: dict[str, Any]) -> int:
    """Return how many partial images a request asks for."""
    tools = params.get("tools") or ()
    return max((t.get("partial_images") or 0 for t in tools), default=0)


def status_of(state: State, record: dict[str, Any]) -> str:
    """Return the present status of a stored response."""
    if record["cancelled"]:
        return "cancelled"
    ran = state.clock.now().timestamp() - record["created"]
    ran = max(ran, record["looks"] * LOOK)
    if record["ended"] or ran >= QUEUED + WORKING:
        record["ended"] = True
        return record["response"]["status"]
    return "in_progress" if ran >= QUEUED else "queued"


def view(state: State, record: dict[str, Any], include: list[str] | None = None) -> dict[str, Any]:
    """Return a stored response as it is now."""
    response, status = record["response"], status_of(state, record)
    if status == response["status"]:
        return seen(response, include)
    made = {
        **response,
        "status": status,
        "completed_at": None,
        "error": None,
        "incomplete_details": None,
        "output": [],
        "usage": None,
    }
    made.pop("moderation", None)
    made.pop("tool_usage", None)
    return made


def seen(response: dict[str, Any], include: list[str] | None) -> dict[str, Any]:
    """Return a finished response with the fields that ``include`` asks for."""
    return {**response, "output": [items.shown(i, include) for i in response["output"]]}


def join(state: State, record: dict[str, Any]) -> None:
    """Add a response's items to its conversation once it has finished."""
    if not record["conversation"] or status_of(state, record) not in ("completed", "incomplete"):
        return
    id = conversation_id(record["conversation"])
    record["conversation"] = None
    if id in state.store("conversation"):
        kept = state.store("conversation").get(id)["items"]
        new = [*record["input"], *record["response"]["output"]]
        known = {item["id"] for item in kept}
        kept += [item for item in new if item["id"] not in known]
        items.remember(state, new)


def settle(state: State) -> None:
    """Let the background responses that have finished join their conversations."""
    waiting = state.store(JOINING)
    for record in waiting.values():
        join(state, record)
        if record["ended"] or record["cancelled"]:
            waiting.pop(record["response"]["id"])


async def sent(
    state: State, record: dict[str, Any], include: list[str] | None, after: int = -1
) -> AsyncIterator[bytes]:
    """Stream a response's events; once they are all sent, it has finished."""
    response = seen(record["response"], include)
    made = events(response, queued=response["background"], partial=record["partial"])
    left = (e for e in made if e["sequence_number"] > after)
    async for event in paced(left, state.delay):
        if record["cancelled"]:
            return
        yield encode(event, event["type"])
    record["ended"] = True
    join(state, record)


@family.route(
    "GET /responses/{id}",
    methods=("responses.retrieve",),
    params="responses.response_retrieve_params:ResponseRetrieveParams",
    answer="responses:Response",
    stream="responses:ResponseStreamEvent",
)
async def retrieve(call: Call) -> Reply:
    """Return a stored response, or go on with its stream."""
    record = call.state.store(KIND).get(call.path["id"])
    include, after = call.params.get("include"), call.params.get("starting_after")
    if call.params.get("stream"):
        if not record["response"]["background"]:
            raise wrong_state("response", "not a background response", "in the background")
        after = -1 if after is None else after
        return Events(sent(call.state, record, include, after), own_errors=True)
    if after is not None and not call.state.any_id:
        raise requires_stream("starting_after")
    made = view(call.state, record, include)
    record["looks"] += 1
    return made


@family.route(
    "DELETE /responses/{id}",
    methods=("responses.delete",),
    content=True,
)
async def delete(call: Call) -> Reply:
    """Forget a response. The SDK has no model for the answer and reads nothing from it."""
    id = call.path["id"]
    call.state.store(KIND).pop(id)
    body = json.dumps({"id": id, "object": "response", "deleted": True})
    return Content(body.encode(), "application/json")


@family.route(
    "POST /responses/{id}/cancel",
    methods=("responses.cancel",),
    answer="responses:Response",
)
async def cancel(call: Call) -> Reply:
    """Cancel a background response that has not finished; again is no error."""
    record = call.state.store(KIND).get(call.path["id"])
    if not record["response"]["background"]:
        raise wrong_state("response", "not a background response", "in the background")
    status = status_of(call.state, record)
    if status not in ("queued", "in_progress", "cancelled"):
        raise wrong_state("response", status, "queued or in_progress")
    record["cancelled"] = True
    return view(call.state, record)


@family.route(
    "GET /responses/{id}/input_items",
    methods=("responses.input_items.list",),
    params="responses.input_item_list_params:InputItemListParams",
    answer="responses:ResponseItem",
    page="cursor",
)
async def list_input_items(call: Call) -> Reply:
    """List the items that a response answers: those before it, and its own input."""
    record = call.state.store(KIND).get(call.path["id"])
    include = call.params.get("include")
    found = [items.listed(item, include) for item in record["context"]]
    return page(found, call.params, kind="item")


@family.route(
    "POST /responses/input_tokens",
    methods=("responses.input_tokens.count",),
    params="responses.input_token_count_params:InputTokenCountParams",
    answer="responses:InputTokenCountResponse",
    models="responses",
)
async def count_input_tokens(call: Call) -> Reply:
    """Count what the same request would take in."""
    request = read_request(call.state, call.params)
    return {"object": "response.input_tokens", "input_tokens": request.tokens()}


@family.route(
    "POST /responses/compact",
    methods=("responses.compact",),
    params="responses.response_compact_params:ResponseCompactParams",
    answer="responses:CompactedResponse",
    models="responses",
)
async def compact(call: Call) -> Reply:
    """Put a conversation into one item that can stand for it in later requests."""
    request = read_request(call.state, call.params)
    if not request.context and not call.state.any_id:
        raise api_error("nothing_to_answer", param="input")
    item = responses.compaction(request)
    items.remember(call.state, [item])
    taken, written = request.tokens(), len(request.context) + 1
    return {
        "id": call.state.ids.make("resp_", 48),
        "object": "response.compaction",
        "created_at": call.state.clock.timestamp(),
        "output": [item],
        "usage": {
            "input_tokens": taken,
            "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 0},
            "output_tokens": written,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": taken + written,
        },
    }
