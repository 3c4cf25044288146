"""The built site, read as files: complete, self-contained, and linked without gaps."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from playground.snippets import find_fences, split_snippet
from tests.site.html_page import Page, read_site

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
ASCII_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]*")
AUTOMATIC_ID = re.compile(r"_\d+")
EXPLICIT = re.compile(r"^(#{1,6}) .*\{ *#([^ }]+)[^}]*\}$")


@pytest.fixture(scope="module")
def pages(built_site: Path) -> list[Page]:
    return read_site(built_site)


def name(page: Page, built_site: Path) -> str:
    return page.path.relative_to(built_site).as_posix()


def test_every_source_has_its_page(pages: list[Page], built_site: Path) -> None:
    built = {name(page, built_site) for page in pages}
    for source in DOCS.rglob("*.md"):
        path = source.relative_to(DOCS)
        folder = path.parent if path.stem == "index" else path.with_suffix("")
        assert (folder / "index.html").as_posix() in built


def test_every_heading_in_the_sources_has_an_explicit_ascii_id() -> None:
    bare = []
    for source in sorted(DOCS.rglob("*.md")):
        text = source.read_text("utf-8")
        inside = {
            line
            for fence in find_fences(text)
            for line in range(fence.line, fence.line + fence.body.count("\n") + 2)
        }
        for number, line in enumerate(text.splitlines(), 1):
            if line.startswith("#") and number not in inside:
                match = EXPLICIT.match(line)
                if not match or not ASCII_ID.fullmatch(match[2]):
                    bare.append(f"{source.relative_to(ROOT)}:{number}: {line}")
    assert not bare, "\n".join(bare)


def test_every_heading_can_be_linked_to(pages: list[Page], built_site: Path) -> None:
    bad = [
        f"{name(page, built_site)}: <{level} id={id_!r}>"
        for page in pages
        for level, id_ in page.headings
        if not id_ or not ASCII_ID.fullmatch(id_) or AUTOMATIC_ID.search(id_)
    ]
    assert not bad, "\n".join(bad)


def test_one_title_a_page_and_no_id_twice(pages: list[Page], built_site: Path) -> None:
    for page in pages:
        assert [level for level, _ in page.headings].count("h1") == 1, name(page, built_site)
        twice = {id_ for id_ in page.ids if page.ids.count(id_) > 1}
        assert not twice, f"{name(page, built_site)}: {sorted(twice)[:5]}"


def test_every_internal_link_and_anchor_leads_somewhere(
    pages: list[Page], built_site: Path
) -> None:
    ids = {page.path: set(page.ids) for page in pages}
    dead = []
    for page in pages:
        for link in page.links:
            address = urlsplit(link)
            if address.scheme or address.netloc:
                continue
            target = page.path
            if address.path:
                target = (page.path.parent / unquote(address.path)).resolve()
                if address.path.endswith("/") or target.is_dir():
                    target = target / "index.html"
            anchor = unquote(address.fragment)
            if (
                address.path.startswith("/")
                or not target.is_file()
                or (anchor and not anchor.startswith("__") and anchor not in ids[target])
            ):
                dead.append(f"{name(page, built_site)}: {link}")
    assert not dead, "\n".join(dead)


def test_links_to_other_sites_are_https(pages: list[Page], built_site: Path) -> None:
    plain = [
        f"{name(page, built_site)}: {link}"
        for page in pages
        for link in page.links
        if urlsplit(link).scheme not in ("", "https", "mailto")
        and urlsplit(link).hostname not in ("127.0.0.1", "localhost")
    ]
    assert not plain, "\n".join(plain)


def test_pages_fetch_only_files_of_the_site(pages: list[Page], built_site: Path) -> None:
    for page in pages:
        for resource in page.resources:
            address = urlsplit(resource)
            assert not address.scheme, f"{name(page, built_site)}: {resource}"
            assert not address.netloc, f"{name(page, built_site)}: {resource}"
            assert not resource.startswith("/"), f"{name(page, built_site)}: {resource}"
            assert (page.path.parent / unquote(address.path)).resolve().is_file(), (
                f"{name(page, built_site)}: {resource}"
            )


def test_styles_fetch_only_files_of_the_site(built_site: Path) -> None:
    styles = sorted(built_site.rglob("*.css"))
    assert styles
    for style in styles:
        text = style.read_text("utf-8")
        assert "@import" not in text, style.name
        for _, url in re.findall(r"""url\((["']?)(.*?)\1\)""", text):
            if not url.startswith(("data:", "#")):
                assert (style.parent / urlsplit(url).path).is_file(), f"{style.name}: {url}"


def test_pages_hold_the_programs_of_their_sources(pages: list[Page], built_site: Path) -> None:
    programs = {name(page, built_site): page.programs for page in pages}
    checked = 0
    for source in DOCS.rglob("*.md"):
        path = source.relative_to(DOCS)
        folder = path.parent if path.stem == "index" else path.with_suffix("")
        expected = [
            split_snippet(fence.body)[0]
            for fence in find_fences(source.read_text("utf-8"))
            if fence.language == "python" and "skip" not in fence.options
        ]
        assert programs[(folder / "index.html").as_posix()] == expected, source
        checked += len(expected)
    assert checked >= 20


@pytest.mark.parametrize("path", [[], [""], [str(ROOT)]], ids=["script", "-m", "path"])
def test_hooks_load_however_mkdocs_is_started(path: list[str], tmp_path: Path) -> None:
    """`mkdocs`, `python -m mkdocs` and a PYTHONPATH differ in what is on sys.path, and where."""
    program = f"""
import sys
sys.path[:0] = {path!r}
from mkdocs.config import load_config
print(*load_config("mkdocs.yml").hooks)
"""
    file = tmp_path / "load.py"
    file.write_text(program)
    answer = subprocess.run(
        [sys.executable, "-P", file], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "hooks/reference.py" in answer.stdout, answer.stderr


def test_only_pages_and_assets_are_published(built_site: Path) -> None:
    stray = [
        path.relative_to(built_site).as_posix()
        for path in built_site.rglob("*")
        if path.suffix in (".md", ".yml", ".py", ".ts")
    ]
    assert not stray
