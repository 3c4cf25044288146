"""Passages: how files are cut for search, and how well a passage fits a query."""

import io
import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath
from typing import Any

from playground.data import load_data
from playground.demo import embeddings, tokens
from playground.demo.errors import api_error

MAX_TEXT = 500_000
"""Characters of the longest text that the demo indexes."""
MAX_UNPACKED = 16 * 1024 * 1024
"""Bytes of the largest part of an office file that is read."""
COVERED = 0.8
"""Share of the score that says how much of the query is in the passage; the rest says how often."""
OFTEN = 2.0
"""How often a word must be in a passage to get half of that rest."""
MEANINGS = ("topic ", "concept ")
"""How the names of features begin that stand for what a text means."""
RELEVANT = 0.12
"""Passages with a lower score have nothing to do with the query."""

MARKS = ("#", "|", "```", "---")
"""How lines of Markdown begin that are no sentences: headings, tables, fences."""


class Unreadable(Exception):
    """A file whose text cannot be read; its word is a key of ``errors`` in the table."""


def table() -> dict[str, Any]:
    """Return the table of file types and words."""
    return load_data("playground.demo", "vector_stores")


def require_type(filename: str, param: str) -> None:
    """Check that a vector store takes files of this name.

    Raises:
        APIError: 400, it does not.
    """
    ending = PurePath(filename).suffix.lower()
    known = table()
    if not any(ending in known[kind] for kind in ("text", "office", "unread")):
        raise api_error("unsupported_file", param=param, value=ending or "none")


def read(filename: str, content: bytes) -> str:
    """Return the text of a file.

    Raises:
        Unreadable: It has none, or the demo cannot read it.
    """
    ending = PurePath(filename).suffix.lower()
    if not content.strip():
        raise Unreadable("empty")
    if ending in table()["unread"]:
        raise Unreadable("unread")
    if ending in table()["office"]:
        text = _office(content, table()["office"][ending])
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise Unreadable("unreadable") from None
        if "\0" in text:
            raise Unreadable("unreadable")
    if not text.strip():
        raise Unreadable("empty")
    if len(text) > MAX_TEXT:
        raise Unreadable("large")
    return text


def _office(content: bytes, parts: str) -> str:
    """Return the text of an office file: its paragraphs, one a line."""
    import zipfile  # here and not above: most readers never need them
    from xml.etree import ElementTree

    lines = []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in sorted(archive.infolist(), key=lambda e: (len(e.filename), e.filename)):
                if not re.fullmatch(parts, entry.filename) or entry.file_size > MAX_UNPACKED:
                    continue
                document = archive.read(entry)
                if b"<!DOCTYPE" in document:
                    raise Unreadable("unreadable")
                for paragraph in ElementTree.fromstring(document).iter():
                    if _name(paragraph) == "p":
                        texts = [e.text or "" for e in paragraph.iter() if _name(e) == "t"]
                        lines.append("".join(texts))
    except (zipfile.BadZipFile, ElementTree.ParseError, NotImplementedError, RuntimeError):
        raise Unreadable("unreadable") from None
    return "\n".join(lines)


def _name(element: Any) -> str:
    """Return the name of an XML element without its namespace."""
    return element.tag.rpartition("}")[2]


@dataclass(frozen=True)
class Passage:
    """A piece of a file, as long as the chunking strategy says, or a query."""

    text: str

    @cached_property
    def features(self) -> dict[str, float]:
        """What a query is about: words, characters, topics and concepts, with weights."""
        return embeddings.features(self.text)

    @cached_property
    def meanings(self) -> dict[str, float]:
        """The topics and concepts of a passage, the strongest with the weight 1.

        Only they are kept: all features of a long text would take a hundred times its space.
        """
        weights = embeddings.features(self.text)
        found = {name: w for name, w in weights.items() if name.startswith(MEANINGS)}
        most = max(found.values(), default=1.0)
        return {name: w / most for name, w in found.items()}

    def counts(self, query: "Passage") -> dict[str, float]:
        """Return how often each feature of a query is in the passage; those that are not, not."""
        lower = self.text.lower()
        found = {}
        for name in query.features:
            if name.startswith(MEANINGS):
                count = self.meanings.get(name, 0.0)
            else:
                count = _count(lower, name.removeprefix("word ").removeprefix("text ").lower())
            if count:
                found[name] = count
        return found


def scores(parts: list[Passage], query: Passage) -> list[float]:
    """Return how well each passage fits a query, from 0 to 1.

    A feature of the query counts the more, the fewer of the passages have it, and a passage that
    has it often is a little better than one that has it once.

    Args:
        parts: All passages that are searched.
        query: The query.
    """
    counted = [part.counts(query) for part in parts]
    spread = Counter(name for counts in counted for name in counts)
    weights = {
        name: weight * math.log(2 + len(parts) / (1 + spread[name]))
        for name, weight in query.features.items()
    }
    total = sum(weights.values())
    found = []
    for counts in counted:
        covered = sum(weights[n] * min(c, 1) for n, c in counts.items()) / total
        often = sum(weights[n] * c / (c + OFTEN) for n, c in counts.items()) / total
        found.append(round(COVERED * covered + (1 - COVERED) * often, 4))
    return found


