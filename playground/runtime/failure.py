"""Turn an exception into what a reader sees: the own lines, an explanation, the traceback."""

from __future__ import annotations

import itertools
import linecache
import re
import traceback
from typing import Any

from playground.data import load_data


def describe(error: BaseException, filename: str) -> dict[str, Any]:
    """Return the ``Failure`` of protocol.ts for ``error``.

    Args:
        error: The exception that ended the run.
        filename: File name under which the reader's code was compiled.
    """
    if isinstance(error, SyntaxError) and error.filename == filename:
        lines = [_line(error.lineno or 1, error.text)]
    else:
        frames = traceback.extract_tb(error.__traceback__)
        own = [_line(f.lineno or 0, f.line) for f in frames if f.filename == filename]
        lines = _fold_repeats(own)
    own_frames = _skip_runner_frames(error, filename)
    trace = "".join(traceback.format_exception(type(error), error, own_frames))
    return {
        "type": _name(error),
        "message": str(error),
        "lines": lines,
        "explanation": explain(error),
        "traceback": trace,
    }


def explain(error: BaseException) -> dict[str, Any] | None:
    """Return the first entry of errors.yml that fits ``error``, or None.

    An entry fits when the exception or one of its bases has the entry's ``exception`` name and,
    where given, its ``code`` attribute is ``code`` or one of its list, its ``status_code`` is
    ``status``, and ``message`` is found in its text or in that of an exception that caused it.
    """
    names = {cls.__name__ for cls in type(error).__mro__}
    code, status = getattr(error, "code", None), getattr(error, "status_code", None)
    text = "\n".join(_texts(error))
    for entry in load_data("playground", "errors"):
        if entry["exception"] not in names:
            continue
        codes = entry.get("code", code)
        if code != codes and not (isinstance(codes, list) and code in codes):
            continue
        if entry.get("status", status) != status:
            continue
        if "message" in entry and not re.search(entry["message"], text):
            continue
        return {"title": entry["title"], "cause": entry["cause"], "fixes": entry["fixes"]}
    return None


def _texts(error: BaseException | None) -> list[str]:
    texts = []
    while error is not None:
        texts.append(str(error))
        error = error.__cause__ or error.__context__
    return texts


def _name(error: BaseException) -> str:
    cls = type(error)
    if cls.__module__ in ("builtins", "__main__"):
        return cls.__qualname__
    # openai re-exports its exceptions, and that is the name a reader catches them by.
    return f"{cls.__module__.split('.')[0]}.{cls.__qualname__}"


def _fold_repeats(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Show a run of the same line once, as a traceback does: a recursion has a thousand."""
    folded = []
    for line, group in itertools.groupby(lines):
        count = sum(1 for _ in group)
        note = f"  # 连续 {count} 次" if count > 1 else ""
        folded.append({**line, "text": line["text"] + note})
    return folded


def _line(number: int, text: str | None) -> dict[str, Any]:
    return {"number": number, "text": (text or linecache.getline("snippet.py", number)).strip()}


def _skip_runner_frames(error: BaseException, filename: str) -> Any:
    """Return the traceback from the reader's first own frame on, if there is one."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != filename:
        trace = trace.tb_next
    return trace if trace is not None else error.__traceback__
