"""Makes a response: from checked parameters and the items so far to the API's ``response``."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from playground.data import load_data
from playground.demo import (
    answers,
    hosted,
    items,
    prompt_cache,
    reasoning,
    replies,
    tokens,
    tools,
    tuned,
)
from playground.demo.conversation import Conversation, Draft, Tool, ToolCall, Wanted
from playground.demo.errors import APIError, api_error, requires, requires_stream
from playground.demo.items import Item
from playground.demo.moderation import moderate
from playground.demo.routes.chat import logprobs, served_tier
from playground.demo.state import State
from playground.demo.strict_schemas import require_strict

DEFAULT_MODEL = "gpt-6-luna"
"""The model of a request that names none, where ``any_id`` lets that pass."""
LOGPROBS = "message.output_text.logprobs"
LOGPROBS_ZH = f"的 {LOGPROBS}，除非关掉推理"
FUNCTIONS = ("function", "custom")
"""Types of tools that the reader's program defines."""


@dataclass
class Request:
    """A request for a response, with what it inherits from earlier ones.

    Attributes:
        state: The app's memory.
        params: The checked parameters.
        context: All items before the answer, the new ones last, as they are kept.
        given: The new items.
        dropped: How many of the oldest items were left out to fit into the context window.
    """

    state: State
    params: dict[str, Any]
    context: list[Item]
    given: list[Item] = field(default_factory=list)
    dropped: int = 0

    @cached_property
    def settings(self) -> dict[str, Any]:
        """What the configuration updates among the items leave set."""
        found: dict[str, Any] = {}
        for item in self.context:
            if item["type"] == "configuration_update":
                found.update({n: item[n] for n in ("reasoning", "text") if n in item})
        return found

    @property
    def model(self) -> str:
        """The model's id."""
        return self.params.get("model") or DEFAULT_MODEL

    @cached_property
    def effort(self) -> str:
        """The effort with which the model reasons."""
        asked = {**(self.params.get("reasoning") or {}), **self.settings.get("reasoning", {})}
        return reasoning.effort(self.model, asked.get("effort"), param="reasoning.effort")

    @property
    def format(self) -> dict[str, Any]:
        """The format of the answer's text."""
        text = {**(self.params.get("text") or {}), **self.settings.get("text", {})}
        return text.get("format") or {"type": "text"}

    @property
    def tools(self) -> list[dict[str, Any]]:
        """The tools on offer, those of the items included."""
        offered: list[dict[str, Any]] = [*(self.params.get("tools") or ())]
        for item in self.context:
            if item["type"] == "additional_tools":
                offered += item["tools"]
        return offered

    @cached_property
    def conversation(self) -> Conversation:
        """The items as a conversation."""
        found = items.expanded(self.context[self.dropped :])
        return items.read(self.state, found, self.params.get("instructions"))

    def tokens(self) -> int:
        """Return how many input tokens the request counts for."""
        return items.count(self.conversation, self._definitions())

    def prompt(self) -> str:
        """Return all that the model reads, in one string."""
        definitions = "".join(tokens.as_json(d) for d in self._definitions() if d)
        turns = self.conversation.turns
        return definitions + "".join(f"{turn.role}\n{turn.text}\n" for turn in turns)

    def _definitions(self) -> list[Any]:
        return [self.tools or None, self.format if self.format["type"] != "text" else None]

    def fit(self) -> None:
        """Leave out the oldest items until the rest fits into the context window.

        Raises:
            APIError: 400, it does not fit, and ``truncation`` is not ``auto``.
        """
        while (size := self.tokens()) > tokens.CONTEXT:
            if self.params.get("truncation") != "auto" or self.dropped + 1 >= len(self.context):
                raise api_error(
                    "context_length_exceeded", param="input", value=size, limit=tokens.CONTEXT
                )
            self.dropped += 1
            del self.conversation


