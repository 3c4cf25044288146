"""Which files of the working directory count as written by a run."""

import os
from pathlib import Path

import pytest

from playground.runtime.artifacts import Collection, Limits, collect, snapshot

LIMITS = Limits(files=3, size=100, total=150)


def names(found: Collection) -> list[str]:
    return [artifact.name for artifact in found.artifacts]


def write(path: Path, content: bytes = b"x", second: int = 1) -> None:
    """Write a file as if in that second."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (second, second))


def test_new_files_come_with_their_bytes_in_the_order_they_were_written(tmp_path: Path) -> None:
    write(tmp_path / "b.png", b"first", 1)
    write(tmp_path / "图/a.png", b"second", 2)
    found = collect(tmp_path, {}, LIMITS)
    assert [(a.name, a.content) for a in found.artifacts] == [
        ("b.png", b"first"),
        ("图/a.png", b"second"),
    ]
    assert found.omitted == {}


def test_only_what_changed_since_the_snapshot_counts(tmp_path: Path) -> None:
    for name in ("kept.txt", "longer.txt", "touched.txt", "gone.txt"):
        write(tmp_path / name)
    before = snapshot(tmp_path)
    write(tmp_path / "longer.txt", b"xx", 1)
    write(tmp_path / "touched.txt", b"y", 2)
    (tmp_path / "gone.txt").unlink()
    (tmp_path / "kept.txt").read_bytes()
    assert names(collect(tmp_path, before, LIMITS)) == ["longer.txt", "touched.txt"]


@pytest.mark.parametrize(
    "name", [".hidden", ".cache/file.txt", "__pycache__/a.cpython-314.pyc", "deep/.git/config"]
)
def test_what_nobody_wrote_on_purpose_does_not_count(tmp_path: Path, name: str) -> None:
    write(tmp_path / name)
    assert collect(tmp_path, {}, LIMITS) == Collection()


def test_links_and_what_lies_behind_them_do_not_count(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    write(outside / "secret.txt")
    folder = tmp_path / "cwd"
    folder.mkdir()
    (folder / "link").symlink_to(outside)
    (folder / "link.txt").symlink_to(outside / "secret.txt")
    assert collect(folder, {}, LIMITS) == Collection()


def test_a_file_too_large_leaves_the_others(tmp_path: Path) -> None:
    write(tmp_path / "large.bin", bytes(101), 1)
    write(tmp_path / "largest.bin", bytes(100), 2)
    found = collect(tmp_path, {}, LIMITS)
    assert names(found) == ["largest.bin"]
    assert found.omitted == {"size": 1}


def test_too_many_files_are_counted(tmp_path: Path) -> None:
    for second in range(5):
        write(tmp_path / f"{second}.txt", b"x", second)
    found = collect(tmp_path, {}, LIMITS)
    assert names(found) == ["0.txt", "1.txt", "2.txt"]
    assert found.omitted == {"files": 2}


def test_files_that_are_too_much_together_are_counted(tmp_path: Path) -> None:
    for second in range(3):
        write(tmp_path / f"{second}.bin", bytes(80), second)
    write(tmp_path / "small.bin", bytes(70), 4)
    found = collect(tmp_path, {}, LIMITS)
    assert names(found) == ["0.bin", "small.bin"]
    assert found.omitted == {"total": 2}


def test_a_file_that_cannot_be_read_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "locked.txt")
    write(tmp_path / "open.txt", b"x", 2)
    read = Path.read_bytes

    def refuse(path: Path) -> bytes:
        # A mode of 0 would not keep root out.
        if path.name == "locked.txt":
            raise PermissionError
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    found = collect(tmp_path, {}, LIMITS)
    assert names(found) == ["open.txt"]
    assert found.omitted == {"unreadable": 1}


def test_a_name_that_is_not_utf8_can_be_shown(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.txt")).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert names(collect(tmp_path, {}, LIMITS)) == ["?.txt"]
