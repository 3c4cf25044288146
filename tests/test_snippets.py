"""Every snippet of the docs, run as a reader would run it on their own machine.

Each Python fence runs against a new offline demo over real HTTP; what it prints must be what
stands under it after `#>`. `pytest tests/test_snippets.py --update-examples` writes those lines.
Each JSON fence with a model is parsed and validated against that model of the SDK.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from importlib import import_module
from pathlib import Path
from textwrap import indent
from typing import Any

import pydantic
import pytest

from playground.snippets import SNIPPET_OPTIONS, Fence, find_fences, join_snippet, split_snippet
from tests.demo.server import running_demo
from tests.snippet_runner import Request, SnippetRunner

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
TIME_LIMIT = 20.0
"""Seconds; a snippet that takes longer would lose a reader too."""
LINE_LENGTH = 80
"""Columns; a Chinese character takes two. Longer lines scroll even on a wide screen."""
LINT_RULES = "E,F,W,I,B,UP,C4,SIM,RUF100"


@dataclass(frozen=True)
class Snippet:
    """One fence of the docs."""

    path: Path
    fence: Fence

    @property
    def place(self) -> str:
        """Where it stands, `docs/api/chat.md:12`."""
        return f"{self.path.relative_to(ROOT).as_posix()}:{self.fence.line}"

    @property
    def program(self) -> str:
        return split_snippet(self.fence.body)[0]

    @property
    def output(self) -> str:
        return split_snippet(self.fence.body)[1]

    @property
    def options(self) -> dict[str, str]:
        return self.fence.options


def snippets_in(language: str) -> list[Snippet]:
    return [
        Snippet(path, fence)
        for path in sorted(DOCS.rglob("*.md"))
        for fence in find_fences(path.read_text("utf-8"))
        if fence.language == language
    ]


SNIPPETS = snippets_in("python")
RUNNABLE = [snippet for snippet in SNIPPETS if "skip" not in snippet.options]
JSON = snippets_in("json")


def place(snippet: Snippet) -> str:
    return snippet.place


@pytest.fixture(scope="session")
def runner() -> Iterator[SnippetRunner]:
    with SnippetRunner() as started:
        yield started


@pytest.fixture(scope="session")
def new_outputs(pytestconfig: pytest.Config) -> Iterator[list[tuple[Snippet, str]]]:
    """Outputs to write into the docs; written at the end, when no line number is needed."""
    collected: list[tuple[Snippet, str]] = []
    yield collected
    for snippet, output in collected:
        update_output(snippet, output)
    if collected:
        print(f"\n{len(collected)} snippet(s) updated", file=sys.stderr)


@pytest.fixture(scope="session")
def lint_findings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What ruff says, by place of the snippet: one run for all of them."""
    folder = tmp_path_factory.mktemp("lint")
    places = {}
    for number, snippet in enumerate(SNIPPETS):
        file = folder / f"snippet_{number}.py"
        file.write_text(snippet.program, "utf-8")
        places[file.name] = snippet
    options = {
        "select": LINT_RULES,
        "ignore": "UP012",  # encode("utf-8") says more to a learner than encode()
        "line-length": LINE_LENGTH,
        "target-version": "py312",
        "config": "lint.isort.known-third-party=['openai']",
        "output-format": "json",
    }
    answer = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache"]
        + [f"--{name}={value}" for name, value in options.items()]
        + [str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode in (0, 1), answer.stderr
    findings: dict[str, list[str]] = {}
    for finding in json.loads(answer.stdout):
        snippet = places[Path(finding["filename"]).name]
        line = snippet.fence.line + finding["location"]["row"]
        findings.setdefault(snippet.place, []).append(
            f"line {line}: {finding['code']} {finding['message']}"
        )
    return findings


def test_there_are_snippets() -> None:
    """A search that finds nothing would let every other test here pass."""
    assert len(RUNNABLE) >= 20
    assert JSON


@pytest.mark.parametrize("snippet", SNIPPETS, ids=place)
def test_options(snippet: Snippet) -> None:
    """Only known options, and a skip says why."""
    for name in SNIPPET_OPTIONS:
        reason = snippet.options.get(name)
        assert reason is None or len(reason.strip()) >= 4, f"{name} needs a reason"
    assert not {"skip", "page"} <= snippet.options.keys(), "skip already covers page"


@pytest.mark.parametrize("snippet", SNIPPETS, ids=place)
def test_lint(snippet: Snippet, lint_findings: dict[str, list[str]]) -> None:
    if "skip" in snippet.options:
        # Shown as what not to write, or as a fragment: length only.
        long = [line for line in lint_findings.get(snippet.place, []) if "E501" in line]
        assert not long, "\n".join(long)
    else:
        findings = lint_findings.get(snippet.place, [])
        assert not findings, "\n".join(findings)


@pytest.mark.parametrize("snippet", RUNNABLE, ids=place)
def test_output(
    snippet: Snippet,
    runner: SnippetRunner,
    new_outputs: list[tuple[Snippet, str]],
    tmp_path: Path,
    pytestconfig: pytest.Config,
) -> None:
    with running_demo() as base_url:
        result = runner.run(
            Request(
                source=snippet.program,
                filename=snippet.place,
                environment=reader_environment(base_url, tmp_path),
                folder=str(tmp_path),
                timeout=TIME_LIMIT,
            )
        )
    assert result.code is not None, f"still running after {TIME_LIMIT:.0f} s\n{result.stdout}"
    assert result.code == 0, f"{result.stdout}\n{result.stderr}"
    output = normalise(result.stdout)
    if output == normalise(snippet.output):
        return
    if pytestconfig.getoption("update_examples"):
        new_outputs.append((snippet, output))
        return
    difference = unified_diff(
        snippet.output.splitlines(), output.splitlines(), "in the docs", "printed", lineterm=""
    )
    pytest.fail("\n".join(["output differs", *difference]), pytrace=False)


@pytest.mark.parametrize("sample", JSON, ids=place)
def test_json(sample: Snippet) -> None:
    parsed = json.loads(sample.fence.body)
    if "model" in sample.options:
        validate(parsed, load_model(sample.options["model"]))


def reader_environment(base_url: str, home: Path) -> dict[str, str]:
    """The whole environment of a snippet: no proxy, no key or setting of this machine."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "NO_PROXY": "*",
        "OPENAI_API_KEY": "sk-demo",
        "OPENAI_BASE_URL": base_url,
    }


def normalise(output: str) -> str:
    """Return the output without trailing spaces and blank lines, which Markdown cannot keep."""
    lines = [line.rstrip() for line in output.splitlines()]
    return "\n".join(lines).rstrip("\n")


def update_output(snippet: Snippet, output: str) -> None:
    """Rewrite the `#>` lines of one fence, wherever it stands by now."""
    path, prefix = snippet.path, " " * snippet.fence.indent
    old = indent(snippet.fence.body, prefix)
    new = indent(join_snippet(snippet.program, output), prefix)
    text = path.read_text("utf-8")
    if text.count(f"\n{old}{prefix}```") != 1:
        pytest.fail(f"{snippet.place} has changed or has a twin: run again, or edit it by hand")
    path.write_text(text.replace(f"\n{old}{prefix}```", f"\n{new}{prefix}```"), "utf-8")


def load_model(name: str) -> Any:
    """Import `package.module.Name`."""
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(module), attribute)


def validate(data: Any, model: Any) -> None:
    """Validate strictly and without fields that the model does not know."""
    value = pydantic.TypeAdapter(model).validate_json(json.dumps(data), strict=True)
    unknown = sorted(unknown_fields(value))
    assert not unknown, f"not in the SDK's model: {', '.join(unknown)}"


def unknown_fields(value: Any, path: str = "") -> Iterator[str]:
    """Yield the path of every field that a model accepted without knowing it."""
    if isinstance(value, pydantic.BaseModel):
        yield from (f"{path}.{name}".lstrip(".") for name in value.model_extra or {})
        for name in type(value).model_fields:
            yield from unknown_fields(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from unknown_fields(item, f"{path}[{index}]")
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from unknown_fields(item, f"{path}.{name}")
