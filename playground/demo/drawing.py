"""Draws what a prompt names, from the shapes of ``drawing.yml``.

A prompt becomes a ``Scene``, a list of shapes over a sky and a ground, which turns into the rows of
a picture or into SVG. Every picture bears the word DEMO in a corner.
"""

import math
import re
from dataclasses import dataclass, field, replace
from typing import Any

from playground.data import load_data
from playground.demo.pictures import Colour, Picture
from playground.demo.state import digest

BANDS = 24
"""Colours of the sky, from top to bottom."""
MOST = 5
"""Things in one picture."""
HORIZON = 0.78
"""Where the ground begins, as a part of the height."""


@dataclass(frozen=True)
class Shape:
    """A shape in pixels of a scene.

    Attributes:
        form: ``ellipse`` (x, y, across, down), ``box`` (left, top, right, bottom) or ``shape``
            (the corners of a polygon, x and y in turn).
        points: The numbers.
        fill: The colour.
    """

    form: str
    points: tuple[float, ...]
    fill: Colour

    def moved(self, down: float) -> "Shape":
        """Return the shape moved down by some pixels."""
        if self.form == "ellipse":
            x, y, *radii = self.points
            return replace(self, points=(x, y + down, *radii))
        points = tuple(v + down * (i % 2) for i, v in enumerate(self.points))
        return replace(self, points=points)


@dataclass
class Scene:
    """What a picture shows.

    Attributes:
        width, height: The size in pixels.
        sky: The colours at the top and at the horizon; None is transparent.
        ground: The colour of the ground; None for none.
        shapes: What stands in it, what is behind first.
        names: The things it shows, in Chinese.
        mark: The shapes of the mark in the corner, in front of all.
    """

    width: int
    height: int
    sky: tuple[Colour, Colour] | None
    ground: Colour | None
    shapes: list[Shape] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    mark: list[Shape] = field(default_factory=list)

    def moved(self, down: float) -> "Scene":
        """Return the scene with all things moved down by some pixels."""
        shapes = [s.moved(down) for s in self.shapes]
        return replace(self, shapes=shapes)


@dataclass(frozen=True)
class Thing:
    """A thing of the table that a prompt names, in the colour it names."""

    name: str
    place: str
    shapes: list[dict[str, Any]]
    main: Colour
    head: tuple[float, float, float] | None = None


def scene(
    prompt: str,
    width: int,
    height: int,
    *,
    variant: int = 0,
    clear: bool = False,
    photo: bool = False,
) -> Scene:
    """Return the scene that a prompt asks for.

    Args:
        prompt: The prompt; what it names at the beginning comes first.
        width: The width in pixels.
        height: The height in pixels.
        variant: Which of several pictures of the same prompt.
        clear: Whether the background is transparent.
        photo: Whether a picture stands behind that the demo cannot read.
    """
    table = load_data("playground.demo", "drawing")
    lower = prompt.lower()
    setting = next(s for s in table["scenes"] if any(w in lower for w in s["words"]))
    named = things(lower)
    sky = (_rgb(setting["top"]), _rgb(setting["bottom"]))
    wanted = _background(lower)
    if wanted:
        sky = (wanted, _mixed(wanted, (255, 255, 255), 0.25))
    outdoors = any(t.place != "middle" for t in named) or not wanted
    made = Scene(
        width, height, None if clear else sky, _rgb(setting["ground"]) if outdoors else None
    )
    if clear:
        made.ground = None
    made.names = [t.name for t in named]
    if photo:
        side = min(width, height)
        _put(made, table["photo"]["shapes"], _named("frame"), width / 2, height / 2, side)
    if not named and not photo:
        _pattern(made, f"{prompt} {variant}")
    _arrange(made, named, variant)
    _sign(made, table["mark"])
    return made


