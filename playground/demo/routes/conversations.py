"""Conversations: create, retrieve, update, delete, and their items."""

from typing import Any

from playground.demo import items
from playground.demo.items import Item
from playground.demo.pages import page
from playground.demo.routes import Call, Family, Reply
from playground.demo.routes.responses import settle
from playground.demo.state import Store

family = Family("conversations", "会话")

KIND = "conversation"


def stored(call: Call) -> dict[str, Any]:
    """Return the record of the conversation that a request names.

    Raises:
        APIError: 404, there is no such conversation.
    """
    settle(call.state)
    id = call.path.get("id") or call.path["conversation_id"]
    return call.state.store(KIND).get(id)


def add(call: Call, record: dict[str, Any], given: list[Item] | None) -> list[Item]:
    """Add items to a conversation and return them as they are kept."""
    new = items.take(call.state, given)
    items.remember(call.state, new)
    known = {item["id"] for item in record["items"]}
    record["items"] += [item for item in new if item["id"] not in known]
    return new


def find(record: dict[str, Any], id: str) -> Item:
    """Return one item of a conversation.

    Raises:
        APIError: 404, the conversation has no such item.
    """
    store = Store("conversation item")
    for item in record["items"]:
        store.put(item["id"], item)
    return store.get(id)


@family.route(
    "POST /conversations",
    methods=("conversations.create",),
    params="conversations.conversation_create_params:ConversationCreateParams",
    answer="conversations:Conversation",
)
async def create(call: Call) -> Reply:
    """Open a conversation, with its first items if there are any."""
    conversation = {
        "id": call.state.ids.make("conv_", 48),
        "object": "conversation",
        "created_at": call.state.clock.timestamp(),
        "metadata": call.params.get("metadata") or {},
    }
    record = {"conversation": conversation, "items": []}
    add(call, record, call.params.get("items"))
    call.state.store(KIND).put(conversation["id"], record)
    return conversation


@family.route(
    "GET /conversations/{id}",
    methods=("conversations.retrieve",),
    answer="conversations:Conversation",
)
async def retrieve(call: Call) -> Reply:
    """Return one conversation."""
    return stored(call)["conversation"]


@family.route(
    "POST /conversations/{id}",
    methods=("conversations.update",),
    params="conversations.conversation_update_params:ConversationUpdateParams",
    answer="conversations:Conversation",
)
async def update(call: Call) -> Reply:
    """Replace the metadata of a conversation."""
    conversation = stored(call)["conversation"]
    conversation["metadata"] = call.params["metadata"] or {}
    return conversation


@family.route(
    "DELETE /conversations/{id}",
    methods=("conversations.delete",),
    answer="conversations:ConversationDeletedResource",
)
async def delete(call: Call) -> Reply:
    """Forget a conversation; its items can still be referred to by id."""
    stored(call)
    call.state.store(KIND).pop(call.path["id"])
    return {"id": call.path["id"], "object": "conversation.deleted", "deleted": True}


@family.route(
    "POST /conversations/{id}/items",
    methods=("conversations.items.create",),
    params="conversations.item_create_params:ItemCreateParams",
    answer="conversations:ConversationItemList",
)
async def create_items(call: Call) -> Reply:
    """Add items to a conversation."""
    new = add(call, stored(call), call.params["items"])
    return {
        "object": "list",
        "data": [items.shown(item, EVERYTHING) for item in new],
        "first_id": new[0]["id"] if new else "",
        "last_id": new[-1]["id"] if new else "",
        "has_more": False,
    }


EVERYTHING = [
    "file_search_call.results",
    "web_search_call.action.sources",
    "code_interpreter_call.outputs",
    "message.input_image.image_url",
    "computer_call_output.output.image_url",
]
"""What ``include`` can ask for: who has just sent an item gets all of it back."""


@family.route(
    "GET /conversations/{id}/items",
    methods=("conversations.items.list",),
    params="conversations.item_list_params:ItemListParams",
    answer="conversations:ConversationItem",
    page="cursor",
)
async def list_items(call: Call) -> Reply:
    """List the items of a conversation."""
    include = call.params.get("include")
    found = [items.shown(item, include) for item in stored(call)["items"]]
    return page(found, call.params, kind="item")


@family.route(
    "GET /conversations/{conversation_id}/items/{item_id}",
    methods=("conversations.items.retrieve",),
    params="conversations.item_retrieve_params:ItemRetrieveParams",
    answer="conversations:ConversationItem",
)
async def retrieve_item(call: Call) -> Reply:
    """Return one item of a conversation."""
    return items.shown(find(stored(call), call.path["item_id"]), call.params.get("include"))


@family.route(
    "DELETE /conversations/{conversation_id}/items/{item_id}",
    methods=("conversations.items.delete",),
    answer="conversations:Conversation",
)
async def delete_item(call: Call) -> Reply:
    """Take one item out of a conversation."""
    record = stored(call)
    gone = find(record, call.path["item_id"])
    record["items"].remove(gone)
    return record["conversation"]
