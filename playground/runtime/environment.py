"""What a run finds around it: streams, environment variables, refused features."""

from __future__ import annotations

import builtins
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn


def configure_streams() -> None:
    """Send every write to the page at once, so that ``print(x, end="")`` is seen."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", write_through=True)  # type: ignore[union-attr]
    builtins.input = _refuse_input  # type: ignore[assignment]


def flush_streams() -> None:
    """Push out what user code may have buffered by reconfiguring a stream."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()


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


def _refuse_input(prompt: object = "", /) -> NoReturn:
    raise RuntimeError(
        "本页不能用 input() 读键盘。请把要输入的内容直接写进代码，例如 name = '小明'。"
    )