def things(prompt: str) -> list[Thing]:
    """Return the things that a prompt names, in its order, each once."""
    table = load_data("playground.demo", "drawing")
    found: dict[str, tuple[int, int]] = {}
    for name, entry in table["things"].items():
        spans = [s for word in entry["words"] if (s := _find(prompt, word))]
        if spans:
            found[name] = min(spans, key=lambda s: (s[0], -s[1]))
    # 机器人 is no 人, 咖啡杯 is one cup: what lies inside a longer word is not meant.
    for name, (begin, end) in list(found.items()):
        inside = any(
            b <= begin and end <= e and (b, e) != (begin, end)
            for other, (b, e) in found.items()
            if other != name
        )
        if inside:
            del found[name]
    ordered = sorted(found, key=lambda n: found[n])[:MOST]
    return [
        Thing(
            name,
            (entry := table["things"][name])["place"],
            entry["shapes"],
            _colour_before(prompt, found[name][0]) or _named(entry["main"]),
            entry.get("head"),
        )
        for name in ordered
    ]


def _find(prompt: str, word: str) -> tuple[int, int] | None:
    if not word.isascii():
        at = prompt.find(word)
        return (at, at + len(word)) if at >= 0 else None
    found = re.search(rf"\b{re.escape(word)}(s|es)?\b", prompt)
    return found.span() if found else None


def _colour_before(prompt: str, at: int) -> Colour | None:
    """Return the colour named right before a thing, as in 一只橘色的猫 or a red car."""
    before = re.split(r"[，。,.;；、和与]|\band\b|\bwith\b", prompt[:at])[-1][-14:]
    last: tuple[int, Colour] | None = None
    for entry in load_data("playground.demo", "drawing")["colours"].values():
        for word in entry["words"]:
            place = before.rfind(word)
            if place >= 0 and (last is None or place > last[0]):
                last = (place, _rgb(entry["rgb"]))
    return last[1] if last else None


def _background(prompt: str) -> Colour | None:
    """Return the colour that a prompt gives the background, as in 蓝色背景 or 背景是蓝色."""
    found = re.search(
        r"(?P<a>[^，。,.\s]{1,5})(?:的)?背景|背景(?:是|为|用|换成|改成|变成)?(?P<b>[^，。,.\s]{1,5})"
        r"|(?P<c>\w+) background|background (?:is |in )?(?P<d>\w+)",
        prompt,
    )
    if not found:
        return None
    said = next(v for v in found.groups() if v)
    return _colour_before(said, len(said))


def _named(name: str) -> Colour:
    table = load_data("playground.demo", "drawing")
    return _rgb(table["shades"][name] if name in table["shades"] else table["colours"][name]["rgb"])


def _rgb(values: list[int]) -> Colour:
    red, green, blue = values
    return red, green, blue


def _mixed(a: Colour, b: Colour, share: float) -> Colour:
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


def add(made: Scene, prompt: str, box: tuple[float, float, float, float]) -> None:
    """Add the things that a prompt names, side by side within a box.

    Args:
        made: The scene they are added to.
        prompt: The prompt.
        box: Left, top, right and bottom, as parts of the size.
    """
    left, top, right, bottom = box
    named = things(prompt.lower())
    across = (right - left) * made.width / max(1, len(named))
    size = min(across, (bottom - top) * made.height)
    y = (top + bottom) / 2 * made.height
    for index, thing in enumerate(named):
        x = left * made.width + across * (index + 0.5)
        _put(made, thing.shapes, thing.main, x, y, size)


