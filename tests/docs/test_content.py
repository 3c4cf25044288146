"""What the guide says: its parts, its Chinese, its models, and where its numbers come from."""

import calendar
import importlib.metadata
import re
from functools import cache
from pathlib import Path

import autocorrect_py
import pytest
import yaml

from playground.snippets import find_fences

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SDK = Path(str(importlib.metadata.distribution("openai").locate_file("")))
GUIDE = sorted(
    path
    for folder in ("start", "api", "topics", "practice")
    for path in (DOCS / folder).glob("**/*.md")
)
CHAPTERS = sorted((DOCS / "api").glob("*.md"))

#: Names of OpenAI's models begin like this; names of other providers are not checked.
MODEL = re.compile(
    r"(?<![\w./:-])("
    r"(?:gpt|chatgpt|dall-e|whisper|tts|text-embedding|text-moderation|omni-moderation|davinci|"
    r"babbage|computer-use|codex-mini)-[a-z0-9.-]*[a-z0-9]|o[134](?:-[a-z0-9-]+)?)(?![\w-])"
)
#: Pages about the past, where a retired model is the subject.
HISTORY = {
    "start/migration.md",
    "start/glossary.md",
    "api/models.md",
    "api/completions.md",
    "reference/images/create_variation.md",
}


def name(path: Path) -> str:
    return path.relative_to(DOCS).as_posix()


@cache
def models() -> dict[str, dict]:
    entries = yaml.safe_load((ROOT / "playground" / "models.yml").read_text(encoding="utf-8"))
    return {entry["id"]: entry for entry in entries}


@pytest.mark.parametrize("path", sorted(DOCS.rglob("*.md")), ids=name)
def test_chinese_and_latin_are_set_apart(path: Path) -> None:
    result = autocorrect_py.lint_for(path.read_text(encoding="utf-8"), "markdown")
    assert [f"{line.line}: {line.old!r} → {line.new!r}" for line in result.lines] == []


@pytest.mark.parametrize("path", GUIDE, ids=name)
def test_a_page_has_its_parts(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    body = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.S).lstrip()
    title, _, rest = body.partition("\n")
    assert re.fullmatch(r"# .+ \{ #[a-z0-9-]+ \}", title)
    purpose = rest.lstrip().split("\n\n")[0]
    assert not purpose.startswith(("#", "`", "-", "|", "!")), "the purpose comes first, in words"
    if name(path) not in {"start/glossary.md", "practice/links.md"}:
        faq = re.search(
            r"^## 常见问题.* \{ #[a-z0-9-]+ \}\n(?P<body>.*?)(?=^## )", text, re.M | re.S
        )
        assert faq, "常见问题 is missing"
        inline = re.findall(r"^\*\*[^*\n]+\*\* +\S.*$", faq["body"], re.M)
        assert not inline, "an answer of 常见问题 stands below its question, after ':   '"
        assert re.search(r"^## 下一步.* \{ #[a-z0-9-]+ \}$", text, re.M), "下一步 is missing"


@pytest.mark.parametrize("path", CHAPTERS, ids=name)
def test_an_api_chapter_can_be_tried(path: Path) -> None:
    fences = list(find_fences(path.read_text(encoding="utf-8")))
    running = [f for f in fences if f.language == "python" and "skip" not in f.options]
    wanted = 4 if name(path) not in {"api/realtime.md", "api/more.md"} else 0
    assert len(running) >= wanted


@pytest.mark.parametrize("path", sorted(DOCS.rglob("*.md")), ids=name)
def test_every_model_exists_and_none_is_retired(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    known = models()
    used = {found.rstrip(".") for found in MODEL.findall(text)}
    assert sorted(used - known.keys() - NOT_MODELS) == [], "unknown to the SDK"
    if name(path) in HISTORY:
        return
    code = "\n".join(f.body for f in find_fences(text) if f.language == "python")
    retired = {
        m for m in MODEL.findall(code) if str(known.get(m, {}).get("shutdown", "9")) <= TODAY
    }
    assert sorted(retired) == []


#: Look like models and are something else: package or method names, families in prose.
NOT_MODELS = {"gpt-6", "gpt-9", "text-embedding-3"}
TODAY = "2026-11-24"


def _claims() -> list[dict[str, str]]:
    return yaml.safe_load((DOCS / "facts.yml").read_text(encoding="utf-8"))


def test_claims_name_pages_and_sources_that_exist() -> None:
    wrong = []
    for claim in _claims():
        source = claim["source"]
        if not (DOCS / claim["page"]).is_file():
            wrong.append(f"no page {claim['page']}")
        installed = source.startswith("openai/") and " of openai 0" not in source
        if installed and not (SDK / source.split(" ")[0]).exists():
            wrong.append(f"no file {source}")
        if not re.match(r"(openai/|https://|run: |README|CHANGELOG|CPython|\[)", source):
            wrong.append(f"not a source: {source}")
    assert wrong == []


def _numbers(claim: str) -> list[str]:
    """Dates and numbers of a claim, without those inside names and the day it was checked."""
    bare = re.sub(r"截至 \d{4}-\d\d-\d\d|[\w./-]*[A-Za-z][\w./-]*", " ", claim.replace(",", ""))
    return re.findall(r"\d{4}-\d\d-\d\d|\d+(?:\.\d+)*", bare)


def _dates_in_words(text: str) -> list[str]:
    """``May 12 2026`` of a docstring (its comma gone) as ``2026-05-12``."""
    months = "|".join(calendar.month_name[1:])
    return [
        f"{year}-{list(calendar.month_name).index(month):02}-{int(day):02}"
        for month, day, year in re.findall(rf"({months}) (\d{{1,2}})\s+(\d{{4}})", text)
    ]


def test_numbers_taken_from_the_sdk_stand_there() -> None:
    wrong = []
    for claim in _claims():
        file = SDK / claim["source"].split(" ")[0]
        if not (claim["source"].startswith("openai/") and file.is_file()) or "by_hand" in claim:
            continue
        text = file.read_text(encoding="utf-8").replace(",", "").replace("_", "")
        text += " ".join(_dates_in_words(text))
        for number in _numbers(claim["claim"]):
            if not re.search(rf"(?<![\d.]){re.escape(number)}(?!\d)", text):
                wrong.append(
                    f"{claim['page']}: {number} of {claim['claim']!r} not in {claim['source']}"
                )
    assert wrong == []
