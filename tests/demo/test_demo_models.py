"""The model list, and ``playground/models.yml`` against the SDK's source."""

import re
from datetime import date, timedelta
from pathlib import Path

import openai
import pytest
import yaml

from playground.demo.clock import START

OWN = "ft:gpt-4o-mini-2024-07-18:demo::9mXQ3Lk1"
TYPES = Path(openai.__file__).parent / "types"
CATALOG = yaml.safe_load(Path("playground/models.yml").read_text(encoding="utf-8"))
BY_ID = {entry["id"]: entry for entry in CATALOG}
MONTHS = "January February March April May June July August September October November December"
LITERALS = {
    "shared/chat_model.py": "chat",
    "shared/all_models.py": "responses",
    "image_model.py": "image",
    "audio/speech_model.py": "speech",
    "audio_model.py": "transcription",
    "embedding_model.py": "embedding",
    "moderation_model.py": "moderation",
    "video_model.py": "video",
}
FIELDS = {
    "completion_create_params.py": "completion",
    "fine_tuning/job_create_params.py": "fine-tuning",
    "realtime/realtime_session_create_request_param.py": "realtime",
    "realtime/audio_transcription_param.py": "realtime-transcription",
    "live/session_config_param.py": "live",
}


def sdk_ids() -> set[tuple[str, str]]:
    """Return every (id, kind) of the SDK's source."""
    found = set()
    for file, kind in LITERALS.items():
        (literal,) = re.findall(r"Literal\[(.*?)\]", (TYPES / file).read_text(), re.DOTALL)
        found |= {(id, kind) for id in re.findall(r'"([^"]+)"', literal)}
    for file, kind in FIELDS.items():
        field = re.search(
            r"\n    model: .*?Literal\[(.*?)\]", (TYPES / file).read_text(), re.DOTALL
        )
        found |= {(id, kind) for id in re.findall(r'"([^"]+)"', field[1])}
    return found


def sdk_dates() -> dict[str, str | None]:
    """Return the shutdown day that the SDK's docstrings give for each id; None if never served."""
    dates = {}
    for file in TYPES.rglob("*.py"):
        if "beta" in file.parts:
            continue
        for block in re.findall(r'Deprecated values:\n(.*?)"""', file.read_text(), re.DOTALL):
            flat = " ".join(block.split())
            for names, said in re.findall(r'- ((?:"[^"]+",? ?)+): (.*?)(?= - "|$)', flat):
                iso = re.search(r"\d{4}-\d\d-\d\d", said)
                long = re.search(rf"({'|'.join(MONTHS.split())}) (\d+), (\d{{4}})", said)
                if iso:
                    day = iso[0]
                elif long:
                    month = MONTHS.split().index(long[1]) + 1
                    day = date(int(long[3]), month, int(long[2])).isoformat()
                else:
                    day = None
                dates.update({id: day for id in re.findall(r'"([^"]+)"', names) if id in BY_ID})
    return dates


def test_catalog_has_every_id_of_the_sdk_with_its_kind():
    assert {
        (id, kind) for id, kind in sdk_ids() if kind not in BY_ID.get(id, {}).get("kinds", [])
    } == set()


def test_catalog_has_no_id_that_the_sdk_does_not_know():
    known = {id for id, _ in sdk_ids()}
    assert [entry["id"] for entry in CATALOG if entry["id"] not in known] == []
    assert len(BY_ID) == len(CATALOG)


def test_dates_are_those_of_the_sdk():
    stated = sdk_dates()
    assert len(stated) > 90
    for id, day in stated.items():
        assert BY_ID[id].get("shutdown") == day, id
        assert BY_ID[id].get("unsupported", False) is (day is None), id
        assert "source" not in BY_ID[id]
    others = {id: e for id, e in BY_ID.items() if id not in stated and "shutdown" in e}
    assert [id for id, entry in others.items() if entry.get("source") != "facts"] == []


def test_replacements_still_run():
    today = START.date().isoformat()
    for entry in CATALOG:
        new = entry.get("replacement")
        if new:
            assert BY_ID[new].get("shutdown", "9999") > today, entry


def test_list_holds_what_runs_on_the_day_of_the_clock(client, advance):
    day = START.date()
    for _ in range(2):
        alive = [
            e["id"] for e in CATALOG
            if e.get("shutdown", "9999") > day.isoformat() and not e.get("unsupported")
        ]  # fmt: skip
        listed = [m.id for m in client.models.list()]
        own = [OWN] if "gpt-4o-mini-2024-07-18" in alive else []
        assert listed == alive + own
        advance(60 * 86400)
        day += timedelta(days=60)


def test_retrieve_tells_the_shutdown_date(client):
    assert client.models.retrieve("gpt-4o").shutdown_date == "2027-01-14"
    assert client.models.retrieve("gpt-6-luna").shutdown_date is None


def test_retired_and_unknown_models_are_not_found(client):
    with pytest.raises(openai.NotFoundError, match="2026-05-12"):
        client.models.retrieve("dall-e-3")
    with pytest.raises(openai.NotFoundError) as caught:
        client.models.retrieve("gpt-9")
    assert caught.value.code == "model_not_found"


def test_an_own_model_answers_until_it_is_deleted(client):
    def ask():
        return client.chat.completions.create(
            model=OWN, messages=[{"role": "user", "content": "你好"}]
        )

    assert client.models.retrieve(OWN).owned_by == "demo"
    assert ask().model == OWN
    assert client.models.delete(OWN).deleted
    for call in (lambda: client.models.retrieve(OWN), ask):
        with pytest.raises(openai.NotFoundError):
            call()


def test_only_own_models_can_be_deleted(client):
    with pytest.raises(openai.PermissionDeniedError, match="gpt-6-luna"):
        client.models.delete("gpt-6-luna")
    with pytest.raises(openai.NotFoundError):
        client.models.delete("ft:gpt-4o-mini:acme::abc")
