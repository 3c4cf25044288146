"""Content hashes: of one file, and of a set of inputs that decides whether a step is up to date."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def sha256_of(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def digest_of(paths: Iterable[Path], base: Path, *extra: str) -> str:
    """Return one digest for the names (relative to ``base``) and bytes of ``paths``."""
    total = hashlib.sha256()
    for text in extra:
        total.update(text.encode() + b"\0")
    for path in sorted(paths):
        total.update(path.relative_to(base).as_posix().encode() + b"\0")
        total.update(sha256_of(path).encode() + b"\0")
    return total.hexdigest()
