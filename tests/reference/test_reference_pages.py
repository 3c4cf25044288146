"""The pages as they are built: a real `mkdocs build` with the theme, read as HTML."""

import html
import json
import re
import typing
from collections import Counter
from pathlib import Path

import pytest
import typing_extensions
import yaml
from openai.types.chat import completion_create_params

from reference.audit import Audit
from reference.coverage import Coverage
from reference.docstrings import normalise
from reference.pages import page_of
from reference.sdk import Sdk
from reference.tree import ObjectRef
from tests.reference.fake_sdk import write_fake_sdk
from tests.reference.site_builder import Element, build, read_html

ROOT = Path(__file__).resolve().parents[2]
PAGE = "reference/chat/completions/create"
METHOD = "chat.completions.create"
COVERAGE = Coverage.load(Sdk.load())
UNITS = list(COVERAGE.family_of)


@pytest.fixture(scope="session")
def page(reference_site: Path) -> Element:
    return read_html(reference_site / PAGE / "index.html")


def by_id(page: Element, anchor: str) -> Element:
    (element,) = page.find(id=anchor)
    return element


def field_of(page: Element, anchor: str) -> Element:
    """Return the element that holds everything about a parameter."""
    element = by_id(page, anchor)
    return element.parent if element.tag == "h3" and element.parent else element


def head_of(page: Element, anchor: str) -> str:
    """Return name, type and whether it must be given, as the reader sees them in one line."""
    element = field_of(page, anchor)
    parts = [e for e in element.children if isinstance(e, Element)][
        : 2 if element.find("h3") else 1
    ]
    return " ".join(" ".join(e.text.rstrip("¶") for e in parts).split())


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
    links = [e.attributes["href"] for tree in page.find(class_="ref") for e in tree.find("a")]
    inner = [link for link in links if link.startswith("#")]
    assert len(inner) > 200
    assert [link for link in inner if link[1:] not in ids] == []


def test_each_parameter_has_a_link_to_itself(page: Element) -> None:
    for element in page.find(class_="ref-field"):
        anchors = [e.attributes.get("id") for e in [element, *element.find("h3")]]
        own = next(a for a in anchors if a)
        assert element.find("a")[0].attributes["href"] == f"#{own}"


# -- order and marks -----------------------------------------------------------------------------


def test_required_come_first_and_deprecated_last(page: Element) -> None:
    order = [e.text.rstrip("¶") for e in page.find("h3")]
    assert order[:2] == ["messages", "model"]
    assert order[-5:] == [
        "function_call", "functions", "max_tokens", "prompt_cache_retention", "user",
    ]  # fmt: skip
    assert len(order) == 37
    headings = [e.text.rstrip("¶") for e in page.find("h2")]
    assert headings == ["必填参数", "选填参数", "已弃用的参数"]
    for group in page.find("div", class_="ref-fields"):
        heads = [e.find("p")[0].text for e in group.children if isinstance(e, Element)]
        heads = [head for head in heads if "固定写" not in head]
        required = ["必填" in head for head in heads]
        assert required == sorted(required, reverse=True), heads


def test_a_deprecated_parameter_names_its_replacement_first(page: Element) -> None:
    old = field_of(page, f"{METHOD}.max_tokens")
    (mark,) = old.find("p", class_="ref-standing")
    assert mark.text.strip() == "已弃用，改用 max_completion_tokens。"
    assert mark.find("a")[0].attributes["href"] == f"#{METHOD}.max_completion_tokens"
    (user,) = field_of(page, f"{METHOD}.user").find("p", class_="ref-standing")
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
        return head_of(page, f"{METHOD}.{name}")

    assert head("messages") == "messages 对象数组（6 种） 必填"
    assert head("temperature") == "temperature 数字，可为 null · 选填"
    assert head("stop") == "stop 字符串 或 字符串数组，可为 null · 选填"
    assert head("tool_choice") == "tool_choice 字符串 或 对象（3 种） · 选填"
    assert "范围 0 到 2" in field_of(page, f"{METHOD}.temperature").text
    assert "默认 medium" in field_of(page, f"{METHOD}.verbosity").text
    choice = field_of(page, f"{METHOD}.tool_choice")
    assert "默认 none（没有传 tools 时）；auto（传了 tools 时）" in choice.text
    values = [item.text for item in choice.find("ul", class_="ref-values")[0].find("li")]
    assert values[2] == "required 必须用一个或几个工具。"
    assert head("messages.user.role") == "role 固定写 user"
    assert head("messages.user.content") == "content 字符串 或 对象数组（4 种） 必填"


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


