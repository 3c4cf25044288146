"""Find the files that a run wrote: its artifacts.

The working directory outlives a run as long as the sandbox does, so a run's own files are told from
older ones by what has changed between :func:`snapshot` before it and :func:`collect` after it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

#: Modification time in ns and size in bytes of each file, by its path.
Snapshot = dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Limits:
    """How much of what a run wrote is shown (``ARTIFACT_LIMITS`` of protocol.ts).

    Attributes:
        files: Number of files.
        size: Bytes of one file.
        total: Bytes of all files of a run together.
    """

    files: int
    size: int
    total: int


@dataclass(frozen=True)
class Artifact:
    """A file that a run wrote.

    Attributes:
        name: Path relative to the working directory, with ``/`` between its parts.
        content: Its bytes.
    """

    name: str
    content: bytes


@dataclass
class Collection:
    """What a run wrote.

    Attributes:
        artifacts: The files within the limits, in the order in which they were last written.
        omitted: How many were left out, by reason: ``files``, ``size`` and ``total`` name
            the limit that was reached, ``unreadable`` a file that could not be read.
    """

    artifacts: list[Artifact] = field(default_factory=list)
    omitted: dict[str, int] = field(default_factory=dict)

    def omit(self, reason: str) -> None:
        """Count one more file that is left out."""
        self.omitted[reason] = self.omitted.get(reason, 0) + 1


def snapshot(folder: Path) -> Snapshot:
    """Return the state of every file under ``folder`` that would count as an artifact."""
    return {path: (status.st_mtime_ns, status.st_size) for path, status in _files(folder)}


def collect(folder: Path, before: Snapshot, limits: Limits) -> Collection:
    """Return what has been created or changed under ``folder`` since ``before``.

    Args:
        folder: The working directory.
        before: What :func:`snapshot` returned before the run.
        limits: What fits is taken, in the order in which the files were last written.
    """
    written = [
        (status.st_mtime_ns, path, status.st_size)
        for path, status in _files(folder)
        if before.get(path) != (status.st_mtime_ns, status.st_size)
    ]
    # Files of one millisecond stay as the folder lists them: in the sandbox, as they were made.
    written.sort(key=itemgetter(0))
    found = Collection()
    total = 0
    for _, path, size in written:
        if size > limits.size:
            found.omit("size")
        elif len(found.artifacts) == limits.files:
            found.omit("files")
        elif total + size > limits.total:
            found.omit("total")
        else:
            try:
                content = Path(path).read_bytes()
            except (OSError, MemoryError):
                found.omit("unreadable")
                continue
            total += len(content)
            found.artifacts.append(Artifact(_name(path, folder), content))
    return found


def _files(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield each regular file under ``folder`` but hidden ones, links and compiled modules."""
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if _is_shown(name)]
        for name in filter(_is_shown, files):
            path = os.path.join(root, name)  # noqa: PTH118 - a Path for each would be slow here
            try:
                status = os.lstat(path)
            except OSError:
                continue
            if stat.S_ISREG(status.st_mode):
                yield path, status


def _is_shown(name: str) -> bool:
    return not name.startswith(".") and name != "__pycache__"


def _name(path: str, folder: Path) -> str:
    # Names need not be UTF-8; what is not has no form that JavaScript could show.
    return Path(path).relative_to(folder).as_posix().encode(errors="replace").decode()
