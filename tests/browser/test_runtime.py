"""Loading the runtime: only on demand, only from the site, never damaged."""

from playwright.sync_api import Route

from tests.browser.reader import Cell, Reader


def _damage(reader: Reader, times: int) -> list[str]:
    """Flip a byte of the packages archive in the first ``times`` answers."""
    damaged: list[str] = []

    def handle(route: Route) -> None:
        if len(damaged) >= times:
            return route.continue_()
        answer = route.fetch()
        body = bytearray(answer.body())
        body[len(body) // 2] ^= 0xFF
        damaged.append(route.request.url)
        return route.fulfill(response=answer, body=bytes(body))

    reader.page.route("**/packages.zip-*.bin", handle)
    return damaged


def test_a_damaged_file_is_fetched_again(reader: Reader) -> None:
    cell = reader.open_playground()
    damaged = _damage(reader, times=1)
    assert cell.run("print('fine')") == "fine\n"
    assert len(damaged) == 1


def test_a_file_that_stays_damaged_is_never_used(reader: Reader) -> None:
    cell = reader.open_playground()
    _damage(reader, times=100)
    text = cell.run("print('fine')")
    assert "校验不符" in text
    assert "fine" not in text
    reader.page.unroute_all()
    assert cell.run("print('fine')") == "fine\n"


def test_a_failed_download_says_what_to_do(reader: Reader) -> None:
    cell = reader.open_playground()
    reader.page.route("**/pyodide.asm.wasm-*.bin", lambda route: route.abort())
    assert "检查网络后再按一次「运行」" in cell.run("print('fine')")
    reader.page.unroute_all()
    assert cell.run("print('fine')") == "fine\n"


def test_reading_and_editing_load_nothing_of_the_runtime(reader: Reader) -> None:
    for path in ("", "start/quickstart/", "api/chat/"):
        reader.open(path)
        reader.page.mouse.wheel(0, 5_000)
        reader.snippet(1).button("编辑").click()
        reader.page.locator(".cm-content").first.wait_for()
    assert reader.runtime_requests() == []
    assert reader.foreign_requests() == []


def test_the_runtime_survives_navigation_inside_the_site(reader: Reader) -> None:
    reader.use_instant_navigation(["", "start/quickstart/", "playground/"])
    reader.open("start/quickstart/")
    first = reader.snippet(1)
    first.run()
    loaded = len(reader.runtime_requests())
    reader.page.get_by_role("navigation").get_by_role("link", name="调试台").first.click()
    reader.page.wait_for_url("**/playground/")
    cell = Cell(reader.page.locator(".oa-playground"))
    assert cell.run("print('here')") == "here\n"
    assert len(reader.runtime_requests()) == loaded
