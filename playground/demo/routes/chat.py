"""Chat completions: create, plain and streamed; stored ones: list, retrieve, update, delete."""

import math
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any

from playground.demo import answers, attachments, prompt_cache, reasoning, replies, tokens, tuned
from playground.demo.conversation import Conversation, Draft, Media, Tool, ToolCall, Turn, Wanted
from playground.demo.errors import api_error, requires, requires_stream
from playground.demo.moderation import moderate
from playground.demo.pages import page
from playground.demo.routes import Call, Events, Family, Reply
from playground.demo.sse import DONE, encode, paced
from playground.demo.state import State, digest
from playground.demo.strict_schemas import require_strict
from playground.demo.voices import said, say

family = Family("chat", "会话补全")

FINGERPRINT = "fp_offline_demo"


@dataclass(frozen=True)
class Choice:
    """One finished choice.

    Attributes:
        index: Its place among the choices.
        draft: What it was made from.
        pieces: Its text, piece by piece.
        finish: Why it ended.
        reasoning: How many tokens were spent on reasoning.
        audio: The API's object of a spoken answer.
        audio_tokens: How many tokens the sound counts for.
    """

    index: int
    draft: Draft
    pieces: list[str]
    finish: str
    reasoning: int = 0
    audio: dict[str, Any] | None = None
    audio_tokens: int = 0


@family.route(
    "POST /chat/completions",
    methods=("chat.completions.create", "chat.completions.parse", "chat.completions.stream"),
    params="chat.completion_create_params:CompletionCreateParams",
    answer="chat:ChatCompletion",
    stream="chat:ChatCompletionChunk",
    models="chat",
)
async def create(call: Call) -> Reply:
    """Answer a conversation."""
    params = call.params
    require_consistent(params)
    conversation = read_messages(params["messages"], call.state)
    wanted = read_wanted(params)
    count = params.get("n") or 1
    if call.fault == "refusal":
        drafts = [Draft(answers.refusal(), refused=True)] * count
    else:
        drafts = [replies.compose(conversation, wanted, i) for i in range(count)]
    if params["model"].startswith("ft:"):
        model = params["model"]
        drafts = [tuned.shaped(call.state, model, conversation, wanted, d) for d in drafts]
    choices = [finish(call, index, draft, params) for index, draft in enumerate(drafts)]
    frame = {
        "id": call.state.ids.make("chatcmpl-"),
        "created": call.state.clock.timestamp(),
        "model": params["model"],
        "service_tier": served_tier(params.get("service_tier")),
        "system_fingerprint": FINGERPRINT,
    }
    usage = count_usage(call.state, conversation, params, choices)
    completion = {
        **frame,
        "object": "chat.completion",
        "choices": [choice_object(c, params) for c in choices],
        "usage": usage,
    }
    if params.get("moderation"):
        completion["moderation"] = moderation_of(conversation, choices, params["moderation"])
    if params.get("store"):
        completion["metadata"] = params.get("metadata") or {}
        keep(call.state, completion, params["messages"])
    if params.get("stream"):
        options = params.get("stream_options") or {}
        chunks = stream(frame, choices, params, usage if options.get("include_usage") else None)
        return Events(sent(paced(chunks, call.state.delay)))
    return completion


def moderation_of(
    conversation: Conversation, choices: list[Choice], asked: dict[str, Any]
) -> dict[str, Any]:
    """Return the moderation of the question and of the answer.

    Raises:
        APIError: 400, the policy is to block and the question was flagged.
    """

    def results(texts: list[str]) -> dict[str, Any]:
        made = [
            {**moderate(t), "type": "moderation_result", "model": asked["model"]} for t in texts
        ]
        return {"type": "moderation_results", "model": asked["model"], "results": made}

    question = results([conversation.question])
    policy = ((asked.get("policy") or {}).get("input") or {}).get("mode")
    if policy == "block" and question["results"][0]["flagged"]:
        raise api_error("content_policy_violation", param="messages")
    return {"input": question, "output": results(["".join(c.pieces) for c in choices])}


def keep(state: State, completion: dict[str, Any], messages: list[dict[str, Any]]) -> None:
    """Store a completion with the messages it answers."""
    stored = []
    for index, message in enumerate(messages):
        content = message.get("content")
        parts = content if isinstance(content, list) else None
        text, _ = read_content(content, state, f"messages[{index}].content")
        shown = [p for p in parts or () if p["type"] in ("text", "image_url")]
        stored.append(
            {
                "id": f"{completion['id']}-{index}",
                "role": message["role"],
                "content": None if content is None else text,
                "refusal": None,
                "content_parts": shown if parts is not None else None,
            }
        )
    record = {"completion": completion, "messages": stored}
    state.store("chat completion").put(completion["id"], record)


