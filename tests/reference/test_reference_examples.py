"""The examples beside the parameters: every page has one, and cURL sends what the SDK sends.

`pytest tests/reference/test_reference_examples.py --update-examples` rewrites the cURL commands;
what the Python prints is tested, and rewritten, by tests/test_snippets.py.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from playground.demo import create_app
from playground.snippets import find_fences, split_snippet
from reference.coverage import Coverage
from reference.pages import faults, page_of
from reference.sdk import Sdk
from tests.demo.server import serving
from tests.reference.curl import Recorder, curl_command, find_request
from tests.snippet_runner import Request, SnippetRunner
from tests.test_snippets import reader_environment

DOCS = Path(__file__).resolve().parents[2] / "docs"
SDK = Sdk.load()
COVERAGE = Coverage.load(SDK)


def has_request(unit: str) -> bool:
    method = SDK.method(unit)
    return bool(method.endpoint) and not method.deprecation


@pytest.fixture(scope="module")
def runner() -> Iterator[SnippetRunner]:
    with SnippetRunner() as started:
        yield started


def test_every_method_and_object_has_its_page() -> None:
    assert faults(SDK, COVERAGE, DOCS) == []


@pytest.mark.parametrize("unit", [m for m in COVERAGE.methods if has_request(m)])
def test_curl_sends_what_the_sdk_sends(
    unit: str, runner: SnippetRunner, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    page = DOCS / page_of(COVERAGE, unit)
    text = page.read_text("utf-8")
    fences = list(find_fences(text))
    python = next(f for f in fences if f.language == "python")
    (shell,) = [f for f in fences if f.language == "bash"]
    if "skip" in python.options:
        pytest.skip(python.options["skip"])
    recorder = Recorder(create_app(delay=0))
    with serving(recorder) as origin:
        environment = reader_environment(f"{origin}/v1", tmp_path)
        program = split_snippet(python.body)[0]
        result = runner.run(Request(program, unit, environment, str(tmp_path), 20))
    assert result.code == 0, result.stderr
    method = SDK.method(unit)
    sent = find_request(recorder.sent, method.verb, method.endpoint)
    assert sent, f"the example sends no {method.verb} {method.endpoint}"
    command = curl_command(sent, method.endpoint)
    if command != shell.body and pytestconfig.getoption("update_examples"):
        old = f'```bash title="cURL"\n{shell.body}```'
        assert text.count(old) == 1
        page.write_text(text.replace(old, f'```bash title="cURL"\n{command}```'), "utf-8")
        return
    assert shell.body == command
