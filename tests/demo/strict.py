"""Strict validation of answers against the SDK's response models, on the wire.

The SDK's own models accept unknown fields and do not check what they are given. ``errors_in``
does: no field too many, no required field missing, every value of the declared type.
``StrictApp`` applies it to everything an app sends, by the route's declaration.
"""

import json
import types
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import pydantic
from openai.types.chat import ChatCompletionStoreMessage
from starlette.routing import compile_path

from playground.demo import checks
from playground.demo.app import PREFIX, families
from playground.demo.routes import Route


def errors_in(model: Any, value: Any, path: str = "") -> list[str]:
    """Return what is wrong with ``value`` as an instance of ``model``; nothing if all is well."""
    origin = get_origin(model)
    if isinstance(model, TypeVar) or model in (Any, object):
        return []
    if origin is Annotated:
        return errors_in(get_args(model)[0], value, path)
    if path.endswith(".embedding") and isinstance(value, str):
        return []  # base64, which the SDK asks for and decodes to the list its model declares
    if path.endswith(".role") and model == STORED_ROLE and value in ("user", "system", "developer"):
        return []
    if path.startswith("event ") and path.endswith(".finish_reason") and value is None:
        return []  # null until the end, as in chat; the SDK has one model for answer and chunk
    if origin in (Union, types.UnionType):
        return _union(get_args(model), value, path)
    if origin is Literal:
        fits = any(value == v and type(value) is type(v) for v in get_args(model))
        return [] if fits else [f"{path}: {value!r} is none of {get_args(model)}"]
    if origin is list:
        if not isinstance(value, list):
            return [f"{path}: {value!r} is no list"]
        (item,) = get_args(model)
        return [e for i, v in enumerate(value) for e in errors_in(item, v, f"{path}[{i}]")]
    if origin is dict:
        if not isinstance(value, dict):
            return [f"{path}: {value!r} is no object"]
        return [
            e for k, v in value.items() for e in errors_in(get_args(model)[1], v, f"{path}.{k}")
        ]
    if isinstance(model, type) and issubclass(model, pydantic.BaseModel):
        return _fields(model, value, path)
    if model is None or model is type(None):
        return [] if value is None else [f"{path}: {value!r} is not null"]
    wanted = {float: (int, float), datetime: (str,), dict: (dict,), list: (list,)}.get(
        model, (model,)
    )
    wrong = not isinstance(value, wanted) or (isinstance(value, bool) and model is not bool)
    return [f"{path}: {value!r} is no {model.__name__}"] if wrong else []


STORED_ROLE = ChatCompletionStoreMessage.model_fields["role"].annotation
"""The SDK says that stored messages are all from the assistant, although it lists every message."""


