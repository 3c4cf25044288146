"""Speech as the demo speaks it: a tone for each syllable, in every format the API offers.

WAV, PCM and FLAC hold the samples themselves. MP3, Opus and AAC are put together from frames that
were encoded once, see ``sound.yml``. All but PCM carry the text in a comment, from which
``recordings.py`` reads it again.
"""

import base64
import hashlib
import math
import re
import struct
from array import array
from dataclasses import dataclass
from functools import cache, lru_cache

from playground.data import load_data

RATE = 24_000
"""Samples in a second."""
TICK = 480
"""Samples in a tick of 20 ms, the unit of all durations."""
SAID = "离线演示朗读："
"""What the comment begins with that carries the text."""
VOWELS = re.compile(r"[aeiouy]+", re.IGNORECASE)
PARTS = re.compile(r"[A-Za-z']+|\d|\s+|.", re.DOTALL)
OVERTONES = ((1, 0.35), (2, 0.14), (3, 0.07))


@dataclass(frozen=True)
class Beat:
    """A piece of the text and its sound.

    Attributes:
        text: The piece, one character or one word.
        note: The pitch in Hz, or 0 for a pause.
        ticks: How long it lasts.
    """

    text: str
    note: int
    ticks: int


def beats(text: str, voice: str = "alloy", speed: float = 1.0) -> list[Beat]:
    """Return the tones and pauses in which a voice speaks a text.

    Args:
        text: The text.
        voice: The name of a voice, or the id of one's own.
        speed: 1 is normal, 2 twice as fast.
    """
    table = load_data("playground.demo", "sound")
    length: dict[str, int] = table["ticks"]
    first = table["voices"].get(voice, sum(voice.encode()) % 5)
    notes = table["notes"][first : first + 4]

    def ticks(name: str) -> int:
        return max(0 if name == "gap" else 1, round(length[name] / speed))

    found: list[Beat] = []
    for part in PARTS.findall(text):
        note = notes[sum(part.lower().encode()) % len(notes)]
        if part.isspace():
            found.append(Beat(part, 0, ticks("sentence" if "\n" in part else "word")))
        elif part.isascii() and part[0].isalpha():
            found.append(Beat(part, note, ticks("latin") * max(1, len(VOWELS.findall(part)))))
        elif part.isalnum():
            found.append(Beat(part, note, ticks("syllable")))
            found.append(Beat("", 0, ticks("gap")))
        else:
            found.append(Beat(part, 0, ticks("sentence" if part in "。！？.!?…" else "clause")))
    return found or [Beat("", 0, ticks("sentence"))]


def duration(spoken: list[Beat]) -> float:
    """Return the length in seconds."""
    return sum(b.ticks for b in spoken) * TICK / RATE


@lru_cache(maxsize=256)
def _tone(note: int, ticks: int) -> bytes:
    """Return the samples of one tone, swelling and fading; note 0 is silence."""
    count = ticks * TICK
    if note == 0:
        return bytes(2 * count)
    swell, fade = TICK, TICK * 2
    step = 2 * math.pi * note / RATE
    period = [
        32_767 * sum(a * math.sin(step * k * i) for k, a in OVERTONES) for i in range(RATE // 50)
    ]
    samples = array("h")
    for i in range(count):
        loud = min(1.0, i / swell, (count - i) / fade)
        samples.append(round(period[i % len(period)] * loud))
    return samples.tobytes()


def pcm(spoken: list[Beat]) -> bytes:
    """Return the samples: 16 bits, signed, little-endian, one channel."""
    return b"".join(_tone(b.note, b.ticks) for b in spoken)


def wav(spoken: list[Beat]) -> bytes:
    """Return a WAV file with the text in its INFO list."""
    samples = pcm(spoken)
    comment = _said(spoken) + b"\0"
    comment += b"\0" * (len(comment) % 2)
    info = b"INFOICMT" + struct.pack("<I", len(comment)) + comment
    chunks = (
        b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, RATE, RATE * 2, 2, 16)
        + b"LIST" + struct.pack("<I", len(info)) + info
        + b"data" + struct.pack("<I", len(samples))
    )  # fmt: skip
    return b"RIFF" + struct.pack("<I", len(chunks) + len(samples)) + chunks + samples


def _said(spoken: list[Beat]) -> bytes:
    return (SAID + "".join(b.text for b in spoken)).encode()


def flac(spoken: list[Beat]) -> bytes:
    """Return a FLAC file whose frames hold the samples as they are, one tick each."""
    samples = pcm(spoken)
    count = len(samples) // 2
    total = (RATE << 44) | (15 << 36) | count
    stream = struct.pack(">HH", TICK, TICK) + bytes(6) + total.to_bytes(8, "big")
    stream += hashlib.md5(samples, usedforsecurity=False).digest()
    comment = b"DESCRIPTION=" + _said(spoken)
    words = struct.pack("<I", 0) + struct.pack("<II", 1, len(comment)) + comment
    parts = [b"fLaC", _block(0, stream), _block(0x84, words)]
    number = 0
    for beat in spoken:
        for body, check in _frames(beat.note, beat.ticks):
            head = b"\xff\xf8\x77\x08" + _number(number) + struct.pack(">H", TICK - 1)
            head += bytes([_check8(head)])
            # The check of a frame is that of its head moved past the body, and that of the body.
            moved = _moved(_check16(head), len(body))
            parts += [head, body, struct.pack(">H", moved ^ check)]
            number += 1
    return b"".join(parts)


def _block(kind: int, data: bytes) -> bytes:
    return bytes([kind]) + len(data).to_bytes(3, "big") + data


