"""Completions, the legacy interface: a text goes in, its continuation comes out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playground.data import load_data
from playground.demo import faults, replies, tokens
from playground.demo.conversation import Conversation, Turn, Wanted
from playground.demo.errors import api_error, requires, requires_stream
from playground.demo.models import catalog, require_model
from playground.demo.routes import Call, Events, Family, Reply
from playground.demo.routes.chat import FINGERPRINT, probable, sent
from playground.demo.sse import paced
from playground.demo.state import State, digest

family = Family("completions", "文本补全")

MODEL = "demo-instruct"
"""The demo's own model for this interface: those of the API were all shut down."""
DEFAULT_TOKENS = 16
"""Tokens that are written unless the request says otherwise; the API's old reference says so."""


@dataclass(frozen=True)
class Choice:
    """One finished choice.

    Attributes:
        index: Its place in the answer.
        echoed: The pieces of the prompt, if they are to come back.
        pieces: The pieces that were written.
        finish: Why it ended.
    """

    index: int
    echoed: list[str]
    pieces: list[str]
    finish: str


@family.route(
    "POST /completions",
    methods=("completions.create",),
    params="completion_create_params:CompletionCreateParams",
    answer="completion:Completion",
    stream="completion:Completion",
)
async def create(call: Call) -> Reply:
    """Continue one text or several."""
    params = call.params
    if call.fault is None:
        require_completion_model(params["model"], call.state)
    require_consistent(params)
    prompts = read_prompts(params["prompt"])
    count = params.get("n") or 1
    choices = [
        finish(prompt, index * count + variant, variant, params)
        for index, prompt in enumerate(prompts)
        for variant in range(count)
    ]
    frame = {
        "id": call.state.ids.make("cmpl-"),
        "object": "text_completion",
        "created": call.state.clock.timestamp(),
        "model": params["model"],
        "system_fingerprint": FINGERPRINT,
    }
    usage = count_usage(prompts, choices, params)
    if params.get("stream"):
        options = params.get("stream_options") or {}
        chunks = stream(frame, choices, params, usage if options.get("include_usage") else None)
        return Events(sent(paced(chunks, call.state.delay)))
    return {**frame, "choices": [choice_object(c, params) for c in choices], "usage": usage}


def require_completion_model(id: str, state: State) -> None:
    """Check that a model continues texts.

    Raises:
        APIError: 404, it was shut down, it is a chat model, or it does not exist.
    """
    if id == MODEL or id in faults.models():
        return
    own = id in state.store("model")
    model = catalog().get(id.split(":")[1] if own else id)
    if model is not None and "completion" in model.kinds and model.retired(state):
        raise api_error(
            "completion_model_retired",
            param="model",
            value=id,
            date=model.shutdown,
            replacement=model.replacement,
            own=MODEL,
        )
    if model is not None and "chat" in model.kinds:
        raise api_error("chat_model", param="model", value=id)
    require_model(id, "completion", state)


def require_consistent(params: dict[str, Any]) -> None:
    """Check what the parameter types cannot say.

    Raises:
        APIError: 400, parameters that exclude or require one another.
    """
    if params.get("stream_options") is not None and not params.get("stream"):
        raise requires_stream("stream_options")
    best_of = params.get("best_of")
    if best_of is not None and best_of > 1 and params.get("stream"):
        raise api_error("excludes", param="best_of", other="stream")
    if best_of is not None and best_of < (params.get("n") or 1):
        raise requires(
            "best_of",
            "a value that is not below 'n'",
            "不小于 n 的值",
        )


def read_prompts(value: Any) -> list[str | list[int]]:
    """Return the prompts of a request: texts, or lists of token ids.

    Raises:
        APIError: 400, there is none.
    """
    if value is None:
        return [""]
    if isinstance(value, str):
        return [value]
    if not value:
        raise api_error("empty_array", param="prompt", limit=1, value=0)
    return [value] if isinstance(value[0], int) else list(value)


