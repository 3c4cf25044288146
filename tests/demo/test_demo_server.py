"""The demo as a process, under load, and with clients that misbehave."""

import asyncio
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2
import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from playground.demo import Clock, create_app
from tests.demo.asynchronous import run_async
from tests.demo.server import running_demo, serving

MESSAGES = [{"role": "user", "content": "讲个笑话"}]


@pytest.fixture
def process() -> Iterator:
    """Start ``python -m playground.demo`` with arguments; what still runs is ended afterwards."""
    started = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        made = subprocess.Popen(
            [sys.executable, "-m", "playground.demo", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )
        started.append(made)
        return made

    yield start
    for made in started:
        made.kill()
        made.communicate()


def test_the_command_says_where_it_is_and_ends_cleanly(process):
    demo = process("--port", "0", "--delay", "0")
    line = demo.stdout.readline().strip()
    prefix = "离线演示已启动："
    assert line.startswith(f"{prefix}http://127.0.0.1:")
    with OpenAI(api_key="x", base_url=line.removeprefix(prefix)) as client:
        answer = client.chat.completions.create(model="gpt-6-luna", messages=MESSAGES)
        assert answer.choices[0].message.content
    demo.send_signal(signal.SIGINT)
    out, error = demo.communicate(timeout=10)
    assert (demo.returncode, out, error) == (0, "", "")


def test_ctrl_c_ends_it_in_the_middle_of_a_stream(process):
    demo = process("--port", "0", "--delay", "1")
    base_url = demo.stdout.readline().strip().partition("：")[2]
    with OpenAI(api_key="x", base_url=base_url, max_retries=0) as client:
        stream = client.chat.completions.create(model="gpt-6-luna", messages=MESSAGES, stream=True)
        next(iter(stream))
        demo.send_signal(signal.SIGINT)
        began = time.monotonic()
        assert demo.wait(timeout=10) == 0
        assert time.monotonic() - began < 4
        assert "Traceback" not in demo.stderr.read()


def test_help_names_ports_origins_and_every_fault(process):
    out, _ = process("--help").communicate(timeout=20)
    for word in ("--port", "--origin", "--any-id", "--now", "demo-broken-stream", "x-demo-fault"):
        assert word in out


def test_a_taken_port_is_said_in_one_line(process):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        out, error = process("--port", str(taken.getsockname()[1])).communicate(timeout=20)
    assert out == ""
    assert "--port" in error
    assert "Traceback" not in error


def test_now_and_origin_are_obeyed(process):
    demo = process("--port", "0", "--now", "2027-06-01", "--origin", "https://a.example")
    base_url = demo.stdout.readline().strip().partition("：")[2]
    with (
        OpenAI(api_key="x", base_url=base_url) as client,
        pytest.raises(openai.NotFoundError, match="2027-01-14"),
    ):
        client.models.retrieve("gpt-4o")
    for origin, allowed in (("https://a.example", True), ("https://b.example", False)):
        answer = httpx2.get(f"{base_url}/demo/clock", headers={"origin": origin})
        assert ("access-control-allow-origin" in answer.headers) is allowed


class Counted:
    """An ASGI app that counts the requests that are being answered."""

    def __init__(self, app) -> None:
        self.app = app
        self.active = 0

    async def __call__(self, scope, receive, send) -> None:
        self.active += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.active -= 1

    def quiet_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.active and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.active == 0


def test_a_client_that_leaves_ends_its_stream():
    app = Counted(create_app(delay=0.5))
    with serving(app) as origin, OpenAI(api_key="x", base_url=f"{origin}/v1") as client:
        stream = client.chat.completions.create(model="gpt-6-luna", messages=MESSAGES, stream=True)
        next(iter(stream))
        assert app.active == 1
        stream.close()
        assert app.quiet_within(2)


def test_a_half_sent_body_does_no_harm():
    app = Counted(create_app(delay=0))
    with serving(app) as origin:
        address = urlsplit(origin)
        with socket.create_connection((address.hostname, address.port)) as half:
            half.sendall(
                b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer x\r\n"
                b'content-type: application/json\r\ncontent-length: 1000\r\n\r\n{"model":'
            )
            time.sleep(0.1)
            assert app.active == 1
        assert app.quiet_within(2)
        answer = httpx2.get(f"{origin}/v1/models", headers={"authorization": "Bearer x"})
        assert answer.status_code == 200


def test_two_hundred_streams_run_side_by_side():
    async def one(client: AsyncOpenAI, index: int) -> str:
        stream = await client.chat.completions.create(
            model="gpt-6-luna",
            messages=[{"role": "user", "content": f"{index}+1等于几？"}],
            stream=True,
        )
        return "".join([c.choices[0].delta.content or "" async for c in stream])

    async def all_of_them(base_url: str) -> list[str]:
        async with AsyncOpenAI(api_key="x", base_url=base_url, max_retries=0) as client:
            return await asyncio.gather(*(one(client, i) for i in range(200)))

    with running_demo(delay=0.02) as base_url:
        texts = run_async(all_of_them(base_url))
    assert texts == [f"{i}+1 = {i + 1}" for i in range(200)]


def test_chunks_arrive_as_they_are_made():
    with running_demo(delay=0.05) as base_url, OpenAI(api_key="x", base_url=base_url) as client:
        times = []
        for _ in client.chat.completions.create(model="gpt-6-luna", messages=MESSAGES, stream=True):
            times.append(time.monotonic())
    gaps = [b - a for a, b in itertools.pairwise(times)]
    assert len(gaps) > 10
    assert sum(gap > 0.03 for gap in gaps) > len(gaps) / 2


def test_a_running_clock_moves_by_itself_and_can_be_driven():
    with running_demo(clock=Clock(running=True)) as base_url:

        def now() -> str:
            return httpx2.get(f"{base_url}/demo/clock").json()["now"]

        first = now()
        time.sleep(0.02)
        assert now() > first
        httpx2.post(f"{base_url}/demo/clock", json={"advance": 86400})
        assert now().startswith("2026-11-25")
        httpx2.post(f"{base_url}/demo/reset")
        assert now().startswith("2026-11-24")


@pytest.mark.parametrize("advance", [-1, "1", True, None])
def test_the_clock_refuses_what_is_no_time(base_url, advance):
    answer = httpx2.post(f"{base_url}/demo/clock", json={"advance": advance})
    assert answer.status_code == 400


def test_async_and_raw_and_streaming_responses(client, base_url):
    async def run() -> None:
        async with AsyncOpenAI(api_key="x", base_url=base_url) as sdk:
            names = [m.id async for m in sdk.models.list()]
            assert "gpt-6-luna" in names
            raw = await sdk.chat.completions.with_raw_response.create(
                model="gpt-6-luna", messages=MESSAGES
            )
            assert raw.headers["openai-processing-ms"].isdigit()
            assert raw.parse().choices
            async with sdk.models.with_streaming_response.list() as response:
                assert '"gpt-6-luna"' in await response.text()

    run_async(run())
