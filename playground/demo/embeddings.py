"""Vectors in which texts about the same thing are near: characters, words, topics and concepts.

Each feature of a text stands for a fixed direction (signs drawn from the feature's own hash); a
text's vector is the weighted sum of its features' directions, of length 1. Shared features make
two vectors near; the topics and concepts of ``embeddings.yml`` are features that different words
share. As with the API's models, the first ``dimensions`` numbers of a vector are a shorter vector
of the same text.
"""

import math
import random
import re
from array import array
from functools import lru_cache
from typing import Any

from playground.data import load_data

WORD = 1.0
PAIR = 0.7
CHARACTER = 0.4
LIGHT = 0.1
TOPIC = 1.0
CONCEPT = 0.7
MEANING = 1.2
"""How long the part of a vector that tells what the text is about is, next to the part that tells
how it is written: 1 would be as long."""
STEPS = 100
"""Weights are counted in hundredths, so that vectors can be added up as whole numbers."""
LANE = 4
"""Bytes for one number of a vector while it is added up."""
MAX_CACHED = 1024


def features(text: str) -> dict[str, float]:
    """Return the features of ``text`` with their weights."""
    lower = text.lower()
    written = _written(lower) or {f"text {text}": WORD}
    meant = _meant(lower)
    if meant:
        scale = MEANING * _length(written.values()) / _length(meant.values())
        written |= {name: weight * scale for name, weight in meant.items()}
    return written


def _written(lower: str) -> dict[str, float]:
    """Return the characters, pairs of characters and words of a text."""
    light = set(load_data("playground.demo", "embeddings")["light"])
    found: dict[str, float] = {}

    def add(name: str, weight: float) -> None:
        found[name] = found.get(name, 0) + weight

    for word in re.findall(r"[a-z]+|\d+", lower):
        add(f"word {word}", WORD)
    for run in re.findall(r"[\u4e00-\u9fff]+", lower):
        for character in run:
            add(character, LIGHT if character in light else CHARACTER)
        for at in range(len(run) - 1):
            pair = run[at : at + 2]
            add(pair, LIGHT if set(pair) & light else PAIR)
    return found


def _meant(lower: str) -> dict[str, float]:
    """Return the topics and concepts of a text; the topic most often named counts most."""
    table = load_data("playground.demo", "embeddings")
    for word in table["apart"]:
        lower = lower.replace(word, " ")
    topics = {name: _hits(lower, words) for name, words in table["topics"].items()}
    most = max(topics.values())
    found = {f"topic {name}": TOPIC * (n / most) ** 2 for name, n in topics.items() if n}
    for name, words in table["concepts"].items():
        if _hits(lower, words):
            found[f"concept {name}"] = CONCEPT
    return found


def _hits(text: str, words: list[str]) -> int:
    return sum(_has(text, word) for word in words)


def _has(text: str, word: str) -> bool:
    if word not in text:
        return False
    return not word.isascii() or re.search(rf"\b{re.escape(word)}(s|es|ing)?\b", text) is not None


def _length(weights: Any) -> float:
    return math.sqrt(sum(w * w for w in weights))


@lru_cache(maxsize=MAX_CACHED)
def direction(feature: str, size: int) -> int:
    """Return the fixed direction of a feature: ``size`` numbers that are 1 or 0, for 1 or -1.

    They are packed into one whole number, ``LANE`` bytes for each, so that weighting and adding
    up thousands of numbers is a single multiplication and a single addition.
    """
    bits = random.Random(feature).getrandbits(size)
    lanes = bytearray(size * LANE)
    lanes[::LANE] = bytes(digit == "1" for digit in f"{bits:0{size}b}")
    return int.from_bytes(lanes, "little")


def embed(weights: dict[str, float], size: int, dimensions: int | None = None) -> list[float]:
    """Return the vector of length 1 for weighted features.

    Args:
        weights: The features with their weights.
        size: The length of the model's vectors.
        dimensions: How many numbers of the vector to keep.
    """
    packed, sum_of_weights = 0, 0
    for feature, weight in weights.items():
        steps = round(weight * STEPS)
        packed += steps * direction(feature, size)
        sum_of_weights += steps
    lanes = array("I", packed.to_bytes(size * LANE, "little"))
    total = [2 * lane - sum_of_weights for lane in lanes[:dimensions]]
    length = _length(total) or 1.0
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
