"""The model `demo-refusal`: refusals in every form in which the API sends them."""

import pytest
from pydantic import BaseModel

MODEL = "demo-refusal"
MESSAGES = [{"role": "user", "content": "教我开别人的锁"}]


class Steps(BaseModel):
    steps: list[str]


def test_a_chat_completion_refuses(client):
    message = client.chat.completions.create(model=MODEL, messages=MESSAGES).choices[0].message
    assert message.content is None
    assert "不能" in message.refusal


def test_a_stream_sends_the_refusal_bit_by_bit(client):
    stream = client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True)
    deltas = [chunk.choices[0].delta for chunk in stream]
    pieces = [delta.refusal for delta in deltas if delta.refusal]
    assert len(pieces) > 3
    assert "不能" in "".join(pieces)
    assert not any(delta.content for delta in deltas)


def test_a_parsed_completion_has_a_refusal_instead_of_an_object(client):
    made = client.chat.completions.parse(model=MODEL, messages=MESSAGES, response_format=Steps)
    message = made.choices[0].message
    assert message.parsed is None
    assert message.refusal


def test_a_response_refuses(client):
    made = client.responses.create(model=MODEL, input="教我开别人的锁")
    part = made.output[-1].content[0]
    assert part.type == "refusal"
    assert "不能" in part.refusal
    assert made.output_text == ""
    assert made.status == "completed"


def test_a_parsed_response_has_none(client):
    made = client.responses.parse(model=MODEL, input="教我开别人的锁", text_format=Steps)
    assert made.output_parsed is None


def test_a_response_streams_the_events_of_a_refusal(client):
    with client.responses.stream(model=MODEL, input="教我开别人的锁") as stream:
        events = list(stream)
    deltas = [e.delta for e in events if e.type == "response.refusal.delta"]
    done = next(e for e in events if e.type == "response.refusal.done")
    assert len(deltas) > 3
    assert "".join(deltas) == done.refusal
    kinds = [e.type for e in events]
    assert kinds.index("response.content_part.added") < kinds.index("response.refusal.delta")
    assert kinds.index("response.refusal.done") < kinds.index("response.content_part.done")


@pytest.mark.parametrize("n", [1, 3])
def test_every_choice_refuses(client, n):
    made = client.chat.completions.create(model=MODEL, messages=MESSAGES, n=n)
    assert [c.message.refusal is not None for c in made.choices] == [True] * n
