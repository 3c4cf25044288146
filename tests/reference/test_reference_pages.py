"""The pages as they are built: a real `mkdocs build` with the theme, read as HTML."""

import os
import re
import shutil
import subprocess
import sys
import typing
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from textwrap import dedent

import pytest
import typing_extensions
from openai.types.chat import completion_create_params

from reference.docstrings import normalise
from reference.sdk import Sdk
from tests.reference.fake_sdk import write_fake_sdk

ROOT = Path(__file__).resolve().parents[2]
PAGE = "reference/chat/completions/create"
METHOD = "chat.completions.create"
NOVEMBER_24 = "1795478400"  # 2026-11-24 as SOURCE_DATE_EPOCH
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}

CONFIG = """
    site_name: 参考
    theme: {{name: material, font: false, language: zh}}
    plugins:
      - autorefs
      - mkdocstrings:
          custom_templates: {root}/reference/templates
          handlers:
            python:
              paths: [{sdk}]
              options:
                extensions: [reference.extension:ReferenceExtension]
                allow_inspection: false
                heading_level: 1
                line_length: 88
                show_root_heading: false
    markdown_extensions:
      - attr_list
      - pymdownx.highlight
      - pymdownx.superfences
      - toc: {{permalink: true, toc_depth: 3}}
    validation: {{links: {{anchors: warn, not_found: warn}}}}
    """


@dataclass
class Element:
    """One element of a parsed page."""

    tag: str
    attributes: dict[str, str]
    parent: "Element | None"
    children: list["Element | str"] = field(default_factory=list)

    def walk(self) -> typing.Iterator["Element"]:
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def find(self, tag: str = "", **attributes: str) -> list["Element"]:
        """Return the descendants with this tag and these attributes (`class_`: one of)."""
        found = []
        for element in self.walk():
            if tag and element.tag != tag:
                continue
            classes = element.attributes.get("class", "").split()
            if all(
                value in classes if name == "class_" else element.attributes.get(name) == value
                for name, value in attributes.items()
            ):
                found.append(element)
        return found

    @property
    def text(self) -> str:
        parts = [child if isinstance(child, str) else child.text for child in self.children]
        return "".join(parts)

    @property
    def ancestors(self) -> list["Element"]:
        return [self.parent, *self.parent.ancestors] if self.parent else []


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self._open = Element("", {}, None)

    def handle_starttag(self, tag, attrs) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self._open)
        self._open.children.append(element)
        if tag not in VOID:
            self._open = element

    def handle_endtag(self, tag) -> None:
        if tag in VOID:
            return
        assert tag == self._open.tag, f"</{tag}> closes <{self._open.tag}>: the HTML is not nested"
        assert self._open.parent
        self._open = self._open.parent

    def handle_data(self, data) -> None:
        self._open.children.append(data)


def read_html(file: Path) -> Element:
    reader = _Reader()
    reader.feed(file.read_text(encoding="utf-8"))
    return reader.root


