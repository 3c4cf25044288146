"""What the site shows of the SDK, and where no Chinese text may be missing: ``coverage.yml``."""

import fnmatch
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from reference.errors import ReferenceBuildError
from reference.sdk import Sdk

COVERAGE_FILE = Path(__file__).parent / "coverage.yml"


@dataclass(frozen=True)
class Coverage:
    """The content of ``coverage.yml``, every line resolved to places of methods.

    Attributes:
        families: The families that are explained in Chinese, in the order of the file.
        shown: The methods of these families: each has a page, and `todo` lists what it lacks.
        complete: The methods where `check` accepts no missing text.
    """

    families: tuple[str, ...]
    shown: tuple[str, ...]
    complete: tuple[str, ...]

    @classmethod
    def load(cls, sdk: Sdk, file: Path = COVERAGE_FILE) -> "Coverage":
        """Read ``file``.

        Raises:
            ReferenceBuildError: A line of the file fits no method of the SDK.
        """
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        if unknown := set(content) - {"families", "complete"}:
            raise ReferenceBuildError(
                f"{file.name}: unknown keys {', '.join(sorted(unknown))}; known are families, "
                "complete"
            )
        families = tuple(content.get("families") or ())
        shown = _resolve(sdk, file, families)
        complete = _resolve(sdk, file, content.get("complete") or ())
        if hidden := [place for place in complete if place not in shown]:
            raise ReferenceBuildError(
                f"{file.name}: {hidden[0]} is complete, but its family is not under `families`; "
                "add the family"
            )
        return cls(families, shown, complete)


def _resolve(sdk: Sdk, file: Path, lines: Iterable[str]) -> tuple[str, ...]:
    """Return the methods that ``lines`` name, in the SDK's order."""
    places: set[str] = set()
    for line in lines:
        fitting = [p for p in sdk.functions if p.startswith(f"{line}.")]
        fitting += fnmatch.filter(sdk.functions, line)
        if not fitting:
            raise ReferenceBuildError(
                f"{file.name}: openai {sdk.version} has no family or method {line}; correct the "
                "line or remove it"
            )
        places.update(fitting)
    return tuple(place for place in sdk.functions if place in places)
