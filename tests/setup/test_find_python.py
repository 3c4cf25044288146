"""The finder, run by a real sh over fake interpreters."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FINDER = Path(__file__).resolve().parents[2] / "tools" / "find-python"

GOOD = 'echo "$0"'
TOO_OLD = "echo 3.11.7; exit 3"
NO_VENV = "echo 3.12; exit 4"
PYENV_SHIM = 'echo "pyenv: $0: command not found" >&2; exit 127'


class Machine:
    """A machine that has nothing but what a test puts there."""

    def __init__(self, root: Path) -> None:
        self.path = root / "bin"
        self.pyenv = root / "pyenv"
        self.path.mkdir()
        for tool in ("sh", "ls", "grep", "sort"):
            (self.path / tool).symlink_to(next(p for p in tool_paths(tool) if p.exists()))

    def program(self, path: Path, script: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    def python(self, name: str, script: str) -> Path:
        return self.program(self.path / name, script)

    def pyenv_python(self, version: str, script: str) -> Path:
        return self.program(self.pyenv / "versions" / version / "bin" / "python3", script)

    def find(self, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.path / "sh"), str(FINDER)],
            env={"PATH": str(self.path), "PYENV_ROOT": str(self.pyenv), **environment},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )


def tool_paths(tool: str) -> list[Path]:
    folders = [*os.environ["PATH"].split(":"), "/bin", "/usr/bin"]
    return [Path(folder) / tool for folder in folders]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_python3_comes_first(machine: Machine) -> None:
    good = machine.python("python3", GOOD)
    machine.python("python3.14", GOOD)
    assert machine.find().stdout == f"{good}\n"


def test_a_newer_one_beside_an_old_python3(machine: Machine) -> None:
    machine.python("python3", TOO_OLD)
    good = machine.python("python3.12", GOOD)
    assert machine.find().stdout == f"{good}\n"


def test_a_shim_that_only_complains_is_passed_over(machine: Machine) -> None:
    machine.python("python3", TOO_OLD)
    machine.python("python3.13", PYENV_SHIM)
    good = machine.python("python3.12", GOOD)
    found = machine.find()
    assert (found.stdout, found.stderr) == (f"{good}\n", "")


def test_pyenv_versions_newest_first_and_released_only(machine: Machine) -> None:
    machine.python("python3", TOO_OLD)
    machine.pyenv_python("3.9.18", TOO_OLD)
    machine.pyenv_python("3.12.9", GOOD)
    machine.pyenv_python("3.14.0t", GOOD)
    good = machine.pyenv_python("3.12.11", GOOD)
    assert machine.find().stdout == f"{good}\n"


def test_pyenv_in_the_home_folder(machine: Machine, tmp_path: Path) -> None:
    good = machine.program(tmp_path / "home/.pyenv/versions/3.13.0/bin/python3", GOOD)
    assert machine.find(PYENV_ROOT="", HOME=str(tmp_path / "home")).stdout == f"{good}\n"


def test_python_variable_wins(machine: Machine, tmp_path: Path) -> None:
    machine.python("python3", GOOD)
    chosen = machine.program(tmp_path / "a b" / "python", GOOD)
    assert machine.find(PYTHON=str(chosen)).stdout == f"{chosen}\n"


def test_python_variable_that_does_not_work_is_an_error(machine: Machine) -> None:
    machine.python("python3", GOOD)
    machine.python("old", TOO_OLD)
    found = machine.find(PYTHON="old")
    assert found.returncode == 1
    assert found.stdout == ""
    assert "PYTHON=old 用不了" in found.stderr


def test_none_says_what_to_install_and_what_was_found(machine: Machine) -> None:
    machine.python("python3", TOO_OLD)
    machine.python("python3.13", PYENV_SHIM)
    found = machine.find()
    assert found.returncode == 1
    chinese, english = found.stderr.splitlines()
    assert chinese.startswith("没有找到 Python 3.12 或更新的版本（只有 3.11.7），请先安装")
    assert english.startswith("Python 3.12 or newer is needed (found only 3.11.7): install it")


def test_no_python_at_all(machine: Machine) -> None:
    assert "没有找到 Python 3.12 或更新的版本，请先安装" in machine.find().stderr


def test_a_missing_venv_module_names_the_package(machine: Machine) -> None:
    machine.python("python3", NO_VENV)
    assert "sudo apt install python3.12-venv" in machine.find().stderr


def test_the_real_check_accepts_this_python(machine: Machine) -> None:
    real = Path(sys.executable)
    assert machine.find(PYTHON=str(real)).stdout == f"{real}\n"