def build(
    folder: Path, pages: dict[str, str], sdk: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Build a site of these pages with `mkdocs build --strict`."""
    for name, text in pages.items():
        file = folder / "docs" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), encoding="utf-8")
    config = dedent(CONFIG).format(root=ROOT, sdk=sdk or folder)
    (folder / "mkdocs.yml").write_text(config, encoding="utf-8")
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SOURCE_DATE_EPOCH": NOVEMBER_24,
        "NO_MKDOCS_2_WARNING": "1",
    }
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder / "site")],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference page as committed, a guide that links to it, and responses.create."""
    folder = tmp_path_factory.mktemp("reference-site")
    shutil.copytree(ROOT / "docs/reference", folder / "docs/reference")
    built = build(
        folder,
        {
            "index.md": "# 首页\n",
            "responses.md": """
                # responses.create { #responses.create }

                ::: openai.resources.responses.responses.Responses.create
                """,
            "api/chat.md": """
                # 会话补全

                先看 [`temperature`][chat.completions.create.temperature]，再看
                [`detail`](../reference/chat/completions/create.md#chat.completions.create.messages.user.content.image_url.image_url.detail)。
                """,
        },
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder / "site"


@pytest.fixture(scope="session")
def page(site: Path) -> Element:
    return read_html(site / PAGE / "index.html")


def by_id(page: Element, anchor: str) -> Element:
    (element,) = page.find(id=anchor)
    return element


def field_of(page: Element, anchor: str) -> Element:
    """Return the element that holds everything about a parameter."""
    element = by_id(page, anchor)
    return element.parent if element.tag == "h3" and element.parent else element


# -- every path of the running SDK has its anchor ------------------------------------------------


def _strip(hint: typing.Any) -> list[typing.Any]:
    """Return the TypedDicts a hint allows, through Required, Optional, Union and lists."""
    origin = typing.get_origin(hint)
    if typing_extensions.is_typeddict(hint):
        return [hint]
    if origin in (None, typing.Literal, typing_extensions.Literal):
        return []
    return [td for argument in typing.get_args(hint) for td in _strip(argument)]


def expanded(prefix: str, typed_dict: typing.Any) -> typing.Iterator[str]:
    """Yield the path of every field below a TypedDict, as the reader's address would be."""
    for name, hint in typing_extensions.get_type_hints(typed_dict, include_extras=True).items():
        path = f"{prefix}.{name}"
        yield path
        choices = list(dict.fromkeys(_strip(hint)))
        for choice in choices:
            below = path
            if len(choices) > 1:
                hints = typing_extensions.get_type_hints(choice)
                tag = hints.get("type") or hints["role"]
                below = f"{path}.{typing.get_args(tag)[0]}"
                yield below
            yield from expanded(below, choice)


def test_every_parameter_and_nested_field_has_its_anchor(page: Element) -> None:
    params = completion_create_params.CompletionCreateParamsNonStreaming
    paths = list(expanded(METHOD, params))
    assert len(paths) > 200
    ids = Counter(element.attributes.get("id") for element in page.walk())
    assert [path for path in paths if ids[path] != 1] == []
    ours = {i for i in ids if i and i.startswith(f"{METHOD}.")}
    assert ours == set(paths), "an anchor that is no path of the SDK"


def test_anchors_are_unique_and_every_link_on_the_page_leads_somewhere(page: Element) -> None:
    ids = Counter(e.attributes["id"] for e in page.walk() if "id" in e.attributes)
    assert [anchor for anchor, count in ids.items() if count > 1] == []
    (tree,) = page.find("div", class_="ref-method")
    links = [e.attributes["href"] for e in tree.find("a")]
    inner = [link for link in links if link.startswith("#")]
    assert len(inner) > 200
    assert [link for link in inner if link[1:] not in ids] == []


def test_each_parameter_has_a_link_to_itself(page: Element) -> None:
    for element in page.find(class_="ref-field"):
        anchors = [e.attributes.get("id") for e in [element, *element.find("h3")]]
        own = next(a for a in anchors if a)
        links = [e.attributes["href"] for e in element.find("a", class_="headerlink")]
        assert links[0] == f"#{own}"


# -- order and marks -----------------------------------------------------------------------------


def test_required_come_first_and_deprecated_last(page: Element) -> None:
    names = [e.text for e in page.find("h3")]
    order = [name.partition(" ")[0] for name in names]
    assert order[:2] == ["messages", "model"]
    assert order[-5:] == [
        "function_call", "functions", "max_tokens", "prompt_cache_retention", "user",
    ]  # fmt: skip
    assert len(order) == 37
    headings = [e.text.rstrip("¶") for e in page.find("h2")]
    assert headings == ["必填参数", "选填参数", "已弃用的参数"]
    for group in page.find("div", class_="ref-fields"):
        heads = [
            e.find("p", class_="ref-head")[0].text for e in group.children if isinstance(e, Element)
        ]
        required = ["必填" in head for head in heads]
        assert required == sorted(required, reverse=True), heads


def test_a_deprecated_parameter_names_its_replacement_first(page: Element) -> None:
    old = field_of(page, f"{METHOD}.max_tokens")
    mark = old.find("p")[0]
    assert mark.text.strip() == "已弃用，改用 max_completion_tokens。"
    assert mark.find("a")[0].attributes["href"] == f"#{METHOD}.max_completion_tokens"
    user = field_of(page, f"{METHOD}.user").find("p")[0]
    assert user.text.strip() == "将被取代，改用 safety_identifier、prompt_cache_key。"
    nested = field_of(page, f"{METHOD}.messages.assistant.function_call")
    assert "已弃用，改用 tool_calls。" in nested.text


def test_retired_models_are_marked_with_their_day(page: Element) -> None:
    model = field_of(page, f"{METHOD}.model")
    (retired,) = model.find("details", class_="ref-retired")
    days = {item.find("strong")[0].text: item.text for item in retired.find("li")}
    assert "gpt-3.5-turbo" in days["2026-10-23 已下线"].split()
    assert "gpt-5.1-mini" in days["不可用"].split()
    (retiring,) = model.find("ul", class_="ref-retiring")
    coming = {item.find("strong")[0].text: item.text for item in retiring.find("li")}
    assert list(coming) == [
        "2026-12-11 下线",
        "2027-01-14 下线",
        "2027-01-20 下线",
        "2027-04-01 下线",
    ]
    assert "gpt-5" in coming["2026-12-11 下线"].split()
    current = model.find("p", class_="ref-chips")[0].text.split()
    assert "gpt-6-luna" in current
    assert "gpt-4o" not in current
    assert "gpt-3.5-turbo" not in current


def test_facts_of_single_parameters(page: Element) -> None:
    def head(name: str) -> str:
        return " ".join(by_id(page, f"{METHOD}.{name}").text.split()).rstrip("¶")

    assert head("messages") == "messages 对象数组（6 种） 必填"
    assert head("temperature") == "temperature 数字，可为 null 选填"
    assert head("stop") == "stop 字符串 或 字符串数组，可为 null 选填"
    assert head("tool_choice") == "tool_choice 字符串 或 对象（3 种） 选填"
    assert "范围 0 到 2" in field_of(page, f"{METHOD}.temperature").text
    assert "默认 medium" in field_of(page, f"{METHOD}.verbosity").text
    choice = field_of(page, f"{METHOD}.tool_choice")
    assert "默认 none（没有传 tools 时）；auto（传了 tools 时）" in choice.text
    values = [item.text for item in choice.find("ul", class_="ref-values")[0].find("li")]
    assert values[2] == "required 必须用一个或几个工具。"
    tag = field_of(page, f"{METHOD}.messages.user.role")
    assert "固定写 user。" in tag.text


def test_types_are_folded_and_variants_are_summarised(page: Element) -> None:
    messages = field_of(page, f"{METHOD}.messages")
    variants = [e for e in messages.find("details", class_="ref-variant") if e.parent is messages]
    summaries = [e.find("summary")[0].text.split(maxsplit=2)[:2] for e in variants]
    assert [" ".join(words) for words in summaries] == [
        "role: developer", "role: system", "role: user", "role: assistant", "role: tool",
        "role: function",
    ]  # fmt: skip
    assert "用户说的话" in variants[2].find("summary")[0].text
    assert all("open" not in fold.attributes for fold in page.find("details", class_="ref-nested"))


# -- texts ---------------------------------------------------------------------------------------


def test_every_field_has_chinese_and_its_english_on_demand(page: Element, sdk: Sdk) -> None:
    assert page.find(class_="ref-untranslated") == []
    for param in sdk.method(METHOD).params:
        element = field_of(page, f"{METHOD}.{param.name}")
        folds = [e for e in element.find("details", class_="ref-english") if e.parent is element]
        assert len(folds) == 1, param.name
        assert "open" not in folds[0].attributes
        assert folds[0].find("summary")[0].text == "英文原文"
        (original,) = folds[0].find("div", lang="en")
        shown = re.sub(r"\W", "", original.text)
        expected = re.sub(r"[`*]|^- ", "", normalise(param.doc.text))
        assert shown == re.sub(r"\W", "", expected), param.name
        chinese = [e.text for e in element.find("p") if e.parent is element]
        assert any(re.search("[一-鿿]{4}", text) for text in chinese), param.name


def test_links_between_parameters_stay_on_the_page(page: Element) -> None:
    top_p = field_of(page, f"{METHOD}.temperature").find("a", href=f"#{METHOD}.top_p")
    assert top_p[0].text == "top_p"


def test_a_guide_links_with_the_name_and_shows_the_first_sentence(site: Path) -> None:
    guide = read_html(site / "api/chat/index.html")
    (link,) = [a for a in guide.find("a") if a.text == "temperature"]
    assert link.attributes["href"] == f"../../{PAGE}/#{METHOD}.temperature"
    assert link.attributes["title"] == "采样温度，控制回答有多随机。"


def test_link_to_a_parameter_that_is_gone_fails_the_build(tmp_path: Path) -> None:
    sdk = write_fake_sdk(tmp_path / "sdk")
    page = """
        # talk.create { #talk.create }

        [`heat`][talk.create.%s] 和 [内容](#talk.create.messages.user.%s)

        ::: openai.resources.talk.Talk.create
        """
    good = build(tmp_path / "good", {"index.md": page % ("heat", "content.text.text")}, sdk)
    assert good.returncode == 0, good.stdout + good.stderr
    html = read_html(tmp_path / "good/site/index.html")
    assert "未译，见英文原文。" in field_of(html, "talk.create.heat").text
    assert "How hot, between 0 and 2." in field_of(html, "talk.create.heat").text
    gone = build(tmp_path / "gone", {"index.md": page % ("cold", "content.text.text")}, sdk)
    assert gone.returncode == 1
    assert "talk.create.cold" in gone.stderr
    nested = build(tmp_path / "nested", {"index.md": page % ("heat", "content.text.words")}, sdk)
    assert nested.returncode == 1
    assert "talk.create.messages.user.content.text.words" in nested.stderr


# -- a page with 1,096 paths ---------------------------------------------------------------------


def test_responses_create_shows_shared_types_once_and_stays_small(site: Path, sdk: Sdk) -> None:
    file = site / "responses/index.html"
    assert file.stat().st_size < 1_500_000
    page = read_html(file)
    assert sum(1 for _ in page.walk()) < 15_000
    ids = Counter(e.attributes["id"] for e in page.walk() if "id" in e.attributes)
    assert [anchor for anchor, count in ids.items() if count > 1] == []
    for param in sdk.method("responses.create").params:
        assert ids[f"responses.create.{param.name}"] == 1
    # A type with several uses is shown once and linked from each use.
    mark = by_id(page, "responses.create.PromptCacheBreakpoint")
    assert mark.tag == "h3"
    uses = page.find("a", href="#responses.create.PromptCacheBreakpoint")
    assert len([a for a in uses if "headerlink" not in a.attributes.get("class", "")]) >= 3
    assert ids["responses.create.PromptCacheBreakpoint.ttl"] == 1
    names = {f.name for o in sdk.objects_in([p.type for p in sdk.method("responses.create").params])
             .values() for f in o.fields}  # fmt: skip
    shown = {e.attributes["data-ref-name"] for e in page.walk() if "data-ref-name" in e.attributes}
    assert names <= shown