def require_consistent(request: Request) -> None:
    """Check what the parameter types cannot say.

    Raises:
        APIError: 400, parameters that exclude or require one another, or that the model refuses;
            calls of tools without outputs or outputs without calls.
    """
    params = request.params
    if not params.get("model") and not params.get("prompt"):
        raise api_error("missing_required_parameter", param="model")
    if params.get("stream_options") is not None and not params.get("stream"):
        raise requires_stream("stream_options")
    if params.get("previous_response_id") and params.get("conversation"):
        raise api_error("excludes", param="previous_response_id", other="conversation")
    if not any(params.get(n) for n in ("input", "prompt", "previous_response_id", "conversation")):
        raise api_error("nothing_to_answer", param="input")
    window = (params.get("background_options") or {}).get("completion_window", "soonest")
    if window != "soonest" and not params.get("background"):
        raise requires(
            "background_options.completion_window", "'background' to be true", "background=True"
        )
    if window != "soonest" and params.get("stream"):
        raise api_error("excludes", param="background_options.completion_window", other="stream")
    choice = params.get("tool_choice")
    if choice not in (None, "none", "auto") and not request.tools:
        raise requires("tool_choice", "'tools'", "tools")
    if isinstance(choice, dict) and choice["type"] in FUNCTIONS:
        known = [t.name for t in offered(request)]
        if choice["name"] not in known:
            raise api_error(
                "invalid_value",
                param="tool_choice.name",
                value=choice["name"],
                supported=", ".join(f"'{n}'" for n in known),
            )
    _require_tools(request)
    reasoning.require_sampling(
        params, request.model, request.effort, 'reasoning={"effort": "none"}'
    )
    if LOGPROBS in (params.get("include") or ()) and request.effort != "none":
        raise api_error("unsupported_parameter", param="include", hint="", hint_zh=LOGPROBS_ZH)
    items.require_answered(items.expanded(request.context))


def _require_tools(request: Request) -> None:
    """Check the JSON schemas that a request calls strict, and the sizes of pictures."""
    shape = request.format
    if shape["type"] == "json_schema" and shape.get("strict"):
        require_strict(
            shape["schema"],
            f"response_format '{shape['name']}'",
            param="text.format.schema",
            key="response_schema",
        )
    for index, tool in enumerate(request.params.get("tools") or ()):
        if tool["type"] == "image_generation":
            try:
                hosted.size_of(tool)
            except APIError as error:
                error.param = f"tools[{index}].size"
                raise
        if tool["type"] == "function" and tool.get("strict"):
            require_strict(
                tool.get("parameters") or {},
                f"function '{tool['name']}'",
                param=f"tools[{index}].parameters",
                key="function_schema",
            )


def offered(request: Request) -> list[Tool]:
    """Return the functions and custom tools on offer, those in namespaces included."""
    found = []
    for entry in request.tools:
        inner = entry["tools"] if entry["type"] == "namespace" else [entry]
        for tool in inner:
            if tool["type"] in FUNCTIONS:
                schema = tool.get("parameters") or {}
                about = tool.get("description") or ""
                found.append(Tool(tool["name"], about, schema, tool["type"] == "custom"))
    return found


def _wanted(request: Request) -> Wanted:
    params, functions = request.params, offered(request)
    choice: Any = params.get("tool_choice") or "auto"
    if isinstance(choice, dict):
        if choice["type"] == "allowed_tools":
            names = {t.get("name") for t in choice["tools"]}
            functions = [t for t in functions if t.name in names]
            choice = choice["mode"]
        else:
            choice = choice.get("name") if choice["type"] in FUNCTIONS else "none"
    shape = request.format
    return Wanted(
        tuple(functions),
        choice,
        params.get("parallel_tool_calls") is not False,
        shape["schema"] if shape["type"] == "json_schema" else None,
        shape["type"] == "json_object",
    )


