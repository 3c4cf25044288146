"""Audio: speech, transcriptions, translations, and one's own voices with their consents."""

import base64
import math
from collections.abc import AsyncIterator
from typing import Any

from playground.data import load_data
from playground.demo import checks, recordings, replies, sound, tokens, transcripts
from playground.demo.conversation import Conversation, Turn, Wanted
from playground.demo.errors import api_error, requires
from playground.demo.pages import page
from playground.demo.recordings import Recording
from playground.demo.routes import Call, Content, Events, Family, Reply
from playground.demo.routes.chat import probable
from playground.demo.sse import encode, paced
from playground.demo.voices import VOICE, audio_tokens, read_voice

family = Family("audio", "音频")

MAX_FILE = 25 * 1024 * 1024
MAX_CONSENT = 10 * 1024 * 1024
SHORTEST = 0.1
CHUNKED = 30
"""Seconds above which the model that tells speakers apart wants to be told how to cut."""
PIECES = 40
"""Most pieces in which speech is sent."""
PIECE = 8192
"""Bytes of a piece at least."""
CONSENT = "voice consent"


@family.route(
    "POST /audio/speech",
    methods=("audio.speech.create",),
    params="audio.speech_create_params:SpeechCreateParams",
    models="speech",
    content=True,
)
async def speak(call: Call) -> Reply:
    """Speak a text, in tones."""
    params = call.params
    voice = read_voice(params["voice"], call.state)
    streamed = params.get("stream_format") == "sse"
    if streamed and params["model"].startswith("tts-1"):
        raise api_error(
            "unsupported_value", param="stream_format", value="sse", supported="'audio'"
        )
    form = params.get("response_format", "mp3")
    spoken = sound.beats(params["input"], voice, params.get("speed", 1.0))
    file = sound.WRITERS[form](spoken)
    size = max(PIECE, -(-len(file) // PIECES))
    pieces = [file[at : at + size] for at in range(0, len(file), size)]
    delay = call.state.delay
    if streamed:
        asked = tokens.count(params["input"]) + tokens.count(params.get("instructions", ""))
        made = audio_tokens(spoken)
        usage = {"input_tokens": asked, "output_tokens": made, "total_tokens": asked + made}
        return Events(speech_events(pieces, usage, delay))
    return Content(paced(pieces, delay), sound.MEDIA_TYPES[form])


async def speech_events(
    pieces: list[bytes], usage: dict[str, int], delay: float
) -> AsyncIterator[bytes]:
    """Yield the pieces of a file in events, and the usage at the end."""
    async for piece in paced(pieces, delay):
        audio = base64.b64encode(piece).decode()
        yield encode({"type": "speech.audio.delta", "audio": audio}, "speech.audio.delta")
    yield encode({"type": "speech.audio.done", "usage": usage}, "speech.audio.done")


def _table() -> dict[str, Any]:
    return load_data("playground.demo", "audio")


@family.route(
    "POST /audio/transcriptions",
    methods=("audio.transcriptions.create",),
    params="audio.transcription_create_params:TranscriptionCreateParams",
    answer="audio:TranscriptionCreateResponse",
    stream="audio:TranscriptionStreamEvent",
    models="transcription",
    content=True,
)
async def transcribe(call: Call) -> Reply:
    """Write down what was said, if the demo itself said it."""
    params = call.params
    model = params["model"]
    form = params.get("response_format", "json")
    recording = read_recording(params["file"].content)
    require_transcribable(params, recording)
    text = recording.said or unheard(recording, "text")
    spoken = transcripts.sentences(text, recording.seconds, speakers=form == "diarized_json")
    if form == "diarized_json":
        text = "\n".join(part.text for part in spoken)
    usage = count_usage(model, text, params.get("prompt", ""), recording)
    if params.get("stream") and model != "whisper-1":
        events = transcript_events(call, text, spoken, usage)
        return Events(encoded(paced(events, call.state.delay)))
    match form:
        case "text":
            return _plain(f"{text}\n")
        case "srt":
            return _plain(transcripts.srt(spoken))
        case "vtt":
            return _plain(transcripts.vtt(spoken))
        case "verbose_json":
            return verbose(text, spoken, recording, params, usage)
        case "diarized_json":
            segments = diarized(call, spoken)
            return {
                "task": "transcribe",
                "duration": recording.seconds,
                "text": text,
                "segments": segments,
                "usage": usage,
            }
    answer: dict[str, Any] = {"text": text, "usage": usage}
    if model == "gpt-transcribe":
        answer["languages"] = [{"code": transcripts.language_of(text)}]
    if "logprobs" in params.get("include", ()):
        answer["logprobs"] = logprobs(text)
    return answer


def _plain(text: str) -> Content:
    return Content(text.encode(), "text/plain; charset=utf-8")


def read_recording(file: bytes, param: str = "file") -> Recording:
    """Return what is known about a recording that was sent.

    Raises:
        APIError: 400, it is none that the API reads, or too short; 413, it is too large.
    """
    if len(file) > MAX_FILE:
        raise api_error("audio_too_large", param=param, limit=MAX_FILE, value=len(file))
    recording = recordings.read(file)
    if recording is None or recording.format == "aac":
        listed = ", ".join(f"'{name}'" for name in recordings.EXTENSIONS)
        raise api_error("audio_format", param=param, expected=listed)
    if recording.seconds < SHORTEST:
        raise api_error("audio_too_short", param=param, limit=SHORTEST)
    return recording


def require_transcribable(params: dict[str, Any], recording: Recording) -> None:
    """Check parameters against one another and against the model.

    Raises:
        APIError: 400, they do not go together.
    """
    table, model = _table(), params["model"]
    form = params.get("response_format", "json")
    supported = table["formats"].get(model, ["json", "text", "srt", "verbose_json", "vtt"])
    if form not in supported:
        listed = ", ".join(f"'{f}'" for f in supported)
        raise api_error("unsupported_value", param="response_format", value=form, supported=listed)
    if params.get("timestamp_granularities") and form != "verbose_json":
        raise requires(
            "timestamp_granularities",
            "'response_format' verbose_json",
            "response_format 为 verbose_json",
        )
    if params.get("include") and (model not in table["logprobs"] or form != "json"):
        listed = ", ".join(table["logprobs"])
        raise requires("include", f"one of the models {listed}", f"这些模型之一：{listed}")
    for name in ("keywords", "languages"):
        if params.get(name) is not None and model != "gpt-transcribe":
            raise requires(name, "the model gpt-transcribe", "模型 gpt-transcribe")
    speakers = model == "gpt-4o-transcribe-diarize"
    for name in ("known_speaker_names", "known_speaker_references"):
        if params.get(name) and not speakers:
            raise requires(
                name, "the model gpt-4o-transcribe-diarize", "模型 gpt-4o-transcribe-diarize"
            )
    if speakers:
        require_speakers(params, recording)


def require_speakers(params: dict[str, Any], recording: Recording) -> None:
    """Check what only the model that tells speakers apart asks for.

    Raises:
        APIError: 400, it is not given.
    """
    if params.get("prompt"):
        raise api_error("unsupported_parameter", param="prompt", hint="", hint_zh="，去掉它即可")
    if recording.seconds > CHUNKED and not params.get("chunking_strategy"):
        raise requires(
            "model",
            f"'chunking_strategy' for recordings longer than {CHUNKED} seconds",
            f"录音超过 {CHUNKED} 秒时写明 chunking_strategy，例如 auto",
        )
    names = params.get("known_speaker_names") or []
    samples = params.get("known_speaker_references") or []
    if len(names) != len(samples):
        raise requires(
            "known_speaker_names",
            "as many 'known_speaker_references'",
            "同样多的 known_speaker_references",
        )
    for index, sample in enumerate(samples):
        read_reference(sample, f"known_speaker_references[{index}]")


def read_reference(address: str, param: str) -> Recording:
    """Return what is known about the sample of a speaker's voice, sent as a data URL.

    Raises:
        APIError: 400, it is no recording, or not of 2 to 10 seconds.
    """
    head, _, data = address.partition(",")
    try:
        file = base64.b64decode(data, validate=True) if head.startswith("data:") else b""
    except ValueError:
        file = b""
    recording = read_recording(file, param)
    if not 2 <= recording.seconds <= 10:
        raise requires(param, "a sample of 2 to 10 seconds", "2 到 10 秒的样本")
    return recording


def unheard(recording: Recording, name: str) -> str:
    """Return what the demo says about a recording that it did not speak itself."""
    seconds = f"{round(recording.seconds, 1):g}"
    return _table()["unheard"][name].format(format=recording.format, seconds=seconds)


def count_usage(model: str, text: str, prompt: str, recording: Recording) -> dict[str, Any]:
    """Return what a transcription is billed by: the length of the recording, or tokens."""
    table = _table()
    if model in table["by_duration"]:
        return {"type": "duration", "seconds": math.ceil(recording.seconds)}
    heard = math.ceil(recording.seconds * table["tokens_per_second"])
    asked, written = tokens.count(prompt), tokens.count(text)
    return {
        "type": "tokens",
        "input_tokens": heard + asked,
        "input_token_details": {"audio_tokens": heard, "text_tokens": asked},
        "output_tokens": written,
        "total_tokens": heard + asked + written,
    }


def verbose(
    text: str,
    spoken: list[transcripts.Spoken],
    recording: Recording,
    params: dict[str, Any],
    usage: dict[str, Any],
) -> dict[str, Any]:
    """Return a verbose transcription, with the times that were asked for."""
    wanted = params.get("timestamp_granularities") or ["segment"]
    code = params.get("language") or transcripts.language_of(text)
    answer: dict[str, Any] = {
        "language": transcripts.NAMES.get(code, code),
        "duration": recording.seconds,
        "text": text,
        "usage": usage,
    }
    if "segment" in wanted:
        answer["segments"] = transcripts.segment_objects(spoken, params.get("temperature", 0.0))
    if "word" in wanted:
        answer["words"] = [
            {"word": w.text, "start": w.start, "end": w.end}
            for w in transcripts.words(text, recording.seconds)
        ]
    return answer


def diarized(call: Call, spoken: list[transcripts.Spoken]) -> list[dict[str, Any]]:
    """Return the segments with their speakers: the known ones in turn, then A, B and so on."""
    names = call.params.get("known_speaker_names") or []
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return [
        {
            "type": "transcript.text.segment",
            "id": call.state.ids.make("seg_"),
            "start": part.start,
            "end": part.end,
            "text": part.text,
            "speaker": names[part.speaker]
            if part.speaker < len(names)
            else letters[(part.speaker - len(names)) % len(letters)],
        }
        for part in spoken
    ]


def logprobs(text: str) -> list[dict[str, Any]]:
    """Return the log probabilities of a text's tokens, made up as those of chat completions."""
    return [probable(piece, piece, 0) for piece in tokens.pieces(text)]


def transcript_events(
    call: Call, text: str, spoken: list[transcripts.Spoken], usage: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return the events of a streamed transcription."""
    model, form = call.params["model"], call.params.get("response_format", "json")
    included = "logprobs" in call.params.get("include", ())
    events: list[dict[str, Any]] = []

    def deltas(part: str, **fields: str) -> None:
        for piece in tokens.pieces(part):
            event = {"type": "transcript.text.delta", "delta": piece, **fields}
            events.append({**event, "logprobs": logprobs(piece)} if included else event)

    if form == "diarized_json":
        segments = diarized(call, spoken)
        for segment in segments:
            before = "\n" if segment is not segments[0] else ""
            deltas(before + segment["text"], segment_id=segment["id"])
            events.append(segment)
    else:
        deltas(text)
    done: dict[str, Any] = {"type": "transcript.text.done", "text": text}
    if usage["type"] == "tokens":
        done["usage"] = usage
    if model == "gpt-transcribe":
        done["languages"] = [{"code": transcripts.language_of(text)}]
    if included:
        done["logprobs"] = logprobs(text)
    return [*events, done]


async def encoded(events: AsyncIterator[dict[str, Any]]) -> AsyncIterator[bytes]:
    """Encode events under the name of their type."""
    async for event in events:
        yield encode(event, event["type"])


@family.route(
    "POST /audio/translations",
    methods=("audio.translations.create",),
    params="audio.translation_create_params:TranslationCreateParams",
    answer="audio:TranslationCreateResponse",
    models="translation",
    content=True,
)
async def translate(call: Call) -> Reply:
    """Say in English what was said, as far as the demo's own phrases go."""
    params = call.params
    recording = read_recording(params["file"].content)
    text = english(recording)
    spoken = transcripts.sentences(text, recording.seconds)
    match params.get("response_format", "json"):
        case "text":
            return _plain(f"{text}\n")
        case "srt":
            return _plain(transcripts.srt(spoken))
        case "vtt":
            return _plain(transcripts.vtt(spoken))
        case "verbose_json":
            return {
                "language": "english",
                "duration": recording.seconds,
                "text": text,
                "segments": transcripts.segment_objects(spoken, params.get("temperature", 0.0)),
            }
    return {"text": text}


def english(recording: Recording) -> str:
    """Return in English what is said in a recording."""
    said = recording.said
    if said is not None and transcripts.language_of(said) == "en":
        return said
    if said is not None:
        task = Turn("system", "你是翻译。把用户的话译成英文，只输出译文。")
        answer = replies.compose(Conversation([task, Turn("user", said)]), Wanted()).text
        if transcripts.language_of(answer) == "en":
            return answer
    return unheard(recording, "english")


@family.route(
    "POST /audio/voices",
    methods=("audio.voices.create",),
    params="audio.voice_create_params:VoiceCreateParams",
    answer="audio:Voice",
)
async def create_voice(call: Call) -> Reply:
    """Keep a voice of one's own, from a sample with its consent or from a prompt."""
    params, state = call.params, call.state
    kind = params.get("type") or "audio_sample"
    if kind == "audio_sample":
        state.store(CONSENT).get(params["consent"])
        read_consent(params["audio_sample"], "audio_sample")
    voice = {
        "id": state.ids.make("voice_"),
        "object": "audio.voice",
        "created_at": state.clock.timestamp(),
        "name": params["name"],
        "type": kind,
    }
    if kind == "prompt":
        voice["prompt"] = params["prompt"]
    return state.store(VOICE).put(voice["id"], voice)


@family.route(
    "DELETE /audio/voices/{id}", methods=("audio.voices.delete",), answer="audio:VoiceDeleted"
)
async def delete_voice(call: Call) -> Reply:
    """Forget a voice."""
    call.state.store(VOICE).pop(call.path["id"])
    return {"id": call.path["id"], "object": "audio.voice.deleted", "deleted": True}


def read_consent(sent: checks.Upload, param: str) -> None:
    """Check a recording for a voice.

    Raises:
        APIError: 400, it is no recording; 413, it is too large.
    """
    if len(sent.content) > MAX_CONSENT:
        raise api_error("audio_too_large", param=param, limit=MAX_CONSENT, value=len(sent.content))
    if recordings.read(sent.content) is None:
        raise api_error(
            "audio_format", param=param, expected="mpeg, wav, ogg, aac, flac, webm, mp4"
        )


@family.route(
    "POST /audio/voice_consents",
    methods=("audio.voice_consents.create",),
    params="audio.voice_consent_create_params:VoiceConsentCreateParams",
    answer="audio:VoiceConsent",
)
async def create_consent(call: Call) -> Reply:
    """Keep the consent to a voice."""
    params, state = call.params, call.state
    read_consent(params["recording"], "recording")
    consent = {
        "id": state.ids.make("cons_"),
        "object": "audio.voice_consent",
        "created_at": state.clock.timestamp(),
        "name": params["name"],
        "language": params["language"],
    }
    return state.store(CONSENT).put(consent["id"], consent)


@family.route(
    "GET /audio/voice_consents",
    methods=("audio.voice_consents.list",),
    params="audio.voice_consent_list_params:VoiceConsentListParams",
    answer="audio:VoiceConsent",
    page="cursor",
)
async def list_consents(call: Call) -> Reply:
    """List the consents, the newest first."""
    return page(call.state.store(CONSENT).values(), call.params, kind=CONSENT)


@family.route(
    "GET /audio/voice_consents/{id}",
    methods=("audio.voice_consents.retrieve",),
    answer="audio:VoiceConsent",
)
async def retrieve_consent(call: Call) -> Reply:
    """Return one consent."""
    return call.state.store(CONSENT).get(call.path["id"])


@family.route(
    "POST /audio/voice_consents/{id}",
    methods=("audio.voice_consents.update",),
    params="audio.voice_consent_update_params:VoiceConsentUpdateParams",
    answer="audio:VoiceConsent",
)
async def update_consent(call: Call) -> Reply:
    """Rename a consent."""
    consent = call.state.store(CONSENT).get(call.path["id"])
    consent["name"] = call.params["name"]
    return consent


@family.route(
    "DELETE /audio/voice_consents/{id}",
    methods=("audio.voice_consents.delete",),
    answer="audio:VoiceConsentDeleted",
)
async def delete_consent(call: Call) -> Reply:
    """Forget a consent."""
    call.state.store(CONSENT).pop(call.path["id"])
    return {"id": call.path["id"], "object": "audio.voice_consent", "deleted": True}