@family.route(
    "GET /chat/completions",
    methods=("chat.completions.list",),
    params="chat.completion_list_params:CompletionListParams",
    answer="chat:ChatCompletion",
    page="cursor",
)
async def list_stored(call: Call) -> Reply:
    """List the stored completions, filtered by model and metadata."""
    found = [r["completion"] for r in call.state.store("chat completion").values()]
    if call.params.get("model"):
        found = [c for c in found if c["model"] == call.params["model"]]
    for key, value in (call.params.get("metadata") or {}).items():
        found = [c for c in found if c["metadata"].get(key) == value]
    return page(found, call.params, order="asc", kind="chat completion")


@family.route(
    "GET /chat/completions/{id}",
    methods=("chat.completions.retrieve",),
    answer="chat:ChatCompletion",
)
async def retrieve_stored(call: Call) -> Reply:
    """Return one stored completion."""
    return call.state.store("chat completion").get(call.path["id"])["completion"]


@family.route(
    "POST /chat/completions/{id}",
    methods=("chat.completions.update",),
    params="chat.completion_update_params:CompletionUpdateParams",
    answer="chat:ChatCompletion",
)
async def update_stored(call: Call) -> Reply:
    """Replace the metadata of a stored completion."""
    record = call.state.store("chat completion").get(call.path["id"])
    record["completion"]["metadata"] = call.params["metadata"] or {}
    return record["completion"]


@family.route(
    "DELETE /chat/completions/{id}",
    methods=("chat.completions.delete",),
    answer="chat:ChatCompletionDeleted",
)
async def delete_stored(call: Call) -> Reply:
    """Forget a stored completion."""
    call.state.store("chat completion").pop(call.path["id"])
    return {"id": call.path["id"], "object": "chat.completion.deleted", "deleted": True}


@family.route(
    "GET /chat/completions/{id}/messages",
    methods=("chat.completions.messages.list",),
    params="chat.completions.message_list_params:MessageListParams",
    answer="chat:ChatCompletionStoreMessage",
    page="cursor",
)
async def list_stored_messages(call: Call) -> Reply:
    """List the messages that a stored completion answered."""
    record = call.state.store("chat completion").get(call.path["id"])
    return page(record["messages"], call.params, order="asc", kind="message")


def require_consistent(params: dict[str, Any]) -> None:
    """Check what the parameter types cannot say.

    Raises:
        APIError: 400, parameters that exclude or require one another.
    """
    if params.get("stream_options") is not None and not params.get("stream"):
        raise requires_stream("stream_options")
    if params.get("top_logprobs") is not None and not params.get("logprobs"):
        raise requires(
            "top_logprobs",
            "'logprobs' to be true",
            "logprobs=True",
        )
    if "audio" in (params.get("modalities") or ()):
        if "audio" not in params["model"]:
            raise api_error("audio_model", param="modalities", value=params["model"])
        if not params.get("audio"):
            raise requires("modalities", "'audio' with a voice and a format", "audio（声音和格式）")
    reasoning.require_supported(params)
    if params.get("max_tokens") is not None and params.get("max_completion_tokens") is not None:
        raise api_error("excludes", param="max_tokens", other="max_completion_tokens")
    require_known_tool(params)
    require_schemas(params)
    require_tool_rounds(params["messages"])


def require_known_tool(params: dict[str, Any]) -> None:
    """Check that ``tool_choice`` names a tool of the request.

    Raises:
        APIError: 400, there are no tools, or none of this name.
    """
    choice, offered = params.get("tool_choice"), params.get("tools")
    if choice in (None, "none", "auto"):
        return
    if not offered:
        raise requires("tool_choice", "'tools'", "tools")
    known = [tool_name(tool) for tool in offered]
    one = isinstance(choice, dict) and choice["type"] != "allowed_tools"
    if one and tool_name(choice) not in known:
        raise api_error(
            "invalid_value",
            param="tool_choice",
            value=tool_name(choice),
            supported=", ".join(f"'{name}'" for name in known),
        )


