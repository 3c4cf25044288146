"""How reasoning models treat a request, by the table of ``reasoning.yml``."""

import re
from typing import Any

from playground.data import load_data
from playground.demo.errors import api_error

ALLOWED = {"temperature": (1, None), "logprobs": (False, None), "top_logprobs": (0, None)}
"""Values of a refused parameter that are no more than its default."""


def rules(model: str) -> dict[str, Any] | None:
    """Return the entry of the table that fits a model, or None if it does not reason."""
    table = load_data("playground.demo", "reasoning")
    return next((e for e in table if "models" in e and re.search(e["models"], model)), None)


def effort(model: str, asked: str | None, *, param: str = "reasoning_effort") -> str:
    """Return the effort with which a model reasons.

    Args:
        model: The model's id.
        asked: The effort that the request names, if any.
        param: Where it names it.

    Raises:
        APIError: 400, the model does not take this effort.
    """
    entry = rules(model)
    if entry is None:
        return asked or "none"
    if asked is None:
        return entry["default"]
    if asked not in entry["efforts"]:
        raise api_error(
            "unsupported_value",
            param=param,
            value=asked,
            supported=", ".join(f"'{e}'" for e in entry["efforts"]),
        )
    return asked


def thought(model: str, asked: str | None) -> int:
    """Return how many reasoning tokens are counted for a request."""
    table = load_data("playground.demo", "reasoning")
    counts = next(e["tokens"] for e in table if "tokens" in e)
    return counts[effort(model, asked)]


def require_supported(params: dict[str, Any]) -> None:
    """Check a chat completion's parameters against what its model takes.

    Raises:
        APIError: 400, the model refuses a parameter, always or while it reasons.
    """
    model = params["model"]
    entry = rules(model)
    used = effort(model, params.get("reasoning_effort"))
    if entry is None:
        return
    if params.get("max_tokens") is not None and "max_tokens" in entry["always"]:
        raise api_error(
            "unsupported_parameter",
            param="max_tokens",
            hint=" Use 'max_completion_tokens' instead.",
            hint_zh="，请改用 max_completion_tokens",
        )
    require_sampling(params, model, used, 'reasoning_effort="none"')
    if used == "none":
        return
    functions = [t for t in params.get("tools") or () if t.get("type") == "function"]
    if functions and not entry["tools"]:
        raise api_error("tools_with_reasoning", param="reasoning_effort", value=model)


def require_sampling(params: dict[str, Any], model: str, used: str, switch: str) -> None:
    """Check the parameters that steer sampling, which a model refuses while it reasons.

    Args:
        params: The request's parameters.
        model: The model's id.
        used: The effort with which it reasons.
        switch: What the reader writes to turn reasoning off.

    Raises:
        APIError: 400, the model refuses a parameter while it reasons.
    """
    entry = rules(model)
    if entry is None or used == "none":
        return
    hint_zh = f"，或加上 {switch} 关掉推理" if "none" in entry["efforts"] else ""
    for name in entry["reasoning"]:
        value = params.get(name)
        if value in ALLOWED.get(name, (None,)):
            continue
        if name == "temperature":
            raise api_error("only_default", param=name, value=value, hint_zh=hint_zh)
        raise api_error("unsupported_parameter", param=name, hint="", hint_zh=hint_zh)
