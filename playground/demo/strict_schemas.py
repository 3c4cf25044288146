"""What strict structured outputs ask of a JSON schema: closed objects, every property required."""

from typing import Any

from playground.demo.errors import api_error


def require_strict(schema: dict[str, Any], subject: str, *, param: str, key: str) -> None:
    """Check a schema that a request calls strict.

    Args:
        schema: The JSON schema.
        subject: What it belongs to, e.g. ``response_format 'event'``.
        param: Where the request names it.
        key: The entry of ``messages.yml`` for its faults.

    Raises:
        APIError: 400, an object of the schema is open or has optional properties.
    """
    found = _fault(schema, ())
    if found is not None:
        context, wrong, wrong_zh = found
        written = f"({', '.join(repr(c) for c in context)}{',' if len(context) == 1 else ''})"
        raise api_error(
            key, param=param, subject=subject, context=written, wrong=wrong, wrong_zh=wrong_zh
        )


def _fault(schema: Any, context: tuple[str, ...]) -> tuple[tuple[str, ...], str, str] | None:
    """Return the first fault of a schema: where it is, and what is wrong in both languages."""
    if not isinstance(schema, dict):
        return None
    if schema.get("type") == "object" or "properties" in schema:
        if schema.get("additionalProperties") is not False:
            return (
                context,
                "'additionalProperties' is required to be supplied and to be false",
                '这一层的对象要写上 "additionalProperties": false',
            )
        missing = [n for n in schema.get("properties", {}) if n not in schema.get("required", [])]
        if missing:
            return (
                context,
                "'required' is required to be supplied and to be an array including every key in "
                f"properties. Missing '{missing[0]}'",
                f"required 要列出全部属性，缺了 {missing[0]}；可以为空的属性用 null 类型表示",
            )
    for name in ("properties", "$defs", "definitions"):
        for inner, part in (schema.get(name) or {}).items():
            found = _fault(part, (*context, name, inner))
            if found:
                return found
    if "items" in schema:
        found = _fault(schema["items"], (*context, "items"))
        if found:
            return found
    for name in ("anyOf", "allOf"):
        for index, part in enumerate(schema.get(name) or ()):
            found = _fault(part, (*context, name, str(index)))
            if found:
                return found
    return None
