"""The entries as they are committed, against the installed SDK."""

import re

import pytest

from reference.audit import Audit
from reference.docstrings import normalise
from reference.entries import ZH_FOLDER, Entry, EntryBook
from reference.sdk import Sdk
from reference.subjects import subjects

FILES = sorted(ZH_FOLDER.glob("*.yml"))


def test_every_declared_method_is_covered(audit: Audit) -> None:
    assert "chat.completions.create" in audit.coverage.complete
    assert [str(finding) for finding in audit.findings()] == []


def test_every_number_of_default_and_range_stands_in_the_docstring(sdk: Sdk, audit: Audit) -> None:
    """Without the check's own reading of numbers: the digits must stand in the text."""
    checked = 0
    for place, subject in audit.required().items():
        entry = audit.book.find(place, subject.doc)
        assert entry is not None
        values = [default.value for default in entry.defaults] + list(entry.range.values())
        for value in values:
            if isinstance(value, bool) or not isinstance(value, int | float):
                continue
            spellings = {str(value), f"{value:g}", f"{value:,}", f"{float(value)}"}
            words = {4: "four", 2: "two", 3: "three"}
            if isinstance(value, int) and value in words:
                spellings.add(words[value])
            text = normalise(subject.doc.text)
            assert any(re.search(rf"(?<![\d.]){re.escape(s)}(?![\d])", text) for s in spellings), (
                place,
                value,
            )
            checked += 1
    assert checked >= 10


def test_no_english_original_is_committed(sdk: Sdk) -> None:
    """No sentence of the SDK's docstrings stands in the entry files."""
    committed = normalise("\n".join(file.read_text(encoding="utf-8") for file in FILES))
    sentences = set()
    for place in sdk.functions:
        for subject in subjects(sdk, sdk.method(place)):
            for sentence in re.split(r"(?<=[.:])\s", normalise(subject.doc.text)):
                if len(sentence.split()) >= 5:
                    sentences.add(sentence)
    assert len(sentences) > 2000
    assert [s for s in sentences if s in committed] == []


@pytest.mark.parametrize("entry", EntryBook.load().entries, ids=lambda entry: entry.key)
def test_entry_is_written_in_the_site_s_chinese(entry: Entry) -> None:
    texts = [entry.text, *entry.values.values(), *(d.when for d in entry.defaults if d.when)]
    for text in texts:
        prose = re.sub(r"`[^`]*`|\[[^\]]*\]\[[^\]]*\]|\]\([^)]*\)", "x", text)
        assert re.search(r"[一-鿿]", prose), "no Chinese"
        assert not re.search(r"[一-鿿][A-Za-z0-9]|[A-Za-z0-9][一-鿿]", prose), (
            f"no blank between Chinese and Latin: {text}"
        )
        assert not re.search(r"[一-鿿][,;:!?]|[一-鿿]\.(?!\d)", prose), f"half-width: {text}"
        for filler in ("您", "！", "众所周知", "值得注意的是", "请注意", "进行"):
            assert filler not in text, f"{filler}: {text}"
    first = entry.text.strip().split("\n")[0]
    assert first.endswith(("。", "）", "`：", "：")), f"the first line is a sentence: {first}"


def test_references_in_texts_lead_somewhere(sdk: Sdk, audit: Audit) -> None:
    """`[label][.name]` names a parameter of at least one method that shows the text."""
    wanted: dict[tuple[str, str], bool] = {}
    for place in audit.coverage.methods:
        method = sdk.method(place)
        names = {param.name for param in method.params}
        for subject in subjects(sdk, method):
            entry = audit.book.find(subject.place, subject.doc)
            assert entry is not None
            for target in re.findall(r"\]\[\.([\w.]+)\]", entry.text):
                key = (entry.key, target)
                wanted[key] = wanted.get(key, False) or target.partition(".")[0] in names
    assert wanted
    assert [key for key, found in wanted.items() if not found] == []