def _fields(model: type[pydantic.BaseModel], value: Any, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: {value!r} is no {model.__name__}"]
    known = {field.alias or name: field for name, field in model.model_fields.items()}
    errors = [
        f"{path}.{name}: not a field of {model.__name__}" for name in value if name not in known
    ]
    for name, field in known.items():
        if name in value:
            errors += errors_in(field.annotation, value[name], f"{path}.{name}")
        elif field.is_required():
            errors.append(f"{path}.{name}: missing in {model.__name__}")
    return errors


def _union(members: tuple[Any, ...], value: Any, path: str) -> list[str]:
    best: list[str] | None = None
    for member in members:
        errors = errors_in(member, value, path)
        if not errors:
            return []
        tagged = any(
            e.startswith((f"{path}.type:", f"{path}.role:", f"{path}.object:")) for e in errors
        )
        if best is None or (not tagged and len(errors) < len(best)):
            best = errors
    return best or []


ERROR_FIELDS = {"message": str, "type": str, "param": str | None, "code": str | None}


def errors_in_error(value: Any) -> list[str]:
    """Return what is wrong with an error answer."""
    if not isinstance(value, dict) or set(value) != {"error"}:
        return [f"{value!r} is no error object"]
    error = value["error"]
    if set(error) != set(ERROR_FIELDS):
        return [f"error has the fields {sorted(error)}"]
    return [e for name, t in ERROR_FIELDS.items() for e in errors_in(t, error[name], name)]


PAGES = {
    "all": {"object": str, "data": list},
    "cursor": {
        "object": Literal["list"],
        "data": list,
        "first_id": str | None,
        "last_id": str | None,
        "has_more": bool,
    },
    "search": {
        "object": Literal["vector_store.search_results.page"],
        "search_query": list[str],
        "data": list,
        "has_more": bool,
        "next_page": str | None,
    },
    "content": {
        "object": Literal["vector_store.file_content.page"],
        "data": list,
        "has_more": bool,
        "next_page": str | None,
    },
}


def errors_in_answer(route: Route, value: Any) -> list[str]:
    """Return what is wrong with a JSON answer of ``route``."""
    if route.answer is None:
        return [] if route.open else [f"{route.path} declares no JSON answer"]
    model = checks.load(route.answer)
    if route.page is None:
        return errors_in(model, value)
    frame = PAGES[route.page]
    if set(value) != set(frame):
        return [f"page has the fields {sorted(value)}, not {sorted(frame)}"]
    errors = [e for n, t in frame.items() for e in errors_in(t, value[n], n)]
    return errors + errors_in(list[model], value["data"], "data")


class SpeechDelta(pydantic.BaseModel):
    """A piece of speech; the SDK has no type for it."""

    type: Literal["speech.audio.delta"]
    audio: str


class SpeechUsage(pydantic.BaseModel):
    """What speech is billed by."""

    input_tokens: int
    output_tokens: int
    total_tokens: int


class SpeechDone(pydantic.BaseModel):
    """The end of speech."""

    type: Literal["speech.audio.done"]
    usage: SpeechUsage


UNTYPED = {"/audio/speech": SpeechDelta | SpeechDone}
"""Events that the SDK leaves to its caller, as other clients of the API declare them."""


def errors_in_stream(route: Route, body: bytes) -> list[str]:
    """Return what is wrong with a stream of events of ``route``."""
    if route.stream is None and route.path not in UNTYPED:
        return [f"{route.path} declares no stream"]
    model = checks.load(route.stream) if route.stream else UNTYPED[route.path]
    errors = []
    for block in body.decode().split("\n\n")[:-1]:
        lines = dict(line.split(": ", 1) for line in block.split("\n"))
        if lines["data"] == "[DONE]":
            continue
        value = json.loads(lines["data"])
        if set(value) == {"error"}:
            errors += errors_in_error(value)
            continue
        errors += errors_in(model, value, f"event {lines.get('event', '')}")
        if "event" in lines and lines["event"] != value.get("type"):
            errors.append(f"event is named {lines['event']}, its type is {value.get('type')}")
    return errors


class StrictApp:
    """An ASGI app that records what is wrong with the answers of the demo it wraps.

    Attributes:
        errors: What was wrong so far, one line for each fault.
        used: The SDK methods whose routes gave at least one good answer.
    """

    def __init__(self, app: Any) -> None:
        self.app = app
        self.errors: list[str] = []
        self.used: set[str] = set()
        self.routes = [
            (compile_path(PREFIX + route.path)[0], route)
            for family in families()
            for route in family.routes
        ]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on and look at what comes back."""
        answer: dict[str, Any] = {"body": b"", "status": 0, "type": "", "whole": False}

        async def watch(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = {k.decode().lower(): v.decode() for k, v in message["headers"]}
                answer["status"] = message["status"]
                answer["type"] = headers.get("content-type", "")
            else:
                answer["body"] += message.get("body", b"")
                answer["whole"] = not message.get("more_body", False)
                if answer["whole"] and scope["method"] != "OPTIONS":
                    self._look(scope["method"], scope["path"], answer)
            await send(message)

        await self.app(scope, receive, watch)

    def _look(self, verb: str, path: str, answer: dict[str, Any]) -> None:
        if answer["status"] >= 400:
            self.errors += errors_in_error(json.loads(answer["body"]))
            return
        route = next((r for p, r in self.routes if r.verb == verb and p.match(path)), None)
        if route is None:
            self.errors.append(f"{verb} {path} has no route")
            return
        if answer["type"].startswith("text/event-stream"):
            found = errors_in_stream(route, answer["body"])
        elif answer["type"] == "application/json" and (route.answer or not route.content):
            found = errors_in_answer(route, json.loads(answer["body"]))
        else:
            found = [] if route.content else [f"{verb} {path} declares no {answer['type']}"]
        self.errors += [f"{verb} {path}: {e}" for e in found]
        if not found:
            self.used |= set(route.methods)
