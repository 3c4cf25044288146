"""Make .venv and put the pinned packages into it: `python tools/setup.py site|test`.

Runs on the Python that tools/find-python chose, before anything is installed, so it uses the
standard library only. What is up to date is left alone and needs no network: the second run takes
a fraction of a second.
"""

import argparse
import hashlib
import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = {"site": "requirements.txt", "test": "requirements-test.txt"}
ATTEMPTS = 3
HEARTBEAT = 15.0
"""Seconds between two signs of life of a long step."""


class SetupError(Exception):
    """Something the person at the terminal has to know; the message says what to do."""


# Telling ------------------------------------------------------------------------------------


def say(text: str) -> None:
    """Print one line of progress at once."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Announce a step, say now and then that it is still at work, and how long it took."""
    say(f"▸ {text} …")
    started = time.monotonic()
    over = threading.Event()

    def tick() -> None:
        while not over.wait(HEARTBEAT):
            say(f"  … 还在进行，已经 {time.monotonic() - started:.0f} s")

    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    try:
        yield
    finally:
        over.set()
        ticker.join()
    say(f"  完成，{time.monotonic() - started:.1f} s")


def retry(action: Callable[[], None], attempts: int = ATTEMPTS, pause: float = 3.0) -> None:
    """Run `action` until it does not raise SetupError, `attempts` times at most.

    Args:
        action: what to do.
        attempts: how often, in all.
        pause: seconds before the second attempt; each later pause is twice as long.

    Raises:
        SetupError: the last one, when every attempt failed.
    """
    for attempt in range(1, attempts + 1):
        try:
            return action()
        except SetupError as error:
            if attempt == attempts:
                raise
            wait = pause * 2 ** (attempt - 1)
            say(f"  没有成功：{error}")
            say(f"  {wait:.0f} s 后重试（第 {attempt + 1} 次，共 {attempts} 次）…")
            time.sleep(wait)


# The environment ------------------------------------------------------------------------------


def python_in(venv: Path) -> Path:
    """Return the path of a virtual environment's interpreter."""
    return venv / "bin" / "python"


def is_healthy(venv: Path) -> bool:
    """Whether the environment runs, has pip, and is of this Python's version."""
    probe = "import sys, pip; print(sys.version_info[:2])"
    try:
        answer = subprocess.run(
            [python_in(venv), "-c", probe], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return answer.stdout.strip() == str(sys.version_info[:2])


def ensure_venv(venv: Path) -> None:
    """Create the environment, or create it anew if it is broken or of another version."""
    if is_healthy(venv):
        return
    version = ".".join(map(str, sys.version_info[:3]))
    with step(f"创建虚拟环境 {venv.name}（Python {version}）"):
        if venv.exists():
            shutil.rmtree(venv)
        made = subprocess.run(
            [sys.executable, "-m", "venv", venv], capture_output=True, text=True, check=False
        )
        if made.returncode or not is_healthy(venv):
            reason = (made.stdout + made.stderr).strip().splitlines()
            raise SetupError(
                f"用 {sys.executable} 建不了虚拟环境：{reason[-1] if reason else '原因不明'}"
            )


# The packages ---------------------------------------------------------------------------------


def digest_of(requirements: Path) -> str:
    """Return a digest of a requirements file and of every file it includes."""
    text = requirements.read_text("utf-8")
    digest = hashlib.sha256(text.encode())
    for line in text.splitlines():
        option, _, name = line.strip().partition(" ")
        if option in ("-r", "-c"):
            digest.update(digest_of(requirements.parent / name.strip()).encode())
    return digest.hexdigest()


def ensure_packages(venv: Path, requirements: Path) -> None:
    """Install the packages of a requirements file, unless exactly these are installed.

    The stamp lies inside the environment, so a new environment has none, and it is written last,
    so an interrupted installation starts again.
    """
    stamp = venv / "installed.json"
    stamps = read_stamp(stamp)
    digest = digest_of(requirements)
    if stamps.get(requirements.name) == digest:
        return
    stamp.unlink(missing_ok=True)
    with step(f"安装 {requirements.name} 里的包"):
        retry(lambda: pip_install(venv, requirements))
    stamp.write_text(json.dumps({**stamps, requirements.name: digest}), "utf-8")


def read_stamp(stamp: Path) -> dict[str, str]:
    """Return what was installed, by file; empty if unknown."""
    try:
        return json.loads(stamp.read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def pip_install(venv: Path, requirements: Path) -> None:
    """Run pip once, telling what it fetches.

    Raises:
        SetupError: pip failed; its last words are printed before.
    """
    command = [python_in(venv), "-m", "pip", "install", "--no-input", "--progress-bar=off"]
    command += ["--disable-pip-version-check", "--retries=5", "--timeout=30", "-r", requirements]
    log: list[str] = []
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    assert process.stdout is not None
    for line in process.stdout:
        log.append(line.rstrip())
        words = pip_progress(line)
        if words:
            say(f"  {words}")
    if process.wait():
        for line in log[-12:]:
            if "indexes:" not in line:
                say(f"  | {line}")
        raise SetupError("pip 没有装完，多半是网络中断；上面是它最后的输出")


def pip_progress(line: str) -> str:
    """Turn a line of pip's output into what is worth telling, or into an empty string."""
    words = line.split()
    if words[:1] == ["Downloading"] and len(words) >= 3 and not words[1].endswith(".metadata"):
        file = words[1].rsplit("/", 1)[-1]
        name, version = [*file.split("-"), ""][:2]
        return f"下载 {name} {version} {' '.join(words[2:])}"
    if words[:3] == ["Installing", "collected", "packages:"]:
        return f"装入 {len(words) - 3} 个包，大约要一分钟"
    return ""


# Commands -------------------------------------------------------------------------------------


def require_free_port(port: int) -> None:
    """Raise SetupError if something listens on the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise SetupError(
                f"端口 {port} 已经被占用，换一个：make serve PORT={port + 1}"
                f"（port {port} is in use; choose another one）"
            ) from None


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="tools/setup.py", description=__doc__)
    parser.add_argument("what", choices=sorted(REQUIREMENTS), help="what the environment is for")
    parser.add_argument("--port", type=int, help="a port that must be free")
    options = parser.parse_args(arguments)
    venv = ROOT / ".venv"
    try:
        if options.port is not None:
            require_free_port(options.port)
        ensure_venv(venv)
        ensure_packages(venv, ROOT / REQUIREMENTS[options.what])
    except SetupError as error:
        say(f"✗ {error}")
        return 1
    except KeyboardInterrupt:
        say("✗ 已中断；再运行一次会从断开的地方继续")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
