"""Items of responses and conversations: how they are kept, shown, and read as a conversation."""

import base64
import json
from typing import Any

from playground.demo import attachments, tokens
from playground.demo.conversation import Conversation, Media, ToolCall, Turn
from playground.demo.errors import api_error
from playground.demo.state import State, digest

Item = dict[str, Any]

KIND = "response item"
PREFIXES = {
    "message": "msg_",
    "reasoning": "rs_",
    "function_call": "fc_",
    "function_call_output": "fco_",
    "custom_tool_call": "ctc_",
    "custom_tool_call_output": "ctco_",
    "web_search_call": "ws_",
    "file_search_call": "fs_",
    "code_interpreter_call": "ci_",
    "image_generation_call": "ig_",
    "computer_call": "cu_",
    "computer_call_output": "cuo_",
    "mcp_list_tools": "mcpl_",
    "mcp_call": "mcp_",
    "mcp_approval_request": "mcpr_",
    "mcp_approval_response": "mcpa_",
    "shell_call": "sh_",
    "shell_call_output": "sho_",
    "local_shell_call": "lsh_",
    "local_shell_call_output": "lsho_",
    "apply_patch_call": "ap_",
    "apply_patch_call_output": "apo_",
    "tool_search_call": "tsc_",
    "tool_search_output": "tso_",
    "compaction": "cmp_",
}
"""How the ids of each kind of item start."""
FINISHED = {
    "message",
    "function_call",
    "function_call_output",
    "computer_call_output",
    "tool_search_call",
    "tool_search_output",
    "shell_call",
    "shell_call_output",
}
"""Kinds that have a status once they are kept, although it may be left out on the way in."""
CUSTOM = ("custom_tool_call", "custom_tool_call_output")
OUTPUTS = {
    "function_call_output": ("function_call", "function call output"),
    "custom_tool_call_output": ("custom_tool_call", "custom tool call output"),
    "shell_call_output": ("shell_call", "shell call output"),
    "apply_patch_call_output": ("apply_patch_call", "apply patch call output"),
    "computer_call_output": ("computer_call", "computer call output"),
}
"""What each kind of tool output answers, and what the API calls it in messages."""
SEALED = "demo-"
"""How the demo's ``encrypted_content`` starts. It is no secret: base64 of what it stands for."""


def seal(value: Any) -> str:
    """Return the ``encrypted_content`` that stands for ``value``."""
    body = base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
    return f"{SEALED}{digest(body)}-{body}"


def unseal(text: str) -> Any:
    """Return what an ``encrypted_content`` of the demo's stands for; None for any other."""
    check, _, body = text.removeprefix(SEALED).partition("-")
    return json.loads(base64.urlsafe_b64decode(body)) if check == digest(body) else None


def take(state: State, given: str | list[Item] | None) -> list[Item]:
    """Return input as items that can be kept: each with its id, content in parts, and status.

    Args:
        state: The app's memory, for new ids and for items that are referred to by id.
        given: The request's ``input``: text, items, or nothing.

    Raises:
        APIError: 404, an item that is referred to does not exist.
    """
    if not given:
        return []
    if isinstance(given, str):
        given = [{"role": "user", "content": given}]
    taken = []
    for index, item in enumerate(given):
        kind = item.get("type") or ("message" if "role" in item else "item_reference")
        if kind == "item_reference":
            found = _referred(state, item["id"], index)
            if found is not None:
                taken.append(found)
        elif kind != "compaction_trigger":
            if kind == "reasoning":
                _require_thought(state, item, index)
            taken.append(_kept(state, {**item, "type": kind}))
    return taken


def _referred(state: State, id: str, index: int) -> Item | None:
    store = state.store(KIND)
    if id in store:
        return store.get(id)
    if state.any_id:
        return None
    raise api_error("not_found", param=f"input[{index}].id", kind="item", value=id)


def _require_thought(state: State, item: Item, index: int) -> None:
    """Check that a reasoning item can be taken up again: it is kept here, or carries its content.

    Raises:
        APIError: 404, it came from a response that was not stored, without its encrypted content.
    """
    if item.get("encrypted_content") or state.any_id or item.get("id") in state.store(KIND):
        return
    raise api_error("item_not_stored", param=f"input[{index}]", value=item.get("id"))


def _kept(state: State, item: Item) -> Item:
    kind = item["type"]
    made = {name: value for name, value in item.items() if value is not None}
    made.setdefault("id", state.ids.make(PREFIXES.get(kind, "item_"), 32))
    if kind in FINISHED:
        made.setdefault("status", "completed")
    if kind == "message":
        made["content"] = _parts(made)
    if kind in ("tool_search_call", "tool_search_output"):
        made.setdefault("execution", "server")
    if (made.get("environment") or {}).get("type") == "local":
        made["environment"] = {"type": "local"}
    return made


def _parts(message: Item) -> list[Item]:
    """Return a message's content as parts of the kinds that its role can have."""
    content, assistant = message["content"], message["role"] == "assistant"
    if isinstance(content, str):
        content = [{"type": "input_text", "text": content}]
    if not assistant:
        return [
            {"detail": "auto", **part} if part["type"] == "input_image" else part
            for part in content
        ]
    parts = []
    for part in content:
        if part["type"] in ("input_text", "output_text"):
            parts.append(
                {"annotations": [], **part, "type": "output_text"}
                if part["type"] == "output_text"
                else {"type": "output_text", "text": part["text"], "annotations": []}
            )
        elif part["type"] == "refusal":
            parts.append(part)
    return parts