def make(request: Request, *, failed: bool = False, refused: bool = False) -> dict[str, Any]:
    """Return the finished response.

    Args:
        request: The request.
        failed: Whether the answer fails, as the fault ``stream-error`` asks.
        refused: Whether the model refuses to answer, as the fault ``refusal`` asks.

    Raises:
        APIError: 400, the moderation policy blocks the request.
    """
    state, params = request.state, request.params
    conversation = request.conversation
    moderation = _moderation_of(conversation, params)
    spent = reasoning.thought(request.model, request.effort)
    limit = params.get("max_output_tokens")
    if limit is not None:
        spent = min(spent, limit)
    output = _thinking(request, conversation, spent)
    reached = limit is not None and spent >= limit
    usage = {}
    compacted = _compacted(request)
    if compacted is not None:
        output.insert(0, compacted)
    if _triggered(request) or _warms(request):
        output, reached, spent = [o for o in output if o is compacted], False, 0
    elif refused:
        output.append(_message(state, {"type": "refusal", "refusal": answers.refusal()}))
    elif not reached and not failed:
        left = None if limit is None else limit - spent
        made, reached, usage = _answer(request, conversation, left)
        output += made
    written = sum(_written(item) for item in output)
    consumed = request.tokens()
    cached = prompt_cache.look_up(state, request.prompt(), params)
    now = state.clock.timestamp()
    status = "failed" if failed else "incomplete" if reached else "completed"
    response = {
        "id": state.ids.make("resp_", 48),
        "object": "response",
        "created_at": now,
        "status": status,
        "background": bool(params.get("background")),
        "completed_at": now if status == "completed" else None,
        "error": _failure() if failed else None,
        "incomplete_details": {"reason": "max_output_tokens"} if reached else None,
        **_echo(request),
        "output": output,
        "usage": {
            "input_tokens": consumed,
            "input_tokens_details": {
                "cache_write_tokens": cached.written,
                "cached_tokens": cached.read,
            },
            "output_tokens": written + spent,
            "output_tokens_details": {"reasoning_tokens": spent},
            "total_tokens": consumed + written + spent,
        },
    }
    if failed:
        response["usage"] = None
    if usage:
        response["tool_usage"] = _tool_usage(usage)
    if moderation is not None:
        text = "".join(p.get("text", "") for i in output for p in i.get("content") or ())
        result = _moderated(text, params["moderation"]["model"])
        response["moderation"] = {"input": moderation, "output": result}
    return response


def _texts() -> dict[str, Any]:
    return load_data("playground.demo", "hosted")["texts"]


def _echo(request: Request) -> dict[str, Any]:
    """Return the parts of a response that repeat the request, with the defaults filled in."""
    params = request.params
    known = reasoning.rules(request.model) is not None
    asked = params.get("reasoning") or {}
    summary = asked.get("summary") or asked.get("generate_summary")
    thinking = {
        **{n: v for n, v in asked.items() if n in ("context", "mode") and v is not None},
        "effort": request.effort if known or asked.get("effort") else None,
        "summary": summary,
    }
    echo: dict[str, Any] = {
        "instructions": params.get("instructions"),
        "max_output_tokens": params.get("max_output_tokens"),
        "max_tool_calls": params.get("max_tool_calls"),
        "metadata": params.get("metadata") or {},
        "model": request.model,
        "parallel_tool_calls": params.get("parallel_tool_calls") is not False,
        "previous_response_id": params.get("previous_response_id"),
        "prompt_cache_key": params.get("prompt_cache_key"),
        "prompt_cache_retention": params.get("prompt_cache_retention"),
        "reasoning": thinking,
        "safety_identifier": params.get("safety_identifier"),
        "service_tier": _tier(params.get("service_tier")),
        "temperature": 1.0 if params.get("temperature") is None else params["temperature"],
        "text": {
            "format": request.format,
            "verbosity": (params.get("text") or {}).get("verbosity") or "medium",
        },
        "tool_choice": params.get("tool_choice") or "auto",
        "tools": [_tool(t) for t in params.get("tools") or ()],
        "top_logprobs": params.get("top_logprobs") or 0,
        "top_p": 1.0 if params.get("top_p") is None else params["top_p"],
        "truncation": params.get("truncation") or "disabled",
        "user": params.get("user"),
    }
    if params.get("conversation"):
        echo["conversation"] = {"id": conversation_id(params["conversation"])}
    if params.get("prompt"):
        echo["prompt"] = params["prompt"]
    if params.get("access_programs"):
        echo["access_programs"] = params["access_programs"]
    compression = (params.get("image") or {}).get("context_compression")
    if compression:
        echo["image"] = {
            "context_compression": "disabled" if compression == "auto" else compression
        }
    if params.get("prompt_cache_options"):
        options = params["prompt_cache_options"]
        echo["prompt_cache_options"] = {
            "mode": options.get("mode") or "implicit",
            "ttl": options.get("ttl") or "30m",
        }
        if options.get("comparison_response_id"):
            echo["prompt_cache_options"]["comparison_response_id"] = options[
                "comparison_response_id"
            ]
            echo["prompt_cache_diagnostics"] = {"type": "unavailable"}
    return echo


def conversation_id(given: Any) -> str:
    """Return the id in a request's ``conversation``, whichever of its forms it has."""
    return given if isinstance(given, str) else given["id"]


def _tier(asked: str | None) -> str:
    return "ultrafast" if asked == "ultrafast" else served_tier(asked)


