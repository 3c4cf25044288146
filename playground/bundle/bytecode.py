"""Byte-compile wheels and this project's own sandbox code for the sandbox's interpreter."""

from __future__ import annotations

import json
import shutil
import sysconfig
import zipfile
from pathlib import Path

import yaml

from playground.bundle.digest import digest_of
from playground.bundle.node import run_node
from playground.bundle.paths import BUILD, ROOT
from playground.bundle.progress import step

HERE = Path(__file__).parent
#: What of ``playground`` runs in the sandbox, next to its top-level modules and data files.
SANDBOX_PACKAGES = ["runtime", "demo"]


def compile_archives(archives: list[Path], pyodide: Path, name: str) -> list[Path]:
    """Return byte-compiled copies of ``archives`` (.whl or .zip), reused while nothing changed.

    Args:
        archives: Files with Python sources.
        pyodide: Folder of the ``pyodide`` npm package.
        name: Names the folder of the results and the step shown at the terminal.
    """
    out = BUILD / f"compiled-{name}"
    scripts = [HERE / "compile_in_pyodide.py", HERE / "run_in_pyodide.mjs"]
    wanted = digest_of(
        scripts,
        HERE,
        *(f"{path.name} {_digest(path)}" for path in archives),
        _digest_version(pyodide),
    )
    stamp = out / ".digest"
    if not (stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted):
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        for archive in archives:
            shutil.copy(archive, out)
        with step(f"用 Pyodide 的解释器编译 {name}（{len(archives)} 个包）"):
            tools = sysconfig.get_path("purelib")
            run_node(HERE / "run_in_pyodide.mjs", pyodide, scripts[0], tools, out)
        stamp.write_text(wanted, encoding="utf-8")
    return sorted(path for path in out.iterdir() if path.suffix in {".whl", ".zip"})


def pack_sandbox_sources(target: Path) -> Path:
    """Write the project's own sandbox code as a zip of sources, data files turned into JSON."""
    package = ROOT / "playground"
    sources = [*package.glob("*.py"), *package.glob("*.yml")]
    for name in SANDBOX_PACKAGES:
        sources += [p for p in (package / name).rglob("*") if p.suffix in {".py", ".yml", ".json"}]
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w") as archive:
        for source in sorted(sources):
            name = source.relative_to(ROOT)
            data = source.read_bytes()
            if source.suffix == ".yml":
                name = name.with_suffix(".json")
                data = json.dumps(yaml.safe_load(data), ensure_ascii=False).encode()
            archive.writestr(zipfile.ZipInfo(name.as_posix()), data)
    return target


def _digest(path: Path) -> str:
    return digest_of([path], path.parent)


def _digest_version(pyodide: Path) -> str:
    return json.loads((pyodide / "package.json").read_text(encoding="utf-8"))["version"]
