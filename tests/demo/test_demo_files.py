"""Files: what goes in comes out; what is deleted or expired is gone."""

import io

import openai
import pytest
from openai import AsyncOpenAI

from tests.demo.asynchronous import run_async

LINES = b'{"custom_id": "1"}\n{"custom_id": "2"}\n'


def test_a_file_comes_back_as_it_was_sent(client):
    made = client.files.create(file=("任务.jsonl", LINES), purpose="batch")
    assert (made.filename, made.bytes, made.purpose) == ("任务.jsonl", len(LINES), "batch")
    assert client.files.retrieve(made.id) == made
    assert client.files.content(made.id).read() == LINES
    assert client.files.wait_for_processing(made.id).status == "processed"


def test_every_way_to_name_a_file(client, tmp_path):
    path = tmp_path / "笔记.txt"
    path.write_text("你好", encoding="utf-8")
    for file in (path, path.open("rb"), io.BytesIO(b"x"), b"x", ("a.txt", b"x", "text/plain")):
        made = client.files.create(file=file, purpose="user_data")
        assert made.bytes in (1, 6)
    assert len(client.files.list().data) == 5


@pytest.mark.parametrize("purpose", ["assistants", "vision", "user_data", "evals"])
def test_every_purpose_is_taken(client, purpose):
    assert client.files.create(file=("a.txt", b"x"), purpose=purpose).id


def test_lists_are_paged_filtered_and_ordered(client):
    ids = [client.files.create(file=(f"{i}.txt", b"x"), purpose="user_data").id for i in range(5)]
    client.files.create(file=("a.jsonl", b"x"), purpose="batch")
    first = client.files.list(limit=2, order="asc", purpose="user_data")
    assert [f.id for f in first.data] == ids[:2]
    assert first.has_more
    assert [f.id for f in first] == ids  # the SDK fetches the other pages
    assert [f.id for f in client.files.list(purpose="user_data")] == ids[::-1]
    with pytest.raises(openai.NotFoundError):
        client.files.list(after="file-nonsense")


def test_a_deleted_file_is_gone(client):
    id = client.files.create(file=("a.txt", b"x"), purpose="user_data").id
    assert client.files.delete(id).deleted
    for call in (client.files.retrieve, client.files.content, client.files.delete):
        with pytest.raises(openai.NotFoundError, match=id):
            call(id)


def test_batch_files_expire_after_thirty_days(client):
    made = client.files.create(file=("a.jsonl", LINES), purpose="batch")
    assert made.expires_at == made.created_at + 30 * 86400
    kept = client.files.create(file=("a.txt", b"x"), purpose="user_data")
    assert kept.expires_at is None


@pytest.mark.parametrize(
    ("content", "line"),
    [(b'{"a": 1}\nnot json\n', 2), (b"[1]\n", 1), (b"\xff\xfe", 1), (b"[" * 100_000, 1)],
)
def test_training_files_must_be_json_lines(client, content, line):
    with pytest.raises(openai.BadRequestError, match=f"Line {line} is not a dictionary") as caught:
        client.files.create(file=("a.jsonl", content), purpose="fine-tune")
    assert caught.value.type == "invalid_request_error"
    assert list(client.files.list()) == []


def test_batch_files_are_looked_at_when_the_batch_starts(client):
    made = client.files.create(file=("a.jsonl", b"not json"), purpose="batch")
    assert made.status == "processed"


@pytest.mark.parametrize("purpose", ["assistants", "user_data"])
def test_files_of_some_purposes_are_not_given_back(client, purpose):
    made = client.files.create(file=("a.txt", b"x"), purpose=purpose)
    message = f"Not allowed to download files of purpose: {purpose}"
    with pytest.raises(openai.BadRequestError, match=message):
        client.files.content(made.id)


def test_a_list_knows_the_purpose_that_was_asked_for(client):
    made = client.files.create(file=("a.jsonl", b"{}"), purpose="evals")
    client.files.create(file=("a.txt", b"x"), purpose="user_data")
    assert [f.id for f in client.files.list(purpose="evals")] == [made.id]


def test_the_old_way_to_read_a_file_still_works(client):
    made = client.files.create(file=("a.jsonl", LINES), purpose="batch")
    with pytest.warns(DeprecationWarning, match="content"):
        assert client.files.retrieve_content(made.id) == LINES.decode()
    with client.files.with_streaming_response.content(made.id) as response:
        assert b"".join(response.iter_bytes(7)) == LINES


def test_a_file_expires_by_the_clock(client, advance):
    made = client.files.create(
        file=("a.txt", b"x"),
        purpose="user_data",
        expires_after={"anchor": "created_at", "seconds": 3600},
    )
    assert made.expires_at == made.created_at + 3600
    advance(3599)
    assert client.files.retrieve(made.id)
    advance(1)
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(made.id)


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"file": ("a.txt", b"{}"), "purpose": "batch"}, None),
        ({"file": ("a.txt", b"{}"), "purpose": "fine-tune"}, None),
        ({"file": ("a.txt", b"x"), "purpose": "nonsense"}, "purpose"),
        (
            {
                "file": ("a.txt", b"x"),
                "purpose": "vision",
                "expires_after": {"anchor": "created_at", "seconds": 60},
            },
            "expires_after.seconds",
        ),
        ({"file": ("a.txt", b"x"), "purpose": "vision", "extra_body": {"x": "1"}}, "x"),
    ],
)
def test_bad_files_are_refused(client, params, param):
    with pytest.raises(openai.BadRequestError) as caught:
        client.files.create(**params)
    assert caught.value.param == param


def test_a_stored_file_limit_is_an_error_of_the_api(client):
    for _ in range(4):
        client.files.create(file=("a.bin", bytes(60 * 2**20)), purpose="user_data")
    with pytest.raises(openai.BadRequestError) as caught:
        client.files.create(file=("a.bin", bytes(60 * 2**20)), purpose="user_data")
    assert caught.value.code == "storage_limit_exceeded"


def test_a_file_of_64_mb_is_taken_and_a_larger_one_is_an_error_of_the_api(client):
    made = client.files.create(file=("a.bin", bytes(64 * 2**20)), purpose="vision")
    assert made.bytes == 64 * 2**20
    with pytest.raises(openai.APIStatusError) as caught:
        client.files.create(file=("a.bin", bytes(66 * 2**20)), purpose="vision")
    assert (caught.value.status_code, caught.value.type) == (413, "invalid_request_error")


def test_async_and_raw(client, base_url):
    async def run():
        async with AsyncOpenAI(api_key="sk-test", base_url=base_url, max_retries=0) as sdk:
            raw = await sdk.files.with_raw_response.create(file=("a.jsonl", LINES), purpose="batch")
            made = raw.parse()
            await sdk.files.create(file=("b.jsonl", LINES), purpose="batch")
            names = [f.filename async for f in sdk.files.list(limit=1)]
            waited = await sdk.files.wait_for_processing(made.id)
            content = await sdk.files.content(made.id)
            gone = await sdk.files.delete(made.id)
            return raw.headers["x-request-id"], names, waited.status, content.read(), gone.deleted

    request, names, status, content, deleted = run_async(run())
    assert request.startswith("req_")
    assert names == ["b.jsonl", "a.jsonl"]
    assert (status, content, deleted) == ("processed", LINES, True)
