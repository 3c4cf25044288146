"""Tells what a text would be flagged for, by the patterns of ``moderation.yml``."""

import re
from functools import cache
from typing import Any

from playground.data import load_data
from playground.demo.state import digest

FLAGGED = 0.86
"""Least score of a category whose patterns occur."""
IMPLIED = 0.72
"""Least score of a category that another one implies."""
NEAR = 0.12
"""Least score of a category that is near another one, and not flagged."""


def moderate(text: str, inputs: tuple[str, ...] = ("text",)) -> dict[str, Any]:
    """Return the API's moderation result for a text.

    Args:
        text: What is looked at.
        inputs: What the input consisted of: ``text``, ``image``.
    """
    table = load_data("playground.demo", "moderation")
    lower = _pattern(tuple(table["harmless"])).sub(" ", text.lower())
    hits = {
        name: len(_pattern(tuple(patterns)).findall(lower))
        for name, patterns in table["categories"].items()
    }
    found = [name for name, n in hits.items() if n]
    implied = {other for name in found for other in table["implies"].get(name, ())}
    near = {other for name in {*found, *implied} for other in table["near"].get(name, ())}
    categories, scores, applied = {}, {}, {}
    for name, n in hits.items():
        # Between 0 and 0.1, the same for the same text.
        chance = int.from_bytes(digest(name, text, length=2).encode(), "big") % 1000 / 10_000
        if n:
            score = FLAGGED + chance + 0.02 * (n - 1)
        elif name in implied:
            score = IMPLIED + chance
        else:
            score = NEAR + chance if name in near else chance**2 / 10
        categories[name] = n > 0 or name in implied
        scores[name] = round(min(score, 0.999), 6)
        applied[name] = [i for i in inputs if i == "text" or name in table["images"]]
    return {
        "flagged": any(categories.values()),
        "categories": categories,
        "category_scores": scores,
        "category_applied_input_types": applied,
    }


@cache
def _pattern(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Return one pattern for several: English ones match whole words only."""
    whole = [rf"\b(?:{p})\b" if p.isascii() else f"(?:{p})" for p in patterns]
    return re.compile("|".join(whole))
