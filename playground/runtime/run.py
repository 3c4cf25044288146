"""Run one piece of code in a namespace of its own and say how it ended."""

from __future__ import annotations

import ast
import asyncio
import linecache
import sys
from typing import Any

from pyodide.code import CodeRunner

from playground.runtime.failure import describe

#: The file name that tracebacks show for the reader's code.
FILENAME = "snippet.py"


async def run(code: str) -> dict[str, Any]:
    """Run ``code`` as ``__main__`` and return a ``RunOutcome`` (see protocol.ts).

    Tasks that the code started and did not await are cancelled when it ends, so that they cannot
    write into the output of a later run.
    """
    lines = code.splitlines(keepends=True)
    linecache.cache[FILENAME] = (len(code), None, lines, FILENAME)
    namespace = {"__name__": "__main__", "__builtins__": __builtins__, "__file__": FILENAME}
    before = asyncio.all_tasks()
    try:
        runner = CodeRunner(
            code,
            filename=FILENAME,
            return_mode="none",
            flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
        )
        await runner.compile().run_async(namespace)
    except SystemExit as exit_request:
        return _outcome_of_exit(exit_request)
    except BaseException as error:
        sys.last_exc = error if isinstance(error, Exception) else None  # type: ignore[assignment]
        return {"status": "error", "failure": describe(error, FILENAME)}
    finally:
        for task in asyncio.all_tasks() - before:
            task.cancel()
    return {"status": "ok"}


def _outcome_of_exit(request: SystemExit) -> dict[str, Any]:
    """Treat ``sys.exit()`` as the end of the run and print its message as Python does.

    A number is the exit status, which Python does not print; nothing else here would show it.
    """
    if isinstance(request.code, int):
        if request.code != 0:
            print(f"[程序结束，退出码 {request.code}]", file=sys.stderr)
    elif request.code is not None:
        print(request.code, file=sys.stderr)
    return {"status": "ok"}
