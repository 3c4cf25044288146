"""Values for every parameter that the SDK's types allow, made from the types themselves."""

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from typing_extensions import is_typeddict

from playground.demo import checks

DEPTH = 4
"""How deep optional fields are filled; below it only what is required."""


def samples(hint: Any, depth: int = 0) -> list[Any]:
    """Return one value for each alternative of a type, a few for its nested fields."""
    found: list[Any] = []
    for member in checks.members(hint):
        for value in _of(member, depth):
            if value not in found or value is True or value is False:
                found.append(value)
    return found


def _of(member: Any, depth: int) -> list[Any]:
    origin = get_origin(member) or member
    if member is None or member is type(None):
        return [None]
    if origin is Literal:
        return list(get_args(member)) if depth < 2 else [get_args(member)[0]]
    if origin is bool:
        return [True, False]
    if origin is int:
        return [1]
    if origin is float:
        return [0.5]
    if origin is str:
        return ["string"]
    if member in (Any, object):
        return ["string"]
    if is_typeddict(origin):
        return list(_objects(origin, depth))
    if origin in checks.MAPPINGS:
        item = (get_args(member) or (str, object))[1]
        return [{}, {"key": samples(item, depth + 1)[0]}]
    if origin in checks.SEQUENCES:
        (item,) = get_args(member) or (object,)
        return [[value] for value in samples(item, depth + 1)]
    return [checks.Upload("sample.txt", b"sample")]


def _objects(shape: Any, depth: int) -> Iterator[dict[str, Any]]:
    known = checks.fields(shape)
    base = minimal(shape, depth)
    yield base
    if depth >= DEPTH:
        return
    for name, field in known.items():
        if not field.required:
            yield {**base, name: samples(field.hint, depth + 2)[-1]}


def minimal(shape: Any, depth: int = 0) -> dict[str, Any]:
    """Return the smallest object of a TypedDict: its required fields."""
    return {
        name: samples(field.hint, max(depth + 1, DEPTH))[0]
        for name, field in checks.fields(shape).items()
        if field.required
    }


def requests(shape: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (parameter, parameters) for every parameter and every alternative of its type."""
    for member in checks.members(shape):
        base = minimal(member)
        yield "", base
        for name, field in checks.fields(member).items():
            for value in samples(field.hint):
                yield name, {**base, name: value}
