"""Reads a request's parameters: JSON, multipart form or query string."""

import json
import re
from typing import Any

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from playground.demo import checks
from playground.demo.errors import api_error

MAX_BODY = 65 * 1024 * 1024
"""Bytes of the largest body the demo reads: a part of 64 MB and the form around it."""
BRACKET = re.compile(r"\[([^\]]*)\]")


class MemoryParser(MultiPartParser):
    """A multipart parser that keeps files in memory: on disk it would need threads."""

    spool_max_size = MAX_BODY + 1


async def read_params(request: Request, shape: Any) -> dict[str, Any]:
    """Return the request's parameters.

    Args:
        request: The request; its body is read to the end.
        shape: The SDK's type of the parameters, by which form and query strings are converted.

    Raises:
        APIError: 400 the body is no JSON object or no valid form, 413 it is too large, 415 it is
            of a type the API does not take.
    """
    if request.method in ("GET", "DELETE"):
        return _coerced(shape, _nested(request.query_params.multi_items()))
    body = await _body(request)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == "multipart/form-data":
        return _coerced(shape, _nested(await _form(request, body)))
    if not body:
        return {}
    if media_type != "application/json":
        raise api_error(
            "unsupported_media_type", value=media_type or "none", expected="application/json"
        )
    try:
        value = json.loads(body)
    except ValueError as error:
        raise api_error("invalid_json", reason=str(error)) from None
    except RecursionError:
        raise api_error("invalid_json", reason="the document is nested too deeply") from None
    if not isinstance(value, dict):
        got = checks.kind_of(value)
        raise api_error("invalid_body", got=got, got_zh=checks.NAMES[got])
    return value


async def _body(request: Request) -> bytes:
    too_large = api_error("request_too_large", limit=MAX_BODY)
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > MAX_BODY:
        raise too_large
    parts = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY:
            raise too_large
        parts.append(chunk)
    return b"".join(parts)


async def _form(request: Request, body: bytes) -> list[tuple[str, Any]]:
    async def once():
        yield body

    try:
        form = await MemoryParser(request.headers, once(), max_part_size=MAX_BODY).parse()
    except (MultiPartException, KeyError, ValueError) as error:
        raise api_error("invalid_json", reason=f"bad multipart body: {error}") from None
    items: list[tuple[str, Any]] = []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            content = value.file.read()
            value = checks.Upload(value.filename or "upload", content, value.content_type)
        items.append((name, value))
    return items


def _nested(items: list[tuple[str, Any]]) -> dict[str, Any]:
    """Decode ``a[b]=1`` to a dict and ``a[]=1`` to a list, as the SDK writes them."""
    result: dict[str, Any] = {}
    for name, value in items:
        head, *_ = name.split("[", 1)
        keys = [head, *BRACKET.findall(name)]
        _insert(result, keys, value)
    return result


def _insert(target: dict[str, Any], keys: list[str], value: Any) -> None:
    name, *rest = keys
    if not rest:
        if name in target:
            known = target[name]
            target[name] = [*known, value] if isinstance(known, list) else [known, value]
        else:
            target[name] = value
    elif rest == [""]:
        known = target.setdefault(name, [])
        if isinstance(known, list):
            known.append(value)
    elif rest[0] == "":
        known = target.setdefault(name, [])
        if isinstance(known, list):
            item: dict[str, Any] = known[-1] if known and rest[1] not in known[-1] else {}
            if not known or known[-1] is not item:
                known.append(item)
            _insert(item, rest[1:], value)
    else:
        known = target.setdefault(name, {})
        if isinstance(known, dict):
            _insert(known, rest, value)


def _coerced(shape: Any, params: dict[str, Any]) -> dict[str, Any]:
    if shape is None:
        return params
    hints: dict[str, Any] = {}
    for member in reversed(checks.members(shape)):
        for name, field in checks.fields(member).items():
            hints[name] = (
                hints[name] | field.hint if name == "stream" and name in hints else field.hint
            )
    return {k: checks.coerce(hints[k], v) if k in hints else v for k, v in params.items()}
