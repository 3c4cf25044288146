"""Put the bundle together: the order of the steps, the hashed names and the manifest."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from playground.bundle.archive import NativeFile, merge
from playground.bundle.bytecode import compile_archives, pack_sandbox_sources
from playground.bundle.digest import digest_of, sha256_of
from playground.bundle.errors import BundleError
from playground.bundle.lock import exclusive_build
from playground.bundle.node import install_packages, run_node
from playground.bundle.paths import BUILD, ROOT, WEB
from playground.bundle.progress import step
from playground.bundle.wheels import fetch_wheels, read_lock

#: Folder of the site that the assets go to.
SITE_FOLDER = "assets/playground"


@dataclass(frozen=True)
class Assets:
    """What the site needs from the bundle.

    Attributes:
        folder: Local folder with every file, all names content-hashed.
        script: Name of the page's entry module.
        style: Name of the page's style sheet.
        manifest: Name of the runtime manifest.
    """

    folder: Path
    script: str
    style: str
    manifest: str


@dataclass(frozen=True)
class RuntimeFile:
    """A file of the runtime as the manifest lists it.

    Attributes:
        path: Hashed file name, relative to the manifest.
        size: Bytes after decompression.
        transfer: Bytes as served.
        sha256: Hexadecimal SHA-256 of the bytes as served.
        content_sha256: Hexadecimal SHA-256 of the bytes after decompression.
        gzip: Whether the served bytes are a gzip stream.
    """

    path: str
    size: int
    transfer: int
    sha256: str
    content_sha256: str
    gzip: bool


def build_assets() -> Assets:
    """Build what is out of date and return where everything lies.

    The first call downloads about 80 MB through npm and PyPI and takes about a minute; later
    calls reuse every step whose inputs have not changed and need no network.

    Raises:
        BundleError: A download or a tool failed; the message says what to do.
    """
    with exclusive_build():
        return _build()


def _build() -> Assets:
    modules = WEB / "node_modules"
    with step("安装前端依赖（npm，按 package-lock.json 校验）"):
        install_packages()
    with step("准备浏览器端的 wheel（PyPI，按 wheels.lock 校验）"):
        wheels = fetch_wheels()
    assets = _build_page(_build_runtime(modules / "pyodide", wheels))
    if verify(assets):
        # A file was changed or cut short since it was built: build all of them again.
        for stamp in BUILD.glob("*.digest"):
            stamp.unlink()
        shutil.rmtree(assets.folder)
        assets = _build_page(_build_runtime(modules / "pyodide", wheels))
    broken = verify(assets)
    if broken:
        raise BundleError(f"与清单不符：{'、'.join(broken)}。请检查磁盘后再运行一次。")
    return assets


def _build_runtime(pyodide: Path, wheels: list[Path]) -> Path:
    """Write the runtime's files and return its manifest."""
    out = BUILD / "runtime"
    own = pack_sandbox_sources(BUILD / "sandbox" / "playground.zip")
    wanted = digest_of(
        [own, *wheels], Path(own.anchor), *(_read(p) for p in _runtime_inputs(pyodide))
    )
    stamp = BUILD / "runtime.digest"
    manifests = sorted(out.glob("manifest-*.json"))
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted and len(manifests) == 1:
        return manifests[0]
    compiled = compile_archives(wheels, pyodide, "wheels")
    compiled += compile_archives([own], pyodide, "playground")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with step("打包并压缩运行环境"):
        archive = BUILD / "packages.zip"
        natives = merge(compiled, wheels, archive)
        files = {
            name: _publish(path, name, out)
            for name, path in {
                "pyodide.mjs": pyodide / "pyodide.mjs",
                "pyodide.asm.mjs": pyodide / "pyodide.asm.mjs",
                "pyodide.asm.wasm": pyodide / "pyodide.asm.wasm",
                "python_stdlib.zip": pyodide / "python_stdlib.zip",
                "packages.zip": archive,
                "packages.natives": archive.with_suffix(".natives"),
            }.items()
        }
        manifest = _write_manifest(out, pyodide, files, natives)
    stamp.write_text(wanted, encoding="utf-8")
    return manifest


def _runtime_inputs(pyodide: Path) -> list[Path]:
    here = Path(__file__).parent
    return [pyodide / "package.json", *sorted(here.glob("*.py")), *sorted(here.glob("*.mjs"))]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _publish(source: Path, name: str, out: Path) -> RuntimeFile:
    """Copy ``source`` into ``out`` under a hashed name, gzipped where that makes it smaller.

    Compressed here rather than by the server, since many static hosts compress neither zip nor
    wasm. The ending ``.bin`` keeps servers from adding an encoding of their own.
    """
    data = source.read_bytes()
    packed = gzip.compress(data, compresslevel=9, mtime=0)
    served = packed if len(packed) < len(data) else data
    digest = hashlib.sha256(served).hexdigest()
    path = out / f"{name}-{digest[:16]}.bin"
    path.write_bytes(served)
    content = hashlib.sha256(data).hexdigest()
    return RuntimeFile(path.name, len(data), len(served), digest, content, served is packed)


def _write_manifest(
    out: Path, pyodide: Path, files: dict[str, RuntimeFile], natives: list[NativeFile]
) -> Path:
    lock = json.loads(_read(pyodide / "pyodide-lock.json"))["info"]
    content = {
        "pyodide": json.loads(_read(pyodide / "package.json"))["version"],
        "python": lock["python"],
        "lock": lock,
        "wheels": {wheel.name: wheel.version for wheel in read_lock()},
        "files": {name: asdict(file) for name, file in files.items()},
        "natives": [asdict(native) for native in natives],
    }
    text = json.dumps(content, indent=1, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    path = out / f"manifest-{digest[:16]}.json"
    path.write_text(text, encoding="utf-8")
    return path


def _build_page(manifest: Path) -> Assets:
    """Bundle the page's TypeScript and CSS against ``manifest`` and gather all files.

    Each result has a folder of its own, named by what it was made from: a site that is being
    written from one is not disturbed when another process builds the next.
    """
    sources = [p for p in WEB.rglob("*") if p.is_file() and "node_modules" not in p.parts]
    sources += sorted((ROOT / "playground").glob("*.yml"))
    out = BUILD / f"assets-{digest_of(sources, ROOT, manifest.name)[:16]}"
    if not out.is_dir():
        partial = BUILD / "assets.partial"
        shutil.rmtree(partial, ignore_errors=True)
        with step("打包页面脚本（esbuild）"):
            run_node("build.mjs", partial, manifest.name)
        for path in manifest.parent.iterdir():
            shutil.copy(path, partial)
        partial.rename(out)
    _forget_old_assets(out)
    return Assets(
        folder=out,
        script=_only(out, "main-*.js"),
        style=_only(out, "main-*.css"),
        manifest=manifest.name,
    )


def _forget_old_assets(current: Path) -> None:
    """Remove results that no build of the last hour has made."""
    for folder in BUILD.glob("assets-*"):
        if folder != current and time.time() - folder.stat().st_mtime > 3600:
            shutil.rmtree(folder, ignore_errors=True)


def _only(folder: Path, pattern: str) -> str:
    (path,) = folder.glob(pattern)
    return path.name


def verify(assets: Assets) -> list[str]:
    """Return the names of runtime files whose bytes do not match the manifest."""
    manifest = json.loads(_read(assets.folder / assets.manifest))
    return [
        file["path"]
        for file in manifest["files"].values()
        if not (assets.folder / file["path"]).is_file()
        or sha256_of(assets.folder / file["path"]) != file["sha256"]
    ]