def require_schemas(params: dict[str, Any]) -> None:
    """Check the JSON schemas that a request calls strict.

    Raises:
        APIError: 400, one of them is open or has optional properties.
    """
    shape = params.get("response_format") or {}
    described = shape.get("json_schema") or {}
    if described.get("strict"):
        require_strict(
            described.get("schema") or {},
            f"response_format '{described['name']}'",
            param="response_format",
            key="response_schema",
        )
    for index, tool in enumerate(params.get("tools") or ()):
        function = tool.get("function") or {}
        if function.get("strict"):
            require_strict(
                function.get("parameters") or {},
                f"function '{function['name']}'",
                param=f"tools[{index}].function.parameters",
                key="function_schema",
            )


def require_tool_rounds(messages: list[dict[str, Any]]) -> None:
    """Check that every tool call has its result, and every result its call.

    Raises:
        APIError: 400, one is missing.
    """
    open_calls: list[str] = []
    asked = 0
    for index, message in enumerate(messages):
        if message["role"] == "tool":
            if message["tool_call_id"] not in open_calls:
                raise requires(
                    f"messages[{index}].tool_call_id",
                    "an earlier assistant message whose 'tool_calls' hold this id",
                    "前面有一条 assistant 消息，它的 tool_calls 里有这个 id",
                )
            open_calls.remove(message["tool_call_id"])
            continue
        if open_calls:
            break
        if message["role"] == "assistant":
            open_calls = [c["id"] for c in message.get("tool_calls") or ()]
            asked = index
    if open_calls:
        raise api_error(
            "unanswered_tool_calls",
            param=f"messages[{asked}].tool_calls",
            value=", ".join(open_calls),
        )


def read_messages(messages: list[dict[str, Any]], state: State) -> Conversation:
    """Turn the API's messages into a conversation."""
    conversation = Conversation()
    names: dict[str, str] = {}
    for index, message in enumerate(messages):
        renamed: dict[str, str] = {"developer": "system", "function": "tool"}
        role = renamed.get(message["role"]) or message["role"]
        text, media = read_content(message.get("content"), state, f"messages[{index}].content")
        if message.get("audio"):
            text = said(state, message["audio"]["id"]) if not state.any_id else text
        calls = []
        for entry in message.get("tool_calls") or ():
            inner = entry.get("function") or entry["custom"]
            arguments = inner.get("arguments", inner.get("input", ""))
            calls.append(ToolCall(inner["name"], arguments, "custom" in entry, entry["id"]))
            names[entry["id"]] = inner["name"]
        name = names.get(message.get("tool_call_id", "")) or message.get("name")
        conversation.turns.append(Turn(role, text, media, name, tuple(calls)))
    return conversation


def read_content(content: Any, state: State, param: str) -> tuple[str, tuple[Media, ...]]:
    """Return the text of a message's content and its other parts.

    Raises:
        APIError: 404, a file does not exist; 400, an address or data cannot be read.
    """
    if content is None:
        return "", ()
    if isinstance(content, str):
        return content, ()
    texts, media = [], []
    for index, part in enumerate(content):
        where = f"{param}[{index}]"
        match part["type"]:
            case "text":
                texts.append(part["text"])
            case "refusal":
                texts.append(part["refusal"])
            case "image_url":
                media.append(attachments.read_image(state, part["image_url"], where))
            case "input_audio":
                sound = part["input_audio"]
                cost = 1 + len(sound["data"]) // tokens.BYTES_PER_AUDIO_TOKEN
                media.append(Media("audio", sound["format"], cost))
            case "file":
                media.append(attachments.read_file(state, part["file"], where))
    return "\n".join(texts), tuple(media)


def read_wanted(params: dict[str, Any]) -> Wanted:
    """Return what a request asks of the answer: tools and format."""
    offered = []
    for entry in params.get("tools") or ():
        inner = entry.get("function") or entry["custom"]
        offered.append(read_tool(inner, custom=entry["type"] == "custom"))
    for entry in params.get("functions") or ():
        offered.append(read_tool(entry))
    choice: Any = params.get("tool_choice", params.get("function_call")) or "auto"
    if not isinstance(choice, str):
        named: dict[str, Any] = choice
        if named.get("type") == "allowed_tools":
            allowed: dict[str, Any] = named["allowed_tools"]
            names = {tool_name(t) for t in allowed["tools"]}
            offered = [t for t in offered if t.name in names]
            choice = allowed["mode"]
        else:
            choice = tool_name(named)
    shape: dict[str, Any] = params.get("response_format") or {"type": "text"}
    return Wanted(
        tuple(offered),
        choice,
        params.get("parallel_tool_calls", True) and not params.get("functions"),
        shape["json_schema"].get("schema", {}) if shape["type"] == "json_schema" else None,
        shape["type"] == "json_object",
    )


