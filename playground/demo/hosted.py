"""Built-in tools of Responses, pretended: items of the right form that say they are a demo.

``hosted.yml`` says which question makes the demo use which tool, and what it says then.
"""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playground.data import load_data
from playground.demo import answers, drawing, passages, pictures, vector_stores
from playground.demo.items import PREFIXES, Item
from playground.demo.routes.images import count_usage, read_size
from playground.demo.state import State

IMAGE_MODEL = "gpt-image-2"
"""The model that draws unless the tool names one."""


@dataclass(frozen=True)
class Work:
    """What a built-in tool has done.

    Attributes:
        items: The items of its calls.
        text: What the model says then; None if the reader's program must answer first.
        sources: Pages that the answer cites.
        files: Files that the answer cites.
        usage: The tool's part of the response's ``tool_usage``.
    """

    items: list[Item]
    text: str | None = None
    sources: list[dict[str, str]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    usage: dict[str, Any] | None = None


@dataclass(frozen=True)
class Task:
    """What a tool is asked to do.

    Attributes:
        state: The app's memory, which ids come from.
        tool: The tool's definition in the request.
        question: The last user message.
        entry: The tool's entry in the table.
        drawn: What the last picture of the conversation shows, if there is one.
    """

    state: State
    tool: dict[str, Any]
    question: str
    entry: dict[str, Any]
    drawn: str = ""

    def id(self, kind: str) -> str:
        """Return a new id for an item of this kind."""
        return self.state.ids.make(PREFIXES.get(kind, "item_"), 32)

    def done(self, items: list[Item], result: str = "", **more: Any) -> Work:
        """Return the work with the sentences about it."""
        return Work(items, said(self.entry, self.question, result), **more)

    def call_id(self) -> str:
        """Return a new id by which a call and its output are matched."""
        return self.state.ids.make("call_")


def said(entry: dict[str, Any], subject: str, result: str) -> str:
    """Return what the model says about a tool's result, and that it is pretended."""
    return f"{entry['answer'].format(subject=subject, result=result)}\n\n{entry['note']}"


def table() -> dict[str, Any]:
    """Return the table of built-in tools by name."""
    return load_data("playground.demo", "hosted")["tools"]


def name_of(tool: dict[str, Any]) -> str | None:
    """Return the table's name for a tool, or None for one that the reader's program defines."""
    return next((name for name, e in table().items() if tool["type"] in e["types"]), None)


def entry_of(tool: dict[str, Any]) -> dict[str, Any]:
    """Return the table's entry for a built-in tool."""
    return next(e for e in table().values() if tool["type"] in e["types"])


def choose(tools: list[dict[str, Any]], choice: Any, question: str) -> dict[str, Any] | None:
    """Return the built-in tool to use, if any.

    Args:
        tools: All tools on offer.
        choice: The request's ``tool_choice``.
        question: The last user message.
    """
    offered = [t for t in tools if name_of(t)]
    if isinstance(choice, dict) and choice["type"] == "allowed_tools":
        offered = [t for t in offered if any(_named(t, w) for w in choice["tools"])]
        tools = [t for t in choice["tools"] if t.get("type")]
        choice = choice["mode"]
    if choice == "none" or not offered:
        return None
    if isinstance(choice, dict):
        return next((t for t in offered if _named(t, choice)), None)
    for tool in offered:
        if re.search(entry_of(tool)["match"], question, re.IGNORECASE):
            return tool
    return offered[0] if len(offered) == len(tools) or choice == "required" else None


def _named(tool: dict[str, Any], choice: dict[str, Any]) -> bool:
    """Return whether a choice names a built-in tool, by its type and, for MCP, its server."""
    label = tool.get("server_label")
    same = name_of(tool) == name_of({"type": str(choice.get("type"))})
    return same and choice.get("server_label", label) == label


def run(state: State, tool: dict[str, Any], question: str, drawn: str = "") -> Work:
    """Return what a built-in tool pretends to have done for the question.

    Args:
        state: The app's memory.
        tool: The tool's definition in the request.
        question: The last user message.
        drawn: What the last picture of the conversation shows, if there is one.
    """
    name = name_of(tool)
    assert name is not None
    return RUNNERS[name](Task(state, tool, question, table()[name], drawn))


def _web_search(task: Task) -> Work:
    sources = task.entry["sources"]
    allowed = ((task.tool.get("filters") or {}).get("allowed_domains") or [])[:2]
    if allowed:
        sources = [
            {"title": s["title"], "url": f"https://{d}/"}
            for s, d in zip(sources, allowed, strict=False)
        ]
    item = {
        "id": task.id("web_search_call"),
        "type": "web_search_call",
        "status": "completed",
        "action": {
            "type": "search",
            "query": task.question,
            "queries": [task.question],
            "sources": [{"type": "url", "url": s["url"]} for s in sources],
        },
    }
    return task.done([item], sources=sources[:1], usage={"web_search": 1})


def _file_search(task: Task) -> Work:
    found = search_files(task)
    item = {
        "id": task.id("file_search_call"),
        "type": "file_search_call",
        "status": "completed",
        "queries": [task.question],
        "results": found,
    }
    if not found:
        return Work([item], task.entry["empty"])
    text = passages.best_sentences(task.question, found[0]["text"])
    return task.done([item], text, files=found[:1])


def search_files(task: Task) -> list[dict[str, Any]]:
    """Return the passages of the tool's vector stores that fit the question best."""
    ids = task.tool.get("vector_store_ids") or []
    found = vector_stores.search_all(task.state, ids, task.question, task.tool)
    return [
        {
            "file_id": part["file_id"],
            "filename": part["filename"],
            "score": part["score"],
            "attributes": part["attributes"],
            "text": part["content"][0]["text"],
        }
        for part in found
    ]


def _code_interpreter(task: Task) -> Work:
    code, logs = task.entry["code"], task.entry["logs"]
    written = re.findall(r"[\d(][\d\s.+\-*/×÷()^]*[\d)]", task.question)
    result = answers.arithmetic("", {"sum": written[0]}, {}) if written else None  # pyright: ignore
    if result:
        plain = written[0].strip().replace("×", "*").replace("÷", "/").replace("^", "**")
        code, logs = f"print({plain})", result.rpartition(" = ")[2]
    container = task.tool["container"]
    item = {
        "id": task.id("code_interpreter_call"),
        "type": "code_interpreter_call",
        "status": "completed",
        "code": code,
        "container_id": (
            container if isinstance(container, str) else task.state.ids.make("cntr_", 32)
        ),
        "outputs": [{"type": "logs", "logs": f"{logs}\n"}],
    }
    return task.done([item], logs)


def picture(prompt: str, width: int, height: int, form: str, *, grain: int = 1) -> str:
    """Return a picture of what a prompt names, in base64.

    Args:
        prompt: The prompt.
        width: The width in pixels.
        height: The height in pixels.
        form: The file's format: ``png``, ``jpeg``, ``webp``, ``gif`` or ``svg``.
        grain: The side of its squares, for a picture that is not done yet.
    """
    made = drawing.scene(prompt, width, height)
    match form:
        case "svg":
            file = drawing.svg(made)
        case "gif":
            file = pictures.gif([drawing.paint(made, grain)], 200)
        case "jpeg":
            file = pictures.jpeg(drawing.paint(made, grain))
        case "webp":
            file = pictures.webp(drawing.paint(made, grain))
        case _:
            file = pictures.png(drawing.paint(made, grain), prompt)
    return base64.b64encode(file).decode()


def size_of(tool: dict[str, Any]) -> tuple[int, int]:
    """Return width and height of the pictures that an image generation tool is to make.

    Raises:
        APIError: 400, its ``size`` is none, or one that its model does not make.
    """
    model = tool.get("model") or IMAGE_MODEL
    return read_size(tool.get("size"), model, tool.get("output_format") or "png")


def _image_generation(task: Task) -> Work:
    tool = task.tool
    form = tool.get("output_format") or "png"
    width, height = size_of(tool)
    quality = tool.get("quality") or "auto"
    quality = "medium" if quality == "auto" else quality
    edits = tool.get("action") == "edit" or (tool.get("action") != "generate" and task.drawn)
    shown = "，".join(filter(None, (task.drawn, task.question))) if edits else task.question
    item = {
        "id": task.id("image_generation_call"),
        "type": "image_generation_call",
        "status": "completed",
        "action": "edit" if edits else "generate",
        "background": "opaque",
        "output_format": form,
        "quality": quality,
        "size": f"{width}x{height}",
        "revised_prompt": shown,
        "result": picture(shown, width, height, form),
    }
    partial = tool.get("partial_images") or 0
    used = count_usage(task.question, [], width, height, quality, 1, partial=partial)
    return task.done([item], usage={"image_gen": used})


def _mcp(task: Task) -> Work:
    label = task.tool["server_label"]
    allowed = task.tool.get("allowed_tools") or [task.entry["tool"]]
    names = allowed if isinstance(allowed, list) else allowed.get("tool_names") or []
    names = names or [task.entry["tool"]]
    schema = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
    listing = {
        "id": task.id("mcp_list_tools"),
        "type": "mcp_list_tools",
        "server_label": label,
        "tools": [
            {"name": n, "description": task.entry["description"], "input_schema": schema}
            for n in names
        ],
    }
    arguments = json.dumps({"query": task.question}, ensure_ascii=False)
    if _needs_approval(task.tool.get("require_approval"), names[0]):
        request = {
            "id": task.id("mcp_approval_request"),
            "type": "mcp_approval_request",
            "server_label": label,
            "name": names[0],
            "arguments": arguments,
        }
        return Work([listing, request])
    call = mcp_call(task.state, label, names[0], arguments)
    return task.done([listing, call], call["output"])


def _needs_approval(rule: Any, name: str) -> bool:
    if isinstance(rule, dict):
        return name not in ((rule.get("never") or {}).get("tool_names") or ())
    return rule != "never"


def mcp_call(
    state: State, label: str, name: str, arguments: str, request: str | None = None
) -> Item:
    """Return the item of a pretended call of an MCP server's tool.

    Args:
        state: Where ids come from.
        label: The server's label.
        name: The tool's name.
        arguments: Its arguments as JSON.
        request: The id of the approval request that was granted.
    """
    return {
        "id": state.ids.make("mcp_", 32),
        "type": "mcp_call",
        "status": "completed",
        "server_label": label,
        "name": name,
        "arguments": arguments,
        "output": table()["mcp"]["output"],
        "error": None,
        "approval_request_id": request,
    }


def _computer(task: Task) -> Work:
    shot = {"type": "screenshot"}
    batch = {"actions": [shot]} if task.tool["type"] == "computer" else {"action": shot}
    item = {
        "id": task.id("computer_call"),
        "type": "computer_call",
        "status": "completed",
        "call_id": task.call_id(),
        "pending_safety_checks": [],
        **batch,
    }
    return Work([item])


def _shell(task: Task) -> Work:
    where = task.tool.get("environment") or {"type": "local"}
    call = {
        "id": task.id("shell_call"),
        "type": "shell_call",
        "status": "completed",
        "call_id": task.call_id(),
        "action": {
            "commands": [task.entry["command"]],
            "timeout_ms": None,
            "max_output_length": None,
        },
    }
    if where["type"] == "local":
        return Work([{**call, "environment": {"type": "local"}}])
    container = where.get("container_id") or task.state.ids.make("cntr_", 32)
    call["environment"] = {"type": "container_reference", "container_id": container}
    output = {
        "id": task.id("shell_call_output"),
        "type": "shell_call_output",
        "status": "completed",
        "call_id": call["call_id"],
        "max_output_length": None,
        "output": [
            {
                "stdout": f"{task.entry['output']}\n",
                "stderr": "",
                "outcome": {"type": "exit", "exit_code": 0},
            }
        ],
    }
    return task.done([call, output], task.entry["output"])


def _local_shell(task: Task) -> Work:
    item = {
        "id": task.id("local_shell_call"),
        "type": "local_shell_call",
        "status": "completed",
        "call_id": task.call_id(),
        "action": {"type": "exec", "command": ["ls", "-l"], "env": {}},
    }
    return Work([item])


def _apply_patch(task: Task) -> Work:
    item = {
        "id": task.id("apply_patch_call"),
        "type": "apply_patch_call",
        "status": "completed",
        "call_id": task.call_id(),
        "operation": {
            "type": "create_file",
            "path": task.entry["path"],
            "diff": task.entry["diff"],
        },
    }
    return Work([item])


def _tool_search(task: Task) -> Work:
    call = {
        "id": task.id("tool_search_call"),
        "type": "tool_search_call",
        "status": "completed",
        "execution": task.tool.get("execution") or "server",
        "call_id": task.call_id(),
        "arguments": {"query": task.question},
    }
    if call["execution"] == "client":
        return Work([call])
    output = {
        "id": task.id("tool_search_output"),
        "type": "tool_search_output",
        "status": "completed",
        "execution": "server",
        "call_id": call["call_id"],
        "tools": [],
    }
    return task.done([call, output])


def _program(task: Task) -> Work:
    call_id = task.call_id()
    program = {
        "id": task.state.ids.make("prog_", 32),
        "type": "program",
        "call_id": call_id,
        "code": task.entry["code"],
        "fingerprint": task.state.ids.make("fp_"),
    }
    output = {
        "id": task.state.ids.make("progo_", 32),
        "type": "program_output",
        "status": "completed",
        "call_id": call_id,
        "result": task.entry["result"],
    }
    return task.done([program, output], task.entry["result"])


RUNNERS: dict[str, Callable[[Task], Work]] = {
    "web_search": _web_search,
    "file_search": _file_search,
    "code_interpreter": _code_interpreter,
    "image_generation": _image_generation,
    "mcp": _mcp,
    "computer": _computer,
    "shell": _shell,
    "local_shell": _local_shell,
    "apply_patch": _apply_patch,
    "tool_search": _tool_search,
    "programmatic_tool_calling": _program,
}
"""What each tool of the table does."""
