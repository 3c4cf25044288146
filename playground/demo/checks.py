"""Checks of requests against the SDK's own parameter types.

The types are the TypedDicts of ``openai.types``. Their hints are resolved when a request first
needs them and kept, so importing the demo stays cheap. Ranges that the SDK states only in prose
are in ``limits.yml``.
"""

import collections.abc
import importlib
import re
import types
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, NotRequired, Required, Union, get_args, get_origin

from typing_extensions import get_type_hints, is_typeddict

from playground.data import load_data
from playground.demo.errors import APIError, api_error

SEQUENCES = (list, collections.abc.Iterable, collections.abc.Sequence)
MAPPINGS = (dict, collections.abc.Mapping)
ECHOED = {
    "chat.chat_completion_assistant_message_param": ("annotations", "parsed", "tool_calls"),
    "chat.chat_completion_message_function_tool_call_param": ("parsed_arguments",),
}
"""Fields that come back, unknown or null, when the SDK's own message objects are sent again."""
DEFAULTED = {
    "ResponseInputImageParam": ("detail",),
    "FunctionToolParam": ("parameters", "strict"),
    "ResponseOutputTextParam": ("annotations",),
}
"""Fields that the SDK's types require although the API has a default for them, as its guides and
the SDK's README leave them out; the first one's docstring names the default."""
WIDER = {
    ("EasyInputMessageParam", "content"): (
        "responses.response_output_message_param:ResponseOutputMessageParam"
    )
}
"""Fields that also take what the field of the same name in another type takes: the guide on
conversation state sends an answer's role and content back without its id and status."""
NAMES = {
    "string": "字符串",
    "integer": "整数",
    "decimal": "小数",
    "boolean": "布尔值",
    "array": "数组",
    "object": "对象",
    "null": "null",
    "file": "文件",
}


@dataclass(frozen=True)
class Upload:
    """A file that came in a multipart body."""

    filename: str
    content: bytes
    content_type: str | None = None


@dataclass(frozen=True)
class Field:
    """One field of a TypedDict: the type it takes and whether it must be there."""

    hint: Any
    required: bool
    bounds: dict[str, Any] | None


def load(reference: str) -> Any:
    """Return what ``module:name`` names; the module is relative to ``openai.types``."""
    module, _, name = reference.partition(":")
    return getattr(importlib.import_module(f"openai.types.{module}"), name)


@cache
def fields(shape: Any) -> dict[str, Field]:
    """Return the fields of a TypedDict by the names they have on the wire."""
    required = shape.__required_keys__
    found = {}
    for name, hint in get_type_hints(shape, include_extras=True).items():
        must = name in required
        wire = name
        while get_origin(hint) in (Required, NotRequired, Annotated):
            if get_origin(hint) is Required:
                must = True
            if get_origin(hint) is Annotated:
                wire = next(
                    (m.alias for m in get_args(hint)[1:] if getattr(m, "alias", None)), wire
                )
            hint = get_args(hint)[0]
        must = must and name not in DEFAULTED.get(shape.__name__, ())
        wider = WIDER.get((shape.__name__, name))
        if wider:
            hint = Union[hint, fields(load(wider))[name].hint]  # noqa: UP007
        found[wire] = Field(hint, must, _bounds(shape, name))
    return found


@cache
def _tags(shape: Any) -> tuple[tuple[str, bool, tuple[Any, ...]], ...]:
    """Return the fields of a TypedDict that take fixed values only: name, required, values."""
    found = []
    for name, field in fields(shape).items():
        alternatives = members(field.hint)
        values = tuple(v for m in alternatives if get_origin(m) is Literal for v in get_args(m))
        if values and all(get_origin(m) is Literal or m is type(None) for m in alternatives):
            found.append((name, field.required, values))
    return tuple(found)


def _bounds(shape: Any, name: str) -> dict[str, Any] | None:
    """Return the limits of one field, looked up in the class and in those it inherits from."""
    limits = load_data("playground.demo", "limits")
    for owner in (shape, *getattr(shape, "__orig_bases__", ())):
        module = owner.__module__.removeprefix("openai.types.")
        entry = limits.get(module, {}).get(owner.__name__, {}).get(name)
        if entry is not None:
            return entry
    return None


@cache
def members(hint: Any) -> tuple[Any, ...]:
    """Return the alternatives of a type: its union's members, nested unions laid flat."""
    if get_origin(hint) is Annotated:
        return members(get_args(hint)[0])
    if get_origin(hint) in (Union, types.UnionType):
        return tuple(m for part in get_args(hint) for m in members(part))
    return (hint,)