def shown(item: Item, include: list[str] | None = None) -> Item:
    """Return an item as a response shows it: some fields only if ``include`` asks for them."""
    asked = include or ()
    match item["type"]:
        case "file_search_call" if "file_search_call.results" not in asked:
            return {**item, "results": None}
        case "code_interpreter_call" if "code_interpreter_call.outputs" not in asked:
            return {**item, "outputs": None}
        case "web_search_call" if "web_search_call.action.sources" not in asked:
            action = {k: v for k, v in item["action"].items() if k != "sources"}
            return {**item, "action": action}
        case "reasoning" if "reasoning.encrypted_content" not in asked:
            return {k: v for k, v in item.items() if k != "encrypted_content"}
        case "computer_call_output" if "computer_call_output.output.image_url" not in asked:
            return {**item, "output": {**item["output"], "image_url": None}}
        case "message":
            return {**item, "content": [_part_shown(p, asked) for p in item["content"]]}
    return item


def _part_shown(part: Item, asked: Any) -> Item:
    if part["type"] == "input_image" and "message.input_image.image_url" not in asked:
        return {**part, "image_url": None}
    if part["type"] == "output_text" and "message.output_text.logprobs" not in asked:
        return {**part, "logprobs": []}
    return part


def listed(item: Item, include: list[str] | None = None) -> Item:
    """Return an item as the list of a response's input shows it."""
    made = shown(item, include)
    return {**made, "status": "completed"} if item["type"] in CUSTOM else made


def remember(state: State, items: list[Item]) -> None:
    """Keep items, so that they can be referred to by id."""
    for item in items:
        state.store(KIND).put(item["id"], item)


def expanded(items: list[Item]) -> list[Item]:
    """Return the items with a compaction, and what is before it, replaced by what it stands for."""
    found: list[Item] = []
    for item in items:
        if item["type"] == "compaction":
            inner = unseal(item["encrypted_content"])
            found = expanded(inner) if isinstance(inner, list) else []
        else:
            found.append(item)
    return found


def require_answered(items: list[Item]) -> None:
    """Check that calls of tools and their outputs belong together.

    Raises:
        APIError: 400, an output without its call, or a function call without its output.
    """
    calls: dict[str, str] = {}
    for item in items:
        kind = item["type"]
        if kind in ("function_call", "custom_tool_call") or kind.endswith("_call"):
            calls[item.get("call_id", item["id"])] = kind
        elif kind in OUTPUTS and item.get("call_id"):
            wanted, name = OUTPUTS[kind]
            if calls.pop(item["call_id"], None) != wanted:
                raise api_error(
                    "tool_call_missing", param="input", kind=name, value=item["call_id"]
                )
    left = next((id for id, kind in calls.items() if kind == "function_call"), None)
    if left is not None:
        raise api_error("tool_output_missing", param="input", value=left)


def read(state: State, items: list[Item], instructions: str | None) -> Conversation:
    """Turn items into a conversation."""
    conversation = Conversation()
    if instructions:
        conversation.turns.append(Turn("system", instructions))
    names: dict[str, str] = {}
    for item in items:
        turn = _turn(state, item, names)
        if turn is not None:
            conversation.turns.append(turn)
    return conversation


def _turn(state: State, item: Item, names: dict[str, str]) -> Turn | None:
    match item["type"]:
        case "message":
            text, media = _content(state, item["content"])
            role = "system" if item["role"] == "developer" else item["role"]
            return Turn(role, text, media)
        case "function_call" | "custom_tool_call" as kind:
            custom = kind == "custom_tool_call"
            names[item["call_id"]] = item["name"]
            written = item["input"] if custom else item["arguments"]
            return Turn(
                "assistant", "", calls=(ToolCall(item["name"], written, custom, item["call_id"]),)
            )
        case "function_call_output" | "custom_tool_call_output":
            name = names.get(item.get("call_id", "")) or item.get("name")
            output = item["output"]
            text = output if isinstance(output, str) else _content(state, output)[0]
            return Turn("tool", text, name=name)
        case "shell_call_output":
            written = [f"{o['stdout']}{o['stderr']}".strip() for o in item["output"]]
            return Turn("tool", "\n".join(written), name="shell")
        case "local_shell_call_output":
            return Turn("tool", item["output"], name="local_shell")
        case "apply_patch_call_output":
            return Turn("tool", item.get("output") or item["status"], name="apply_patch")
        case "computer_call_output":
            return Turn("tool", "收到一张截图，离线演示看不到它的内容", name="computer")
    return None


def _content(state: State, parts: list[Item]) -> tuple[str, tuple[Media, ...]]:
    """Return the text of a message's content and its other parts."""
    texts, media = [], []
    for part in parts:
        match part["type"]:
            case "input_text" | "output_text":
                texts.append(part["text"])
            case "refusal":
                texts.append(part["refusal"])
            case "input_image":
                image = {**part, "url": part.get("image_url")}
                media.append(attachments.read_image(state, image, "input"))
            case "input_file":
                media.append(attachments.read_file(state, part, "input"))
    return "\n".join(texts), tuple(media)


def count(conversation: Conversation, definitions: list[Any]) -> int:
    """Return the input tokens of a conversation and of the tools and formats it comes with."""
    total = tokens.PER_REQUEST
    for turn in conversation.turns:
        total += tokens.PER_MESSAGE + tokens.count(turn.text) + sum(m.tokens for m in turn.media)
        total += sum(tokens.count(c.name) + tokens.count(c.arguments) for c in turn.calls)
    return total + sum(tokens.count_json(d) for d in definitions if d)
