"""Run snippets one after another, each in a process of its own that starts warm.

`python -m tests.snippet_runner` imports the SDK once and then forks for every request, so that
150 snippets do not pay for 150 imports, and nothing a snippet leaves behind (event loop, client,
thread, environment, working directory) reaches the next one. One JSON object a line on stdin,
one a line on stdout; `SnippetRunner` is the other end.
"""

import contextlib
import importlib
import json
import linecache
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import types
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

WARM = ("asyncio", "openai.resources", "openai.types.responses")
"""What nearly every snippet imports, imported once before the first fork."""


@dataclass(frozen=True)
class Request:
    """One run: the program, how tracebacks name it, its whole environment and its limits."""

    source: str
    filename: str
    environment: dict[str, str]
    folder: str
    timeout: float


@dataclass(frozen=True)
class Result:
    """What a run printed; `code` is None when it was stopped at the time limit."""

    stdout: str
    stderr: str
    code: int | None


class SnippetRunner:
    """The warm process, seen from the tests. Use as a context manager."""

    def __enter__(self) -> Self:
        root = Path(__file__).resolve().parent.parent
        self._process = subprocess.Popen(
            [sys.executable, "-X", "utf8", "-m", "tests.snippet_runner"],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)

    def run(self, request: Request) -> Result:
        """Run one program and wait for its end or its time limit."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(request)) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("the snippet runner has ended")
        return Result(**json.loads(answer))


def main() -> None:
    """Serve requests until stdin ends."""
    for module in WARM:
        importlib.import_module(module)
    for line in sys.stdin:
        result = fork_and_wait(Request(**json.loads(line)))
        sys.stdout.write(json.dumps(asdict(result)) + "\n")
        sys.stdout.flush()


def fork_and_wait(request: Request) -> Result:
    """Run `request` in a fork of this process; its output goes through files, so it cannot jam."""
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        child = os.fork()
        if child == 0:
            code = 1
            with contextlib.suppress(BaseException):
                code = run_here(request, stdout.fileno(), stderr.fileno())
            os._exit(code)
        code = wait(child, request.timeout)
        return Result(read(stdout), read(stderr), code)


def wait(child: int, timeout: float) -> int | None:
    """Return the exit code, or None after killing a child that ran longer than `timeout` s."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def run_here(request: Request, stdout: int, stderr: int) -> int:
    """Become the snippet's process: everything a fresh `python snippet.py` would have."""
    os.setpgid(0, 0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(stdout, 1)
    os.dup2(stderr, 2)
    # Fresh objects on the new descriptors; the inherited ones belong to the runner's protocol.
    sys.stdin = os.fdopen(0, encoding="utf-8")
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
    os.chdir(request.folder)
    os.environ.clear()
    os.environ.update(request.environment)
    sys.argv = [request.filename]
    main_module = types.ModuleType("__main__")
    sys.modules["__main__"] = main_module
    lines = request.source.splitlines(keepends=True)
    linecache.cache[request.filename] = (len(request.source), None, lines, request.filename)
    # What the SDK marks as deprecated has no place in a current example.
    warnings.filterwarnings("error", category=DeprecationWarning, module="__main__")
    try:
        exec(compile(request.source, request.filename, "exec"), main_module.__dict__)
        code = 0
    except SystemExit as exit_:
        code = exit_.code if isinstance(exit_.code, int) else int(exit_.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def read(file) -> str:
    """Return what was written to an open temporary file."""
    file.seek(0)
    return file.read().decode("utf-8", "replace")


if __name__ == "__main__":
    main()
