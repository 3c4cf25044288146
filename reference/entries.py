"""The Chinese entries of ``reference/zh/*.yml``: reading them and finding the one for a place.

An entry is keyed by the place it was written for and carries the digest of the English docstring
it was written from. It serves every place with the same English. Places without English (path
ids above all) are matched by the key alone, which may then hold ``*``.
"""

import fnmatch
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from reference.docstrings import DIGEST_LENGTH
from reference.errors import ReferenceBuildError
from reference.tree import Doc

ZH_FOLDER = Path(__file__).parent / "zh"
# How a line of the English original starts in the worksheet (`todo`).
WORKSHEET_MARK = "# |"

# What `range` may hold, in the order it is shown.
RANGE_KEYS = ("min", "max", "min_length", "max_length", "min_items", "max_items")
_KEYS = {"english", "text", "default", "range", "values", "replaced_by", "only_here"}


@dataclass(frozen=True)
class ConditionalDefault:
    """A default that holds under a condition, written in Chinese Markdown."""

    value: Any
    when: str


@dataclass(frozen=True)
class Entry:
    """What a person wrote about one place.

    Attributes:
        key: The place it was written for; may hold ``*`` when there is no English.
        file: Name of the file it stands in.
        english: Digest of the English docstring, empty when the place has none.
        text: Chinese Markdown. The first sentence says what the thing does.
        defaults: The defaults the SDK states; one without condition, or several with.
        range: Limits the SDK states, by :data:`RANGE_KEYS`.
        values: What each enum value means, Chinese Markdown.
        replaced_by: Names of the replacement, where the docstring's wording hides them.
        only_here: The entry is for its key alone, although other places have the same English.
    """

    key: str
    file: str
    english: str
    text: str
    defaults: tuple[ConditionalDefault, ...] = ()
    range: Mapping[str, float] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    replaced_by: tuple[str, ...] = ()
    only_here: bool = False

    @property
    def is_pattern(self) -> bool:
        """Whether the key stands for several places."""
        return "*" in self.key


class EntryBook:
    """All entries."""

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = entries

    @classmethod
    def load(cls, folder: Path = ZH_FOLDER) -> "EntryBook":
        """Read every ``*.yml`` of ``folder``.

        Raises:
            ReferenceBuildError: A file is no such mapping, or a key is written twice.
        """
        entries: list[Entry] = []
        seen: dict[str, str] = {}
        for path in sorted(folder.glob("*.yml")):
            for key, value in _read_yaml(path).items():
                if key in seen:
                    raise ReferenceBuildError(
                        f"{path.name}: {key} already stands in {seen[key]}; keep one of the two"
                    )
                seen[key] = path.name
                entries.append(_read_entry(path.name, key, value))
        return cls(entries)

    @cached_property
    def by_key(self) -> dict[str, Entry]:
        """The entries by their key."""
        return {entry.key: entry for entry in self.entries}

    @cached_property
    def by_digest(self) -> dict[str, Entry]:
        """The entries that serve every place with their English, by its digest."""
        return {e.english: e for e in self.entries if e.english and not e.only_here}

    @cached_property
    def _patterns(self) -> list[Entry]:
        return sorted((e for e in self.entries if e.is_pattern), key=lambda e: -len(e.key))

    def find(self, place: str, doc: Doc) -> Entry | None:
        """Return the entry for a place, or None.

        The entry written for exactly this place wins, if it is not stale; then the one with the
        same English; for a place without English the longest fitting pattern.
        """
        exact = self.by_key.get(place)
        if exact and exact.english == doc.digest:
            return exact
        if doc.digest:
            return self.by_digest.get(doc.digest)
        for entry in self._patterns:
            if not entry.english and fnmatch.fnmatchcase(place, entry.key):
                return entry
        return None


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML that refuses a key written twice, which would silently drop the first text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise ReferenceBuildError(
                    f"line {node.start_mark.line + 1}: the key {key} stands there twice; keep one"
                )
        return super().construct_mapping(node, deep)


def _read_yaml(path: Path) -> dict[str, Any]:
    text = path.read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith(WORKSHEET_MARK):
            raise ReferenceBuildError(
                f"{path.name}, line {number}: delete the English original that the worksheet "
                "printed; it is not ours to publish"
            )
    try:
        content = yaml.load(text, _UniqueKeyLoader)
    except ReferenceBuildError as error:
        raise ReferenceBuildError(f"{path.name}, {error}") from None
    except yaml.YAMLError as error:
        raise ReferenceBuildError(f"{path.name} is no valid YAML: {error}") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ReferenceBuildError(f"{path.name} must map places to entries")
    return content


def _read_entry(file: str, key: str, value: Any) -> Entry:
    where = f"{file}: {key}"
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        raise ReferenceBuildError(f"{where}: write the Chinese text under `text:`")
    if unknown := set(value) - _KEYS:
        raise ReferenceBuildError(
            f"{where}: unknown keys {', '.join(sorted(map(str, unknown)))}; known are "
            f"{', '.join(sorted(_KEYS))}"
        )
    english = value.get("english", "")
    if not (isinstance(english, str) and re.fullmatch(rf"([0-9a-f]{{{DIGEST_LENGTH}}})?", english)):
        raise ReferenceBuildError(
            f"{where}: `english` is the digest `python -m reference todo` prints, in quotes"
        )
    limits = value.get("range") or {}
    if not isinstance(limits, dict) or set(limits) - set(RANGE_KEYS):
        raise ReferenceBuildError(f"{where}: `range` maps {', '.join(RANGE_KEYS)} to numbers")
    values = value.get("values") or {}
    if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
        raise ReferenceBuildError(f"{where}: `values` maps each value to its Chinese text")
    return Entry(
        key=key,
        file=file,
        english=english,
        text=value["text"].strip(),
        defaults=_read_defaults(where, value),
        range=limits,
        values={_json_name(name): text.strip() for name, text in values.items()},
        replaced_by=tuple(value.get("replaced_by") or ()),
        only_here=bool(value.get("only_here")),
    )


def _json_name(value: Any) -> str:
    """Spell an enum value as JSON does, so that YAML's true and 1 find theirs."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read_defaults(where: str, value: dict[str, Any]) -> tuple[ConditionalDefault, ...]:
    if "default" not in value:
        return ()
    default = value["default"]
    conditional = isinstance(default, list) and default and isinstance(default[0], dict)
    if not conditional:
        return (ConditionalDefault(default, ""),)
    if not all(set(item) == {"value", "when"} for item in default):
        raise ReferenceBuildError(f"{where}: each item of `default` needs `value` and `when`")
    return tuple(ConditionalDefault(item["value"], item["when"].strip()) for item in default)
