"""The built bundle: what lands in the site, and that a damaged file is noticed."""

import gzip
import hashlib
import json
import re
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from playground.bundle import Assets, build_assets
from playground.bundle.build import verify


@pytest.fixture(scope="module")
def assets() -> Assets:
    return build_assets()


@pytest.fixture(scope="module")
def manifest(assets: Assets) -> dict[str, Any]:
    return json.loads((assets.folder / assets.manifest).read_text(encoding="utf-8"))


def content(assets: Assets, file: dict[str, Any]) -> bytes:
    data = (assets.folder / file["path"]).read_bytes()
    return gzip.decompress(data) if file["gzip"] else data


def test_manifest_states_hashes_and_sizes_of_every_file(
    assets: Assets, manifest: dict[str, Any]
) -> None:
    for file in manifest["files"].values():
        served = (assets.folder / file["path"]).read_bytes()
        unpacked = content(assets, file)
        assert hashlib.sha256(served).hexdigest() == file["sha256"]
        assert hashlib.sha256(unpacked).hexdigest() == file["content_sha256"]
        assert (len(served), len(unpacked)) == (file["transfer"], file["size"])
        assert file["sha256"][:16] in file["path"]


def test_packages_are_one_stored_archive_of_bytecode(
    assets: Assets, manifest: dict[str, Any]
) -> None:
    data = content(assets, manifest["files"]["packages.zip"])
    with zipfile.ZipFile(BytesIO(data)) as archive:
        names = archive.namelist()
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        # CPython 3.14 writes this magic number; the sandbox refuses any other.
        magics = {archive.read(name)[:2] for name in names if name.endswith(".pyc")}
    assert magics == {(3627).to_bytes(2, "little")}
    assert {"openai/__init__.pyc", "playground/demo/app.pyc", "playground/errors.json"} <= set(
        names
    )
    assert [name for name in names if name.endswith(".py")] == ["anyio/__init__.py"]
    assert not [name for name in names if name.endswith(".so")]
    assert any(native["path"].endswith(".so") for native in manifest["natives"])


def test_natives_are_slices_of_their_file(assets: Assets, manifest: dict[str, Any]) -> None:
    data = content(assets, manifest["files"]["packages.natives"])
    end = 0
    for native in manifest["natives"]:
        assert native["offset"] == end
        end += native["size"]
        if native["path"].endswith(".so"):
            assert data[native["offset"] :][:4] == b"\0asm"
    assert end == len(data)


def test_every_address_in_the_scripts_is_relative(assets: Assets) -> None:
    for path in assets.folder.glob("*.js"):
        text = path.read_text(encoding="utf-8")
        loaded = re.findall(r"""(?:import|fetch|src=|href=)\(?["']((?:https?:)?//[^"']+)""", text)
        assert loaded == []


def test_a_second_build_changes_nothing(assets: Assets) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in assets.folder.iterdir()}
    assert build_assets() == assets
    assert {path.name: path.stat().st_mtime_ns for path in assets.folder.iterdir()} == before


def test_a_damaged_file_is_named_and_built_again(assets: Assets, manifest: dict[str, Any]) -> None:
    file = manifest["files"]["pyodide.mjs"]
    path = assets.folder / file["path"]
    original = path.read_bytes()
    path.write_bytes(original[:-100])
    assert verify(assets) == [file["path"]]
    assert build_assets() == assets
    assert path.read_bytes() == original


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    from playground.bundle.bytecode import pack_sandbox_sources

    first = pack_sandbox_sources(tmp_path / "a.zip").read_bytes()
    assert pack_sandbox_sources(tmp_path / "b.zip").read_bytes() == first
