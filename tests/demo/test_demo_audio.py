"""Speech that plays, and transcripts of it."""

import base64
import io
import json
import math
import struct
import wave
from itertools import pairwise

import openai
import pytest
from openai import AsyncOpenAI

from tests.demo.asynchronous import run_async

TTS = "gpt-4o-mini-tts"
TEXT = "你好，世界。今天天气真好！"
FORMATS = ["mp3", "opus", "aac", "flac", "wav", "pcm"]
FILES = ["mp3", "opus", "flac", "wav"]
"""Formats that the demo speaks and that transcriptions take."""
NAMES = {"opus": "ogg"}


def speak(client, text=TEXT, form="wav", **params):
    params = {"model": TTS, "voice": "alloy", **params}
    return client.audio.speech.create(input=text, response_format=form, **params).content


def transcribe(client, file, model="whisper-1", name="speech.wav", **params):
    return client.audio.transcriptions.create(file=(name, file), model=model, **params)


def tone(seconds, rate=8000):
    """Return a WAV file that the demo did not make."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        samples = (round(9000 * math.sin(i / 4)) for i in range(round(rate * seconds)))
        out.writeframes(b"".join(struct.pack("<h", s) for s in samples))
    return buffer.getvalue()


def length_of(file):
    with wave.open(io.BytesIO(file)) as sound:
        return sound.getnframes() / sound.getframerate()


@pytest.fixture(scope="module")
def heard(browser):
    """A function that decodes a sound in Chromium: its seconds, its loudness, its pitch."""
    page = browser.new_page()

    def decode(file):
        return page.evaluate(
            """async (data) => {
                const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
                const context = new OfflineAudioContext(1, 48000, 48000);
                const sound = await context.decodeAudioData(bytes.buffer);
                const samples = sound.getChannelData(0);
                let sum = 0;
                let rises = 0;
                let low = false;
                for (let i = 1; i < samples.length; i++) {
                    sum += samples[i] ** 2;
                    if (samples[i] < -0.02) low = true;
                    if (low && samples[i] > 0.02) {
                        low = false;
                        rises++;
                    }
                }
                return [sound.duration, Math.sqrt(sum / samples.length), rises / sound.duration];
            }""",
            base64.b64encode(file).decode(),
        )

    yield decode
    page.close()


@pytest.mark.parametrize("form", FILES)
def test_a_browser_plays_it_and_hears_tones(client, heard, form):
    seconds, loudness, pitch = heard(speak(client, form=form))
    assert seconds == pytest.approx(length_of(speak(client)), abs=0.1)
    assert loudness > 0.1
    assert 100 < pitch < 600


def test_aac_is_a_row_of_whole_frames_of_the_same_length_as_the_wav(client):
    # A Chromium without licensed codecs does not decode it, so the frames are counted.
    file = speak(client, form="aac")
    assert file.startswith(b"ID3")
    at = 10 + file[9] + (file[8] << 7)
    frames = 0
    while at < len(file):
        assert file[at : at + 2] == b"\xff\xf1"
        assert (file[at + 2] >> 2) & 15 == 6  # 24 kHz
        at += (file[at + 3] & 3) << 11 | file[at + 4] << 3 | file[at + 5] >> 5
        frames += 1
    assert at == len(file)
    assert frames * 1024 / 24000 == pytest.approx(length_of(speak(client)), abs=0.1)


def test_pcm_are_the_samples_of_the_wav(client):
    with wave.open(io.BytesIO(speak(client))) as sound:
        assert (sound.getframerate(), sound.getsampwidth(), sound.getnchannels()) == (24000, 2, 1)
        assert sound.readframes(sound.getnframes()) == speak(client, form="pcm")


def test_mp3_is_what_one_gets_unasked(client):
    raw = client.audio.speech.with_raw_response.create(model=TTS, voice="nova", input="你好")
    assert raw.headers["content-type"] == "audio/mpeg"
    assert raw.http_response.content.startswith(b"ID3")


def test_length_follows_text_and_speed(client):
    short, long = length_of(speak(client, "你好。")), length_of(speak(client, "你好。" * 10))
    assert long == pytest.approx(10 * short, rel=0.01)
    assert length_of(speak(client, speed=2)) == pytest.approx(length_of(speak(client)) / 2, rel=0.1)


def test_voices_differ_and_the_same_request_gives_the_same_bytes(client):
    assert speak(client) == speak(client)
    assert speak(client, voice="onyx") != speak(client, voice="coral")


@pytest.mark.parametrize("form", FORMATS)
def test_streaming_gives_the_same_bytes(client, form, tmp_path):
    with client.audio.speech.with_streaming_response.create(
        model=TTS, voice="alloy", input=TEXT, response_format=form
    ) as response:
        response.stream_to_file(tmp_path / "speech")
    assert (tmp_path / "speech").read_bytes() == speak(client, form=form)


def test_speech_in_events(client):
    with client.audio.speech.with_streaming_response.create(
        model=TTS, voice="alloy", input=TEXT, response_format="wav", stream_format="sse"
    ) as response:
        events = [json.loads(li[6:]) for li in response.iter_lines() if li.startswith("data: {")]
    assert b"".join(base64.b64decode(e["audio"]) for e in events[:-1]) == speak(client)
    assert {e["type"] for e in events[:-1]} == {"speech.audio.delta"}
    usage = events[-1]["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"] > 0


@pytest.mark.parametrize(
    ("params", "param", "code"),
    [
        ({"text": ""}, "input", "empty_string"),
        ({"text": "长" * 4097}, "input", "string_above_max_length"),
        ({"speed": 5.0}, "speed", "decimal_above_max_value"),
        ({"voice": "bob"}, "voice", "unsupported_value"),
        ({"form": "ogg"}, "response_format", "invalid_value"),
        ({"model": "tts-1", "stream_format": "sse"}, "stream_format", "unsupported_value"),
        ({"model": "whisper-1"}, "model", "model_not_supported"),
    ],
)
def test_what_speech_refuses(client, params, param, code):
    with pytest.raises(openai.BadRequestError) as caught:
        speak(client, **params)
    assert (caught.value.param, caught.value.code) == (param, code)


def test_the_speech_models_end(client, advance):
    advance(44 * 86400)
    with pytest.raises(openai.NotFoundError, match="2027-01-06"):
        speak(client)
    assert transcribe(client, tone(1)).text
    advance(60 * 86400)
    with pytest.raises(openai.NotFoundError, match="2027-02-26"):
        transcribe(client, tone(1))
    assert transcribe(client, tone(1), "gpt-transcribe").text


@pytest.mark.parametrize("form", FILES)
def test_what_the_demo_said_comes_back(client, form):
    text = "第一句。Second sentence?\n第三句：" + "很长的一段话，" * 30
    got = transcribe(client, speak(client, text, form), name=f"speech.{NAMES.get(form, form)}")
    assert got.text == text


def test_other_recordings_are_told_by_format_and_length(client):
    text = transcribe(client, tone(2.5)).text
    assert "离线演示" in text
    assert "wav" in text
    assert "2.5 秒" in text


def test_verbose_times_are_in_order_and_within_the_recording(client):
    file = speak(client, "你好，世界。Hello big world!")
    got = transcribe(
        client,
        file,
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
    )
    assert got.language == "chinese"
    assert got.duration == pytest.approx(length_of(file), abs=0.01)
    assert [s.text for s in got.segments] == ["你好，世界。", "Hello big world!"]
    assert [w.word for w in got.words] == [*"你好世界", "Hello", "big", "world"]
    for parts in (got.segments, got.words):
        assert all(0 <= p.start < p.end <= got.duration + 0.01 for p in parts)
        assert all(a.end <= b.start for a, b in pairwise(parts))
    assert got.usage.seconds == math.ceil(got.duration)
    plain = transcribe(client, file, response_format="verbose_json")
    assert plain.words is None
    assert len(plain.segments) == 2


def test_subtitles_and_text(client):
    file = speak(client)
    assert transcribe(client, file, response_format="text") == f"{TEXT}\n"
    srt = transcribe(client, file, response_format="srt")
    first, second = srt.strip().split("\n\n")
    assert first.startswith("1\n00:00:00,000 --> 00:00:0")
    assert first.endswith("你好，世界。")
    assert second.endswith("今天天气真好！")
    assert first.split(" --> ")[1].split("\n")[0] == second.split("\n")[1].split(" --> ")[0]
    vtt = transcribe(client, file, response_format="vtt")
    assert vtt.startswith("WEBVTT\n\n00:00:00.000 --> ")


def test_models_tell_more_or_less(client):
    file = speak(client)
    newest = transcribe(client, file, "gpt-transcribe", languages=["zh"], keywords=["世界"])
    assert [language.code for language in newest.languages] == ["zh"]
    assert newest.usage.type == "duration"
    with_logprobs = transcribe(client, file, "gpt-4o-transcribe", include=["logprobs"])
    assert "".join(p.token for p in with_logprobs.logprobs) == TEXT
    assert with_logprobs.usage.type == "tokens"
    assert with_logprobs.usage.input_token_details.audio_tokens > 0
    assert transcribe(client, file, "gpt-4o-transcribe").logprobs is None


def test_the_stream_joins_to_the_text(client):
    events = list(
        transcribe(
            client, speak(client), "gpt-4o-mini-transcribe", stream=True, include=["logprobs"]
        )
    )
    assert "".join(e.delta for e in events[:-1]) == TEXT == events[-1].text
    assert [p.token for e in events[:-1] for p in e.logprobs] == [
        p.token for p in events[-1].logprobs
    ]
    assert events[-1].usage.total_tokens > 0


DIALOGUE = "客服：您好，请问有什么可以帮您？\n用户：我要退货。\n客服：好的，请提供订单号。"


def test_speakers_are_told_apart(client):
    file = speak(client, DIALOGUE)
    got = transcribe(client, file, "gpt-4o-transcribe-diarize", response_format="diarized_json")
    assert [(s.speaker, s.text) for s in got.segments] == [
        ("A", "您好，请问有什么可以帮您？"),
        ("B", "我要退货。"),
        ("A", "好的，请提供订单号。"),
    ]
    assert got.segments[-1].end <= got.duration + 0.01
    sample = f"data:audio/wav;base64,{base64.b64encode(tone(3)).decode()}"
    known = transcribe(
        client,
        file,
        "gpt-4o-transcribe-diarize",
        response_format="diarized_json",
        known_speaker_names=["agent"],
        known_speaker_references=[sample],
    )
    assert [s.speaker for s in known.segments] == ["agent", "A", "agent"]


def test_the_stream_of_speakers(client):
    events = list(
        transcribe(
            client,
            speak(client, DIALOGUE),
            "gpt-4o-transcribe-diarize",
            response_format="diarized_json",
            stream=True,
        )
    )
    segments = [e for e in events if e.type == "transcript.text.segment"]
    assert [s.speaker for s in segments] == ["A", "B", "A"]
    for segment in segments:
        deltas = [
            e.delta
            for e in events
            if e.type == "transcript.text.delta" and e.segment_id == segment.id
        ]
        assert "".join(deltas).strip() == segment.text
    assert events[-1].type == "transcript.text.done"


@pytest.mark.parametrize(
    ("model", "params", "param"),
    [
        ("gpt-4o-transcribe", {"response_format": "srt"}, "response_format"),
        ("gpt-4o-transcribe-diarize", {"response_format": "verbose_json"}, "response_format"),
        ("whisper-1", {"response_format": "diarized_json"}, "response_format"),
        ("whisper-1", {"timestamp_granularities": ["word"]}, "timestamp_granularities"),
        ("whisper-1", {"include": ["logprobs"]}, "include"),
        ("whisper-1", {"keywords": ["x"]}, "keywords"),
        ("whisper-1", {"temperature": 1.5}, "temperature"),
        ("whisper-1", {"response_format": "xml"}, "response_format"),
        ("gpt-4o-transcribe-diarize", {"prompt": "x"}, "prompt"),
        ("gpt-4o-transcribe-diarize", {"known_speaker_names": ["a"]}, "known_speaker_names"),
        ("gpt-4o-transcribe", {"known_speaker_names": ["a"]}, "known_speaker_names"),
        ("whisper-1", {"file": b"no sound at all"}, "file"),
        ("whisper-1", {"file": tone(0.05)}, "file"),
        ("gpt-4o-transcribe-diarize", {"file": tone(31)}, "model"),
    ],
)
def test_what_transcriptions_refuse(client, model, params, param):
    with pytest.raises(openai.BadRequestError) as caught:
        transcribe(client, **{"file": tone(1), "model": model, **params})
    assert caught.value.param == param


def test_a_long_recording_of_speakers_needs_a_strategy_and_a_large_file_is_refused(client):
    assert transcribe(client, tone(31), "gpt-4o-transcribe-diarize", chunking_strategy="auto").text
    assert transcribe(
        client,
        tone(31),
        "gpt-4o-transcribe-diarize",
        chunking_strategy={"type": "server_vad", "threshold": 0.4},
    ).text
    with pytest.raises(openai.APIStatusError) as caught:
        transcribe(client, tone(1) + bytes(26_214_400))
    assert caught.value.status_code == 413


def test_translations(client):
    def translate(text, **params):
        with pytest.warns(DeprecationWarning, match="deprecated"):
            return client.audio.translations.create(
                file=("a.wav", speak(client, text)), model="whisper-1", **params
            )

    assert translate("早上好").text == "Good morning."
    assert translate("Good night.").text == "Good night."
    assert translate("一句词表里没有的话").text.startswith("The offline demo")
    assert translate("早上好", response_format="text") == "Good morning.\n"
    verbose = translate("早上好", response_format="verbose_json")
    assert (verbose.language, verbose.segments[0].text) == ("english", "Good morning.")
    assert "-->" in translate("早上好", response_format="vtt")


def test_consents_and_voices(client):
    consents = [
        client.audio.voice_consents.create(
            name=f"consent {n}", language="zh-CN", recording=("c.wav", tone(1), "audio/wav")
        )
        for n in range(3)
    ]
    listed = client.audio.voice_consents.list(limit=2)
    assert [c.id for c in listed] == [c.id for c in reversed(consents)]
    first = consents[0].id
    assert client.audio.voice_consents.update(first, name="new").name == "new"
    assert client.audio.voice_consents.retrieve(first).name == "new"
    voice = client.audio.voices.create(
        name="mine", consent=first, audio_sample=("s.wav", tone(2), "audio/wav")
    )
    assert (voice.type, voice.name) == ("audio_sample", "mine")
    assert length_of(speak(client, voice={"id": voice.id})) > 1
    assert client.audio.voice_consents.delete(first).deleted
    with pytest.raises(openai.NotFoundError):
        client.audio.voice_consents.retrieve(first)
    with pytest.raises(openai.NotFoundError, match="voice consent"):
        client.audio.voices.create(name="x", consent=first, audio_sample=("s.wav", tone(2)))
    assert client.audio.voices.delete(voice.id).deleted
    with pytest.raises(openai.NotFoundError):
        speak(client, voice={"id": voice.id})


def test_voices_from_a_prompt_do_not_speak_here(client):
    voice = client.audio.voices.create(name="warm", prompt="温暖的女声", type="prompt")
    assert voice.prompt == "温暖的女声"
    with pytest.raises(openai.BadRequestError) as caught:
        speak(client, voice={"id": voice.id})
    assert caught.value.param == "voice"
    with pytest.raises(openai.BadRequestError):
        client.audio.voice_consents.create(
            name="x", language="zh-CN", recording=("c.wav", b"nothing", "audio/wav")
        )


def test_async_client(base_url):
    async def ask():
        async with AsyncOpenAI(api_key="x", base_url=base_url, max_retries=0) as sdk:
            said = await sdk.audio.speech.create(
                model=TTS, voice="sage", input=TEXT, response_format="flac"
            )
            stream = await sdk.audio.transcriptions.create(
                file=("a.flac", said.content), model="gpt-transcribe", stream=True
            )
            return [event async for event in stream]

    assert run_async(ask())[-1].text == TEXT
