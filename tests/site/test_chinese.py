"""Chinese typesetting: spaces between scripts, full-width punctuation in sentences."""

from pathlib import Path

import autocorrect_py
import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


def findings(text: str) -> list[str]:
    result = autocorrect_py.lint_for(text, "markdown")
    return [f"line {line.line}: {line.old}  →  {line.new}" for line in result.lines]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_typesetting(path: Path) -> None:
    found = findings(path.read_text("utf-8"))
    assert not found, "\n".join(found)


def test_the_linter_sees_what_it_should() -> None:
    assert findings("调用API时,要填model。\n")
