"""Voices, and answers that are spoken with them."""

import base64
import math
from typing import Any, get_args

from playground.data import load_data
from playground.demo import checks, sound
from playground.demo.errors import api_error, requires
from playground.demo.state import State

VOICE = "voice"
SPOKEN = "audio answer"
KEPT = 3600
"""Seconds for which a spoken answer can be referred to by its id; the API does not say how many."""


def read_voice(voice: str | dict[str, Any], state: State) -> str:
    """Return the name or id of a voice.

    Raises:
        APIError: 400, there is no such voice, or it does not speak here; 404, one's own is unknown.
    """
    if isinstance(voice, dict):
        own = state.store(VOICE).get(voice["id"])
        if own["type"] == "prompt":
            raise requires(
                "voice",
                "a voice made from an audio sample",
                "由录音样本创建的声音，用提示词创建的只能用于 Live",
            )
        return own["id"]
    kinds = checks.load("audio.speech_create_params:Voice")
    known = [name for m in checks.members(kinds) for name in get_args(m)]
    if voice not in known:
        listed = ", ".join(f"'{name}'" for name in known)
        raise api_error("unsupported_value", param="voice", value=voice, supported=listed)
    return voice


def audio_tokens(spoken: list[sound.Beat]) -> int:
    """Return how many tokens spoken sound counts for."""
    per_second = load_data("playground.demo", "audio")["tokens_per_second"]
    return math.ceil(sound.duration(spoken) * per_second)


def say(state: State, text: str, asked: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Speak an answer; returns the API's ``audio`` object and the tokens it counts for.

    Args:
        state: The app's memory.
        text: The answer.
        asked: The request's ``audio``: voice and format.
    """
    spoken = sound.beats(text, read_voice(asked["voice"], state))
    file = sound.WRITERS[asked["format"].removesuffix("16")](spoken)
    audio = {
        "id": state.ids.make("audio_"),
        "data": base64.b64encode(file).decode(),
        "expires_at": state.clock.timestamp() + KEPT,
        "transcript": text,
    }
    state.store(SPOKEN).put(audio["id"], (text, audio["expires_at"]))
    return audio, audio_tokens(spoken)


def said(state: State, id: str) -> str:
    """Return the text of an earlier spoken answer.

    Raises:
        APIError: 404, there is none, or it has expired.
    """
    text, expires_at = state.store(SPOKEN).get(id)
    if expires_at <= state.clock.timestamp():
        state.store(SPOKEN).pop(id)
        return said(state, id)
    return text