def _arrange(made: Scene, named: list[Thing], variant: int) -> None:
    """Put the things into the scene: the sky's at the top, the others side by side."""
    width, height, side = made.width, made.height, min(made.width, made.height)
    sky = [t for t in named if t.place == "sky"]
    wearer = next((t for t in named if t.head), None)
    worn = [t for t in named if t.place == "head"] if wearer else []
    rest = [t for t in named if t.place != "sky" and t not in worn]
    for index, thing in enumerate(sky):
        size = side * (0.3 if rest else 0.6 if len(sky) == 1 else 0.36)
        place = (index + variant) % len(sky) if len(sky) > 1 else 1 - variant % 2
        x = (
            width * (0.2 + 0.6 * place / max(1, len(sky) - 1))
            if len(sky) > 1
            else (width * (0.5 if not rest else 0.22 + 0.56 * place))
        )
        _put(made, thing.shapes, thing.main, x, height * (0.22 if rest else 0.4), size)
    # What stands in the back is put first: mountains, trees, houses, then faces and small things.
    for index, thing in sorted(enumerate(rest), key=lambda pair: pair[1].place != "ground"):
        size = min(side * (0.62 if len(rest) == 1 else 0.46), width / len(rest) * 1.1)
        place = (index + variant) % len(rest)
        x = width * (place + 0.5) / len(rest)
        if len(rest) == 1:
            x += width * (0, -0.16, 0.16)[variant % 3]
        on_ground = thing.place == "ground" and made.ground is not None
        y = height * (HORIZON + 0.08) - size / 2 if on_ground else height * 0.56
        _put(made, thing.shapes, thing.main, x, y, size)
        if thing is wearer and thing.head:
            across, down, share = (value / 100 for value in thing.head)
            head = (x + (across - 0.5) * size, y + (down - 0.5) * size, share * size)
            for other in worn:
                _put(made, other.shapes, other.main, *head)


def _put(
    made: Scene, shapes: list[dict[str, Any]], main: Colour, x: float, y: float, size: float
) -> None:
    """Add a thing's shapes, its square of ``size`` pixels centred at (x, y)."""
    scale, left, top = size / 100, x - size / 2, y - size / 2
    for entry in shapes:
        fill = main if entry["fill"] == "main" else _named(entry["fill"])
        form = next(name for name in ("circle", "ellipse", "box", "shape") if name in entry)
        numbers = entry[form]
        if form in ("circle", "ellipse"):
            across, down = numbers[2] * scale, numbers[-1] * scale
            points = (left + numbers[0] * scale, top + numbers[1] * scale, across, down)
            made.shapes.append(Shape("ellipse", points, fill))
        else:
            points = tuple(
                (top if odd else left) + value * scale
                for odd, value in ((i % 2, v) for i, v in enumerate(numbers))
            )
            made.shapes.append(Shape(form, points, fill))


def _pattern(made: Scene, seed: str) -> None:
    """Add circles in colours drawn from the prompt, where it names nothing the demo can draw."""
    made.ground = None
    colours = list(load_data("playground.demo", "drawing")["colours"].values())
    letters = digest(seed, length=40).encode()
    for index in range(10):
        x, y, size, colour = letters[index * 4 : index * 4 + 4]
        radius = min(made.width, made.height) * (0.06 + size % 16 / 120)
        centre = (made.width * (x % 32) / 31, made.height * (y % 32) / 31)
        fill = _rgb(colours[colour % len(colours)]["rgb"])
        made.shapes.append(Shape("ellipse", (*centre, radius, radius), fill))


