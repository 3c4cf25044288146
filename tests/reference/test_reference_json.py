"""The trees as JSON, which the form of the playground reads."""

import json
from pathlib import Path

import pytest

from reference.__main__ import main
from reference.audit import Audit
from reference.extension import Reading
from reference.site import SCRIPTS, STYLES, asset_files, write_trees


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> dict:
    folder = tmp_path_factory.mktemp("json")
    assert main(["json", str(folder)]) == 0
    return json.loads((folder / "chat.completions.create.json").read_text(encoding="utf-8"))


def test_tree_says_what_a_form_needs(tree: dict) -> None:
    assert (tree["method"], tree["verb"], tree["endpoint"]) == (
        "chat.completions.create", "POST", "/chat/completions",
    )  # fmt: skip
    params = {param["name"]: param for param in tree["params"]}
    assert len(params) == 37
    assert [name for name, param in params.items() if param["required"]] == ["messages", "model"]
    temperature = params["temperature"]
    assert temperature["type"] == {
        "kind": "union", "variants": [{"kind": "number"}, {"kind": "null"}],
    }  # fmt: skip
    assert temperature["range"] == {"min": 0, "max": 2}
    assert temperature["summary"] == "采样温度，控制回答有多随机。"
    assert params["verbosity"]["defaults"] == [{"value": "medium"}]
    assert params["tool_choice"]["values"]["required"] == "必须用一个或几个工具。"
    assert params["max_tokens"]["replacedBy"] == ["max_completion_tokens"]
    assert params["model"]["retired"]["gpt-3.5-turbo"] == "2026-10-23"
    assert "`" not in params["messages"]["text"]


def test_every_type_that_is_referred_to_is_there_once(tree: dict) -> None:
    def refs(type_: dict) -> list[str]:
        match type_["kind"]:
            case "object":
                return [type_["type"]]
            case "union":
                return [ref for variant in type_["variants"] for ref in refs(variant)]
            case "array":
                return refs(type_["item"])
            case "map":
                return refs(type_["value"])
        return []

    fields = tree["params"] + [f for t in tree["types"].values() for f in t["fields"]]
    used = {ref for f in fields for ref in refs(f["type"])}
    assert used == set(tree["types"])
    user = tree["types"][
        "types.chat.chat_completion_user_message_param.ChatCompletionUserMessageParam"
    ]
    assert user["tag"] == "role"
    (role,) = [f for f in user["fields"] if f["name"] == "role"]
    assert role["constant"] == "user"


def test_site_gets_assets_and_trees(tmp_path: Path, audit: Audit) -> None:
    files = asset_files()
    assert set(files) == {*STYLES, *SCRIPTS}
    assert all(path.is_file() for path in files.values())
    reading = Reading(audit.sdk, audit.book, audit.coverage, {})
    written = [path.relative_to(tmp_path).as_posix() for path in write_trees(reading, tmp_path)]
    assert len(written) == 98
    assert "assets/reference/methods/chat.completions.create.json" in written
    assert "assets/reference/methods/vector_stores.files.upload_and_poll.json" in written