def test_every_field_has_chinese_and_its_english_on_demand(
    page: Element, reference_site: Path, sdk: Sdk
) -> None:
    assert page.find(class_="ref-open") == []
    file = reference_site / f"assets/reference/english/{METHOD}.json"
    originals = json.loads(file.read_text(encoding="utf-8"))
    for param in sdk.method(METHOD).params:
        element = field_of(page, f"{METHOD}.{param.name}")
        shown = re.sub(r"<[^>]+>|[\W_]", "", html.unescape(originals[f"{METHOD}.{param.name}"]))
        expected = re.sub(r"[\W_]", "", normalise(param.doc.text))
        assert shown == expected, param.name
        chinese = [e.text for e in element.find("p") if e.parent is element]
        assert any(re.search("[一-鿿]{4}", text) for text in chinese), param.name
    ids = {e.attributes.get("id") for e in page.walk()}
    assert originals.keys() <= ids


def test_links_between_parameters_stay_on_the_page(page: Element) -> None:
    top_p = field_of(page, f"{METHOD}.temperature").find("a", href=f"#{METHOD}.top_p")
    assert top_p[0].text == "top_p"


def test_a_guide_links_with_the_name_and_says_the_first_sentence(reference_site: Path) -> None:
    guide = read_html(reference_site / "api/chat/index.html")
    links = {a.text: a.attributes for a in guide.find("a", class_="ref-link")}
    assert links["temperature"]["href"] == f"../../{PAGE}/#{METHOD}.temperature"
    assert links["temperature"]["title"] == "采样温度，控制回答有多随机。"
    assert links["detail"]["title"].endswith("。")
    assert links["prompt"]["href"] == "../../reference/images/generate/#images.generate.prompt"
    assert links["id"]["href"] == "../../reference/files/objects/FileObject/#FileObject.id"


def test_link_to_a_parameter_that_is_gone_fails_the_build(tmp_path: Path) -> None:
    sdk = write_fake_sdk(tmp_path / "sdk")
    page = """
        # talk.create { #talk.create }

        [`heat`][talk.create.%s] 和 [内容](#talk.create.messages.user.%s)

        ::: openai.resources.talk.Talk.create

        # Talk { #Talk }

        ::: openai.types.talk.Talk
        """
    good = build(tmp_path / "good", {"index.md": page % ("heat", "content.text.text")}, sdk)
    assert good.returncode == 0, good.stdout + good.stderr
    page_ = read_html(tmp_path / "good/site/index.html")
    # Without a Chinese text the original is open, and marked.
    heat = field_of(page_, "talk.create.heat")
    assert head_of(page_, "talk.create.heat") == "heat 数字，可为 null · 选填 未译"
    assert "How hot, between 0 and 2." in heat.find("div", lang="en")[0].text
    assert head_of(page_, "Talk.from") == "from 字符串，可为 null · 可能没有 未译"
    assert head_of(page_, "Talk.object") == "object 固定为 talk"
    assert "The notes of the melody." in by_id(page_, "Talk.pieces.melody.notes").text
    gone = build(tmp_path / "gone", {"index.md": page % ("cold", "content.text.text")}, sdk)
    assert gone.returncode == 1
    assert "talk.create.cold" in gone.stderr
    nested = build(tmp_path / "nested", {"index.md": page % ("heat", "content.text.words")}, sdk)
    assert nested.returncode == 1
    assert "talk.create.messages.user.content.text.words" in nested.stderr


# -- the whole reference -------------------------------------------------------------------------


def nodes(page: Element) -> int:
    """Count elements and text nodes, as a browser's TreeWalker does."""
    return sum(1 + sum(isinstance(c, str) for c in e.children) for e in page.walk())


def test_every_page_is_small_enough_to_load_without_jank(reference_site: Path) -> None:
    largest = 0
    for file in (reference_site / "reference").rglob("index.html"):
        assert file.stat().st_size < 1_500_000, file
        largest = max(largest, nodes(read_html(file)))
    assert 8_000 < largest < 15_000


def test_responses_create_shows_shared_types_once(reference_site: Path, sdk: Sdk) -> None:
    page = read_html(reference_site / "reference/responses/create/index.html")
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
    assert names <= {anchor.rpartition(".")[2] for anchor in ids}


@pytest.mark.parametrize("unit", UNITS)
def test_every_parameter_and_every_field_is_on_its_page(
    unit: str, reference_site: Path, sdk: Sdk
) -> None:
    file = reference_site / page_of(COVERAGE, unit).replace(".md", "/index.html")
    page = read_html(file)
    ids = {e.attributes.get("id") for e in page.walk()}
    if unit in COVERAGE.objects:
        type_ = sdk.type_at(COVERAGE.objects[unit])
        fields = sdk.object_type(type_).fields if isinstance(type_, ObjectRef) else ()
    else:
        fields = sdk.method(unit).params
    assert {f"{unit}.{field.name}" for field in fields} <= ids
    # Autorefs leaves what it cannot resolve in brackets.
    assert not re.search(r"\]\[[\w.]+\]", page.find("article")[0].text)