def _sign(made: Scene, mark: list[list[str]]) -> None:
    """Add the mark in the lower right corner: light dots on dark."""
    dot = max(1, min(made.width, made.height) // 160)
    across = sum(len(letter[0]) + 1 for letter in mark) - 1
    left = made.width - (across + 3) * dot
    top = made.height - 8 * dot
    made.mark.append(
        Shape(
            "box", (left - dot, top - dot, left + (across + 1) * dot, top + 6 * dot), (40, 42, 48)
        )
    )
    for letter in mark:
        for y, row in enumerate(letter):
            for run in re.finditer("1+", row):
                a, b = run.span()
                points = (left + a * dot, top + y * dot, left + b * dot, top + (y + 1) * dot)
                made.mark.append(Shape("box", points, (250, 250, 248)))
        left += (len(letter[0]) + 1) * dot


def paint(made: Scene, grain: int = 1) -> Picture:
    """Turn a scene into a picture.

    Args:
        made: The scene.
        grain: The side of the squares that get one colour, for a picture that is not done yet.
    """
    palette: list[Colour] = []
    if made.sky is None:
        palette.append((255, 255, 255))
    else:
        top, bottom = made.sky
        palette += [_mixed(top, bottom, band / (BANDS - 1)) for band in range(BANDS)]
    bands = len(palette)
    indices: dict[Colour, int] = {}
    for fill in [
        *([made.ground] if made.ground else []),
        *(s.fill for s in (*made.shapes, *made.mark)),
    ]:
        if fill not in indices:
            indices[fill] = len(palette)
            palette.append(fill)
    horizon = made.height * HORIZON
    lines: list[list[Shape]] = [[] for _ in range(-(-made.height // grain))]
    for shape in (*made.shapes, *made.mark):
        first, last = _extent(shape)
        for line in range(max(0, int(first / grain)), min(len(lines), int(last / grain) + 1)):
            lines[line].append(shape)
    rows: list[bytes] = []
    for line, meeting in enumerate(lines):
        y = (line + 0.5) * grain
        below = made.ground is not None and y >= horizon
        base = indices[made.ground] if made.ground and below else int(y / made.height * bands)
        row = bytearray([min(base, len(palette) - 1)]) * made.width
        for shape in meeting:
            fill = indices[shape.fill]
            for begin, end in _spans(shape, y):
                a = max(0, round(begin / grain) * grain)
                b = min(made.width, round(end / grain) * grain)
                if b > a:
                    row[a:b] = bytes([fill]) * (b - a)
        rows += [bytes(row)] * min(grain, made.height - len(rows))
    return Picture(made.width, palette, rows, made.sky is None)


def _extent(shape: Shape) -> tuple[float, float]:
    """Return between which heights a shape lies."""
    if shape.form == "ellipse":
        return shape.points[1] - shape.points[3], shape.points[1] + shape.points[3]
    return min(shape.points[1::2]), max(shape.points[1::2])


def _spans(shape: Shape, y: float) -> list[tuple[float, float]]:
    """Return where a shape meets the line at height ``y``."""
    points = shape.points
    if shape.form == "ellipse":
        x, centre, across, down = points
        left = 1 - ((y - centre) / down) ** 2
        return [(x - across * math.sqrt(left), x + across * math.sqrt(left))] if left > 0 else []
    if shape.form == "box":
        return [(points[0], points[2])] if points[1] <= y < points[3] else []
    crossings = []
    for at in range(0, len(points), 2):
        x0, y0 = points[at - 2], points[at - 1]
        x1, y1 = points[at], points[at + 1]
        if (y0 <= y) != (y1 <= y):
            crossings.append(x0 + (y - y0) / (y1 - y0) * (x1 - x0))
    crossings.sort()
    return list(zip(crossings[::2], crossings[1::2], strict=False))


def svg(made: Scene) -> bytes:
    """Return a scene as an SVG file."""
    width, height = made.width, made.height
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">'
    ]
    if made.sky:
        top, bottom = map(_hex, made.sky)
        parts.append(
            f'<linearGradient id="sky" x2="0" y2="1"><stop stop-color="{top}"/>'
            f'<stop offset="1" stop-color="{bottom}"/></linearGradient>'
            f'<rect width="{width}" height="{height}" fill="url(#sky)"/>'
        )
    if made.ground:
        y = round(height * HORIZON)
        parts.append(f'<rect y="{y}" width="{width}" height="{height - y}" '
                     f'fill="{_hex(made.ground)}"/>')  # fmt: skip
    for shape in (*made.shapes, *made.mark):
        numbers = [f"{round(value, 1):g}" for value in shape.points]
        fill = _hex(shape.fill)
        if shape.form == "ellipse":
            x, y, across, down = numbers
            parts.append(f'<ellipse cx="{x}" cy="{y}" rx="{across}" ry="{down}" fill="{fill}"/>')
        elif shape.form == "box":
            left, top, right, bottom = shape.points
            parts.append(
                f'<rect x="{numbers[0]}" y="{numbers[1]}" width="{right - left:g}" '
                f'height="{bottom - top:g}" fill="{fill}"/>'
            )
        else:
            parts.append(f'<polygon points="{" ".join(numbers)}" fill="{fill}"/>')
    return "\n".join([*parts, "</svg>", ""]).encode()


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