def kind_of(value: Any) -> str:
    """Return the JSON type of ``value`` as the API's messages call it."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "decimal"
        case str():
            return "string"
        case dict():
            return "object"
        case Upload():
            return "file"
        case _:
            return "array"


@cache
def _kinds(hint: Any) -> tuple[str, ...]:
    """Return the JSON types that one alternative takes; none means any."""
    origin = get_origin(hint) or hint
    if hint in (Any, object):
        return ()
    if hint is None or hint is type(None):
        return ("null",)
    if origin is Literal:
        return tuple(dict.fromkeys(kind_of(v) for v in get_args(hint)))
    if is_typeddict(origin) or origin in MAPPINGS:
        return ("object",)
    if origin is bool:
        return ("boolean",)
    if origin is int:
        return ("integer",)
    if origin is float:
        return ("decimal", "integer")
    if origin is str:
        return ("string",)
    if origin in SEQUENCES:
        return ("array",)
    return ("file",)


def check(shape: Any, value: dict[str, Any]) -> None:
    """Check the parameters of one request.

    Args:
        shape: A TypedDict, or a union of TypedDicts, of the SDK.
        value: The request's parameters as they came over the wire.

    Raises:
        APIError: 400 for the first parameter that is unknown, missing or wrong, with its path.
    """
    _value(shape, value, "", None)


def _value(hint: Any, value: Any, path: str, bounds: dict[str, Any] | None) -> None:
    alternatives = members(hint)
    if value is None and any(m is type(None) or m is None for m in alternatives):
        return
    if any(not _kinds(m) for m in alternatives):
        return
    got = kind_of(value)
    part: Any = value
    fitting = [m for m in alternatives if got in _kinds(m)]
    if not fitting:
        raise _wrong_type(path, alternatives, value)
    if got == "object":
        _object(fitting, part, path)
    elif got == "array":
        _array(fitting, part, path)
    elif got != "file":
        _scalar(fitting, value, path)
    if bounds:
        _limits(bounds, value, path)


def _scalar(fitting: list[Any], value: Any, path: str) -> None:
    supported: list[Any] = []
    for member in fitting:
        if get_origin(member) is not Literal:
            return
        supported += get_args(member)
    if not any(value == s and type(value) is type(s) for s in supported):
        raise api_error(
            "invalid_value",
            param=path,
            value=_show(value),
            supported=", ".join(f"'{_show(s)}'" for s in dict.fromkeys(supported)),
        )


def _array(fitting: list[Any], value: list[Any], path: str) -> None:
    first: APIError | None = None
    for member in fitting:
        (item,) = get_args(member) or (object,)
        try:
            for index, part in enumerate(value):
                _value(item, part, f"{path}[{index}]", None)
            return
        except APIError as error:
            if first is None or _depth(error) > _depth(first):
                first = error
    assert first is not None
    raise first


def _object(fitting: list[Any], value: dict[str, Any], path: str) -> None:
    shapes = [m for m in fitting if is_typeddict(get_origin(m) or m)]
    if len(shapes) < len(fitting):  # a plain mapping is among the alternatives
        for member in fitting:
            if member not in shapes:
                _, item = get_args(member) or (str, object)
                for key, part in value.items():
                    _value(item, part, _join(path, key), None)
                return
    left = _discriminated(shapes, value, path) if len(shapes) > 1 else shapes
    best: APIError | None = None
    for shape in left:
        try:
            _fields(shape, value, path)
            return
        except APIError as error:
            if best is None or _depth(error) > _depth(best):
                best = error
    assert best is not None
    raise best


def _discriminated(shapes: list[Any], value: dict[str, Any], path: str) -> list[Any]:
    """Return the shapes whose one-value Literals (``role``, ``type``, …) fit ``value``."""
    tags: dict[str, list[Any]] = {}
    left = []
    for shape in shapes:
        fits = True
        for name, required, values in _tags(shape):
            tags.setdefault(name, []).extend(values)
            given = value.get(name)
            if given is not None and given not in values:
                fits = False
            if name == "type" and required and name not in value:
                fits = False
        if "role" in value and "type" not in value and "role" not in fields(shape):
            fits = False
        if fits:
            left.append(shape)
    if not left:
        for name in ("type", "role", *tags):
            if name in tags and name in value and value[name] not in tags[name]:
                _value(Literal[tuple(tags[name])], value[name], _join(path, name), None)
    for name in ("type", "role"):
        if name in tags and name not in value and all(_requires(s, name) for s in shapes):
            raise api_error("missing_required_parameter", param=_join(path, name))
    return left or shapes


def _requires(shape: Any, name: str) -> bool:
    return name in fields(shape) and fields(shape)[name].required


def _fields(shape: Any, value: dict[str, Any], path: str) -> None:
    known = fields(get_origin(shape) or shape)
    echoed = ECHOED.get(shape.__module__.removeprefix("openai.types."), ())
    for name in value:
        if name not in known and name not in echoed:
            raise api_error("unknown_parameter", param=_join(path, name))
    for name, field in known.items():
        if field.required and name not in value:
            raise api_error("missing_required_parameter", param=_join(path, name))
    for name, part in value.items():
        if name not in known or (part is None and name in echoed):
            continue
        _value(known[name].hint, part, _join(path, name), known[name].bounds)


def _limits(bounds: dict[str, Any], value: Any, path: str) -> None:
    def fail(code: str, limit: Any, size: Any) -> None:
        raise api_error(code, param=path, limit=limit, value=size)

    match value:
        case bool() | None:
            pass
        case int() | float():
            kind = "integer" if isinstance(value, int) and bounds.get("integer") else "decimal"
            if "max" in bounds and value > bounds["max"]:
                fail(f"{kind}_above_max_value", bounds["max"], value)
            if "min" in bounds and value < bounds["min"]:
                fail(f"{kind}_below_min_value", bounds["min"], value)
        case str():
            if len(value) > bounds.get("max_length", len(value)):
                fail("string_above_max_length", bounds["max_length"], len(value))
            if len(value) < bounds.get("min_length", 0):
                fail("empty_string", bounds["min_length"], len(value))
            if "pattern" in bounds and not re.fullmatch(bounds["pattern"], value):
                fail("invalid_pattern", bounds["pattern"], value)
        case dict():
            if len(value) > bounds.get("max_keys", len(value)):
                fail("object_above_max_properties", bounds["max_keys"], len(value))
            for key, part in value.items():
                if len(key) > bounds.get("max_key_length", len(key)):
                    raise api_error(
                        "string_above_max_length",
                        param=_join(path, key),
                        limit=bounds["max_key_length"],
                        value=len(key),
                    )
                if "values" in bounds:
                    _limits(bounds["values"], part, _join(path, key))
        case list():
            if len(value) > bounds.get("max_items", len(value)):
                fail("array_above_max_length", bounds["max_items"], len(value))
            if len(value) < bounds.get("min_items", 0):
                fail("empty_array", bounds["min_items"], len(value))


def _wrong_type(path: str, alternatives: tuple[Any, ...], value: Any) -> APIError:
    wanted = list(dict.fromkeys(k for m in alternatives for k in _kinds(m)))
    if "decimal" in wanted and "integer" in wanted:
        wanted.remove("integer")
    shown = [k for k in wanted if k != "null"] or wanted
    got = kind_of(value)
    return api_error(
        "invalid_type",
        param=path,
        expected=" or ".join(_article(k) for k in shown),
        got=_article(got),
        expected_zh="或".join(NAMES[k] for k in shown),
        got_zh=NAMES[got],
    )


def _article(kind: str) -> str:
    if kind == "null":
        return "null"
    return f"an {kind}" if kind[0] in "aio" else f"a {kind}"


def _show(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _depth(error: APIError) -> int:
    return len(re.findall(r"[.\[]", error.param or ""))


def coerce(hint: Any, value: Any) -> Any:
    """Turn strings from a query or a form into what the type says, where that is possible.

    Args:
        hint: The type of the parameter.
        value: A string, an ``Upload``, or a list or dict of such, as decoded from brackets.

    Returns:
        The converted value; what cannot be converted stays as it is, for ``check`` to refuse.
    """
    alternatives = members(hint)
    match value:
        case str():
            kinds = [k for m in alternatives for k in _kinds(m)]
            literals = [v for m in alternatives if get_origin(m) is Literal for v in get_args(m)]
            if "string" in kinds and not (literals and value in map(str, literals)):
                return value
            for literal in literals:
                if value == _show(literal):
                    return literal
            if "boolean" in kinds and value in ("true", "false"):
                return value == "true"
            if "integer" in kinds and re.fullmatch(r"-?\d+", value):
                return int(value)
            if "decimal" in kinds and re.fullmatch(r"-?\d+(\.\d+)?([eE]-?\d+)?", value):
                return float(value)
            if value in ("", "null") and "null" in kinds:
                return None
            return value
        case list():
            for member in alternatives:
                if (get_origin(member) or member) in SEQUENCES and get_args(member):
                    return [coerce(get_args(member)[0], v) for v in value]
            return value
        case dict():
            shapes = [m for m in alternatives if is_typeddict(get_origin(m) or m)]
            for shape in shapes:
                known = fields(shape)
                if set(value) <= set(known):
                    return {k: coerce(known[k].hint, v) for k, v in value.items()}
            return value
        case _:
            return value
