"""Tells what a text would be flagged for, by the words of ``moderation.yml``."""

from typing import Any

from playground.data import load_data
from playground.demo.state import digest

FLAGGED = 0.9
"""Score of a category whose words occur; the others are near zero."""


def moderate(text: str, inputs: tuple[str, ...] = ("text",)) -> dict[str, Any]:
    """Return the API's moderation result for a text.

    Args:
        text: What is looked at.
        inputs: What the input consisted of: ``text``, ``image``.
    """
    table = load_data("playground.demo", "moderation")
    lower = text.lower()
    for phrase in table["harmless"]:
        lower = lower.replace(phrase, " ")
    categories, scores, applied = {}, {}, {}
    for name, words in table["categories"].items():
        hits = sum(lower.count(word) for word in words)
        noise = sum(digest(name, text, length=3).encode()) / 1e6
        categories[name] = hits > 0
        scores[name] = round(min(FLAGGED + 0.02 * hits + noise, 0.999) if hits else noise, 6)
        applied[name] = [i for i in inputs if i == "text" or name in table["images"]]
    return {
        "flagged": any(categories.values()),
        "categories": categories,
        "category_scores": scores,
        "category_applied_input_types": applied,
    }
