"""What was said and when: segments, words, subtitles."""

import re
import zlib
from dataclasses import dataclass
from typing import Any

from playground.data import load_data
from playground.demo import sound, tokens
from playground.demo.state import digest

SENTENCE = re.compile(r"[^。！？.!?\n]*[。！？.!?\n]+[”」』\"')]*\s*|[^。！？.!?\n]+$")
WORD = re.compile(r"[A-Za-z][A-Za-z'-]*|\d+(?:\.\d+)?|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
NAMES = {"zh": "chinese", "en": "english", "ja": "japanese", "ko": "korean"}


@dataclass(frozen=True)
class Spoken:
    """A part of a recording.

    Attributes:
        text: What is said.
        start: When it begins, in seconds.
        end: When it ends.
        speaker: Who says it, counted from 0.
    """

    text: str
    start: float
    end: float
    speaker: int = 0


def language_of(text: str) -> str:
    """Return the code of the language a text is written in."""
    if re.search(r"[\u3040-\u30ff]", text):
        return "ja"
    if re.search(r"[\uac00-\ud7af]", text):
        return "ko"
    return "zh" if re.search(r"[\u4e00-\u9fff]", text) else "en"


def _moments(text: str, seconds: float) -> list[float]:
    """Return for each place in a text when it is reached: the speech's own rhythm, stretched."""
    at = [0.0]
    for beat in sound.beats(text):
        if not beat.text:
            at[-1] += beat.ticks
            continue
        begin = at[-1]
        at += [begin + beat.ticks * (i + 1) / len(beat.text) for i in range(len(beat.text))]
    whole = at[-1] or 1.0
    return [round(moment / whole * seconds, 2) for moment in at]


def sentences(text: str, seconds: float, *, speakers: bool = False) -> list[Spoken]:
    """Return the sentences of a text with their times.

    Args:
        text: The text.
        seconds: The length of the recording.
        speakers: Whether a line such as 客服：您好 names who speaks from there on.
    """
    moments = _moments(text, seconds)
    pattern = load_data("playground.demo", "audio")["speaker"]
    names: list[str] = []
    speaker = 0
    found = []
    for match in SENTENCE.finditer(text):
        begin, end = match.span()
        named = re.match(pattern, match[0]) if speakers else None
        said = match[0].strip()
        if named:
            if named["name"] not in names:
                names.append(named["name"])
            speaker = names.index(named["name"])
            said = match[0][named.end() :].strip()
        if said:
            found.append(Spoken(said, moments[begin], moments[end], speaker))
    return found


def words(text: str, seconds: float) -> list[Spoken]:
    """Return the words of a text with their times; in Chinese each character counts as one."""
    moments = _moments(text, seconds)
    return [Spoken(m[0], moments[m.start()], moments[m.end()]) for m in WORD.finditer(text)]


def segment_objects(spoken: list[Spoken], temperature: float) -> list[dict[str, Any]]:
    """Return the API's segments of a verbose transcription."""
    return [
        {
            "id": index,
            "seek": 0,
            "start": part.start,
            "end": part.end,
            "text": part.text,
            "tokens": [
                50_000 + sum(digest(piece, length=2).encode()) for piece in tokens.pieces(part.text)
            ],
            "temperature": temperature,
            "avg_logprob": -0.2,
            "compression_ratio": _ratio(part.text),
            "no_speech_prob": 0.01,
        }
        for index, part in enumerate(spoken)
    ]


def _ratio(text: str) -> float:
    data = text.encode()
    return round(len(data) / len(zlib.compress(data)), 2)


def srt(spoken: list[Spoken]) -> str:
    """Return subtitles in the form of SubRip."""
    blocks = [
        f"{n}\n{_clock(p.start, ',')} --> {_clock(p.end, ',')}\n{p.text}\n"
        for n, p in enumerate(spoken, 1)
    ]
    return "\n".join(blocks)


def vtt(spoken: list[Spoken]) -> str:
    """Return subtitles in the form of WebVTT."""
    blocks = [f"{_clock(p.start, '.')} --> {_clock(p.end, '.')}\n{p.text}\n" for p in spoken]
    return "\n".join(["WEBVTT\n", *blocks])


def _clock(seconds: float, mark: str) -> str:
    whole, part = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{mark}{part:03}"
