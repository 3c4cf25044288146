"""Run the SDK's own contract suite, from its source distribution, against the demo.

``python -m tests.demo.contract [family …]`` downloads the source distribution of the installed
SDK's version with pip, makes an environment for its tests beside it, starts the demo with
``any_id`` and runs ``tests/api_resources`` of the families named (by default those of the demo).
It takes minutes and a network, so it is a command and no part of the test run.
"""

import argparse
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import openai

from playground.demo.app import families
from tests.demo.server import running_demo

NEEDS = ("pytest", "pytest-asyncio", "pytest-xdist", "nest_asyncio", "rich", "dirty-equals")
ROOT = "tests/api_resources"


def suites(folder: Path, names: list[str]) -> list[str]:
    """Return the test files and folders of the families named, as far as the suite has them."""
    found = [
        p for n in names for p in (f"{ROOT}/test_{n}.py", f"{ROOT}/{n}") if (folder / p).exists()
    ]
    return found


def prepare(folder: Path) -> tuple[Path, Path]:
    """Download the suite and make its environment; return its folder and its Python."""
    version = openai.__version__
    suite = folder / f"openai-{version}"
    python = folder / "venv" / "bin" / "python"
    if not suite.exists():
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:"]
        subprocess.run([*pip, "-d", str(folder), f"openai=={version}"], check=True)
        with tarfile.open(folder / f"openai-{version}.tar.gz") as archive:
            archive.extractall(folder, filter="data")
        # Without its source folder the suite imports the installed SDK.
        (suite / "src").rename(suite / "src-unused")
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
        install = [str(python), "-m", "pip", "install", "-q", f"openai[aiohttp]=={version}", *NEEDS]
        subprocess.run(install, check=True)
    return suite, python


def main() -> int:
    """Run the suite and return pytest's exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("family", nargs="*", help="e.g. chat; by default all of the demo's")
    parser.add_argument("--folder", type=Path, help="where to keep the suite between runs")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="contract-"))
    folder.mkdir(parents=True, exist_ok=True)
    suite, python = prepare(folder)
    chosen = suites(suite, options.family or [family.name for family in families()])
    with running_demo(any_id=True) as base_url:
        command = [
            str(python),
            "-m",
            "pytest",
            "-q",
            "--no-header",
            "-p",
            "no:logging",
            "--tb=line",
        ]
        environment = {**os.environ, "TEST_API_BASE_URL": base_url}
        return subprocess.run([*command, *chosen], cwd=suite, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
