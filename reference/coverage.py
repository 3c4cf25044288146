"""What the site shows of the SDK, and where no Chinese text may be missing: ``coverage.yml``."""

import fnmatch
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from reference.errors import ReferenceBuildError
from reference.sdk import Sdk

COVERAGE_FILE = Path(__file__).parent / "coverage.yml"
_KEYS = ("families", "chapters", "objects", "complete")


@dataclass(frozen=True)
class Coverage:
    """The content of ``coverage.yml``, every line resolved.

    A *unit* is what has a page and is written as a whole: a method, named by its place
    (``images.generate``), or a response object, named by its class (``ImagesResponse``).

    Attributes:
        families: The families that are explained in Chinese, each with its Chinese name.
        chapters: The chapter of the guide that a family's pages link to, below ``docs/``.
        methods: The methods of these families, in the SDK's order.
        objects: The response objects by name: the place of each class or union.
        family_of: The family of each unit.
        complete: The units where `check` accepts no missing text.
    """

    families: Mapping[str, str]
    chapters: Mapping[str, str]
    methods: tuple[str, ...]
    objects: Mapping[str, str]
    family_of: Mapping[str, str]
    complete: tuple[str, ...]

    @classmethod
    def load(cls, sdk: Sdk, file: Path = COVERAGE_FILE) -> "Coverage":
        """Read ``file``.

        Raises:
            ReferenceBuildError: A line of the file fits nothing in the SDK.
        """
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        if unknown := set(content) - set(_KEYS):
            raise ReferenceBuildError(
                f"{file.name}: unknown keys {', '.join(sorted(unknown))}; known are "
                f"{', '.join(_KEYS)}"
            )
        families = dict(content.get("families") or {})
        chapters = dict(content.get("chapters") or {})
        if strangers := chapters.keys() - families.keys():
            raise ReferenceBuildError(
                f"{file.name}: chapters of {', '.join(sorted(strangers))}, which is not under "
                "`families`; add it"
            )
        methods = _methods(sdk, file, families)
        family_of = {place: place.partition(".")[0] for place in methods}
        objects = {}
        for family, places in (content.get("objects") or {}).items():
            if family not in families:
                raise ReferenceBuildError(
                    f"{file.name}: objects of {family}, which is not under `families`; add it"
                )
            for place in places:
                sdk.type_at(place)
                name = place.rpartition(".")[2]
                if name in objects:
                    raise ReferenceBuildError(f"{file.name}: two objects are called {name}")
                objects[name] = place
                family_of[name] = family
        complete = _complete(sdk, file, content, family_of)
        return cls(families, chapters, methods, objects, family_of, complete)

    def units(self, family: str) -> list[str]:
        """Return the methods, then the objects of a family.

        The methods of a resource come before those of the resources in it, and `create` first:
        the order of the SDK's source serves its generator, not a reader.
        """
        units = [unit for unit, own in self.family_of.items() if own == family]
        return sorted(units, key=lambda unit: (unit in self.objects, *_rank(unit)))


def _rank(unit: str) -> tuple[str, bool]:
    resource, _, name = unit.rpartition(".")
    return resource, name not in ("create", "generate")


def _methods(sdk: Sdk, file: Path, families: Iterable[str]) -> tuple[str, ...]:
    for family in families:
        if not any(place.startswith(f"{family}.") for place in sdk.functions):
            raise _unknown(sdk, file, family)
    return tuple(place for place in sdk.functions if place.partition(".")[0] in families)


def _complete(
    sdk: Sdk, file: Path, content: dict[str, Any], family_of: Mapping[str, str]
) -> tuple[str, ...]:
    chosen: set[str] = set()
    for line in content.get("complete") or ():
        fitting = {unit for unit, family in family_of.items() if family == line}
        fitting.update(fnmatch.filter(family_of, line))
        if not fitting:
            if fnmatch.filter(sdk.functions, line):
                raise ReferenceBuildError(
                    f"{file.name}: {line} is complete, but its family is not under `families`; "
                    "add the family"
                )
            raise _unknown(sdk, file, line)
        chosen |= fitting
    return tuple(unit for unit in family_of if unit in chosen)


def _unknown(sdk: Sdk, file: Path, line: str) -> ReferenceBuildError:
    return ReferenceBuildError(
        f"{file.name}: openai {sdk.version} has no family or method {line}; correct the line or "
        "remove it"
    )
