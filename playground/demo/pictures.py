"""Image files written with the standard library alone: PNG, GIF, JPEG and WebP.

The demo draws flat shapes in few colours, so a picture is rows of palette indices, and each format
is written in the simplest way its specification allows: one pass, no search for a better code.
"""

import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Picture:
    """A picture of few colours.

    Attributes:
        width: Pixels in a row.
        palette: The colours, at most 128 of them.
        rows: One byte for each pixel: the index of its colour.
        clear: Whether the first colour is transparent.
    """

    width: int
    palette: list[Colour]
    rows: list[bytes]
    clear: bool = False

    @property
    def height(self) -> int:
        """The number of rows."""
        return len(self.rows)


def png(picture: Picture, description: str = "") -> bytes:
    """Return a PNG file.

    Args:
        picture: The picture.
        description: A text that the file carries along, see ``description_of``.
    """
    head = struct.pack(">IIBBBBB", picture.width, picture.height, 8, 3, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"PLTE", b"".join(map(bytes, picture.palette)))]
    if picture.clear:
        chunks.append((b"tRNS", b"\0"))
    if description:
        chunks.append((b"iTXt", b"Description\0\0\0\0\0" + description.encode()))
    pixels = zlib.compress(b"".join(b"\0" + row for row in picture.rows), 6)
    chunks += [(b"IDAT", pixels), (b"IEND", b"")]
    return PNG + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


PNG = b"\x89PNG\r\n\x1a\n"


def description_of(file: bytes) -> str | None:
    """Return the description that a PNG file of ``png`` carries."""
    at = len(PNG)
    while file.startswith(PNG) and at + 8 <= len(file):
        length, kind = struct.unpack_from(">I4s", file, at)
        data = file[at + 8 : at + 8 + length]
        if kind == b"iTXt" and data.startswith(b"Description\0\0\0\0\0"):
            return data[16:].decode(errors="replace")
        at += 12 + length
    return None


def kind_of(file: bytes) -> str | None:
    """Return the format of an image file, ``png``, ``jpeg`` or ``webp``, by its first bytes."""
    if file.startswith(PNG):
        return "png"
    if file.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    return "webp" if file[:4] == b"RIFF" and file[8:12] == b"WEBP" else None