def _tool(tool: dict[str, Any]) -> dict[str, Any]:
    """Return a tool as a response repeats it."""
    if tool["type"] != "function":
        return tool
    return {"description": None, "parameters": {}, "strict": True, **tool}


def _moderation_of(conversation: Conversation, params: dict[str, Any]) -> dict[str, Any] | None:
    asked = params.get("moderation")
    if not asked:
        return None
    result = _moderated(conversation.question, asked["model"])
    policy = ((asked.get("policy") or {}).get("input") or {}).get("mode")
    if policy == "block" and result["flagged"]:
        raise api_error("content_policy_violation", param="input")
    return result


def _moderated(text: str, model: str) -> dict[str, Any]:
    return {"type": "moderation_result", "model": model, **moderate(text)}


def _thinking(request: Request, conversation: Conversation, spent: int) -> list[Item]:
    """Return the reasoning item, if the model reasons, with a summary if one is asked for."""
    if not spent:
        return []
    asked = request.params.get("reasoning") or {}
    summary = asked.get("summary") or asked.get("generate_summary")
    parts = _texts()["reasoning"]["summary"]
    parts = parts if summary == "detailed" else parts[: 1 if summary else 0]
    subject = " ".join(conversation.question.split())[: answers.SUBJECT]
    id = request.state.ids.make("rs_", 48)
    return [
        {
            "id": id,
            "type": "reasoning",
            "summary": [{"type": "summary_text", "text": p.format(subject=subject)} for p in parts],
            "encrypted_content": items.seal(id),
        }
    ]


def _triggered(request: Request) -> bool:
    """Return whether the input asks to compact the context and nothing else."""
    given = request.params.get("input")
    return isinstance(given, list) and any(i.get("type") == "compaction_trigger" for i in given)


def _warms(request: Request) -> bool:
    """Return whether the request only prepares the prompt cache."""
    return bool((request.params.get("prompt_cache_options") or {}).get("prewarm"))


def _compacted(request: Request) -> Item | None:
    """Return the item that stands for the context, if it is to be compacted."""
    limits = [
        entry.get("compact_threshold")
        for entry in request.params.get("context_management") or ()
        if entry["type"] == "compaction"
    ]
    long = any(limit is not None and request.tokens() >= limit for limit in limits)
    return compaction(request) if long or _triggered(request) else None


def compaction(request: Request) -> Item:
    """Return the item that stands for all items of a request."""
    return {
        "id": request.state.ids.make("cmp_", 48),
        "type": "compaction",
        "encrypted_content": items.seal(items.expanded(request.context)),
    }


def _answer(
    request: Request, conversation: Conversation, limit: int | None
) -> tuple[list[Item], bool, dict[str, Any]]:
    """Return what follows the reasoning, whether the limit cut it, and what the tools count."""
    output: list[Item] = []
    wanted = _wanted(request)
    work = _granted(request) or _hosted(request, conversation, wanted)
    if work is not None:
        output += work.items
        if work.text is None:
            return output, False, work.usage or {}
        plain = Wanted(schema=wanted.schema, json_object=wanted.json_object)
        draft = replies.compose(conversation, plain)
        text, annotations = _reported(draft.text, work, plain)
    else:
        draft = replies.compose(conversation, wanted)
        if request.model.startswith("ft:"):
            draft = tuned.shaped(request.state, request.model, conversation, wanted, draft)
        text, annotations = draft.text, []
        prompt = request.params.get("prompt")
        if prompt and not conversation.question:
            text = _texts()["prompt"]["note"].format(id=prompt["id"])
    if draft.calls:
        return [*output, *_calls(request, draft)], False, {}
    pieces, reason = replies.cut(tokens.pieces(text), [], limit)
    part: dict[str, Any] = {
        "type": "output_text",
        "text": "".join(pieces),
        "annotations": annotations if reason == "stop" else [],
    }
    asked = LOGPROBS in (request.params.get("include") or ()) or request.params.get("top_logprobs")
    part["logprobs"] = logprobs(pieces, request.params)["content"] if asked else []
    status = "completed" if reason == "stop" else "incomplete"
    message = _message(request.state, part, status)
    return [*output, message], reason == "length", (work.usage if work else None) or {}


def _message(state: State, part: dict[str, Any], status: str = "completed") -> Item:
    """Return the item of an answer in words."""
    return {
        "id": state.ids.make("msg_", 48),
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": [part],
    }


