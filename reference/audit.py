"""The check: is every text there, does it fit the SDK, and does its data stand in the docstring?"""

import fnmatch
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from reference.coverage import Coverage
from reference.docstrings import normalise
from reference.entries import Entry, EntryBook
from reference.sdk import Sdk
from reference.subjects import Subject, object_subjects, subjects
from reference.tree import Enum, Scalar, alternatives, enums

_NUMBER = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?")
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "eight": 8, "ten": 10}

type Fault = Literal["missing", "stale", "unknown", "double", "wrong"]


@dataclass(frozen=True)
class Finding:
    """Something the check found.

    Attributes:
        fault: Its kind.
        name: The place or key it is about.
        message: What is wrong and what to do.
    """

    fault: Fault
    name: str
    message: str

    def __str__(self) -> str:
        return f"{self.fault:8} {self.name}: {self.message}"


class Audit:
    """Compares the entries with the SDK.

    Args:
        sdk: The SDK.
        book: The entries.
        coverage: What is shown, and what must be complete.
    """

    def __init__(self, sdk: Sdk, book: EntryBook, coverage: Coverage) -> None:
        self.sdk = sdk
        self.book = book
        self.coverage = coverage
        self._of_unit: dict[str, list[Subject]] = {}

    @cached_property
    def _everything(self) -> dict[str, Subject]:
        """Every subject of the SDK by its place."""
        found: dict[str, Subject] = {}
        for unit in [*self.sdk.functions, *self.coverage.objects]:
            for subject in self.subjects_of(unit):
                found.setdefault(subject.place, subject)
        return found

    @cached_property
    def _digests(self) -> dict[str, list[Subject]]:
        found: dict[str, list[Subject]] = defaultdict(list)
        for subject in self._everything.values():
            if subject.doc.digest:
                found[subject.doc.digest].append(subject)
        return found

    def subjects_of(self, unit: str) -> list[Subject]:
        """Return the subjects of a method or of a response object."""
        if unit not in self._of_unit:
            place = self.coverage.objects.get(unit)
            self._of_unit[unit] = (
                object_subjects(self.sdk, place)
                if place
                else subjects(self.sdk, self.sdk.method(unit))
            )
        return self._of_unit[unit]

    def places(self, units: Iterable[str]) -> dict[str, Subject]:
        """Return all subjects of ``units`` by place."""
        return {s.place: s for unit in units for s in self.subjects_of(unit)}

    def required(self) -> dict[str, Subject]:
        """Return the subjects where no text may be missing, by place."""
        return self.places(self.coverage.complete)

    def same_english(self, subject: Subject) -> list[str]:
        """Return the other places with the same English, in the SDK's order."""
        same = self._digests.get(subject.doc.digest, [])
        return [other.place for other in same if other.place != subject.place]

    def lacking(self, units: Iterable[str] | None = None) -> list[tuple[Subject, Entry | None]]:
        """Return the subjects without a current entry, each with the stale entry if there is one.

        Looks in ``units``, or in those that must be complete when None.
        Of several subjects with the same English only the first is returned: one text serves all.
        """
        result: list[tuple[Subject, Entry | None]] = []
        seen: set[str] = set()
        chosen = self.required() if units is None else self.places(units)
        for place, subject in chosen.items():
            if self.book.find(place, subject.doc):
                continue
            stale = self.book.by_key.get(place)
            if subject.doc.digest in seen and not stale:
                continue
            if subject.doc.digest:
                seen.add(subject.doc.digest)
            result.append((subject, stale))
        return result

    def findings(self) -> list[Finding]:
        """Return everything that is wrong, in a stable order."""
        result = list(self._lacking_findings())
        for entry in self.book.entries:
            result += self._entry_findings(entry)
        result += self._doubles()
        return result

    def _lacking_findings(self) -> Iterator[Finding]:
        for subject, stale in self.lacking():
            if stale:
                yield _stale(stale, subject)
            else:
                also = len(self.same_english(subject))
                yield Finding(
                    "missing",
                    subject.place,
                    "no Chinese entry"
                    + (f" (the same English stands in {also} more places)" if also else "")
                    + f"; `python -m reference todo {subject.place}` prints what to fill in",
                )

    def _entry_findings(self, entry: Entry) -> Iterator[Finding]:
        subject = self._subject_of(entry)
        if subject is None:
            if entry.key in self._everything and not entry.is_pattern:
                if entry.key not in {s.place for s, _ in self.lacking()}:
                    yield _stale(entry, self._everything[entry.key])
            else:
                yield self._unknown(entry)
            return
        if entry.key != subject.place and not entry.is_pattern:
            yield Finding(
                "unknown",
                entry.key,
                f"the SDK has no such place (any more), the text serves {subject.place}; rename "
                f"the key in {entry.file}",
            )
        yield from _data_findings(entry, subject)

    def _subject_of(self, entry: Entry) -> Subject | None:
        """Return a subject the entry serves; the one it is named after, if possible."""
        if entry.is_pattern:
            fitting = fnmatch.filter(self._everything, entry.key)
            bare = [self._everything[p] for p in fitting if not self._everything[p].doc.digest]
            return bare[0] if bare and not entry.english else None
        named = self._everything.get(entry.key)
        if named and named.doc.digest == entry.english:
            return named
        same = self._digests.get(entry.english, [])
        return same[0] if same and not entry.only_here else None

    def _unknown(self, entry: Entry) -> Finding:
        what = "no place without English fits the pattern" if entry.is_pattern else "no such place"
        return Finding(
            "unknown",
            entry.key,
            f"openai {self.sdk.version} has {what}, and the English it was written from is gone; "
            f"delete the entry from {entry.file}",
        )

    def _doubles(self) -> Iterator[Finding]:
        first: dict[str, Entry] = {}
        for entry in self.book.entries:
            if not entry.english or entry.only_here:
                continue
            if other := first.get(entry.english):
                yield Finding(
                    "double",
                    entry.key,
                    f"has the same English as {other.key} in {other.file}; keep one of the two, "
                    "or set `only_here: true` on the one that differs on purpose",
                )
            first.setdefault(entry.english, entry)


