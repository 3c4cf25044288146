"""Conversations: what is put in can be listed, read and taken out, and responses go on from it."""

import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.responses.response_input_item_param import ResponseInputItemParam

from playground.demo import checks, create_app
from tests.demo.asynchronous import run_async
from tests.demo.samples import samples
from tests.demo.server import serving
from tests.demo.strict import StrictApp

MODEL = "gpt-6-luna"


def user(text):
    return {"type": "message", "role": "user", "content": text}


def texts(client, id, **params):
    listed = client.conversations.items.list(id, **params)
    return [item.content[0].text for item in listed if item.type == "message"]


def test_create_retrieve_update_delete(client):
    made = client.conversations.create(metadata={"topic": "演示"})
    assert made.id.startswith("conv_")
    assert client.conversations.retrieve(made.id) == made
    assert client.conversations.update(made.id, metadata={"a": "b"}).metadata == {"a": "b"}
    assert client.conversations.retrieve(made.id).metadata == {"a": "b"}
    assert client.conversations.delete(made.id).deleted
    for call in (client.conversations.retrieve, client.conversations.items.list):
        with pytest.raises(openai.NotFoundError, match=made.id):
            call(made.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.create(model=MODEL, input="你好", conversation=made.id)


def test_items_are_added_listed_read_and_taken_out(client):
    talk = client.conversations.create(items=[user("一")])
    added = client.conversations.items.create(talk.id, items=[user("二"), user("三")])
    assert [i.content[0].text for i in added.data] == ["二", "三"]
    assert (added.first_id, added.last_id) == (added.data[0].id, added.data[1].id)
    assert texts(client, talk.id, order="asc") == ["一", "二", "三"]
    assert texts(client, talk.id) == ["三", "二", "一"]
    item = client.conversations.items.retrieve(added.data[0].id, conversation_id=talk.id)
    assert item == added.data[0]
    assert client.conversations.items.delete(item.id, conversation_id=talk.id).id == talk.id
    assert texts(client, talk.id, order="asc") == ["一", "三"]
    with pytest.raises(openai.NotFoundError, match=item.id):
        client.conversations.items.retrieve(item.id, conversation_id=talk.id)


def test_list_pages(client):
    talk = client.conversations.create(items=[user(str(i)) for i in range(5)])
    page = client.conversations.items.list(talk.id, limit=2, order="asc")
    assert (len(page.data), page.has_more) == (2, True)
    assert texts(client, talk.id, limit=2, order="asc") == list("01234")
    with pytest.raises(openai.NotFoundError):
        client.conversations.items.list(talk.id, after="msg_nobody")


def test_at_most_20_items_at_a_time(client):
    talk = client.conversations.create()
    with pytest.raises(openai.BadRequestError) as caught:
        client.conversations.items.create(talk.id, items=[user("x")] * 21)
    assert (caught.value.param, caught.value.code) == ("items", "array_above_max_length")
    with pytest.raises(openai.BadRequestError) as caught:
        client.conversations.items.create(talk.id, items=[{"role": "usr", "content": "x"}])
    assert caught.value.param == "items[0].role"


def test_responses_read_and_fill_the_conversation(client):
    talk = client.conversations.create()
    first = client.responses.create(
        model=MODEL, input="我叫小林，在学 Python。", conversation=talk.id
    )
    assert first.conversation.id == talk.id
    second = client.responses.create(
        model=MODEL, input="我叫什么名字？", conversation={"id": talk.id}
    )
    assert second.output_text == "你叫小林。"
    assert texts(client, talk.id, order="asc") == [
        "我叫小林，在学 Python。",
        first.output_text,
        "我叫什么名字？",
        "你叫小林。",
    ]
    counted = client.responses.input_tokens.count(model=MODEL, input="你好", conversation=talk.id)
    alone = client.responses.input_tokens.count(model=MODEL, input="你好")
    assert counted.input_tokens > alone.input_tokens


def test_streamed_response_fills_the_conversation_once(client):
    talk = client.conversations.create()
    list(client.responses.create(model=MODEL, input="你好", conversation=talk.id, stream=True))
    assert len(texts(client, talk.id)) == 2


def test_background_response_joins_when_it_is_done(client, advance):
    talk = client.conversations.create()
    client.responses.create(model=MODEL, input="你好", conversation=talk.id, background=True)
    assert texts(client, talk.id) == []
    advance(60)
    assert len(texts(client, talk.id)) == 2


def test_unstored_response_joins_too(client):
    talk = client.conversations.create()
    client.responses.create(model=MODEL, input="你好", conversation=talk.id, store=False)
    assert len(texts(client, talk.id)) == 2


def test_deleted_item_is_forgotten(client):
    talk = client.conversations.create(items=[user("我叫小林，在学 Python。")])
    (item,) = client.conversations.items.list(talk.id)
    client.conversations.items.delete(item.id, conversation_id=talk.id)
    made = client.responses.create(model=MODEL, input="我叫什么名字？", conversation=talk.id)
    assert "小林" not in made.output_text


def test_include_shows_what_is_left_out(client):
    picture = {"type": "input_image", "image_url": "https://example.com/cat.png"}
    talk = client.conversations.create(items=[{"role": "user", "content": [picture]}])
    (plain,) = client.conversations.items.list(talk.id)
    assert plain.content[0].image_url is None
    include = ["message.input_image.image_url"]
    full = client.conversations.items.retrieve(plain.id, conversation_id=talk.id, include=include)
    assert full.content[0].image_url == "https://example.com/cat.png"


def test_raw_and_async(client, base_url):
    raw = client.conversations.with_raw_response.create()
    assert raw.parse().object == "conversation"

    async def run():
        async with AsyncOpenAI(api_key="sk-test", base_url=base_url, max_retries=0) as sdk:
            talk = await sdk.conversations.create(items=[user("一")])
            await sdk.conversations.items.create(talk.id, items=[user("二")])
            await sdk.conversations.update(talk.id, metadata={"a": "b"})
            found = [i async for i in sdk.conversations.items.list(talk.id, limit=1)]
            await sdk.conversations.items.delete(found[0].id, conversation_id=talk.id)
            one = await sdk.conversations.items.retrieve(found[1].id, conversation_id=talk.id)
            again = await sdk.conversations.retrieve(talk.id)
            gone = await sdk.conversations.delete(talk.id)
            return found, one, again, gone

    found, one, again, gone = run_async(run())
    assert [i.content[0].text for i in found] == ["二", "一"]
    assert one == found[1]
    assert again.metadata == {"a": "b"}
    assert gone.deleted


KINDS = [pytest.param(shape, id=shape.__name__) for shape in checks.members(ResponseInputItemParam)]


@pytest.fixture(scope="module")
def lenient():
    """A client of a demo that knows any id: samples refer to calls that never were."""
    app = StrictApp(create_app(delay=0, any_id=True))
    with serving(app) as origin, OpenAI(api_key="x", base_url=f"{origin}/v1") as sdk:
        yield sdk, app


@pytest.mark.parametrize("shape", KINDS)
def test_every_kind_of_item_is_kept_and_shown(lenient, shape):
    """The answers are validated strictly on the wire: as items of both lists."""
    client, app = lenient
    app.errors.clear()
    for item in samples(shape):
        talk = client.conversations.create(items=[item])
        kept = client.conversations.items.list(talk.id).data
        made = client.responses.create(model=MODEL, input=[item])
        shown = client.responses.input_items.list(made.id).data
        assert app.errors == [], item
        if shape.__name__ not in ("CompactionTrigger", "ItemReference"):
            wanted = item.get("type", "message")
            assert [i.type for i in kept] == [i.type for i in shown] == [wanted]
