"""What the SDK's source says about each of its methods: where it calls, what it takes and gives."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass

from openai import OpenAI
from openai._resource import SyncAPIResource

CALL = re.compile(r'self\._(get_api_list|get|post|delete|put)\(\s*(?:path_template\()?f?"([^"]+)"')


@dataclass(frozen=True)
class Method:
    """One method of the SDK, e.g. ``chat.completions.create``.

    Attributes:
        name: Its dotted name.
        verb: The HTTP verb it sends, None for a helper that calls other methods.
        path: The path it calls, path parameters as ``{}``.
        params: The names of the TypedDicts it sends.
        answers: The names of the models it may answer with.
    """

    name: str
    verb: str | None
    path: str | None
    params: frozenset[str]
    answers: frozenset[str]


def resources(client: OpenAI, family: str) -> Iterator[tuple[str, SyncAPIResource]]:
    """Yield the resource of a family and those inside it, with their dotted names."""

    def walk(name: str, resource: SyncAPIResource) -> Iterator[tuple[str, SyncAPIResource]]:
        yield name, resource
        for attribute in dir(type(resource)):
            if attribute.startswith("_") or attribute.startswith("with_"):
                continue
            inner = getattr(resource, attribute)
            if isinstance(inner, SyncAPIResource):
                yield from walk(f"{name}.{attribute}", inner)

    yield from walk(family, getattr(client, family))


def methods(client: OpenAI, family: str) -> list[Method]:
    """Return every public method of a family."""
    found = []
    for prefix, resource in resources(client, family):
        for name, function in inspect.getmembers(type(resource), inspect.isfunction):
            if not name.startswith("_"):
                found.append(describe(f"{prefix}.{name}", inspect.getsource(function)))
    return found


def describe(name: str, source: str) -> Method:
    """Return what a method's source says."""
    call = CALL.search(source)
    verb = {"get_api_list": "GET"}.get(call[1], call[1].upper()) if call else None
    if verb == "GET" and call and call[1] == "get_api_list" and 'method="post"' in source:
        verb = "POST"
    path = re.sub(r"\{\w+\}", "{}", call[2]) if call else None
    params = re.findall(r"\w+_params\.(\w*Params(?:NonStreaming|Streaming)?)\b", source)
    answers = re.findall(
        r"(?:cast_to=|Page\[|model=)(?:cast\()?\s*(?:Any, )?(?:\w+\.)?(\w+)", source
    )
    return Method(name, verb, path, frozenset(params), frozenset(answers))
