"""Reading the site in a real browser: with and without JavaScript, on a desk and on a phone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, expect

from tests.conftest import Site

PHONE: ViewportSize = {"width": 390, "height": 844}
PAGES = [
    source.relative_to(docs).as_posix()
    for docs in [Path(__file__).resolve().parents[2] / "docs"]
    for source in sorted(docs.rglob("*.md"))
]


def address(site: Site, source: str) -> str:
    path = source.removesuffix(".md")
    path = "" if path == "index" else path.removesuffix("/index")
    return site.url + (f"{path}/" if path else "")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("source", PAGES)
def test_a_page_opens_cleanly_on_a_phone(site: Site, browser: Browser, source: str) -> None:
    context = browser.new_context(viewport=PHONE, locale="zh-CN")
    page = context.new_page()
    problems: list[str] = []
    requests: list[str] = []

    def note_errors(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.append(message.text)

    page.on("console", note_errors)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(address(site, source), wait_until="networkidle")
    assert not problems
    foreign = [url for url in requests if not url.startswith((site.url, "data:", "blob:"))]
    assert not foreign
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    context.close()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("补全", "会话补全"),
        ("迁移", "从 0.x 迁移"),
        ("客户端", "认证与客户端"),
        ("模型", "模型管理"),
        ("多轮对话", "会话补全"),
        ("停用日期", "模型管理"),
        ("差别", "会话补全"),
        ("temperature", "会话补全"),
        ("completion_tokens", "会话补全"),
        ("base_url", "认证与客户端"),
    ],
)
def test_typed_words_find_the_page(site: Site, page: Page, typed: str, found: str) -> None:
    page.goto(site.url)
    page.get_by_role("textbox", name="搜索").click()
    page.keyboard.type(typed, delay=20)
    page.keyboard.press("End")  # Chinese arrives without key events; an input method sends one
    titles = page.locator(".md-search-result__item h1")
    expect(titles.filter(has_text=found.split()[0]).first).to_be_visible(timeout=10_000)
    shown = [title.replace("\u200b", "") for title in titles.all_inner_texts()[:3]]
    assert found in shown
    assert page.locator(".md-search-result__item mark").first.inner_text()


def test_a_word_that_is_nowhere_is_said_so(site: Site, page: Page) -> None:
    page.goto(site.url)
    page.get_by_role("textbox", name="搜索").click()
    page.keyboard.type("qwertzuiop", delay=20)
    expect(page.locator(".md-search-result__meta")).to_have_text("没有找到符合条件的结果")


def test_a_page_is_complete_without_javascript(site: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address(site, "api/chat.md"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("会话补全")
    first = page.locator(".oa-snippet").first
    program = first.get_attribute("data-source")
    assert program
    assert first.locator("code").first.text_content() == program
    expect(first.locator(".oa-sample p")).to_contain_text("示例输出")
    expect(first.locator(".oa-sample code")).to_be_visible()
    assert page.get_by_role("button", name="运行").count() == 0
    context.close()


def test_light_and_dark_follow_the_system_and_the_reader(site: Site, browser: Browser) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(site.url)
    body = page.locator("body")
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    page.emulate_media(color_scheme="light")
    expect(body).to_have_attribute("data-md-color-scheme", "default")
    page.get_by_title("现在跟随系统，点击切换到浅色").click()
    page.get_by_title("现在是浅色，点击切换到深色").click()
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_links_stand_out_from_the_ground(
    site: Site, browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(address(site, "start/quickstart.md"))
    for selector in (
        "article p",
        "article p a",
        "h1 + p",
        ".md-nav__link--active",
        ".md-copyright",
    ):
        ratio = page.locator(selector).first.evaluate(CONTRAST)
        assert ratio >= 4.5, f"{selector}: {ratio:.1f}"
    context.close()


READ = ("article p", "article p a", "h1 + p", ".md-nav__link--active", ".md-copyright")
CONTRAST = """element => {
  // Any CSS colour to sRGB bytes, by drawing it.
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const bytes = colour => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = colour => {
    const [r, g, b] = colour.map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let ground = element;
  while (ground && bytes(getComputedStyle(ground).backgroundColor)[3] < 255) {
    ground = ground.parentElement;
  }
  const back = luminance(bytes(ground ? getComputedStyle(ground).backgroundColor : "white"));
  const front = luminance(bytes(getComputedStyle(element).color));
  return (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
}"""


def test_a_wrong_address_leads_back_into_the_site(site: Site, page: Page) -> None:
    answer = page.goto(f"{site.url}api/no/such/page/")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("没有这个页面")
    home = page.get_by_role("link", name="首页")
    expect(home).to_have_attribute("href", "/docs/zh/")
    page.get_by_role("link", name="快速开始").click()
    expect(page).to_have_url(address(site, "start/quickstart.md"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("快速开始")
