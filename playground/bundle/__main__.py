"""``python -m playground.bundle``: build the browser runtime; ``lock``: pin its wheels anew."""

from __future__ import annotations

import argparse
import json
import sys

from playground.bundle.build import build_assets
from playground.bundle.errors import BundleError
from playground.bundle.wheels import read_lock, write_lock


def main() -> int:
    """Run the command line and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m playground.bundle", description=__doc__)
    parser.add_argument(
        "action",
        nargs="?",
        default="build",
        choices=["build", "lock"],
        help="build（默认）：生成浏览器运行环境；lock：按给出的版本重写 wheels.lock",
    )
    parser.add_argument(
        "requirements", nargs="*", metavar="name==version", help="lock：要更改的包，其余保持不变"
    )
    arguments = parser.parse_args()
    try:
        if arguments.action == "lock":
            pinned = {wheel.name: wheel.version for wheel in read_lock()}
            pinned.update(item.split("==", 1) for item in arguments.requirements)
            write_lock([f"{name}=={version}" for name, version in pinned.items()])
            return 0
        assets = build_assets()
    except BundleError as error:
        print(f"错误：{error}", file=sys.stderr)
        return 1
    manifest = json.loads((assets.folder / assets.manifest).read_text(encoding="utf-8"))
    for name, file in manifest["files"].items():
        print(f"{name:20} {file['transfer']:>10,} B  sha256 {file['sha256'][:16]}…")
    total = sum(file["transfer"] for file in manifest["files"].values())
    print(f"{'合计':18} {total:>10,} B  ({assets.folder})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
