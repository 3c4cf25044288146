"""Fetching wheels: pinned by hash, repaired when damaged, never used when wrong."""

import zipfile
from pathlib import Path

import pytest

from playground.bundle import wheels
from playground.bundle.digest import sha256_of
from playground.bundle.errors import BundleError
from playground.bundle.paths import ROOT
from playground.bundle.wheels import fetch_wheels, read_lock

NAME = "tiny-1.0-py3-none-any.whl"


def write_wheel(folder: Path, content: str = "value = 1\n") -> Path:
    """Write a complete wheel that pip accepts."""
    folder.mkdir(exist_ok=True)
    path = folder / NAME
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("tiny/__init__.py", content)
        wheel.writestr(
            "tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"
        )
        wheel.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("tiny-1.0.dist-info/RECORD", "")
    return path


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes for the only package index."""
    folder = tmp_path / "index"
    write_wheel(folder)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setattr(wheels.time, "sleep", lambda _seconds: None)
    return folder


@pytest.fixture
def lock(tmp_path: Path, index: Path) -> Path:
    path = tmp_path / "wheels.lock"
    path.write_text(f"# comment\ntiny==1.0 --hash=sha256:{sha256_of(index / NAME)}\n")
    return path


def test_a_missing_wheel_is_fetched_and_then_reused(
    lock: Path, index: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    (path,) = fetch_wheels(lock, cache)
    assert path.read_bytes() == (index / NAME).read_bytes()
    (index / NAME).unlink()  # from here on there is no network, so to say
    assert fetch_wheels(lock, cache) == [path]


@pytest.mark.parametrize("damage", [b"", b"half a whe"], ids=["empty", "cut short"])
def test_a_damaged_wheel_is_fetched_again(
    lock: Path, index: Path, tmp_path: Path, damage: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / NAME).write_bytes(damage)
    (path,) = fetch_wheels(lock, cache)
    assert path.read_bytes() == (index / NAME).read_bytes()
    assert "sha256" in capsys.readouterr().err


def test_a_wheel_with_another_hash_is_never_used(lock: Path, index: Path, tmp_path: Path) -> None:
    write_wheel(index, "value = 'changed on the way'\n")
    cache = tmp_path / "cache"
    with pytest.raises(BundleError, match="tiny"):
        fetch_wheels(lock, cache)
    assert list(cache.rglob("*.whl")) == []


def test_a_line_that_pins_nothing_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "wheels.lock"
    path.write_text("tiny>=1.0\n")
    with pytest.raises(BundleError, match="第 1 行"):
        read_lock(path)


def test_the_sandbox_has_the_versions_that_the_site_is_built_with() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if "==" in line and not line.startswith("#"))
    locked = {wheel.name: wheel.version for wheel in read_lock()}
    shared = pinned.keys() & locked.keys()
    assert {"openai", "pydantic", "starlette", "python-multipart"} <= shared
    assert {name: locked[name] for name in shared} == {name: pinned[name] for name in shared}
