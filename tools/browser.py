"""Find or fetch a Chromium for the tests and print its path: `python -m tools.browser`.

In this order: $CHROMIUM_PATH; a Chromium or Chrome on this machine; the one Playwright downloads,
kept in the user's cache folder; the distribution's package, where apt-get may install it. Every
candidate is started once before it is named.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping

from playground.bundle.paths import download_cache
from playground.bundle.progress import say, step
from tools.setup import SetupError, retry

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
PACKAGES = ("chromium", "fonts-noto-cjk")
DOWNLOAD_LIMIT = 600
"""Seconds for Playwright's download before it is given up."""


def starts(path: str) -> bool:
    """Whether the program answers; a missing library or a stub that only advises does not."""
    try:
        answer = subprocess.run(
            [path, "--version", "--no-sandbox"], capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and "chrom" in answer.stdout.lower()


def installed(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the browsers this machine already has."""
    for name in NAMES:
        found = shutil.which(name, path=environment.get("PATH"))
        if found:
            yield found
    yield from filter(os.path.exists, MAC_APPLICATIONS)


def find_browser(environment: Mapping[str, str]) -> str | None:
    """Return a browser that starts, without fetching anything.

    Raises:
        SetupError: $CHROMIUM_PATH names something that does not start.
    """
    named = environment.get("CHROMIUM_PATH")
    if named:
        if not starts(named):
            raise SetupError(f"CHROMIUM_PATH={named} 不能启动；请改成 Chromium 或 Chrome 的路径")
        return named
    return next(filter(starts, installed(environment)), None)


def fetch_with_playwright() -> str | None:
    """Let Playwright fetch its Chromium; None where that does not work."""
    os.environ["PLAYWRIGHT_BROWSERS_PATH"] = str(download_cache() / "browsers")
    os.environ.setdefault("PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT", "15000")
    # Imported here: the module reads the folder when it is first used.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    if starts(path):
        return path
    with step("下载 Chromium（Playwright，约 170 MB）"):
        try:
            fetched = subprocess.run(
                [sys.executable, "-m", "playwright", "install", "--no-shell", "chromium"],
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr,
                timeout=DOWNLOAD_LIMIT,
            ).returncode
        except subprocess.TimeoutExpired:
            fetched = 1
    if fetched:
        say("  下载没有成功")
    elif not starts(path):
        say("  下载好了，但系统里缺少它要的库")
    return path if starts(path) else None


def apt_prefix() -> list[str] | None:
    """Return what to put before apt-get: nothing for root, sudo where it asks no password."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True).returncode == 0:
        return [sudo, "-n"]
    return None


def install_with_apt(prefix: list[str]) -> None:
    """Install the distribution's Chromium and a Chinese font."""
    quiet = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"]

    def install() -> None:
        for words in (["update"], ["install", "--no-install-recommends", *PACKAGES]):
            done = subprocess.run(
                [*quiet, *words], stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False
            )
            if done.returncode:
                raise SetupError(f"apt-get {words[0]} 失败")

    with step(f"安装 {'、'.join(PACKAGES)}（apt-get）"):
        retry(install)


def ensure_browser() -> str:
    """Return the path of a browser that starts, fetching one if need be.

    Raises:
        SetupError: there is none and none can be had; the message says what to install.
    """
    found = find_browser(os.environ) or fetch_with_playwright()
    prefix = apt_prefix()
    if not found and prefix is not None:
        install_with_apt(prefix)
        found = find_browser(os.environ)
    if not found:
        raise SetupError(
            "没有可用的 Chromium：请安装 Chromium 或 Chrome，或用 CHROMIUM_PATH=路径 指定"
            "（no Chromium found: install Chromium or Chrome, or set CHROMIUM_PATH）"
        )
    return found


def main() -> int:
    """Print the path; returns the exit status."""
    try:
        print(ensure_browser())
    except SetupError as error:
        say(f"✗ {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
