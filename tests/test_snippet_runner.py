"""The runner gives each snippet a process of its own, and a limit."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.snippet_runner import Request, Result, SnippetRunner


@pytest.fixture(scope="module")
def runner() -> Iterator[SnippetRunner]:
    with SnippetRunner() as started:
        yield started


def run(runner: SnippetRunner, folder: Path, source: str, timeout: float = 10) -> Result:
    return runner.run(
        Request(source, "docs/page.md:1", {"PATH": "", "MARK": "set"}, str(folder), timeout)
    )


def test_output_environment_and_folder(runner: SnippetRunner, tmp_path: Path) -> None:
    source = "import os\nprint('你好', dict(os.environ), os.getcwd(), __name__)\n"
    result = run(runner, tmp_path, source)
    assert result.stdout == f"你好 {{'PATH': '', 'MARK': 'set'}} {tmp_path} __main__\n"
    assert result.code == 0


def test_nothing_reaches_the_next_run(runner: SnippetRunner, tmp_path: Path) -> None:
    run(runner, tmp_path, "import openai, os\nopenai.api_key = 'x'\nos.environ['A'] = 'b'\n")
    result = run(runner, tmp_path, "import openai, os\nprint(openai.api_key, os.environ.get('A'))")
    assert result.stdout == "None None\n"


def test_an_error_names_the_line_of_the_program(runner: SnippetRunner, tmp_path: Path) -> None:
    result = run(runner, tmp_path, "x = 1\nraise ValueError(x)\n")
    assert result.code == 1
    assert 'File "docs/page.md:1", line 2' in result.stderr
    assert "raise ValueError(x)" in result.stderr


def test_an_endless_program_is_stopped_and_keeps_its_output(
    runner: SnippetRunner, tmp_path: Path
) -> None:
    source = "print('before', flush=True)\nwhile True:\n    pass\n"
    result = run(runner, tmp_path, source, timeout=0.5)
    assert result.code is None
    assert result.stdout == "before\n"
    assert run(runner, tmp_path, "print('after')").stdout == "after\n"


def test_a_program_that_asks_for_input_gets_end_of_file(
    runner: SnippetRunner, tmp_path: Path
) -> None:
    assert "EOFError" in run(runner, tmp_path, "input()\n").stderr
