"""The functions that the worker calls."""

from __future__ import annotations

import json
from collections.abc import Callable

from playground.runtime import environment, patches, run

__all__ = ["boot", "run_code"]


def boot() -> str:
    """Prepare the interpreter once and return the SDK's version."""
    patches.apply()
    environment.configure_streams()
    import openai

    return openai.__version__


async def run_code(code: str, settings: str, flush: Callable[[], None]) -> str:
    """Run a reader's code and return how it ended.

    Args:
        code: Python source, top-level ``await`` allowed.
        settings: JSON of the environment variables to set: ``{"OPENAI_API_KEY": …}``.
        flush: Called when the run has ended, before the outcome is returned.

    Returns:
        JSON of the ``RunOutcome`` in ``playground/web/protocol.ts``.
    """
    with environment.variables(json.loads(settings)):
        outcome = await run.run(code)
    environment.flush_streams()
    flush()
    return json.dumps(outcome, ensure_ascii=False)