def tool_name(entry: dict[str, Any]) -> str:
    """Return the name in a reference to a tool, whichever of the API's forms it has."""
    return (entry.get("function") or entry.get("custom") or entry).get("name", "")


def read_tool(entry: dict[str, Any], *, custom: bool = False) -> Tool:
    """Return a tool from its definition in a request."""
    schema = entry.get("parameters") or {}
    return Tool(entry["name"], entry.get("description") or "", schema, custom)


def finish(call: Call, index: int, draft: Draft, params: dict[str, Any]) -> Choice:
    """Apply stop sequences and token limits to a draft, and give its tool calls their ids."""
    spent = reasoning.thought(params["model"], params.get("reasoning_effort"))
    limit = params.get("max_completion_tokens") or params.get("max_tokens")
    if limit is not None:
        spent = min(spent, limit)
        limit -= spent
    if draft.calls:
        named = tuple(replace(c, id=call.state.ids.make("call_")) for c in draft.calls)
        reason = "function_call" if params.get("functions") else "tool_calls"
        return Choice(index, replace(draft, calls=named), [], reason, spent)
    stop = params.get("stop") or []
    stops = [stop] if isinstance(stop, str) else stop
    kept, reason = replies.cut(tokens.pieces(draft.text), stops, limit)
    if "audio" in (params.get("modalities") or ()) and not params.get("stream"):
        audio, heard = say(call.state, "".join(kept), params["audio"])
        return Choice(index, draft, kept, reason, spent, audio, heard)
    return Choice(index, draft, kept, reason, spent)


def served_tier(asked: str | None) -> str:
    """Return the tier that a request was served with."""
    return {None: "default", "auto": "default", "fast": "priority"}.get(asked, asked or "default")


def choice_object(choice: Choice, params: dict[str, Any]) -> dict[str, Any]:
    """Return the API's form of a choice."""
    message: dict[str, Any] = {
        "role": "assistant",
        "content": None,
        "refusal": None,
        "annotations": [],
    }
    if choice.draft.refused:
        message["refusal"] = "".join(choice.pieces)
    elif choice.audio:
        message["audio"] = choice.audio
    elif not choice.draft.calls:
        message["content"] = "".join(choice.pieces)
    elif choice.finish == "function_call":
        first = choice.draft.calls[0]
        message["function_call"] = {"name": first.name, "arguments": first.arguments}
    else:
        message["tool_calls"] = [call_object(c) for c in choice.draft.calls]
    return {
        "index": choice.index,
        "message": message,
        "logprobs": logprobs_of(choice.draft, choice.pieces, params),
        "finish_reason": choice.finish,
    }


def call_object(call: ToolCall) -> dict[str, Any]:
    """Return the API's form of a tool call."""
    if call.custom:
        return {
            "id": call.id,
            "type": "custom",
            "custom": {"name": call.name, "input": call.arguments},
        }
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}


def logprobs_of(draft: Draft, pieces: list[str], params: dict[str, Any]) -> dict[str, Any] | None:
    """Return the log probabilities of a choice's text or refusal, if they are asked for."""
    if not params.get("logprobs"):
        return None
    made = logprobs(pieces, params)
    return {"content": None, "refusal": made["content"]} if draft.refused else made


def logprobs(pieces: list[str], params: dict[str, Any]) -> dict[str, Any]:
    """Return log probabilities: made up, but falling and different for each piece."""
    return {
        "content": [
            {**probable(p, p, 0), "top_logprobs": [
                probable(p, p if rank == 0 else f"{p[:1]}{digest(p, rank, length=2)}", rank)
                for rank in range(params.get("top_logprobs") or 0)
            ]}
            for p in pieces
        ],
        "refusal": None,
    }  # fmt: skip


def probable(piece: str, token: str, rank: int) -> dict[str, Any]:
    """Return one token with its log probability; the lower ranks are less probable."""
    share = 0.6 + int.from_bytes(digest(piece, length=2).encode(), "big") % 39 / 100
    left = share if rank == 0 else (1 - share) / 2**rank
    return {"token": token, "logprob": round(math.log(left), 6), "bytes": list(token.encode())}


