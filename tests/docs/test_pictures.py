"""The pictures in the docs are what the snippets above them draw."""

import re
from pathlib import Path

import pytest

from playground.snippets import find_fences, split_snippet
from tests.demo.server import running_demo
from tests.snippet_runner import Request, SnippetRunner
from tests.test_snippets import TIME_LIMIT, reader_environment

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "topics" / "embeddings.md"


def drawn_by_a_snippet() -> dict[str, str]:
    """Return the program that writes each picture of the page, by the picture's name."""
    text = PAGE.read_text("utf-8")
    programs = [split_snippet(f.body)[0] for f in find_fences(text) if f.language == "python"]
    shown = re.findall(r"!\[[^\]]+\]\(images/([\w-]+\.svg)\)", text)
    return {name: next(p for p in programs if f'Path("{name}")' in p) for name in shown}


PICTURES = drawn_by_a_snippet()


def test_the_chapter_shows_pictures() -> None:
    assert len(PICTURES) >= 5


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_what_its_snippet_draws(name: str, tmp_path: Path) -> None:
    """Where it fails, run the snippet against the offline demo and copy the file it writes."""
    with running_demo() as base_url, SnippetRunner() as runner:
        result = runner.run(
            Request(
                source=PICTURES[name],
                filename=name,
                environment=reader_environment(base_url, tmp_path),
                folder=str(tmp_path),
                timeout=TIME_LIMIT,
            )
        )
    assert result.code == 0, result.stderr
    shown = (PAGE.parent / "images" / name).read_text("utf-8")
    assert (tmp_path / name).read_text("utf-8") == shown
