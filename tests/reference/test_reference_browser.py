"""The pages as a reader uses them in Chromium: by mouse, keyboard and touch, without scripts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.site.static_server import serving_folder

METHOD = "chat.completions.create"
PAGE = "reference/chat/completions/create/"
SENTENCE = "采样温度，控制回答有多随机。"


@pytest.fixture(scope="module")
def address(reference_site: Path) -> Iterator[str]:
    with serving_folder(reference_site, "/docs/") as url:
        yield url


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    faults: list[str] = []
    tab = context.new_page()
    tab.on("pageerror", lambda error: faults.append(str(error)))
    yield tab
    assert faults == []
    context.close()


def test_a_linked_parameter_speaks_on_hover_and_on_focus(page: Page, address: str) -> None:
    page.goto(f"{address}api/chat/")
    link = page.get_by_role("link", name="temperature")
    tip = page.get_by_role("tooltip")
    link.hover()
    expect(tip).to_have_text(SENTENCE)
    expect(link).to_have_accessible_description(SENTENCE)
    tip.hover()  # can be reached, e.g. by a magnifier
    page.wait_for_timeout(300)
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_have_count(0)
    page.mouse.move(600, 800)
    page.get_by_role("link", name="detail").focus()
    expect(tip).to_be_visible()
    page.keyboard.press("Shift+Tab")
    expect(tip).to_have_text(SENTENCE)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{address}{PAGE}#{METHOD}.temperature")
    expect(tip).to_have_count(0)


def test_a_linked_parameter_speaks_on_the_first_tap(browser: Browser, address: str) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(f"{address}api/chat/")
    link = page.get_by_role("link", name="temperature")
    link.tap()
    tip = page.get_by_role("tooltip")
    expect(tip).to_have_text(SENTENCE)
    box = tip.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert page.url == f"{address}api/chat/"
    link.tap()
    expect(page).to_have_url(f"{address}{PAGE}#{METHOD}.temperature")
    context.close()


def test_the_english_comes_when_it_is_asked_for(page: Page, address: str) -> None:
    page.goto(f"{address}{PAGE}")
    field = page.locator(".ref-field", has=page.locator(f"[id='{METHOD}.temperature']"))
    english = field.get_by_text("What sampling temperature to use")
    expect(english).to_have_count(0)
    button = page.get_by_role("button", name="英文原文")
    button.click()
    expect(english).to_be_visible()
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(english).to_be_hidden()


def test_a_lost_connection_is_told(page: Page, address: str) -> None:
    page.route("**/english/*.json", lambda route: route.abort())
    page.goto(f"{address}{PAGE}")
    page.get_by_role("button", name="英文原文").click()
    expect(page.get_by_role("status")).to_contain_text("没有取到")
    expect(page.get_by_role("button", name="英文原文")).to_have_attribute("aria-pressed", "false")


def test_the_filter_finds_nested_fields(page: Page, address: str) -> None:
    page.goto(f"{address}{PAGE}")
    box = page.get_by_role("searchbox", name="筛选参数")
    status = page.locator(".ref-tools").get_by_role("status")
    box.fill("include_obfuscation")
    expect(status).to_have_text("找到 1 处")
    nested = page.locator(f"[id='{METHOD}.stream_options.include_obfuscation']")
    expect(nested).to_be_visible()
    expect(page.locator(f"[id='{METHOD}.temperature']")).to_be_hidden()
    box.fill("user.content")
    expect(page.locator(f"[id='{METHOD}.messages.user.content']")).to_be_visible()
    expect(status).to_have_text("找到 1 处")
    box.fill("no_such_name")
    expect(status).to_have_text("没有这个名字")
    box.fill("")
    expect(page.locator(f"[id='{METHOD}.temperature']")).to_be_visible()
    expect(nested).to_be_hidden()


def test_everything_unfolds_and_folds(page: Page, address: str) -> None:
    page.goto(f"{address}{PAGE}")
    nested = page.locator(f"[id='{METHOD}.messages.user.content.image_url.image_url.detail']")
    expect(nested).to_be_hidden()
    page.get_by_role("button", name="全部展开").click()
    expect(nested).to_be_visible()
    page.get_by_role("button", name="全部收起").click()
    expect(nested).to_be_hidden()


def test_an_address_opens_the_folds_around_its_field(page: Page, address: str) -> None:
    anchor = f"{METHOD}.messages.user.content.image_url.image_url.detail"
    page.goto(f"{address}{PAGE}#{anchor}")
    field = page.locator(f"[id='{anchor}']")
    expect(field).to_be_in_viewport()


def test_a_name_is_the_link_to_itself(browser: Browser, address: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{address}{PAGE}")
    page.get_by_role("button", name="全部展开").click()
    page.get_by_role("link", name="include_obfuscation").first.click()
    expect(page.locator(".ref-tools").get_by_role("status")).to_have_text("链接已复制")
    url = f"{address}{PAGE}#{METHOD}.stream_options.include_obfuscation"
    assert page.evaluate("navigator.clipboard.readText()") == url
    assert page.url == url
    context.close()


@pytest.mark.parametrize(
    ("width", "beside"), [(1280, True), (1100, True), (1099, False), (390, False)]
)
def test_the_example_stands_beside_the_parameters_where_there_is_room(
    browser: Browser, address: str, width: int, beside: bool
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto(f"{address}{PAGE}")
    example = page.locator(".ref-example").bounding_box()
    tree = page.locator("ref-tree").bounding_box()
    assert example
    assert tree
    if beside:
        assert example["x"] >= tree["x"] + tree["width"]
        page.locator(f"[id='{METHOD}.verbosity']").scroll_into_view_if_needed()
        expect(page.locator(".ref-example")).to_be_in_viewport()
    else:
        assert example["y"] + example["height"] <= tree["y"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_without_scripts_everything_can_be_read(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}{PAGE}")
    field = page.locator(f"[id='{METHOD}.messages.user.content']")
    expect(field).to_be_hidden()
    page.locator("details.ref-variant > summary", has_text="role: user").click()
    expect(field).to_be_visible()
    page.goto(f"{address}api/chat/")
    expect(page.get_by_role("link", name="temperature")).to_have_attribute("title", SENTENCE)
    context.close()


def test_on_paper_every_field_is_open(page: Page, address: str) -> None:
    page.goto(f"{address}{PAGE}")
    page.emulate_media(media="print")
    expect(page.locator(f"[id='{METHOD}.messages.user.content']")).to_be_visible()
    expect(page.locator(".ref-tools")).to_be_hidden()


def test_the_largest_page_scrolls_and_unfolds_quickly(page: Page, address: str) -> None:
    page.goto(f"{address}reference/responses/create/")
    count = page.evaluate(
        """() => {
            const walker = document.createTreeWalker(document, NodeFilter.SHOW_ALL);
            let count = 0;
            while (walker.nextNode()) count += 1;
            return count;
        }"""
    )
    assert 8_000 < count < 15_000
    took = page.evaluate(
        """async () => {
            const start = performance.now();
            document.querySelectorAll("details").forEach((fold) => (fold.open = true));
            for (let y = 0; y < document.body.scrollHeight; y += 4000) {
                window.scrollTo(0, y);
                await new Promise(requestAnimationFrame);
            }
            return performance.now() - start;
        }"""
    )
    assert took < 5_000


def test_the_forms_of_a_union_are_a_switch(page: Page, address: str) -> None:
    page.goto(f"{address}{PAGE}#{METHOD}.response_format")
    field = page.locator(f"section:has(> [id='{METHOD}.response_format'])")
    first, second = (
        field.locator("details.ref-variant", has=page.get_by_text(f"type: {tag}", exact=True))
        for tag in ("json_schema", "json_object")
    )
    first.locator("> summary").click()
    expect(first).to_have_attribute("open", "")
    place = second.locator("> summary").bounding_box()
    second.locator("> summary").click()
    expect(second).to_have_attribute("open", "")
    expect(first).not_to_have_attribute("open", "")
    after = second.locator("> summary").bounding_box()
    assert place
    assert after
    assert abs(after["y"] - place["y"]) < 2  # it stays under the pointer
    # Whoever unfolds everything wants to compare: nothing closes by itself then.
    page.get_by_role("button", name="全部展开").click()
    first.locator("> summary").click()
    first.locator("> summary").click()
    expect(first).to_have_attribute("open", "")
    expect(second).to_have_attribute("open", "")