def count_usage(
    state: State, conversation: Conversation, params: dict[str, Any], choices: list[Choice]
) -> dict[str, Any]:
    """Return the token counts of a request and its answer.

    Raises:
        APIError: 400, the request does not fit into the context window.
    """
    images = sum(m.tokens for t in conversation.turns for m in t.media if m.kind == "image")
    sounds = sum(m.tokens for t in conversation.turns for m in t.media if m.kind == "audio")
    prompt = tokens.PER_REQUEST
    for turn in conversation.turns:
        prompt += tokens.PER_MESSAGE + tokens.count(turn.text) + sum(m.tokens for m in turn.media)
        prompt += sum(tokens.count(c.name) + tokens.count(c.arguments) for c in turn.calls)
    definitions = ""
    for name in ("tools", "functions", "response_format"):
        if params.get(name) and params[name] != {"type": "text"}:
            definitions += tokens.as_json(params[name])
    prompt += tokens.count(definitions)
    if prompt > tokens.CONTEXT:
        raise api_error(
            "context_length_exceeded", param="messages", value=prompt, limit=tokens.CONTEXT
        )
    whole = definitions + "".join(f"{turn.role}\n{turn.text}\n" for turn in conversation.turns)
    cached = prompt_cache.look_up(state, whole, params)
    written = sum(
        len(c.pieces) + sum(tokens.count(x.name) + tokens.count(x.arguments) for x in c.draft.calls)
        for c in choices
    )
    heard = sum(c.audio_tokens for c in choices)
    written += heard
    spent = sum(c.reasoning for c in choices)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": written + spent,
        "total_tokens": prompt + written + spent,
        "prompt_tokens_details": {
            "cached_tokens": cached.read,
            "cache_write_tokens": cached.written,
            "audio_tokens": sounds,
            "image_tokens": images,
        },
        "completion_tokens_details": {
            "reasoning_tokens": spent,
            "audio_tokens": heard,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def stream(
    frame: dict[str, Any],
    choices: list[Choice],
    params: dict[str, Any],
    usage: dict[str, Any] | None,
) -> Iterator[dict[str, Any]]:
    """Yield the chunks of a streamed answer; the choices take turns, piece by piece."""
    extra: dict[str, Any] = {} if usage is None else {"usage": None}

    def chunk(
        index: int, delta: dict[str, Any], finish: str | None = None, log: Any = None
    ) -> dict[str, Any]:
        entry = {"index": index, "delta": delta, "logprobs": log, "finish_reason": finish}
        return {**frame, "object": "chat.completion.chunk", "choices": [entry], **extra}

    for choice in choices:
        opening = None if choice.draft.calls or choice.draft.refused else ""
        yield chunk(choice.index, {"role": "assistant", "content": opening, "refusal": None})
    waiting = [(c, list(deltas(c, params))) for c in choices]
    while any(left for _, left in waiting):
        for choice, left in waiting:
            if left:
                delta, log = left.pop(0)
                yield chunk(choice.index, delta, log=log)
    for choice in choices:
        yield chunk(choice.index, {}, choice.finish)
    if usage is not None:
        yield {**frame, "object": "chat.completion.chunk", "choices": [], "usage": usage}


def deltas(choice: Choice, params: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield what each chunk of one choice adds, with its log probabilities if asked for."""
    for piece in choice.pieces:
        name = "refusal" if choice.draft.refused else "content"
        yield {name: piece}, logprobs_of(choice.draft, [piece], params)
    if choice.finish == "function_call":
        first = choice.draft.calls[0]
        yield {"function_call": {"name": first.name, "arguments": ""}}, None
        for piece in tokens.pieces(first.arguments):
            yield {"function_call": {"arguments": piece}}, None
        return
    for index, made in enumerate(choice.draft.calls):
        opening = call_object(replace(made, arguments=""))
        yield {"tool_calls": [{"index": index, **opening}]}, None
        inner = "custom" if made.custom else "function"
        field = "input" if made.custom else "arguments"
        for piece in tokens.pieces(made.arguments):
            yield {"tool_calls": [{"index": index, inner: {field: piece}}]}, None


async def sent(chunks: AsyncIterator[dict[str, Any]]) -> AsyncIterator[bytes]:
    """Encode chunks and end the stream as the API does."""
    async for chunk in chunks:
        yield encode(chunk)
    yield DONE
