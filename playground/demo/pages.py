"""Pages of a list, as the API cuts them: ``after``, ``before``, ``limit``, ``order``."""

from typing import Any

from playground.demo.errors import api_error

EMPTY: dict[str, dict[str, Any]] = {
    "all": {"object": "list", "data": []},
    "cursor": {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False},
    "search": {
        "object": "vector_store.search_results.page",
        "search_query": [],
        "data": [],
        "has_more": False,
        "next_page": None,
    },
    "content": {
        "object": "vector_store.file_content.page",
        "data": [],
        "has_more": False,
        "next_page": None,
    },
}
"""A page without items in each of the frames that the API has for lists."""


def page(
    items: list[Any],
    params: dict[str, Any],
    *,
    limit: int = 20,
    order: str = "desc",
    kind: str = "object",
) -> dict[str, Any]:
    """Return one page of a list.

    Args:
        items: All items, the oldest first; each has an ``id``.
        params: The request's parameters.
        limit: The page's size unless the request names one.
        order: ``desc`` (the newest first) or ``asc`` unless the request names one.
        kind: What the items are called in messages.

    Raises:
        APIError: 404, ``after`` or ``before`` names an item that is not in the list.
    """
    size = params.get("limit") or limit
    found = list(items) if (params.get("order") or order) == "asc" else list(reversed(items))
    if params.get("after"):
        found = found[_position(found, params["after"], "after", kind) + 1 :]
    if params.get("before"):
        found = found[: _position(found, params["before"], "before", kind)][-size:]
    shown = found[:size]
    return {
        "object": "list",
        "data": shown,
        "first_id": shown[0]["id"] if shown else None,
        "last_id": shown[-1]["id"] if shown else None,
        "has_more": len(found) > size,
    }


def _position(items: list[Any], id: str, param: str, kind: str) -> int:
    for index, item in enumerate(items):
        if item["id"] == id:
            return index
    raise api_error("not_found", param=param, kind=kind, value=id)
