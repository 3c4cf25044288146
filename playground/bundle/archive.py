"""Merge compiled wheels into the one archive that Python imports in place, natives apart."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

#: anyio reads its own source when imported and imports everything eagerly (and fails on
#: ``_interpreters``, which WebAssembly lacks) when it is absent.
KEEP_SOURCES = {"anyio/__init__.py"}
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class NativeFile:
    """A file of a package with an extension module, as a slice of the natives file.

    Attributes:
        path: Path relative to site-packages.
        offset: First byte in the natives file.
        size: Length in bytes.
    """

    path: str
    offset: int
    size: int


def merge(compiled: list[Path], sources: list[Path], target: Path) -> list[NativeFile]:
    """Write ``target`` (stored zip) and ``target.with_suffix(".natives")`` from the wheels.

    A package that holds an extension module cannot be imported from a zip, so its files go to
    the natives file, which the sandbox writes into its file system.

    Args:
        compiled: Byte-compiled wheels and zips.
        sources: The same archives before compilation, for :data:`KEEP_SOURCES`.
        target: The archive to write.
    """
    entries: dict[str, bytes] = {}
    natives: dict[str, bytes] = {}
    for path in compiled:
        with zipfile.ZipFile(path) as wheel:
            names = [name for name in wheel.namelist() if _is_wanted(name)]
            native_roots = {name.split("/")[0] for name in names if name.endswith(".so")}
            for name in names:
                into = natives if name.split("/")[0] in native_roots else entries
                into[name] = wheel.read(name)
    for path in sources:
        with zipfile.ZipFile(path) as wheel:
            for name in KEEP_SOURCES.intersection(wheel.namelist()):
                entries[name] = wheel.read(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(entries):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), entries[name])
    files, offset = [], 0
    with target.with_suffix(".natives").open("wb") as stream:
        for name in sorted(natives):
            stream.write(natives[name])
            files.append(NativeFile(name, offset, len(natives[name])))
            offset += len(natives[name])
    return files


def _is_wanted(name: str) -> bool:
    """Leave out folders, type stubs and wheel metadata other than METADATA (versions are read)."""
    if name.endswith(("/", ".pyi", "py.typed")):
        return False
    return ".dist-info/" not in name or name.endswith("/METADATA")
