"""What a reader does with a page, in the words of its accessible names."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Download, Locator, Page, Request, expect

#: Starting the runtime on a busy machine takes its time; no test is about how long.
START = 120_000
SETTLED = ("运行完成", "运行出错", "已停止", "运行环境出错", "没有运行")


class Cell:
    """One piece of code with its buttons, status line and output."""

    def __init__(self, root: Locator):
        self.root = root
        self.page = root.page
        self.code = root.get_by_role("textbox", name="代码")
        self.status = root.get_by_role("status").first
        self.output = root.get_by_role("region", name="输出")

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name, exact=True)

    def start(self, code: str | None = None) -> None:
        if code is not None:
            self.code.fill(code)
        self.button("运行").click()

    def wait_for_status(self, *beginnings: str) -> str:
        """Wait until the status line begins with one of the texts, and return it."""
        pattern = "|".join(beginnings)
        self.page.wait_for_function(
            "([element, pattern]) => new RegExp(`^(${pattern})`).test(element.textContent)",
            arg=[self.status.element_handle(), pattern],
            timeout=START,
        )
        return self.status.inner_text()

    def run(self, code: str | None = None) -> str:
        """Run to the end and return the text of the output region."""
        self.start(code)
        self.wait_for_status(*SETTLED)
        return self.text()

    def text(self) -> str:
        return self.output.inner_text() if self.output.is_visible() else ""

    def printed(self) -> str:
        """Exactly what the program printed."""
        return (
            self.output.get_by_role("log", name="打印的内容", include_hidden=True).text_content()
            or ""
        )

    def files(self) -> list[str]:
        """Names of the files that are offered under the output."""
        links = self.output.get_by_role("link", name="下载").all()
        return [(link.get_attribute("aria-label") or "").removeprefix("下载 ") for link in links]

    def file(self, name: str) -> Locator:
        """What is shown of one file."""
        items = self.output.get_by_role("list", name="文件").get_by_role("listitem")
        return items.filter(has=self.page.get_by_role("link", name=f"下载 {name}", exact=True))

    def download(self, name: str) -> Download:
        """Press 下载 and wait for the file."""
        with self.page.expect_download() as started:
            self.file(name).get_by_role("link").click()
        return started.value


class Inspector:
    """The tab 「请求与响应」 of the 调试台."""

    def __init__(self, root: Locator):
        self.root = root
        self.page = root.page
        self.tab = root.get_by_role("tab", name="请求与响应", exact=True)
        self.panel = root.get_by_role("tabpanel", name="请求与响应", exact=True)
        self.entries = self.panel.get_by_role("list", name="请求", exact=True).locator("> li")

    def show(self) -> "Inspector":
        self.tab.click()
        return self

    def leave(self) -> None:
        self.root.get_by_role("tab", name="代码", exact=True).click()

    def lines(self) -> list[str]:
        """What each entry says while it is closed."""
        return [
            " ".join(text.split()) for text in self.entries.locator(">*>summary").all_inner_texts()
        ]

    def open(self, number: int = -1) -> Locator:
        """Open an entry with its headers; the newest one by default."""
        entry = self.entries.nth(number)
        if entry.locator("> details").get_attribute("open") is None:
            entry.locator("> details > summary").click()
            expect(entry.get_by_role("heading", name="响应")).to_be_visible()
            for label in ("请求头", "响应头"):
                fold = entry.locator("summary").filter(has_text=label)
                if fold.count():
                    fold.click()
        return entry

    def request(self, number: int = -1) -> Locator:
        return (
            self.open(number)
            .locator("section")
            .filter(has=self.page.get_by_role("heading", name="请求"))
        )

    def response(self, number: int = -1) -> Locator:
        return (
            self.open(number)
            .locator("section")
            .filter(has=self.page.get_by_role("heading", name="响应"))
        )

    def headers(self, message: Locator) -> dict[str, str]:
        """The headers that are shown of a request or a response."""
        names = message.locator("dt").all_inner_texts()
        return dict(zip(names, message.locator("dd").all_inner_texts(), strict=True))

    def events(self, number: int = -1) -> Locator:
        shown = self.response(number).get_by_role("list", name="事件", exact=True)
        return shown.locator("> li")

    def copied(self, label: str, number: int = -1) -> str:
        """Press one of the buttons that copy, and return what is in the clipboard."""
        self.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        entry = self.open(number)
        entry.get_by_role("button", name=label, exact=True).click()
        expect(entry.get_by_role("status")).to_have_text("已复制")
        return self.page.evaluate("navigator.clipboard.readText()")


class Reader:
    """A browser tab of its own, which remembers every request it made."""

    def __init__(self, page: Page, site_url: str):
        self.page = page
        self.site_url = site_url
        self.requests: list[Request] = []
        self.errors: list[str] = []
        page.context.on("request", lambda request: self.requests.append(request))
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, path: str = "") -> None:
        self.page.goto(self.site_url + path)

    def use_instant_navigation(self, paths: list[str]) -> None:
        """Give the theme the site map it needs, as a build with SITE_URL has it."""
        pages = "".join(f"<url><loc>{self.site_url}{path}</loc></url>" for path in paths)
        self.page.route(
            "**/sitemap.xml",
            lambda route: route.fulfill(body=f"<urlset>{pages}</urlset>", content_type="text/xml"),
        )

    def follow(self, path: str) -> None:
        """Follow a link to another page of the site without loading the document anew."""
        # The theme writes the heading that is in view into the address, also of the next page.
        self.page.evaluate(
            """href => {
                document.querySelector(".md-content").dataset.left = ""
                const link = document.createElement("a")
                link.href = href
                document.body.append(link)
                link.click()
                link.remove()
            }""",
            self.site_url + path,
        )
        self.page.wait_for_function(
            """url => location.href.split("#")[0] === url
                && document.querySelector(".md-content:not([data-left])")
                && !document.querySelector(".oa-snippet:not(.pg-cell, [data-page-skip])")""",
            arg=self.site_url + path,
        )

    def open_playground(self) -> Cell:
        self.open("playground/")
        cell = Cell(self.page.locator(".oa-playground"))
        # The editor takes the place of the static code as soon as it has loaded.
        expect(cell.code).to_be_editable()
        return cell

    def snippet(self, number: int) -> Cell:
        return Cell(self.page.locator(f'.oa-snippet[data-snippet="{number}"]'))

    def choose(self, **settings: str) -> None:
        """Fill in settings: provider, base_url, key, model."""
        page = self.page
        if "provider" in settings:
            page.get_by_label("服务商").select_option(label=settings["provider"])
        for name, label in {"base_url": "Base URL", "key": "API Key", "model": "模型"}.items():
            if name in settings:
                page.get_by_label(label, exact=True).fill(settings[name])

    def foreign_requests(self) -> list[str]:
        """URLs of network requests to any origin other than the site's."""
        own = urlsplit(self.site_url).netloc
        return [
            request.url
            for request in self.requests
            if urlsplit(request.url).scheme in {"http", "https", "ws", "wss"}
            and urlsplit(request.url).netloc != own
        ]

    def runtime_requests(self) -> list[str]:
        """URLs of the runtime's files that were asked for."""
        return [r.url for r in self.requests if r.url.endswith(".bin") or "manifest-" in r.url]


@contextmanager
def reading(browser: Browser, site_url: str, **context: object) -> Iterator[Reader]:
    """Open a tab with nothing remembered; fail when the page's own scripts threw."""
    opened = browser.new_context(locale="zh-CN", **context)  # type: ignore[arg-type]
    reader = Reader(opened.new_page(), site_url)
    try:
        yield reader
        assert reader.errors == []
    finally:
        opened.close()
