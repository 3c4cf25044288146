"""What tests share: the built site, a browser, a running demo."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.site.static_server import serving_folder

ROOT = Path(__file__).resolve().parent.parent

BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-examples",
        action="store_true",
        help="write what the snippets print into docs/, as the #> lines at the end of each block",
    )


@dataclass(frozen=True)
class Site:
    """The whole site, built once by the real `mkdocs build` and served over HTTP."""

    url: str
    """Ends in `/`; the site does not live at the root of its host."""
    path: Path
    """The folder that was built."""


@pytest.fixture(scope="session")
def built_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a fresh `mkdocs build --strict` of the real site."""
    folder = tmp_path_factory.mktemp("built") / "site"
    # The console script, as readers use it: it does not put the repository on sys.path.
    mkdocs = Path(sys.executable).with_name("mkdocs")
    build = subprocess.run(
        [mkdocs, "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if build.returncode:
        pytest.fail(f"mkdocs build --strict failed:\n{build.stdout}{build.stderr}", pytrace=False)
    return folder


@pytest.fixture(scope="session")
def site(built_site: Path) -> Iterator[Site]:
    """The built site behind a plain static server, under a path of its own."""
    with serving_folder(built_site, "/docs/zh/") as url:
        yield Site(url, built_site)


def find_browser() -> str | None:
    """$CHROMIUM_PATH (set by `make test`), or a browser on PATH."""
    named = os.environ.get("CHROMIUM_PATH")
    return named or next(filter(None, map(shutil.which, BROWSER_NAMES)), None)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser of the tests."""
    found = find_browser()
    if not found:
        pytest.fail("no Chromium: run `make test`, or set CHROMIUM_PATH", pytrace=False)
    return found


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator:
    """A headless Chromium; every test opens its own context in it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=BROWSER_OPTIONS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def demo() -> Iterator[str]:
    """The base URL of a running offline demo."""
    from tests.demo.server import running_demo

    with running_demo() as base_url:
        yield base_url
