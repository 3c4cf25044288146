"""Chat completions that answer in audio."""

import base64
import io
import wave

import openai
import pytest

MODEL = "gpt-audio-mini"
ASKED = {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}}
MESSAGES = [{"role": "user", "content": "什么是递归？"}]


def ask(client, messages=MESSAGES, **options):
    return client.chat.completions.create(model=MODEL, messages=messages, **{**ASKED, **options})


def test_the_answer_is_spoken_and_written_down(client):
    made = ask(client)
    message = made.choices[0].message
    assert message.content is None
    assert "递归" in message.audio.transcript
    with wave.open(io.BytesIO(base64.b64decode(message.audio.data))) as sound:
        assert sound.getnframes() / sound.getframerate() > 2
    assert made.usage.completion_tokens_details.audio_tokens > 10


@pytest.mark.parametrize(
    ("form", "magic"),
    [("mp3", b"ID3"), ("flac", b"fLaC"), ("opus", b"OggS"), ("wav", b"RIFF"), ("pcm16", b"")],
)
def test_every_format_is_what_it_says(client, form, magic):
    made = ask(client, audio={"voice": "coral", "format": form})
    assert base64.b64decode(made.choices[0].message.audio.data).startswith(magic)


def test_the_next_round_refers_to_the_answer_by_its_id(client):
    told = ask(client, [{"role": "user", "content": "讲个笑话"}]).choices[0].message.audio
    messages = [
        {"role": "user", "content": "讲个笑话"},
        {"role": "assistant", "audio": {"id": told.id}},
        {"role": "user", "content": "为什么好笑？"},
    ]
    assert "鸡蛋" in ask(client, messages).choices[0].message.audio.transcript


def test_a_spoken_answer_expires(client, advance):
    told = ask(client).choices[0].message.audio
    advance(3601)
    messages = [*MESSAGES, {"role": "assistant", "audio": {"id": told.id}}, *MESSAGES]
    with pytest.raises(openai.NotFoundError):
        ask(client, messages)


@pytest.mark.parametrize(
    ("changed", "param"),
    [({"model": "gpt-6-luna"}, "modalities"), ({"audio": openai.omit}, "modalities"),
     ({"audio": {"voice": "nobody", "format": "mp3"}}, "voice")],
)  # fmt: skip
def test_what_does_not_fit_is_refused(client, changed, param):
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(**{"model": MODEL, "messages": MESSAGES, **ASKED, **changed})
    assert caught.value.param == param