def _granted(request: Request) -> hosted.Work | None:
    """Return the MCP calls that the last items have approved or declined."""
    requests = {i["id"]: i for i in request.context if i["type"] == "mcp_approval_request"}
    answered = [i for i in request.given if i["type"] == "mcp_approval_response"]
    if not answered:
        return None
    entry = hosted.table()["mcp"]
    made, text = [], entry["declined"]
    for item in answered:
        asked = requests.get(item["approval_request_id"])
        if item["approve"] and asked is not None:
            text = hosted.said(entry, asked["name"], entry["output"])
            made.append(
                hosted.mcp_call(
                    request.state,
                    asked["server_label"],
                    asked["name"],
                    asked["arguments"],
                    asked["id"],
                )
            )
    return hosted.Work(made, text)


def _hosted(request: Request, conversation: Conversation, wanted: Wanted) -> hosted.Work | None:
    """Return what a built-in tool does for the question, if one is to be used."""
    if conversation.results:
        return None
    choice: Any = request.params.get("tool_choice") or "auto"
    question = conversation.question
    tool = hosted.choose(request.tools, choice, question)
    if tool is None:
        return None
    forced = isinstance(choice, dict) and choice["type"] != "allowed_tools"
    fits = any(tools.score(t, question) >= tools.ENOUGH for t in wanted.tools)
    if fits and not forced and wanted.choice != "none":
        return None
    pictures = [i for i in request.context if i["type"] == "image_generation_call"]
    drawn = pictures[-1].get("revised_prompt") or "" if pictures else ""
    return hosted.run(request.state, tool, question, drawn)


def _reported(text: str, work: hosted.Work, wanted: Wanted) -> tuple[str, list[dict[str, Any]]]:
    """Return the answer with what the tool says about itself, and what it cites."""
    if wanted.schema is not None or wanted.json_object:
        return text, []
    text = work.text or text
    found = text.partition("\n\n")[0]
    annotations: list[dict[str, Any]] = []
    for source in work.sources:
        start = len(text) + 1
        text = f"{text}（{source['title']}）"
        annotations.append(
            {
                "type": "url_citation",
                "url": source["url"],
                "title": source["title"],
                "start_index": start,
                "end_index": start + len(source["title"]),
            }
        )
    for file in work.files:
        annotations.append(
            {
                "type": "file_citation",
                "file_id": file["file_id"],
                "filename": file["filename"],
                "index": max(len(found) - 1, 0),
            }
        )
    return text, annotations


def _calls(request: Request, draft: Draft) -> list[Item]:
    """Return the items for the calls of functions and custom tools."""
    spaces = {
        tool["name"]: entry["name"]
        for entry in request.tools
        if entry["type"] == "namespace"
        for tool in entry["tools"]
    }
    return [_call(request.state, call, spaces.get(call.name)) for call in draft.calls]


def _call(state: State, call: ToolCall, space: str | None) -> Item:
    item: Item = {
        "id": state.ids.make("ctc_" if call.custom else "fc_", 48),
        "type": "custom_tool_call" if call.custom else "function_call",
        "call_id": state.ids.make("call_"),
        "name": call.name,
    }
    if call.custom:
        item["input"] = call.arguments
    else:
        item |= {"arguments": call.arguments, "status": "completed"}
    if space:
        item["namespace"] = space
    return item


def _written(item: Item) -> int:
    """Return how many output tokens an item counts for, reasoning aside."""
    match item["type"]:
        case "message":
            return sum(tokens.count(p.get("text") or p["refusal"]) for p in item["content"])
        case "function_call":
            return tokens.count(item["name"]) + tokens.count(item["arguments"])
        case "custom_tool_call":
            return tokens.count(item["name"]) + tokens.count(item["input"])
    return 0


def _tool_usage(used: dict[str, Any]) -> dict[str, Any]:
    """Return what the built-in tools count for; those that were not used count for nothing."""
    nothing = {
        "input_tokens": 0,
        "input_tokens_details": {"image_tokens": 0, "text_tokens": 0},
        "output_tokens": 0,
        "total_tokens": 0,
    }
    return {
        "image_gen": used.get("image_gen", nothing),
        "web_search": {"num_requests": used.get("web_search", 0)},
    }


def _failure() -> dict[str, str]:
    entry = _texts()["failure"]
    return {"code": "server_error", "message": f"{entry['en']} {entry['zh']}"}
