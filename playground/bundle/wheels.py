"""Fetch the wheels that ``wheels.lock`` pins, and never use one whose hash differs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name, parse_wheel_filename

from playground.bundle.digest import sha256_of
from playground.bundle.errors import BundleError
from playground.bundle.paths import WHEELS_LOCK, download_cache
from playground.bundle.progress import say

#: What pip must be told to pick wheels for the sandbox's interpreter instead of this one's.
TARGET = [
    *("--only-binary", ":all:", "--implementation", "cp", "--python-version", "3.14"),
    *("--abi", "cp314", "--abi", "none", "--platform", "pyemscripten_2026_0_wasm32"),
    *("--platform", "any"),
]
ATTEMPTS = 3

_LINE = re.compile(r"(?P<name>[\w.-]+)==(?P<version>\S+) --hash=sha256:(?P<sha256>[0-9a-f]{64})")


@dataclass(frozen=True)
class LockedWheel:
    """One line of the lock: a distribution, its version and the SHA-256 of its wheel."""

    name: str
    version: str
    sha256: str


def read_lock(lock: Path = WHEELS_LOCK) -> list[LockedWheel]:
    """Return the wheels that the lock file names, in its order.

    Raises:
        BundleError: A line is neither a comment nor ``name==version --hash=sha256:…``.
    """
    wheels = []
    for number, line in enumerate(lock.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise BundleError(f"{lock.name} 第 {number} 行无法解析：{line!r}")
        wheels.append(LockedWheel(**match.groupdict()))
    return wheels


def find_wheel(wheel: LockedWheel, folder: Path) -> Path | None:
    """Return the wheel's file in ``folder`` if its bytes match the lock, else delete it."""
    for path in folder.glob("*.whl"):
        name, version, *_ = parse_wheel_filename(path.name)
        if name != canonicalize_name(wheel.name) or str(version) != wheel.version:
            continue
        if sha256_of(path) == wheel.sha256:
            return path
        say(f"  {path.name} 的 sha256 与 {WHEELS_LOCK.name} 不符，删除并重新下载")
        path.unlink()
    return None


def fetch_wheels(lock: Path = WHEELS_LOCK, folder: Path | None = None) -> list[Path]:
    """Return a verified local file for each wheel of the lock, downloading what is missing.

    Args:
        lock: The lock file.
        folder: Where wheels are kept between builds; the user's cache by default.

    Raises:
        BundleError: A wheel could not be fetched in three attempts.
    """
    folder = folder or download_cache() / "wheels"
    folder.mkdir(parents=True, exist_ok=True)
    wheels = read_lock(lock)
    for attempt in range(1, ATTEMPTS + 1):
        missing = [wheel for wheel in wheels if find_wheel(wheel, folder) is None]
        if not missing:
            break
        say(f"  下载 {len(missing)} 个 wheel：{'、'.join(wheel.name for wheel in missing)}")
        _download(missing, folder)
        if attempt < ATTEMPTS and any(find_wheel(wheel, folder) is None for wheel in missing):
            time.sleep(2**attempt)
    found = [find_wheel(wheel, folder) for wheel in wheels]
    absent = [w.name for w, path in zip(wheels, found, strict=True) if path is None]
    if absent:
        raise BundleError(
            f"下载失败：{'、'.join(absent)}。请检查到 PyPI 的网络（可设 PIP_INDEX_URL 指向镜像），"
            "然后再运行一次同样的命令；已下载的部分会保留。"
        )
    return [path for path in found if path is not None]


def _download(wheels: list[LockedWheel], folder: Path) -> None:
    """Let pip fetch exactly the locked files; its failure shows as a missing file later."""
    partial = folder / "partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    requirements = partial / "requirements.txt"
    lines = [f"{w.name}=={w.version} --hash=sha256:{w.sha256}\n" for w in wheels]
    requirements.write_text("".join(lines), encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--retries", "5"]
    pip += [*TARGET, "--require-hashes", "-r", str(requirements), "-d", str(partial)]
    subprocess.run([*pip, "--disable-pip-version-check"], check=False)
    # A rename within one folder is atomic: an interrupted download never looks complete.
    for path in partial.glob("*.whl"):
        path.replace(folder / path.name)
    shutil.rmtree(partial, ignore_errors=True)


def write_lock(requirements: list[str], lock: Path = WHEELS_LOCK) -> None:
    """Rewrite the lock for ``requirements`` (``name==version``), keeping its comment lines.

    Raises:
        BundleError: pip found no wheel of one of them for the sandbox's interpreter.
    """
    folder = download_cache() / "wheels"
    folder.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", *TARGET]
    done = subprocess.run([*pip, "-d", str(folder), *requirements], check=False)
    if done.returncode != 0:
        raise BundleError("pip 没有找到全部 wheel；上面是它的原话。请检查版本号。")
    lines = [line for line in lock.read_text(encoding="utf-8").splitlines() if line[:1] == "#"]
    for requirement in sorted(requirements):
        name, version = requirement.split("==")
        for path in folder.glob("*.whl"):
            found, found_version, *_ = parse_wheel_filename(path.name)
            if found == canonicalize_name(name) and str(found_version) == version:
                lines.append(f"{name}=={version} --hash=sha256:{sha256_of(path)}")
    lock.write_text("\n".join(lines) + "\n", encoding="utf-8")