def finish(prompt: str | list[int], index: int, variant: int, params: dict[str, Any]) -> Choice:
    """Continue one prompt, up to a stop sequence or the token limit."""
    written = tokens.pieces(continuation(prompt, params.get("suffix"), variant))
    limit = params.get("max_tokens")
    stop = params.get("stop") or []
    kept, reason = replies.cut(
        written,
        [stop] if isinstance(stop, str) else stop,
        DEFAULT_TOKENS if limit is None else limit,
    )
    echoed = tokens.pieces(prompt) if params.get("echo") and isinstance(prompt, str) else []
    return Choice(index, echoed, kept, reason)


def continuation(prompt: str | list[int], suffix: str | None, variant: int) -> str:
    """Return the text with which the demo goes on."""
    table = load_data("playground.demo", "completions")
    if isinstance(prompt, list):
        return _taken(table["tokens"], variant)
    if suffix:
        entry = next(e for e in table["between"] if re.search(e["match"], suffix))
        return _taken(entry["texts"], variant)
    if not prompt.strip():
        return _taken(table["empty"], variant)
    for entry in table["continuations"]:
        if re.search(entry["match"], prompt, re.IGNORECASE):
            return _taken(entry["texts"], variant)
    answer = replies.compose(Conversation([Turn("user", prompt)]), Wanted(), variant).text
    return f"\n\n{answer}"


def _taken(texts: list[str], variant: int) -> str:
    return texts[variant % len(texts)]


def choice_object(choice: Choice, params: dict[str, Any]) -> dict[str, Any]:
    """Return the API's form of a choice."""
    pieces = choice.echoed + choice.pieces
    return {
        "index": choice.index,
        "text": "".join(pieces),
        "logprobs": logprobs(pieces, 0, params),
        "finish_reason": choice.finish,
    }


def logprobs(pieces: list[str], offset: int, params: dict[str, Any]) -> dict[str, Any] | None:
    """Return log probabilities, made up like those of chat completions, or None.

    Args:
        pieces: The pieces of text.
        offset: Where the first of them begins in the whole text.
        params: The request's parameters.
    """
    wanted = params.get("logprobs")
    if wanted is None:
        return None
    offsets = []
    for piece in pieces:
        offsets.append(offset)
        offset += len(piece)
    return {
        "tokens": pieces,
        "token_logprobs": [probable(p, p, 0)["logprob"] for p in pieces],
        "top_logprobs": [likely(p, wanted) for p in pieces] if wanted else None,
        "text_offset": offsets,
    }


def likely(piece: str, count: int) -> dict[str, float]:
    """Return the ``count`` most likely tokens, the chosen one first."""
    named = [piece, *(f"{piece[:1]}{digest(piece, rank, length=2)}" for rank in range(1, count))]
    return {t: probable(piece, t, rank)["logprob"] for rank, t in enumerate(named)}


def count_usage(
    prompts: list[str | list[int]], choices: list[Choice], params: dict[str, Any]
) -> dict[str, int]:
    """Return the token counts; with ``best_of`` the ones not shown count, too."""
    prompt = sum(len(p) if isinstance(p, list) else tokens.count(p) for p in prompts)
    count = params.get("n") or 1
    written = sum(len(c.pieces) for c in choices) * max(params.get("best_of") or 1, count) // count
    return {
        "prompt_tokens": prompt,
        "completion_tokens": written,
        "total_tokens": prompt + written,
    }


def stream(
    frame: dict[str, Any],
    choices: list[Choice],
    params: dict[str, Any],
    usage: dict[str, int] | None,
) -> Iterator[dict[str, Any]]:
    """Yield the chunks of a streamed answer; the choices take turns, piece by piece."""
    extra: dict[str, Any] = {} if usage is None else {"usage": None}

    def chunk(index: int, text: str, finish: str | None, log: Any) -> dict[str, Any]:
        entry = {"index": index, "text": text, "logprobs": log, "finish_reason": finish}
        return {**frame, "choices": [entry], **extra}

    waiting = [(c, c.echoed + c.pieces) for c in choices]
    for turn in range(max(len(pieces) for _, pieces in waiting)):
        for choice, pieces in waiting:
            if turn < len(pieces):
                offset = sum(map(len, pieces[:turn])) if params.get("logprobs") is not None else 0
                piece = pieces[turn]
                yield chunk(choice.index, piece, None, logprobs([piece], offset, params))
    for choice in choices:
        yield chunk(choice.index, "", choice.finish, None)
    if usage is not None:
        yield {**frame, "choices": [], "usage": usage}