def _stale(entry: Entry, subject: Subject) -> Finding:
    return Finding(
        "stale",
        entry.key,
        f"the SDK's English has changed since the text in {entry.file} was written (digest "
        f"{entry.english or 'none'}, now {subject.doc.digest or 'none'}); "
        f"`python -m reference todo {entry.key}` prints it: mend the text, then the digest",
    )


def _data_findings(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """Compare default, range and values with the docstring and the type."""
    if not entry.text:
        yield Finding("wrong", entry.key, f"the text in {entry.file} is empty")
    stated = numbers(subject.doc.text)
    for label, value in _stated_values(entry):
        for number in _numbers_of(value):
            if number not in stated:
                yield Finding(
                    "wrong",
                    entry.key,
                    f"`{label}` says {number:g}, which does not stand in the SDK's docstring; "
                    "correct it, or leave it out",
                )
    lists = list(enums(subject.type)) if subject.type is not None else []
    known = {str(v).lower() if isinstance(v, bool) else str(v) for e in lists for v in e.values}
    for value in entry.values:
        if value not in known:
            yield Finding(
                "wrong", entry.key, f"`values` explains {value}, which is no value of this enum"
            )
    for value in _unexplained(entry, subject, lists):
        yield Finding(
            "wrong",
            entry.key,
            f"says nothing about the value {value}; explain it under `values`, or name it in the "
            "text as `code`",
        )
    for default in entry.defaults:
        if isinstance(default.value, str) and known and default.value not in known:
            text = normalise(subject.doc.text)
            if default.value not in text:
                yield Finding(
                    "wrong",
                    entry.key,
                    f"`default` says {default.value}, which is neither a value of the enum nor in "
                    "the SDK's docstring",
                )


def _unexplained(entry: Entry, subject: Subject, lists: list[Enum]) -> list[str]:
    """Return the values of a closed list that the entry leaves without a word.

    A list that also allows any other string (models, voices) names examples only, unless the
    entry has begun to explain its values.
    """
    open_list = subject.type is not None and Scalar("string") in alternatives(subject.type)
    if subject.type is None or len(lists) != 1 or (open_list and not entry.values):
        return []
    sources = (*subject.doc.retirements, *lists[0].retirements)
    retired = {value for retirement in sources for value in retirement.values}
    values = [str(value) for value in lists[0].values if not isinstance(value, bool)]
    return [
        value
        for value in values
        if value not in retired and value not in entry.values and f"`{value}`" not in entry.text
    ]


def _stated_values(entry: Entry) -> Iterator[tuple[str, Any]]:
    for default in entry.defaults:
        yield "default", default.value
    for name, value in entry.range.items():
        yield f"range.{name}", value


def _numbers_of(value: Any) -> list[float]:
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, int | float):
        return [float(value)]
    return []


def numbers(text: str) -> set[float]:
    """Return the numbers that stand in ``text``, digits and small number words alike."""
    found = {float(n.replace(",", "")) for n in _NUMBER.findall(text)}
    words = re.findall(r"[a-z]+", text.lower())
    return found | {float(_WORDS[word]) for word in words if word in _WORDS}