def size_of(file: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG file, or None if its head is cut off."""
    if not file.startswith(PNG) or len(file) < 24:
        return None
    width, height = struct.unpack_from(">II", file, 16)
    return width, height


MAX_READ = 1_100_000
"""Pixels of the largest mask that is read; in a larger one nothing counts as transparent."""


def clear_box(file: bytes) -> tuple[float, float, float, float] | None:
    """Return the box around the transparent pixels of a PNG file.

    Args:
        file: A PNG file; only 8-bit ones with an alpha channel are read.

    Returns:
        Left, top, right and bottom as parts of the size, or None if nothing is transparent.
    """
    at, packed, head = len(PNG), b"", b""
    while at + 8 <= len(file):
        length, kind = struct.unpack_from(">I4s", file, at)
        data = file[at + 8 : at + 8 + length]
        head = data if kind == b"IHDR" else head
        packed += data if kind == b"IDAT" else b""
        at += 12 + length
    if len(head) != 13:
        return None
    width, height, depth, colours, _, _, interlaced = struct.unpack(">IIBBBBB", head)
    channels = {4: 2, 6: 4}.get(colours)
    if channels is None or depth != 8 or interlaced or width * height > MAX_READ:
        return None
    try:
        raw = zlib.decompressobj().decompress(packed, (width * channels + 1) * height)
    except zlib.error:
        return None
    left, top, right, bottom = width, height, 0, 0
    above = bytearray(width * channels)
    for y in range(min(height, len(raw) // (width * channels + 1))):
        begin = y * (width * channels + 1)
        row = bytearray(raw[begin + 1 : begin + 1 + width * channels])
        _unfilter(raw[begin], row, above, channels)
        above = row
        alpha = row[channels - 1 :: channels]
        first = alpha.find(0)
        if first >= 0:
            left, right = min(left, first), max(right, alpha.rfind(0) + 1)
            top, bottom = min(top, y), y + 1
    if right == 0:
        return None
    return left / width, top / height, right / width, bottom / height


def _unfilter(kind: int, row: bytearray, above: bytearray, step: int) -> None:
    """Undo the filter of one row of a PNG file, in place."""
    if kind == 2 and not any(row):
        row[:] = above
        return
    for i in range(len(row) if kind else 0):
        left = row[i - step] if i >= step else 0
        up = above[i]
        corner = above[i - step] if i >= step else 0
        if kind == 4:
            a, b, c = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
            guess = left if a <= b and a <= c else up if b <= c else corner
        else:
            guess = {1: left, 2: up, 3: (left + up) // 2}.get(kind, 0)
        row[i] = (row[i] + guess) & 0xFF


def gif(frames: list[Picture], milliseconds: int) -> bytes:
    """Return a GIF file that repeats for ever; each frame after the first holds what changes.

    Args:
        frames: Pictures of the same size and palette.
        milliseconds: How long each is shown; GIF counts hundredths of a second.
    """
    first = frames[0]
    colours = b"".join(map(bytes, first.palette)).ljust(128 * 3, b"\0")
    parts = [
        b"GIF89a" + struct.pack("<HHBBB", first.width, first.height, 0xF6, 0, 0) + colours,
        b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0",
    ]
    hundredths = min(round(milliseconds / 10), 65535)
    shown = first.rows
    box = (0, 0, first.width, first.height)
    for number, frame in enumerate(frames):
        if number:
            box = _changed(shown, frame.rows)
            shown = frame.rows
        left, top, right, bottom = box
        flags = 0x05 if frame.clear else 0x04
        pixels = b"".join(row[left:right] for row in frame.rows[top:bottom])
        parts += [
            b"\x21\xf9\x04" + struct.pack("<BHBB", flags, hundredths, 0, 0),
            b"\x2c" + struct.pack("<HHHHB", left, top, right - left, bottom - top, 0),
            b"\x07" + _blocks(_lzw(pixels)),
        ]
    return b"".join(parts) + b"\x3b"


def _changed(old: list[bytes], new: list[bytes]) -> tuple[int, int, int, int]:
    """Return the box (left, top, right, bottom) outside of which two pictures are equal."""
    width = len(new[0])
    differ = {
        y: int.from_bytes(a, "big") ^ int.from_bytes(b, "big")
        for y, (a, b) in enumerate(zip(old, new, strict=True))
        if a != b
    }
    if not differ:
        return 0, 0, 1, 1
    left = min(width - (d.bit_length() + 7) // 8 for d in differ.values())
    right = max(width - ((d & -d).bit_length() - 1) // 8 for d in differ.values())
    return left, min(differ), right, max(differ) + 1


def _blocks(data: bytes) -> bytes:
    pieces = [data[at : at + 255] for at in range(0, len(data), 255)]
    return b"".join(bytes([len(piece)]) + piece for piece in pieces) + b"\0"


def _lzw(pixels: bytes) -> bytes:
    """Compress indices below 128 as GIF does."""
    clear, end = 128, 129
    start = {bytes([i]): i for i in range(128)}
    table = dict(start)
    width, following = 8, 130
    bits: list[str] = [f"{clear:08b}"[::-1]]
    held = b""
    for value in pixels:
        longer = held + bytes((value,))
        if longer in table:
            held = longer
            continue
        bits.append(f"{table[held]:0{width}b}"[::-1])
        table[longer] = following
        following += 1
        held = bytes((value,))
        if following > 1 << width:
            width += 1
        if following == 4096:
            bits.append(f"{clear:012b}"[::-1])
            table, width, following = dict(start), 8, 130
    bits += [f"{table[held]:0{width}b}"[::-1], f"{end:0{width}b}"[::-1]]
    return _little(bits)


def _little(bits: list[str]) -> bytes:
    """Pack strings of 0 and 1 into bytes, the first bit lowest."""
    joined = "".join(bits)
    return int(joined[::-1] or "0", 2).to_bytes((len(joined) + 7) // 8, "little")


def webp(picture: Picture) -> bytes:
    """Return a lossless WebP file (VP8L): literal pixels, runs, and rows like the one above."""
    size = picture.width - 1 | picture.height - 1 << 14 | picture.clear << 28
    bits = [f"{0x2F:08b}"[::-1], f"{size:032b}"[::-1], "0", "0", "0"]
    # Green and lengths: 232 symbols of 8 bits, then 48 of 9. Red and blue: 256 symbols of 8 bits.
    bits += [_lengths({8: 1, 9: 1}), "0", "0" * 232 + "1" * 48]
    bits += [_lengths({8: 1}), "0"] * 2
    # Alpha: 255, or 255 and 0. Distance: the pixel above (symbol 0) or to the left (symbol 1).
    bits.append("110011111111" if picture.clear else "10111111111")
    bits.append("110010000000")
    literals = [_literal(c, picture.clear and not i) for i, c in enumerate(picture.palette)]
    if picture.clear:
        literals = [b + ("0" if i == 0 else "1") for i, b in enumerate(literals)]
    above = None
    for row in picture.rows:
        if row == above:
            bits.append(_copies(picture.width, "0"))
            continue
        above = row
        for index, run in groupby(row):
            length = sum(1 for _ in run)
            bits.append(literals[index])
            bits.append(_copies(length - 1, "1"))
    data = _little(bits)
    chunk = b"VP8L" + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


def _lengths(used: dict[int, int]) -> str:
    """Return the head of a prefix code whose code lengths are written with these lengths."""
    order = (17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    last = max(order.index(length) for length in used) + 1
    head = f"{last - 4:04b}"[::-1]
    return "0" + head + "".join(f"{used.get(o, 0):03b}"[::-1] for o in order[:last])


def _green(symbol: int) -> str:
    return f"{symbol:08b}" if symbol < 232 else f"{464 + symbol - 232:09b}"


def _literal(colour: Colour, clear: bool) -> str:
    red, green, blue = (0, 0, 0) if clear else colour
    return f"{_green(green)}{red:08b}{blue:08b}"


@cache
def _copies(length: int, distance: str) -> str:
    """Return the code for ``length`` pixels copied from a distance."""
    bits = []
    while length:
        step = min(length, 4096)
        length -= step
        value = step - 1
        if value < 4:
            bits.append(_green(256 + value))
        else:
            high = value.bit_length() - 1
            extra = high - 1
            rest = value & (1 << extra) - 1
            bits.append(_green(256 + 2 * high + (value >> extra & 1)))
            bits.append(f"{rest:0{extra}b}"[::-1])
        bits.append(distance)
    return "".join(bits)


ZIGZAG = sorted(
    range(64), key=lambda i: (s := i // 8 + i % 8, (i // 8 if s % 2 else i % 8))
)  # fmt: skip
COSINES = [
    [math.cos((2 * x + 1) * u * math.pi / 16) * (math.sqrt(0.125) if u == 0 else 0.5)
     for x in range(8)]
    for u in range(8)
]  # fmt: skip
SYMBOLS = [run << 4 | size for run in range(16) for size in range(1, 11)] + [0xF0]
"""What the AC code can say, after the end of block: zeros to skip and bits that follow."""


def jpeg(picture: Picture, quality: int = 90) -> bytes:
    """Return a baseline JPEG file.

    Args:
        picture: The picture; its transparency is lost.
        quality: From 0, coarse, to 100.
    """
    step = max(1, round((100 - quality) / 3))
    steps = bytes(min(255, step + step * (z // 8 + z % 8) // 4) for z in ZIGZAG)
    levels = [_levels(colour) for colour in picture.palette]
    bits: list[str] = []
    before = [0, 0, 0]
    known: dict[tuple[bytes, ...], list[tuple[int, str]]] = {}
    for block in _squares(picture):
        coded = known.get(block)
        if coded is None:
            coded = known[block] = _coded(block, levels, steps)
        for component, (mean, rest) in enumerate(coded):
            bits += [_difference(mean - before[component]), rest]
            before[component] = mean
    joined = "".join(bits)
    joined += "1" * (-len(joined) % 8)
    data = int(joined, 2).to_bytes(len(joined) // 8, "big").replace(b"\xff", b"\xff\0")
    return b"".join(
        (
            b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0",
            b"\xff\xdb\0\x43\0" + steps,
            b"\xff\xc0\0\x11\x08" + struct.pack(">HH", picture.height, picture.width) + b"\x03",
            b"".join(bytes([c, 0x11, 0]) for c in (1, 2, 3)),
            b"\xff\xc4" + struct.pack(">H", 19 + 12) + b"\0" + _counts({1: 1, 5: 11}),
            bytes(range(12)),
            b"\xff\xc4" + struct.pack(">H", 20 + len(SYMBOLS)) + b"\x10",
            _counts({1: 1, 9: len(SYMBOLS)}) + b"\0" + bytes(SYMBOLS),
            b"\xff\xda\0\x0c\x03\x01\0\x02\0\x03\0\0\x3f\0" + data + b"\xff\xd9",
        )
    )


def _counts(lengths: dict[int, int]) -> bytes:
    return bytes(lengths.get(length, 0) for length in range(1, 17))


def _levels(colour: Colour) -> tuple[float, float, float]:
    red, green, blue = colour
    return (
        0.299 * red + 0.587 * green + 0.114 * blue - 128,
        -0.168736 * red - 0.331264 * green + 0.5 * blue,
        0.5 * red - 0.418688 * green - 0.081312 * blue,
    )


def _squares(picture: Picture) -> Iterator[tuple[bytes, ...]]:
    """Yield the blocks of 8 rows of 8 pixels; those at the edges repeat the last pixels."""
    for top in range(0, picture.height, 8):
        rows = picture.rows[top : top + 8]
        rows += [rows[-1]] * (8 - len(rows))
        rows = [row + row[-1:] * (-len(row) % 8) for row in rows]
        for left in range(0, picture.width, 8):
            yield tuple(row[left : left + 8] for row in rows)


def _coded(
    block: tuple[bytes, ...], levels: list[tuple[float, float, float]], steps: bytes
) -> list[tuple[int, str]]:
    """Return for each component its quantised mean and the code of the other coefficients."""
    colours = sorted(set(b"".join(block)))
    waves = [[8.0] + [0.0] * 63] if len(colours) == 1 else [_waves(block, c) for c in colours]
    coded = []
    for component in range(3):
        parts = [levels[c][component] for c in colours]
        values = [
            round(sum(p * w[z] for p, w in zip(parts, waves, strict=True)) / step)
            for z, step in zip(ZIGZAG, steps, strict=True)
        ]
        bits, zeros = [], 0
        for value in values[1:]:
            if value == 0:
                zeros += 1
                continue
            bits += [f"1{len(SYMBOLS) - 1:08b}"] * (zeros // 16)
            size = abs(value).bit_length()
            bits.append(f"1{zeros % 16 * 10 + size - 1:08b}{_amplitude(value, size)}")
            zeros = 0
        coded.append((values[0], "".join(bits) + ("0" if zeros else "")))
    return coded


def _waves(block: tuple[bytes, ...], colour: int) -> list[float]:
    """Return the cosine transform of the pixels that have a colour."""
    across = []
    for row in block:
        at = [x for x in range(8) if row[x] == colour]
        across.append([sum(wave[x] for x in at) for wave in COSINES])
    return [sum(wave[y] * across[y][u] for y in range(8)) for wave in COSINES for u in range(8)]


def _amplitude(value: int, size: int) -> str:
    return f"{value if value > 0 else value + (1 << size) - 1:0{size}b}"


def _difference(value: int) -> str:
    if value == 0:
        return "0"
    size = abs(value).bit_length()
    return f"1{size - 1:04b}{_amplitude(value, size)}"
