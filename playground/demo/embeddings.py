"""Vectors in which texts about the same thing are near: characters, words and concepts.

Each feature of a text stands for a fixed direction (signs drawn from the feature's own hash); a
text's vector is the weighted sum of its features' directions, of length 1. Shared features make
two vectors near; the concepts of ``embeddings.yml`` are features that synonyms share. As with the
API's models, the first ``dimensions`` numbers of a vector are a shorter vector of the same text.
"""

import math
import random
import re
from functools import lru_cache
from typing import Any

from playground.data import load_data

CONCEPT = 2.0
WORD = 1.0
PAIR = 0.7
CHARACTER = 0.4
LIGHT = 0.1


def features(text: str) -> dict[str, float]:
    """Return the features of ``text`` with their weights."""
    table = load_data("playground.demo", "embeddings")
    lower = text.lower()
    found: dict[str, float] = {}

    def add(name: str, weight: float) -> None:
        found[name] = found.get(name, 0) + weight

    for concept, words in table["concepts"].items():
        if any(_has(lower, word) for word in words):
            add(f"concept {concept}", CONCEPT)
    for word in re.findall(r"[a-z]+|\d+", lower):
        add(f"word {word}", WORD)
    light = set(table["light"])
    for run in re.findall(r"[\u4e00-\u9fff]+", lower):
        for character in run:
            add(character, LIGHT if character in light else CHARACTER)
        for at in range(len(run) - 1):
            pair = run[at : at + 2]
            add(pair, LIGHT if set(pair) & light else PAIR)
    if not found:
        add(f"text {text}", WORD)
    return found


def _has(text: str, word: str) -> bool:
    if word.isascii():
        return re.search(rf"\b{re.escape(word)}", text) is not None
    return word in text


@lru_cache(maxsize=512)
def direction(feature: str, size: int) -> tuple[int, ...]:
    """Return the fixed direction of a feature: ``size`` numbers that are 1 or -1."""
    bits = random.Random(feature).getrandbits(size)
    return tuple(1 if digit == "1" else -1 for digit in f"{bits:0{size}b}")


def embed(weights: dict[str, float], size: int, dimensions: int | None = None) -> list[float]:
    """Return the vector of length 1 for weighted features.

    Args:
        weights: The features with their weights.
        size: The length of the model's vectors.
        dimensions: How many numbers of the vector to keep.
    """
    total = [0.0] * size
    for feature, weight in weights.items():
        signs = direction(feature, size)
        total = [t + weight * s for t, s in zip(total, signs, strict=True)]
    total = total[:dimensions]
    length = math.sqrt(sum(t * t for t in total)) or 1.0
    return [t / length for t in total]


def similarity(a: list[float], b: list[float]) -> float:
    """Return the cosine of the angle between two vectors of length 1."""
    return sum(x * y for x, y in zip(a, b, strict=True))


def text_vector(text: str, size: int = 256) -> list[float]:
    """Return the vector of ``text`` as the demo's own search uses it."""
    return embed(features(text), size)


def size_of(model: str) -> int:
    """Return the length of a model's vectors."""
    sizes: dict[str, Any] = load_data("playground.demo", "embeddings")["dimensions"]
    return sizes.get(model, 1536)