def score(part: Passage, query: Passage) -> float:
    """Return how well a passage fits a query when there is no other."""
    return scores([part], query)[0]


def _count(text: str, term: str) -> int:
    """Return how often a term occurs in a text; a Latin word counts as a whole word only."""
    if not term.isascii() or term not in text:
        return text.count(term)
    return len(re.findall(rf"(?<![a-z0-9]){re.escape(term)}(?![a-z0-9])", text))


def cut(text: str, size: int, overlap: int) -> list[Passage]:
    """Cut a text into passages of ``size`` tokens of which ``overlap`` are also in the next."""
    pieces = tokens.pieces(text)
    found = []
    for start in range(0, len(pieces), size - overlap):
        found.append(Passage("".join(pieces[start : start + size])))
        if start + size >= len(pieces):
            break
    return found


def rewrite(query: str) -> str:
    """Return a query without the words by which it asks."""
    words = [re.escape(w) if not w.isascii() else rf"\b{w}\b" for w in table()["asking"]]
    bare = re.sub("|".join([*words, r"[?？!！,，。.]"]), " ", query, flags=re.IGNORECASE)
    return " ".join(bare.split()) or query


def best_sentences(question: str, text: str, count: int = 2) -> str:
    """Return the sentences of a passage that fit a question best, in their order."""
    found = [
        s.strip("-*> ") for s in re.findall(r"[^。！？!?\n]+[。！？!?]?", text) if s.strip("-*> ")
    ]
    sentences = [s for s in found if not s.startswith(MARKS)] or found
    query = Passage(question)
    fit = scores([Passage(s) for s in sentences], query)
    order = sorted(range(len(sentences)), key=lambda i: -fit[i])[:count]
    kept = [i for i in order if fit[i] >= max(RELEVANT, fit[order[0]] / 2)] or order[:1]
    return "".join(sentences[i] for i in sorted(kept)) or text


def opening(text: str, length: int = 80) -> str:
    """Return the first sentences of a text, about ``length`` characters."""
    found = ""
    for sentence in re.findall(r"[^。！？!?\n]+[。！？!?]?", text):
        if found and len(found) + len(sentence) > length:
            break
        found += sentence.strip("-*> ")
    return found or text[:length]


def fits(filter: Any, attributes: dict[str, Any], path: str = "filters") -> bool:
    """Return whether attributes satisfy a filter.

    Args:
        filter: A comparison, or a compound of filters.
        attributes: The attributes of a file.
        path: Where the filter is in the request.

    Raises:
        APIError: 400, a filter inside a compound is none; the SDK's type allows anything there.
    """
    if isinstance(filter, dict) and filter.get("type") in ("and", "or"):
        inner = filter.get("filters")
        if not isinstance(inner, list):
            raise api_error("invalid_filter", param=f"{path}.filters")
        results = [
            fits(part, attributes, f"{path}.filters[{index}]") for index, part in enumerate(inner)
        ]
        return all(results) if filter["type"] == "and" else any(results)
    known = isinstance(filter, dict) and filter.get("type") in COMPARISONS
    if not known or not isinstance(filter.get("key"), str) or "value" not in filter:
        raise api_error("invalid_filter", param=path)
    return COMPARISONS[filter["type"]](attributes.get(filter["key"]), filter["value"])


def _same(a: Any, b: Any) -> bool:
    return isinstance(a, bool) == isinstance(b, bool) and a == b


def _ordered(a: Any, b: Any) -> bool:
    """Return whether two values can be told greater or smaller: numbers, or strings."""
    if isinstance(a, bool) or isinstance(b, bool):
        return False
    numbers = isinstance(a, int | float) and isinstance(b, int | float)
    return numbers or (isinstance(a, str) and isinstance(b, str))


def _among(a: Any, values: Any) -> bool:
    return any(_same(a, v) for v in (values if isinstance(values, list) else [values]))


COMPARISONS = {
    "eq": _same,
    "ne": lambda a, b: not _same(a, b),
    "gt": lambda a, b: _ordered(a, b) and a > b,
    "gte": lambda a, b: _ordered(a, b) and a >= b,
    "lt": lambda a, b: _ordered(a, b) and a < b,
    "lte": lambda a, b: _ordered(a, b) and a <= b,
    "in": _among,
    "nin": lambda a, b: not _among(a, b),
}
"""What each comparison of a filter says of an attribute and a value."""
