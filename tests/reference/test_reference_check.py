"""The check on a small SDK: each fault is found, and the finding names the place and the fix."""

import re
from pathlib import Path

import pytest

from reference.__main__ import main
from reference.entries import EntryBook
from reference.errors import ReferenceBuildError
from tests.reference.fake_sdk import write_fake_sdk

MESSAGE = "types.talk_message_param"
# A complete set of entries for talk.create of the small SDK, without digests.
ENTRIES = {
    "talk.create": "text: 和模型说话。",
    "talk.create.messages": "text: 到目前为止的对话。",
    "talk.create.heat": "default: 1\nrange: {min: 0, max: 2}\ntext: 控制有多随机。",
    "talk.create.shade": "text: 颜色。",
    "talk.create.old_heat": "text: 旧的写法。",
    "talk.create.tags": "range: {max_items: 16}\ntext: 标签。",
    "talk.create.stream": "text: 是否流式输出。",
    f"{MESSAGE}.UserMessage": "text: 用户说的话。",
    f"{MESSAGE}.UserMessage.content": "text: 说的内容。",
    f"{MESSAGE}.ModelMessage": "text: 模型说的话。",
    f"{MESSAGE}.ModelMessage.name": "text: 名字。",
    f'"{MESSAGE}.*.content"': "text: 模型说的内容。",
    f"{MESSAGE}.TextPart": "text: 一段文字。",
    f"{MESSAGE}.TextPart.text": "text: 文字。",
    f"{MESSAGE}.TextPart.mark": "text: 标记前缀到哪里结束。",
    f"{MESSAGE}.PicturePart": "text: 一张图片。",
    f"{MESSAGE}.PicturePart.url": "text: 图片的网址。",
    '"*.async"': "text: 是否异步。",
    f"{MESSAGE}.Mark.ttl": "values: {30m: 30 分钟。, 12h: 12 小时。}\ntext: 保留多久。",
}


class Project:
    """A small SDK, its entries and its coverage, and the command run on them."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.sdk = folder / "sdk"
        self.zh = folder / "zh"
        self.coverage = folder / "coverage.yml"
        self._capsys = capsys
        write_fake_sdk(self.sdk)
        self.zh.mkdir()
        self.coverage.write_text("families: {talk: 说话}\ncomplete: [talk.create]\n")
        self.write()

    def write(self, **changed: str | None) -> None:
        """Write the entries with the digests of the SDK; ``changed`` replaces single ones."""
        entries = {**ENTRIES, **{key.replace("__", "."): text for key, text in changed.items()}}
        digests = self._digests()
        text = ""
        for key, body in entries.items():
            if body is None:
                continue
            text += f"{key}:\n"
            if digests.get(key):
                text += f'  english: "{digests[key]}"\n'
            text += "".join(f"  {line}\n" for line in body.splitlines())
        (self.zh / "talk.yml").write_text(text, encoding="utf-8")

    def _digests(self) -> dict[str, str]:
        from reference.sdk import Sdk
        from reference.subjects import subjects

        sdk = Sdk.load([self.sdk])
        return {s.place: s.doc.digest for s in subjects(sdk, sdk.method("talk.create"))}

    def run(self, *arguments: str) -> tuple[int, str]:
        options = [
            "--sdk",
            str(self.sdk),
            "--entries",
            str(self.zh),
            "--coverage",
            str(self.coverage),
        ]
        status = main([*options, *arguments])
        captured = self._capsys.readouterr()
        return status, captured.out + captured.err


@pytest.fixture
def project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Project:
    return Project(tmp_path, capsys)


def finding(output: str, fault: str) -> str:
    """Return the only finding of this kind."""
    lines = [line for line in output.splitlines() if line.startswith(fault)]
    assert len(lines) == 1, output
    assert "1 findings" in output, output
    return lines[0]


def test_complete_entries_pass(project: Project) -> None:
    status, output = project.run("check")
    assert status == 0, output
    assert "all 20 places in 1 methods and objects have a current Chinese entry" in output


def test_missing_entry_is_named(project: Project) -> None:
    project.write(talk__create__heat=None)
    status, output = project.run("check")
    assert status == 1
    line = finding(output, "missing")
    assert "talk.create.heat" in line
    assert "python -m reference todo talk.create.heat" in line


def test_one_text_serves_the_same_english_elsewhere(project: Project) -> None:
    """PicturePart.mark has no entry of its own; without TextPart's, both lack one: told once."""
    project.write(**{f"{MESSAGE}.TextPart.mark": None})
    assert "PicturePart" not in finding(project.run("check")[1], "missing")


