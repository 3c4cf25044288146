"""The functions that the worker calls."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pyodide.ffi import to_js

from playground.runtime import artifacts, environment, patches, run

__all__ = ["boot", "run_code"]


def boot() -> str:
    """Prepare the interpreter once and return the SDK's version."""
    patches.apply()
    environment.refuse_input()
    import openai

    return openai.__version__


async def run_code(
    code: str,
    settings: str,
    flush: Callable[[], None],
    share: Callable[[Any, str], None],
) -> str:
    """Run a reader's code and return how it ended.

    Args:
        code: Python source, top-level ``await`` allowed.
        settings: JSON of ``variables``, the environment variables to set, and ``limits``, the
            fields of :class:`artifacts.Limits`.
        flush: Called when the run has ended, before its artifacts are shared.
        share: Called with the artifacts, a JavaScript array of ``[name, Uint8Array]``, and the
            JSON of how many were left out by reason. Not called when the run wrote no file.

    Returns:
        JSON of the ``RunOutcome`` in ``playground/web/protocol.ts``.
    """
    given = json.loads(settings)
    with (
        environment.variables(given["variables"]),
        environment.working_directory() as folder,
        environment.streams(),
    ):
        before = artifacts.snapshot(folder)
        outcome = await run.run(code)
        written = artifacts.collect(folder, before, artifacts.Limits(**given["limits"]))
    flush()
    if written.artifacts or written.omitted:
        pairs = [[artifact.name, artifact.content] for artifact in written.artifacts]
        share(to_js(pairs), json.dumps(written.omitted))
    return json.dumps(outcome, ensure_ascii=False)
