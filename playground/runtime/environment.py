"""What a run finds around it: streams, environment variables, refused features."""

from __future__ import annotations

import builtins
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn


def refuse_input() -> None:
    """Make ``input()`` say why it cannot be used."""
    builtins.input = _refuse_input  # type: ignore[assignment]


@contextmanager
def streams() -> Iterator[None]:
    """Give one run a stdout and a stderr of its own.

    Code that replaces or closes them, as ``sys.stdout = io.TextIOWrapper(sys.stdout.buffer)``
    does, would otherwise silence every later run. What it buffered is pushed out at the end.
    """
    before = sys.stdout, sys.stderr
    # Held until the end: a writer that nobody holds closes the buffer that was taken from it.
    own = _writer(1, "strict"), _writer(2, "backslashreplace")
    sys.stdout, sys.stderr = own
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr, *own):
            # The reader's code may have left anything here, a closed file or None.
            with suppress(Exception):
                stream.flush()
        sys.stdout, sys.stderr = before


@contextmanager
def variables(values: dict[str, str]) -> Iterator[None]:
    """Set environment variables for one run and put the old ones back afterwards."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def working_directory() -> Iterator[Path]:
    """Yield the working directory and come back to it after a run that left or removed it.

    The files in it stay for later runs, until the sandbox is thrown away.
    """
    folder = Path.cwd()
    try:
        yield folder
    finally:
        folder.mkdir(parents=True, exist_ok=True)
        os.chdir(folder)


def _writer(descriptor: int, errors: str) -> io.TextIOWrapper:
    """Return a text stream that passes every write on at once, so ``print(x, end="")`` is seen."""
    raw = io.FileIO(descriptor, "w", closefd=False)
    return io.TextIOWrapper(raw, encoding="utf-8", errors=errors, write_through=True)  # type: ignore[arg-type]


def _refuse_input(prompt: object = "", /) -> NoReturn:
    raise RuntimeError(
        "本页不能用 input() 读键盘。请把要输入的内容直接写进代码，例如 name = '小明'。"
    )