def test_entry_of_a_removed_field_is_unknown(project: Project) -> None:
    project.write(talk__create__volume='english: "0123456789ab"\ntext: 音量。')
    status, output = project.run("check")
    assert status == 1
    line = finding(output, "unknown")
    assert "talk.create.volume" in line
    assert "delete the entry from talk.yml" in line


def test_pattern_that_fits_nothing_is_unknown(project: Project) -> None:
    project.write(**{'"*.talk_key"': "text: 编号。"})
    assert "*.talk_key" in finding(project.run("check")[1], "unknown")


def test_changed_english_makes_the_entry_stale(project: Project) -> None:
    write_fake_sdk(
        project.sdk,
        {"types/talk_create_params.py": ("between 0 and 2. Defaults to 1", "from 0 to 2, not 1")},
    )
    status, output = project.run("check")
    assert status == 1
    line = finding(output, "stale")
    assert "talk.create.heat" in line
    assert "talk.yml" in line
    todo = project.run("todo")[1]
    assert "How hot, from 0 to 2, not 1." in todo
    assert "控制有多随机。" in todo


def test_english_that_appears_makes_a_pattern_insufficient(project: Project) -> None:
    change = ('role: Required[Literal["model"]]\n', 'role: str\n    """Its role."""\n')
    write_fake_sdk(project.sdk, {"types/talk_message_param.py": change})
    assert f"{MESSAGE}.ModelMessage.role" in finding(project.run("check")[1], "missing")


def test_moved_type_keeps_its_text_but_the_key_is_named(project: Project) -> None:
    change = ("class TextPart(", "class WordsPart(")
    write_fake_sdk(project.sdk, {"types/talk_message_param.py": change})
    file = project.sdk / "openai/types/talk_message_param.py"
    file.write_text(file.read_text().replace("Union[TextPart", "Union[WordsPart"))
    output = project.run("check")[1]
    assert "missing" not in output
    assert f"the text serves {MESSAGE}.WordsPart.text; rename the key in talk.yml" in output


@pytest.mark.parametrize(
    ("key", "body", "complaint"),
    [
        ("talk.create.heat", "range: {min: 0, max: 3}\ntext: 随机。", "`range.max` says 3"),
        ("talk.create.heat", "default: 0.7\ntext: 随机。", "`default` says 0.7"),
        ("talk.create.shade", "values: {pink: 粉。, red: 红。, blue: 蓝。}\ntext: 色。", "pink"),
        (f"{MESSAGE}.Mark.ttl", "values: {30m: 30 分钟。}\ntext: 保留多久。", "the value 12h"),
        (f"{MESSAGE}.Mark.ttl", "text: 保留 `30m`。", "the value 12h"),
        ("talk.create.stream", "text: ''", "is empty"),
    ],
)
def test_data_that_the_sdk_does_not_state_is_wrong(
    project: Project, key: str, body: str, complaint: str
) -> None:
    project.write(**{key: body})
    line = finding(project.run("check")[1], "wrong")
    assert key in line
    assert complaint in line


def test_two_texts_for_the_same_english_are_refused(project: Project) -> None:
    digest = project._digests()[f"{MESSAGE}.PicturePart.mark"]
    entry = f'english: "{digest}"\ntext: 另一个说法。'
    project.write(**{f"{MESSAGE}.PicturePart.mark": entry.split("\n")[1]})
    line = finding(project.run("check")[1], "double")
    assert "only_here: true" in line
    project.write(**{f"{MESSAGE}.PicturePart.mark": f"only_here: true\n{entry.split(chr(10))[1]}"})
    assert project.run("check")[0] == 0


def test_method_that_is_gone_from_the_sdk(project: Project) -> None:
    project.coverage.write_text("families: {talk: 说话}\ncomplete: [talk.create, talk.sing]\n")
    status, output = project.run("check")
    assert status == 1
    assert "coverage.yml: openai 0.0.1 has no family or method talk.sing" in output


def test_a_shown_method_may_lack_texts_until_it_is_complete(project: Project) -> None:
    project.write(talk__create__heat=None)
    project.coverage.write_text("families: {talk: 说话}\n")
    assert project.run("check")[0] == 0
    assert "\ntalk.create.heat:" in project.run("todo")[1]
    project.coverage.write_text("families: {talk: 说话}\ncomplete: [talk]\n")
    output = project.run("check")[1]
    assert "missing  talk.create.heat" in output
    assert "missing  talk.list.limit" in output


def test_a_complete_method_must_be_shown(project: Project) -> None:
    project.coverage.write_text("complete: [talk.create]\n")
    status, output = project.run("check")
    assert status == 1
    assert "talk.create is complete, but its family is not under `families`" in output


OBJECTS = "families: {talk: 说话}\nobjects:\n  talk: [types.talk.Talk]\n"