@lru_cache(maxsize=256)
def _frames(note: int, ticks: int) -> list[tuple[bytes, int]]:
    """Return the bodies of a tone's FLAC frames with their checks."""
    if note == 0:
        body = b"\0\0\0"
        return [(body, _check16(body))] * ticks
    samples = array("h", _tone(note, ticks))
    samples.byteswap()
    data = samples.tobytes()
    bodies = [b"\x02" + data[at : at + TICK * 2] for at in range(0, len(data), TICK * 2)]
    return [(body, _check16(body)) for body in bodies]


def _number(value: int) -> bytes:
    """Return a frame's number in the form UTF-8 has, which goes beyond its characters."""
    if value < 0x80:
        return bytes([value])
    count = 2 if value < 0x800 else 3 if value < 0x10000 else 4
    tail = [0x80 | value >> 6 * i & 0x3F for i in reversed(range(count - 1))]
    lead = (0xF00 >> count & 0xFF) | value >> 6 * (count - 1)
    return bytes([lead, *tail])


@cache
def _table(polynomial: int, width: int) -> list[int]:
    """Return the table of a cyclic redundancy check, highest bit first."""
    top, mask = 1 << width - 1, (1 << width) - 1
    table = []
    for value in range(256):
        value <<= width - 8
        for _ in range(8):
            value = (value << 1 ^ (polynomial if value & top else 0)) & mask
        table.append(value)
    return table


def _check8(data: bytes) -> int:
    table, value = _table(0x07, 8), 0
    for byte in data:
        value = table[value ^ byte]
    return value


def _check16(data: bytes, value: int = 0) -> int:
    table = _table(0x8005, 16)
    for byte in data:
        value = (value << 8 & 0xFFFF) ^ table[value >> 8 ^ byte]
    return value


def _moved(value: int, count: int) -> int:
    """Return a 16-bit check after ``count`` zero bytes, bit by bit, since it is linear."""
    moved = 0
    for bit, after in enumerate(_bits_moved(count)):
        if value >> bit & 1:
            moved ^= after
    return moved


@cache
def _bits_moved(count: int) -> list[int]:
    return [_check16(bytes(count), 1 << bit) for bit in range(16)]


def _encoded(codec: str, spoken: list[Beat], samples: int, rate: int) -> list[bytes]:
    """Return the frames of a codec: for each the note that sounds in its middle."""
    frames: dict[int, bytes] = {
        int(note): base64.b64decode(data)
        for note, data in load_data("playground.demo", "sound")["frames"][codec].items()
    }
    found: list[bytes] = []
    passed = 0
    for beat in spoken:
        passed += beat.ticks * TICK
        # The middle of the next frame, in samples of this module's rate.
        while (len(found) + 0.5) * samples * RATE / rate < passed:
            found.append(frames[beat.note])
    return found


def mp3(spoken: list[Beat]) -> bytes:
    """Return an MP3 file with the text in an ID3 comment."""
    return _id3(spoken) + b"".join(_encoded("mp3", spoken, 576, 24_000))


def aac(spoken: list[Beat]) -> bytes:
    """Return an AAC file (ADTS) with the text in an ID3 comment."""
    parts = [_id3(spoken)]
    for frame in _encoded("aac", spoken, 1024, 24_000):
        length = len(frame) + 7
        head = 0xFFF1 << 40 | 0b01 << 38 | 6 << 34 | 1 << 30 | length << 13 | 0x7FF << 2
        parts += [head.to_bytes(7, "big"), frame]
    return b"".join(parts)


def _id3(spoken: list[Beat]) -> bytes:
    comment = b"\x03zho\0" + _said(spoken)
    frame = b"COMM" + _seven(len(comment)) + b"\0\0" + comment
    return b"ID3\x04\0\0" + _seven(len(frame)) + frame


def _seven(value: int) -> bytes:
    """Return a size as ID3 writes it: seven bits in each byte."""
    return bytes(value >> 7 * i & 0x7F for i in (3, 2, 1, 0))


def opus(spoken: list[Beat]) -> bytes:
    """Return an Opus file (Ogg) with the text in its comment."""
    packets = _encoded("opus", spoken, 960, 48_000)
    comment = b"DESCRIPTION=" + _said(spoken)
    head = b"OpusHead" + struct.pack("<BBHIHB", 1, 1, 312, RATE, 0, 0)
    tags = b"OpusTags" + struct.pack("<III", 0, 1, len(comment)) + comment
    pages = [_page([head], 0, 0, 2), _page([tags], 0, 1, 0)]
    for begin in range(0, len(packets), 50):
        part = packets[begin : begin + 50]
        last = begin + 50 >= len(packets)
        position = 312 + (begin + len(part)) * 960
        pages.append(_page(part, position, 2 + begin // 50, 4 if last else 0))
    return b"".join(pages)


def _page(packets: list[bytes], position: int, number: int, flags: int) -> bytes:
    """Return one Ogg page that holds whole packets."""
    sizes = bytearray()
    for packet in packets:
        sizes += b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255])
    head = b"OggS\0" + struct.pack("<BqIII", flags, position, 1, number, 0)
    page = bytearray(head + bytes([len(sizes)]) + sizes + b"".join(packets))
    page[22:26] = struct.pack("<I", _check32(page))
    return bytes(page)


def _check32(data: bytes | bytearray) -> int:
    table, value = _table(0x04C11DB7, 32), 0
    for byte in data:
        value = (value << 8 & 0xFFFFFFFF) ^ table[value >> 24 ^ byte]
    return value


WRITERS = {"mp3": mp3, "opus": opus, "aac": aac, "flac": flac, "wav": wav, "pcm": pcm}
MEDIA_TYPES = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
