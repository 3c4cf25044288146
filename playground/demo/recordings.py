"""Reads recordings: their format, their length, and what was said in the demo's own.

The demo does not understand speech. It reads the length from the file's frame, and the text that
``sound.py`` put into the file's comment.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from playground.demo.sound import SAID

EXTENSIONS = ("flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm")
"""What the API's own error lists as supported."""
GUESSED = 4000
"""Bytes for a second, where a file does not tell its length."""


@dataclass(frozen=True)
class Recording:
    """A recording.

    Attributes:
        format: ``wav``, ``flac``, ``mp3``, ``ogg``, ``mp4``, ``webm`` or ``aac``.
        seconds: Its length.
        said: What is said in it, if the demo itself spoke it.
    """

    format: str
    seconds: float
    said: str | None


def read(file: bytes) -> Recording | None:
    """Return what is known about a recording, or None if it is none."""
    for kind, begins, length in READERS:
        if begins(file):
            try:
                seconds = length(file)
            except (struct.error, IndexError, ZeroDivisionError):
                seconds = 0.0
            return Recording(kind, round(seconds or len(file) / GUESSED, 3), _said(file))
    return None


def _said(file: bytes) -> str | None:
    """Return the text of the demo's own comment, which ends where the comment ends."""
    mark = SAID.encode()
    at = file.find(mark, 0, 65_536)
    if at < 0:
        return None
    size = None
    if file.startswith(b"RIFF"):
        size = struct.unpack_from("<I", file, at - 4)[0]
    elif file.startswith(b"ID3"):
        size = _seven(file[at - 11 : at - 7]) - 5 if at >= 11 else None
    elif file.startswith((b"fLaC", b"OggS")):
        size = struct.unpack_from("<I", file, at - 16)[0] - len(b"DESCRIPTION=")
    if size is None or not len(mark) <= size <= 65_536:
        return None
    comment = file[at : at + size]
    if file.startswith(b"OggS") and b"OggS" in comment:
        return None
    return comment.decode(errors="replace").rstrip("\0").removeprefix(SAID)


def _seven(data: bytes) -> int:
    value = 0
    for byte in data:
        value = value << 7 | byte & 0x7F
    return value


def _wav(file: bytes) -> float:
    rate = 0
    for kind, at, size in _chunks(file):
        if kind == b"fmt ":
            (rate,) = struct.unpack_from("<I", file, at + 8)
        if kind == b"data":
            return min(size, len(file) - at) / rate
    return 0.0


def _chunks(file: bytes) -> Iterator[tuple[bytes, int, int]]:
    at = 12
    while at + 8 <= len(file):
        kind, size = struct.unpack_from("<4sI", file, at)
        yield kind, at + 8, size
        at += 8 + size + size % 2


def _flac(file: bytes) -> float:
    packed = int.from_bytes(file[18:26], "big")
    return (packed & (1 << 36) - 1) / (packed >> 44)


RATES = ((11025, 12000, 8000), (0, 0, 0), (22050, 24000, 16000), (44100, 48000, 32000))
BITRATES = {
    (3, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (3, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (3, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Kilobits for a second, by version (3 is MPEG-1, else 2) and layer."""


def _mp3(file: bytes) -> float:
    at = _after_id3(file)
    seconds = 0.0
    while at + 4 <= len(file):
        head = int.from_bytes(file[at : at + 4], "big")
        version, layer = head >> 19 & 3, 4 - (head >> 17 & 3)
        bitrate, rate = head >> 12 & 15, head >> 10 & 3
        if head >> 21 != 0x7FF or version == 1 or layer == 4 or bitrate in (0, 15) or rate == 3:
            break
        first = version == 3
        kilobits = BITRATES[3 if first else 2, layer if first or layer == 1 else 3][bitrate - 1]
        hertz = RATES[version][rate]
        samples = 384 if layer == 1 else 576 if layer == 3 and not first else 1152
        slot = 4 if layer == 1 else 1
        length = samples // 8 // slot * kilobits * 1000 // hertz + (head >> 9 & 1)
        at += max(4, length * slot)
        seconds += samples / hertz
    return seconds


def _after_id3(file: bytes) -> int:
    return 10 + _seven(file[6:10]) if file.startswith(b"ID3") else 0


def _is_mp3(file: bytes) -> bool:
    at = _after_id3(file)
    head = int.from_bytes(file[at : at + 2].ljust(2, b"\0"), "big")
    return head >> 5 == 0x7FF and head >> 1 & 3 != 0


AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000)


def _is_aac(file: bytes) -> bool:
    at = _after_id3(file)
    head = int.from_bytes(file[at : at + 2].ljust(2, b"\0"), "big")
    return head & 0xFFF6 == 0xFFF0


def _aac(file: bytes) -> float:
    at = _after_id3(file)
    seconds = 0.0
    while at + 7 <= len(file):
        head = int.from_bytes(file[at : at + 7], "big")
        length = head >> 13 & 0x1FFF
        if head >> 44 != 0xFFF or length < 7:
            break
        seconds += 1024 / AAC_RATES[head >> 34 & 15]
        at += length
    return seconds


def _ogg(file: bytes) -> float:
    at = file.rfind(b"OggS")
    (position,) = struct.unpack_from("<q", file, at + 6)
    opus = file.find(b"OpusHead", 0, 200)
    if opus >= 0:
        return (position - struct.unpack_from("<H", file, opus + 10)[0]) / 48_000
    vorbis = file.find(b"\x01vorbis", 0, 200)
    return position / struct.unpack_from("<I", file, vorbis + 12)[0] if vorbis >= 0 else 0.0


def _mp4(file: bytes) -> float:
    at = file.find(b"mvhd")
    if at < 0:
        return 0.0
    if file[at + 4]:
        scale, length = struct.unpack_from(">IQ", file, at + 24)
    else:
        scale, length = struct.unpack_from(">II", file, at + 16)
    return length / scale


def _webm(file: bytes) -> float:
    """Return the duration element of the segment's head, in its usual unit of milliseconds."""
    at = file.find(b"\x44\x89\x88", 0, 4096)
    if at >= 0:
        return struct.unpack_from(">d", file, at + 3)[0] / 1000
    at = file.find(b"\x44\x89\x84", 0, 4096)
    return struct.unpack_from(">f", file, at + 3)[0] / 1000 if at >= 0 else 0.0


READERS = (
    ("wav", lambda f: f[:4] == b"RIFF" and f[8:12] == b"WAVE", _wav),
    ("flac", lambda f: f.startswith(b"fLaC"), _flac),
    ("ogg", lambda f: f.startswith(b"OggS"), _ogg),
    ("webm", lambda f: f.startswith(b"\x1a\x45\xdf\xa3"), _webm),
    ("mp4", lambda f: f[4:8] == b"ftyp", _mp4),
    ("mp3", _is_mp3, _mp3),
    ("aac", _is_aac, _aac),
)
"""The formats: name, how a file of it begins, how long it lasts."""