def test_a_union_of_events_links_to_the_objects_inside(reference_site: Path) -> None:
    page = read_html(reference_site / "reference/responses/objects/ResponseStreamEvent/index.html")
    created = by_id(page, "ResponseStreamEvent.response-created.response")
    (link,) = [a for a in created.find("a") if a.text == "Response"]
    assert link.attributes["href"] == "../Response/#Response"
    assert by_id(page, "ResponseStreamEvent.response-output_text-delta.delta")


def test_families_list_their_methods_and_objects(reference_site: Path) -> None:
    page = read_html(reference_site / "reference/images/index.html")
    (methods, objects) = page.find("ul", class_="ref-list")
    assert [li.find("a")[0].text for li in methods.find("li")] == [
        "images.generate", "images.create_variation", "images.edit",
    ]  # fmt: skip
    generate = methods.find("li")[0].text
    assert "POST /images/generations" in generate
    assert "必填 prompt" in generate
    assert objects.find("a")[0].attributes["href"] == "objects/ImagesResponse/"


def test_what_is_not_explained_is_listed_with_its_english(reference_site: Path, sdk: Sdk) -> None:
    for family in {place.partition(".")[0] for place in sdk.functions} - set(COVERAGE.families):
        page = read_html(reference_site / f"reference/others/{family}/index.html")
        ids = {e.attributes.get("id") for e in page.walk()}
        for place, function in sdk.functions.items():
            if place.startswith(f"{family}."):
                assert place in ids
                names = {p.name for p in sdk.method(place).params}
                assert {f"{place}.{name}" for name in names} <= ids, function.path
    evals = read_html(reference_site / "reference/others/evals/index.html")
    name = by_id(evals, "evals.create.name")
    assert "name 字符串 · 选填" in name.text
    assert "The name of the evaluation." in name.find("div", lang="en")[0].text


def test_the_coverage_page_counts_by_family(reference_site: Path, audit: Audit) -> None:
    page = read_html(reference_site / "reference/coverage/index.html")
    rows = {
        tr.find("td")[0].text: [td.text for td in tr.find("td")[1:]] for tr in page.find("tr")[1:]
    }
    places = audit.places(COVERAGE.units("chat"))
    written = sum(audit.book.find(p, s.doc) is not None for p, s in places.items())
    assert rows["会话补全"][:2] == [str(written), str(len(places))]
    assert rows["会话补全"][2].endswith(f"{int(written / len(places) * 100)}%")
    assert set(rows) >= {"响应", "微调", "evals", "以上合计", "整个 SDK"}


def test_the_search_index_holds_names_and_first_sentences(reference_site: Path) -> None:
    file = reference_site / "search/search_index.json"
    docs = json.loads(file.read_text(encoding="utf-8"))["docs"]
    found = {doc["location"]: doc for doc in docs}
    temperature = found[f"{PAGE}/#{METHOD}.temperature"]
    assert temperature["title"] == "temperature"
    assert temperature["text"].replace("\u200b", "") == "采样温度，控制回答有多随机。"
    assert temperature["boost"] < 1
    # A nested field is found at the parameter that holds it.
    assert "image_url" in found[f"{PAGE}/#{METHOD}.messages"]["text"].split()
    assert "boost" not in found["api/chat/"]
    # What only repeats another page is not there again.
    assert "reference/chat/completions/parse/" in found
    assert not any(name.startswith("reference/chat/completions/parse/#") for name in found)
    assert file.stat().st_size < 600_000


def test_the_navigation_names_every_page_of_the_reference() -> None:
    class Loader(yaml.SafeLoader):
        """Reads what is not data as nothing."""

    Loader.add_multi_constructor("tag:", lambda *_: None)
    Loader.add_constructor("!ENV", lambda *_: None)
    config = yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), Loader)

    def pages(items: list) -> typing.Iterator[str]:
        for item in items:
            value = next(iter(item.values())) if isinstance(item, dict) else item
            if isinstance(value, str):
                yield value
            else:
                yield from pages(value)

    named = [uri for uri in pages(config["nav"]) if uri.startswith("reference/")]
    there = {
        p.relative_to(ROOT / "docs").as_posix() for p in (ROOT / "docs/reference").rglob("*.md")
    }
    assert set(named) == there
    assert len(named) == len(there)


def test_every_method_and_family_leads_to_its_chapter(reference_site: Path) -> None:
    coverage = yaml.safe_load((ROOT / "reference/coverage.yml").read_text("utf-8"))
    assert coverage["chapters"].keys() == coverage["families"].keys()
    for family, chapter in coverage["chapters"].items():
        folder = reference_site / "reference" / family
        pages = [p for p in folder.rglob("index.html") if "objects" not in p.parts]
        assert len(pages) > 1
        wanted = (reference_site / chapter.removesuffix(".md")).resolve()
        for page in pages:
            content = page.read_text("utf-8").partition('<article class="md-content')[2]
            links = re.findall(r'href="([^"#:]+/)"', content.partition("</article>")[0])
            assert wanted in [(page.parent / link).resolve() for link in links], page
