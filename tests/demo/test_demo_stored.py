"""Stored chat completions: what was stored can be listed, changed and deleted."""

import openai
import pytest

MODEL = "gpt-6-luna"


def store(client, text, **params):
    return client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": text}], store=True, **params
    )


def test_only_what_was_stored_is_listed(client):
    kept = store(client, "你好", metadata={"topic": "问候"})
    client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "讲个笑话"}])
    assert [c.id for c in client.chat.completions.list()] == [kept.id]
    assert client.chat.completions.retrieve(kept.id) == kept


def test_list_filters_by_model_and_metadata_and_pages(client):
    ids = [store(client, "你好", metadata={"n": str(i % 2)}).id for i in range(5)]
    assert [c.id for c in client.chat.completions.list(metadata={"n": "1"})] == ids[1::2]
    assert list(client.chat.completions.list(model="gpt-5.5")) == []
    assert [c.id for c in client.chat.completions.list(limit=2)] == ids
    assert [c.id for c in client.chat.completions.list(order="desc")] == ids[::-1]


def test_metadata_can_be_changed(client):
    id = store(client, "你好").id
    assert client.chat.completions.update(id, metadata={"a": "b"}).metadata == {"a": "b"}
    assert client.chat.completions.retrieve(id).metadata == {"a": "b"}


def test_messages_are_those_that_were_sent(client):
    messages = client.chat.completions.messages.list(store(client, "你好").id)
    assert [(m.role, m.content) for m in messages] == [("user", "你好")]


def test_a_streamed_completion_is_stored_too(client):
    chunks = list(store(client, "讲个笑话", stream=True))
    kept = client.chat.completions.retrieve(chunks[0].id)
    pieces = [c.choices[0].delta.content or "" for c in chunks]
    assert kept.choices[0].message.content == "".join(pieces)


def test_deleted_is_gone(client):
    id = store(client, "你好").id
    assert client.chat.completions.delete(id).deleted
    for call in (client.chat.completions.retrieve, client.chat.completions.messages.list):
        with pytest.raises(openai.NotFoundError, match=id):
            call(id)
