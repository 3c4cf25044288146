"""Files and uploads: what goes in comes out; what is deleted or expired is gone."""

import hashlib
import io

import openai
import pytest

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
        ({"file": ("a.txt", b"x"), "purpose": "batch"}, "file"),
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


def test_an_upload_in_parts_becomes_a_file(client):
    content = bytes(range(256)) * 8
    upload = client.uploads.create(
        bytes=len(content),
        filename="a.bin",
        mime_type="application/octet-stream",
        purpose="user_data",
    )
    assert (upload.status, upload.expires_at) == ("pending", upload.created_at + 3600)
    late = client.uploads.parts.create(upload.id, data=content[1000:]).id
    early = client.uploads.parts.create(upload.id, data=content[:1000]).id
    done = client.uploads.complete(
        upload.id, part_ids=[early, late], md5=hashlib.md5(content).hexdigest()
    )
    assert done.status == "completed"
    assert client.files.content(done.file.id).read() == content
    with pytest.raises(openai.BadRequestError) as caught:
        client.uploads.parts.create(upload.id, data=b"x")
    assert caught.value.code == "invalid_state"


def test_the_sdk_uploads_a_file_in_chunks(client, tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 1000)
    done = client.uploads.upload_file_chunked(
        file=path, mime_type="text/plain", purpose="user_data", part_size=300
    )
    assert done.file.bytes == 1000


def test_uploads_that_do_not_add_up_are_refused(client, advance):
    def start():
        return client.uploads.create(
            bytes=4, filename="a.txt", mime_type="text/plain", purpose="user_data"
        ).id

    id = start()
    part = client.uploads.parts.create(id, data=b"xyz").id
    for params, param in (
        ({"part_ids": [part]}, "part_ids"),
        ({"part_ids": []}, "part_ids"),
        ({"part_ids": ["part_x"]}, "part_ids[0]"),
    ):
        with pytest.raises(openai.APIStatusError) as caught:
            client.uploads.complete(id, **params)
        assert caught.value.param == param
    client.uploads.parts.create(id, data=b"z")
    assert client.uploads.cancel(id).status == "cancelled"
    late = start()
    advance(3601)
    with pytest.raises(openai.BadRequestError, match="expired"):
        client.uploads.parts.create(late, data=b"x")
