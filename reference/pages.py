"""The pages of the reference: where each stands, what it must hold, and which are missing.

Every method and every response object has a small Markdown file of its own. It holds the heading,
an example that the tests run, and two directives that mkdocstrings fills from the SDK and the
entries::

    # images.generate { #images.generate }

    ::: openai.resources.images.images.Images.generate
        options: {extra: {part: intro}}

    <div class="ref-example" markdown>
    ```python … ```
    ```bash … ```
    </div>

    ::: openai.resources.images.images.Images.generate
        options: {extra: {part: tree}}
"""

import re
from pathlib import Path

from reference.coverage import Coverage
from reference.sdk import PACKAGE, Sdk

ROOT = "reference"
_EXAMPLE = """<div class="ref-example" markdown>

{fences}

</div>
"""


def page_of(coverage: Coverage, unit: str) -> str:
    """Return the path of a unit's page below ``docs/``."""
    if unit in coverage.objects:
        return f"{ROOT}/{coverage.family_of[unit]}/objects/{unit}.md"
    return f"{ROOT}/{unit.replace('.', '/')}.md"


def index_of(family: str) -> str:
    """Return the path of a family's page below ``docs/``."""
    return f"{ROOT}/{family}/index.md"


def others_page(family: str) -> str:
    """Return the path of the page of a family that is only listed."""
    return f"{ROOT}/others/{family}.md"


def skeleton(sdk: Sdk, coverage: Coverage, unit: str) -> str:
    """Return the page of a unit, with empty fences for its example."""
    languages = _languages(sdk, coverage, unit)
    fences = "\n\n".join(f"```{language}\n```" for language in languages)
    return "\n".join(
        [
            *_front_matter(coverage, unit),
            f"# {unit} {{ #{unit} }}\n",
            _directive(sdk, coverage, unit, "intro"),
            _EXAMPLE.format(fences=fences),
            _directive(sdk, coverage, unit, "tree"),
        ]
    )


def faults(sdk: Sdk, coverage: Coverage, docs: Path) -> list[str]:
    """Return what is wrong with the pages of the units: missing, superfluous, or not as above."""
    found = []
    wanted = {page_of(coverage, unit): unit for unit in coverage.family_of}
    for uri, unit in wanted.items():
        file = docs / uri
        if not file.exists():
            found.append(f"{uri} is missing: `python -m reference pages` writes it")
            continue
        text = file.read_text(encoding="utf-8")
        for part in (
            f"# {unit} {{ #{unit} }}",
            _directive(sdk, coverage, unit, "intro"),
            _directive(sdk, coverage, unit, "tree"),
        ):
            if f"\n{part.strip()}\n" not in f"\n{text}\n":
                found.append(f"{uri} must hold:\n{part}")
        for language in _languages(sdk, coverage, unit):
            if not re.search(rf"^```{language}\b.*\n(?!```)", text, re.M):
                found.append(f"{uri} has no example in {language}")
    folders = [docs / ROOT / family for family in coverage.families]
    there = {f.relative_to(docs).as_posix() for folder in folders for f in folder.rglob("*.md")}
    extra = there - wanted.keys() - {index_of(family) for family in coverage.families}
    found += [f"{uri} is the page of nothing in openai {sdk.version}" for uri in sorted(extra)]
    return found


def write_missing(sdk: Sdk, coverage: Coverage, docs: Path) -> list[Path]:
    """Write the pages that are not there yet; returns them."""
    written = []
    for unit in coverage.family_of:
        file = docs / page_of(coverage, unit)
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(skeleton(sdk, coverage, unit), encoding="utf-8")
            written.append(file)
    return written


def _languages(sdk: Sdk, coverage: Coverage, unit: str) -> list[str]:
    """Return the languages of the example: cURL only where one request does it."""
    if unit in coverage.objects:
        return ["json"]
    method = sdk.method(unit)
    return ["python", "bash"] if method.endpoint and not method.deprecation else ["python"]


def _front_matter(coverage: Coverage, unit: str) -> list[str]:
    return []


def _directive(sdk: Sdk, coverage: Coverage, unit: str, part: str) -> str:
    place = coverage.objects.get(unit)
    path = f"{PACKAGE}.{place}" if place else sdk.functions[unit].path
    return f"::: {path}\n    options: {{extra: {{part: {part}}}}}\n"
