"""The events of a streamed response, in the API's order, made from the finished response."""

from collections.abc import Iterator
from typing import Any

from playground.demo import hosted, tokens
from playground.demo.items import Item

Event = dict[str, Any]

EMPTIED = {
    "message": {"content": []},
    "function_call": {"arguments": ""},
    "custom_tool_call": {"input": ""},
    "reasoning": {"summary": []},
    "file_search_call": {"queries": [], "results": None},
    "code_interpreter_call": {"code": "", "outputs": None},
    "image_generation_call": {"result": None},
    "mcp_list_tools": {"tools": []},
    "mcp_call": {"arguments": "", "output": None},
    "shell_call_output": {"output": []},
}
"""What an item does not hold yet when it is added."""
COARSE = 64
"""Side in pixels of the squares of the first partial image; each further one halves it."""
UNFINISHED = {"status": "in_progress", "completed_at": None, "output": [], "usage": None}
"""What a response holds before its first item."""


def events(response: dict[str, Any], *, queued: bool = False, partial: int = 0) -> Iterator[Event]:
    """Yield the events that lead to a response, numbered from 0.

    Args:
        response: The finished response: completed, incomplete or failed.
        queued: Whether it waited in the background first.
        partial: How many partial images each image generation streams.
    """
    for number, event in enumerate(_all(response, queued, partial)):
        yield {**event, "sequence_number": number}


def _all(response: dict[str, Any], queued: bool, partial: int) -> Iterator[Event]:
    begun = {**response, **UNFINISHED, "error": None, "incomplete_details": None}
    begun.pop("moderation", None)
    begun.pop("tool_usage", None)
    if queued:
        waiting = {**begun, "status": "queued"}
        yield {"type": "response.created", "response": waiting}
        yield {"type": "response.queued", "response": waiting}
    else:
        yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for index, item in enumerate(response["output"]):
        yield from _item(index, item, partial)
    yield {"type": f"response.{response['status']}", "response": response}


def _item(index: int, item: Item, partial: int) -> Iterator[Event]:
    kind = item["type"]
    opened = {**item, **EMPTIED.get(kind, {})}
    if "status" in item and kind not in ("apply_patch_call", "program_output"):
        opened["status"] = "in_progress"
    yield {"type": "response.output_item.added", "output_index": index, "item": opened}
    where = {"item_id": item["id"], "output_index": index}
    match kind:
        case "message":
            for at, part in enumerate(item["content"]):
                told = _refusal if part["type"] == "refusal" else _text
                yield from told({**where, "content_index": at}, part)
        case "function_call":
            yield from _written("response.function_call_arguments", "arguments", item, where)
        case "custom_tool_call":
            yield from _written("response.custom_tool_call_input", "input", item, where)
        case "reasoning":
            for at, part in enumerate(item["summary"]):
                yield from _summary({**where, "summary_index": at}, part)
        case "web_search_call" | "file_search_call":
            yield from _steps(kind, ("in_progress", "searching", "completed"), where)
        case "code_interpreter_call":
            yield {"type": "response.code_interpreter_call.in_progress", **where}
            yield from _written("response.code_interpreter_call_code", "code", item, where)
            yield from _steps(kind, ("interpreting", "completed"), where)
        case "image_generation_call":
            yield from _steps(kind, ("in_progress", "generating"), where)
            width, height = map(int, item["size"].split("x"))
            form = item["output_format"]
            for at in range(partial):
                grain = COARSE >> at
                early = hosted.picture(item["revised_prompt"], width, height, form, grain=grain)
                yield {
                    "type": "response.image_generation_call.partial_image",
                    **where,
                    "partial_image_index": at,
                    "partial_image_b64": early,
                    **{n: item[n] for n in ("background", "output_format", "quality", "size")},
                }
            yield from _steps(kind, ("completed",), where)
        case "mcp_list_tools":
            yield from _steps(kind, ("in_progress", "completed"), where)
        case "mcp_call":
            yield from _steps(kind, ("in_progress",), where)
            yield from _written("response.mcp_call_arguments", "arguments", item, where)
            yield from _steps(kind, ("completed",), where)
        case "shell_call":
            yield from _commands(index, item)
        case "shell_call_output":
            yield from _outputs(where, item)
        case "compaction":
            yield {"type": "response.compaction.compacting", **where}
    yield {"type": "response.output_item.done", "output_index": index, "item": item}


def _steps(kind: str, names: tuple[str, ...], where: Event) -> Iterator[Event]:
    for name in names:
        yield {"type": f"response.{kind}.{name}", **where}


def _written(prefix: str, field: str, item: Item, where: Event) -> Iterator[Event]:
    """Yield the pieces of something that is written bit by bit, and the whole."""
    for piece in tokens.pieces(item[field]):
        yield {"type": f"{prefix}.delta", **where, "delta": piece}
    yield {"type": f"{prefix}.done", **where, field: item[field]}


def _text(where: Event, part: dict[str, Any]) -> Iterator[Event]:
    empty = {**part, "text": "", "annotations": [], "logprobs": []}
    yield {"type": "response.content_part.added", **where, "part": empty}
    logs = [_plain(entry) for entry in part["logprobs"]]
    for at, piece in enumerate(tokens.pieces(part["text"])):
        yield {
            "type": "response.output_text.delta",
            **where,
            "delta": piece,
            "logprobs": logs[at : at + 1],
        }
    for at, annotation in enumerate(part["annotations"]):
        yield {
            "type": "response.output_text.annotation.added",
            **where,
            "annotation_index": at,
            "annotation": annotation,
        }
    yield {"type": "response.output_text.done", **where, "text": part["text"], "logprobs": logs}
    yield {"type": "response.content_part.done", **where, "part": part}


def _refusal(where: Event, part: dict[str, Any]) -> Iterator[Event]:
    yield {"type": "response.content_part.added", **where, "part": {**part, "refusal": ""}}
    yield from _written("response.refusal", "refusal", part, where)
    yield {"type": "response.content_part.done", **where, "part": part}


def _plain(entry: dict[str, Any]) -> dict[str, Any]:
    """Return a log probability as events hold it: without bytes."""
    top = [{"token": t["token"], "logprob": t["logprob"]} for t in entry["top_logprobs"]]
    return {"token": entry["token"], "logprob": entry["logprob"], "top_logprobs": top}


def _summary(where: Event, part: dict[str, Any]) -> Iterator[Event]:
    prefix = "response.reasoning_summary"
    yield {"type": f"{prefix}_part.added", **where, "part": {**part, "text": ""}}
    for piece in tokens.pieces(part["text"]):
        yield {"type": f"{prefix}_text.delta", **where, "delta": piece}
    yield {"type": f"{prefix}_text.done", **where, "text": part["text"]}
    yield {"type": f"{prefix}_part.done", **where, "part": part}


def _commands(index: int, item: Item) -> Iterator[Event]:
    prefix = "response.shell_call_command"
    for at, command in enumerate(item["action"]["commands"]):
        where = {"output_index": index, "command_index": at}
        yield {"type": f"{prefix}.added", **where, "command": ""}
        for piece in tokens.pieces(command):
            yield {"type": f"{prefix}.delta", **where, "delta": piece}
        yield {"type": f"{prefix}.done", **where, "command": command}


def _outputs(where: Event, item: Item) -> Iterator[Event]:
    prefix = "response.shell_call_output_content"
    for at, output in enumerate(item["output"]):
        place = {**where, "command_index": at}
        yield {"type": f"{prefix}.delta", **place, "delta": {"stdout": output["stdout"]}}
        yield {"type": f"{prefix}.done", **place, "output": [output]}
