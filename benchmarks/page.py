"""How long a reader waits in the page: first run, next run, and each way of stopping.

``python -m benchmarks.page SITE`` serves the built site in the folder SITE and drives Chromium
(``CHROMIUM_PATH`` or one on PATH). Milliseconds depend on the machine; compare within one run.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.reader import Cell, Reader, reading
from tests.conftest import BROWSER_OPTIONS, find_browser
from tests.site.static_server import serving_folder

LOOPS = {
    "停止死循环": "while True: pass",
    "停止不停的打印": "while True: print('x' * 80)",
    "停止 sleep": "import time\ntime.sleep(3600)",
}


def timed(action: Callable[[], object]) -> float:
    """Return the milliseconds that ``action`` takes."""
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1000


def stop(cell: Cell) -> None:
    """Press 停止 and wait until the page says that it has stopped."""
    cell.button("停止").click()
    cell.wait_for_status("已停止")


def measure(reader: Reader) -> dict[str, float]:
    """Return the waits in milliseconds, by name."""
    cell = reader.open_playground()
    waits = {"第一次运行（含下载和启动）": timed(lambda: cell.run("print(1)"))}
    waits["再运行一次"] = timed(lambda: cell.run("print(1)"))
    for name, code in LOOPS.items():
        cell.start(code)
        cell.wait_for_status("正在运行")
        time.sleep(1)
        waits[name] = timed(lambda: stop(cell))
        waits[f"{name}之后再运行"] = timed(lambda: cell.run("print(1)"))
    return waits


def main() -> None:
    """Print a table of waits and their ratio to the first run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("site", type=Path, help="mkdocs build 的输出文件夹")
    site = parser.parse_args().site
    with sync_playwright() as playwright, serving_folder(site, "/docs/") as url:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=BROWSER_OPTIONS)
        with reading(browser, url) as reader:
            waits = measure(reader)
        browser.close()
    first = next(iter(waits.values()))
    for name, wait in waits.items():
        print(f"{wait:8.0f} ms  {wait / first:5.2f}  {name}")


if __name__ == "__main__":
    main()
