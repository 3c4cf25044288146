"""Uploads: a large file in parts, put together in the order that the client names."""

import hashlib

import openai
import pytest
from openai import AsyncOpenAI

from tests.demo.asynchronous import run_async


def test_an_upload_in_parts_becomes_a_file(client):
    content = bytes(range(256)) * 8
    upload = client.uploads.create(
        bytes=len(content),
        filename="a.bin",
        mime_type="application/octet-stream",
        purpose="vision",
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


def test_parts_put_together_in_the_wrong_order_fail_the_checksum(client):
    content = b"abcd"
    id = client.uploads.create(
        bytes=4, filename="a.bin", mime_type="application/octet-stream", purpose="vision"
    ).id
    parts = [client.uploads.parts.create(id, data=d).id for d in (b"ab", b"cd")]
    checksum = hashlib.md5(content).hexdigest()
    with pytest.raises(openai.BadRequestError) as caught:
        client.uploads.complete(id, part_ids=parts[::-1], md5=checksum)
    assert caught.value.param == "md5"
    done = client.uploads.complete(id, part_ids=parts, md5=checksum)
    assert client.files.content(done.file.id).read() == content
    with pytest.raises(openai.BadRequestError, match="completed"):
        client.uploads.cancel(id)


def test_the_file_of_an_upload_expires_as_announced(client):
    id = client.uploads.create(
        bytes=2,
        filename="a.txt",
        mime_type="text/plain",
        purpose="user_data",
        expires_after={"anchor": "created_at", "seconds": 7200},
    ).id
    part = client.uploads.parts.create(id, data=b"ab").id
    file = client.uploads.complete(id, part_ids=[part]).file
    assert file.expires_at == file.created_at + 7200


def test_an_uploaded_training_file_is_checked_when_it_is_complete(client):
    id = client.uploads.create(
        bytes=3, filename="a.jsonl", mime_type="text/jsonl", purpose="fine-tune"
    ).id
    part = client.uploads.parts.create(id, data=b"abc").id
    with pytest.raises(openai.BadRequestError, match="Line 1 is not a dictionary"):
        client.uploads.complete(id, part_ids=[part])


def test_parts_count_as_stored_until_the_upload_ends(client, advance):
    big = bytes(63 * 2**20)

    def start():
        return client.uploads.create(
            bytes=2**30, filename="a.bin", mime_type="application/octet-stream", purpose="vision"
        ).id

    id = start()
    for _ in range(4):
        client.uploads.parts.create(id, data=big)
    with pytest.raises(openai.BadRequestError) as caught:
        client.uploads.parts.create(start(), data=big)
    assert caught.value.code == "storage_limit_exceeded"
    advance(3600)
    assert client.files.create(file=("a.bin", big), purpose="vision").id


def test_a_part_is_at_most_64_mb(client):
    id = client.uploads.create(
        bytes=2**30, filename="a.bin", mime_type="application/octet-stream", purpose="vision"
    ).id
    assert client.uploads.parts.create(id, data=bytes(64 * 2**20)).upload_id == id
    with pytest.raises(openai.APIStatusError) as caught:
        client.uploads.parts.create(id, data=bytes(64 * 2**20 + 1))
    assert caught.value.status_code == 413


@pytest.mark.parametrize(
    "call",
    [
        lambda uploads: uploads.cancel("upload_x"),
        lambda uploads: uploads.complete("upload_x", part_ids=["part_x"]),
        lambda uploads: uploads.parts.create("upload_x", data=b"x"),
    ],
)
def test_an_unknown_upload_is_not_found(client, call):
    with pytest.raises(openai.NotFoundError, match="upload_x"):
        call(client.uploads)


def test_async_chunks_from_memory(client, base_url):
    async def run():
        async with AsyncOpenAI(api_key="sk-test", base_url=base_url, max_retries=0) as sdk:
            done = await sdk.uploads.upload_file_chunked(
                file=b"y" * 1000,
                filename="a.bin",
                bytes=1000,
                mime_type="application/octet-stream",
                purpose="vision",
                part_size=300,
            )
            assert done.file is not None
            return await sdk.files.content(done.file.id)

    assert run_async(run()).read() == b"y" * 1000