def test_a_response_object_belongs_to_its_family(project: Project) -> None:
    project.coverage.write_text(OBJECTS + "complete: [talk.create, Talk]\n")
    output = project.run("check")[1]
    places = re.findall(r"^missing +(\S+?):", output, re.M)
    # `heat` has the English of the parameter: its text serves both. Tags need none.
    assert places == [
        "types.talk.Talk", "types.talk.Talk.pieces", "types.talk.Talk.from", "types.talk.Word.text",
        "types.talk.Word.kind", "types.talk.Melody.notes", "types.talk.Word", "types.talk.Melody",
    ]  # fmt: skip
    assert "\ntypes.talk.Talk.from:" in project.run("todo", "talk")[1]
    only = project.run("todo", "Talk")[1]
    assert "# | A talk as it stands." in only
    assert "talk.list.limit" not in only


def test_pages_writes_what_is_missing_and_names_what_is_wrong(
    project: Project, tmp_path: Path
) -> None:
    project.coverage.write_text(OBJECTS)
    docs = tmp_path / "docs"
    status, output = project.run("pages", str(docs))
    assert status == 1
    assert "5 pages, 5 written" in output
    page = docs / "reference/talk/create.md"
    assert "reference/talk/create.md has no example in bash" in output
    page.write_text(page.read_text().replace("```bash", "```bash\ncurl"))
    assert (
        "reference/talk/create.md has no example in bash" not in project.run("pages", str(docs))[1]
    )
    page.write_text("# talk.create { #talk.create }\n")
    assert "::: openai.resources.talk.Talk.create" in project.run("pages", str(docs))[1]
    page.rename(page.with_name("sing.md"))
    output = project.run("pages", str(docs))[1]
    assert "reference/talk/sing.md is the page of nothing in openai 0.0.1" in output
    assert page.exists()


def test_a_complete_object_asks_for_every_form_and_field_inside(project: Project) -> None:
    project.coverage.write_text(OBJECTS + "complete: [talk.create, Talk]\n")
    for output in (project.run("check")[1], project.run("todo", "talk")[1]):
        assert "types.talk.Word" in output
        assert "types.talk.Melody" in output


def test_english_from_the_worksheet_is_refused(project: Project) -> None:
    file = project.zh / "talk.yml"
    file.write_text("# Talk.\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    assert project.run("check")[0] == 0
    file.write_text(file.read_text(encoding="utf-8") + "# | The talk so far.\n", encoding="utf-8")
    status, output = project.run("check")
    assert status == 1
    assert "talk.yml, line" in output
    assert "delete the English original" in output


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a.b:\n  text: 一。\na.b:\n  text: 二。\n", "the key a.b stands there twice"),
        ("a.b:\n  english: 123456789012\n  text: 一。\n", "in quotes"),
        ("a.b:\n  text: 一。\n  defualt: 1\n", "unknown keys defualt"),
        ("a.b:\n  default: 1\n", "write the Chinese text under `text:`"),
        ("a.b:\n  text: 一。\n  range: {most: 3}\n", "`range` maps"),
        ("- a\n", "must map places to entries"),
    ],
)
def test_malformed_entries_say_what_is_wrong(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "x.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ReferenceBuildError, match=complaint) as raised:
        EntryBook.load(tmp_path)
    assert "x.yml" in str(raised.value)


def test_todo_prints_entries_that_pass_once_filled(project: Project) -> None:
    """What a writer does: take the worksheet, fill the texts, drop the comments."""
    (project.zh / "talk.yml").unlink()
    worksheet = project.run("todo", "talk")[1]
    assert "# | How hot, between 0 and 2. Defaults to 1." in worksheet
    assert "talk.list.talk_id" in worksheet
    worksheet = project.run("todo")[1]
    lines = [line for line in worksheet.splitlines() if not line.startswith("#")]
    filled = "\n".join(lines).replace("text: |\n    ", "text: |\n    说明。")
    filled = "\n".join(
        f"{line}说明。" if line.endswith(": ") else line for line in filled.split("\n")
    )
    (project.zh / "talk.yml").write_text(filled, encoding="utf-8")
    status, output = project.run("check")
    assert status == 0, output


def test_todo_of_a_single_place(project: Project) -> None:
    project.write(talk__create__heat=None, talk__create__tags=None)
    output = project.run("todo", "talk.create.tags")[1]
    assert "talk.create.tags:" in output
    assert "talk.create.heat" not in output
    status, output = project.run("todo", "sing")
    assert status == 1
    assert "has no family, method, object or place sing" in output


def test_status_counts_by_family(project: Project) -> None:
    project.write(talk__create__heat=None)
    rows = {line.split()[0]: line.split()[1:] for line in project.run("status")[1].splitlines()}
    assert rows["talk"] == ["4", "1", "28", "20", "71%"]
    assert rows["all"] == rows["talk"]
