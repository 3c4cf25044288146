"""JSON Lines, the format of batch and training files."""

import json
from typing import Any

from playground.demo.errors import APIError, api_error


def lines(content: bytes) -> list[tuple[int, str]]:
    """Return the lines that hold something, with their numbers from 1.

    Bytes that are no UTF-8 are replaced, so that such a line fails as JSON.
    """
    text = content.decode("utf-8-sig", errors="replace")
    return [(at, line) for at, line in enumerate(text.splitlines(), 1) if line.strip()]


def parse(line: str) -> dict[str, Any] | None:
    """Return the object on one line, or None if the line is not a JSON object."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def objects(content: bytes) -> list[dict[str, Any]]:
    """Return the objects of a whole file.

    Raises:
        APIError: 400 for the first line that is not a JSON object.
    """
    found = []
    for number, line in lines(content):
        value = parse(line)
        if value is None:
            raise not_jsonl(number, line)
        found.append(value)
    return found


def not_jsonl(number: int, line: str) -> APIError:
    """Return the 400 for a file with a line that is not a JSON object."""
    return api_error("not_jsonl", value=number, start=json.dumps(line[:4], ensure_ascii=False))


def dump(values: list[dict[str, Any]]) -> bytes:
    """Return objects as a JSON Lines file."""
    return "".join(json.dumps(v, ensure_ascii=False) + "\n" for v in values).encode()
