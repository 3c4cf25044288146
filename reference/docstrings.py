"""English docstrings of the SDK: normalising, digests, deprecations, retired values."""

import datetime
import hashlib
import re

from reference.tree import Doc, Retirement, Standing

DIGEST_LENGTH = 12

_BLOCK = re.compile(
    r"^Deprecated values:\s*\n(?P<items>(?:\s*\n|[ \t]*-[ ].*\n?|[ \t]+\S.*\n?)+)", re.M
)
_LINK = re.compile(r"\[([^\]]*)\]\([^)\s]*\)")
_ISO_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
# Spelt out: `calendar.month_name` follows the locale of the machine.
_MONTHS = {
    "January": 1, "February": 2, "March": 3, "April": 4, "May": 5, "June": 6, "July": 7,
    "August": 8, "September": 9, "October": 10, "November": 11, "December": 12,
}  # fmt: skip
_LONG_DATE = re.compile(rf"\b({'|'.join(_MONTHS)}) (\d{{1,2}}), (\d{{4}})\b")
_NAMES = r"((?:`[^`]+`(?:,? (?:and|or) |, )?)+)"
# How the SDK says that a field is on its way out. A pattern's group names the replacement.
_DEPRECATIONS: tuple[tuple[re.Pattern[str], Standing], ...] = (
    (re.compile(rf"^\**Deprecated\b[^.`]*?\bin favor of {_NAMES}"), "deprecated"),
    (re.compile(rf"^\**Deprecated\**[.:]\**\s+[Uu]se {_NAMES}"), "deprecated"),
    (re.compile(rf"^\**Deprecated and replaced by {_NAMES}"), "deprecated"),
    (re.compile(rf"\bis (?:now )?deprecated in favor of {_NAMES}"), "deprecated"),
    (re.compile(rf"^This field is being replaced by {_NAMES}"), "superseded"),
    (re.compile(r"^\**Deprecated\b"), "deprecated"),
)


def normalise(text: str) -> str:
    """Return ``text`` without what may change while its meaning stays.

    Line breaks, runs of blanks and the targets of links are dropped, so that a re-wrapped
    docstring or a moved web page does not make a Chinese text stale.
    """
    return " ".join(_LINK.sub(r"\1", text).split())


def digest(text: str) -> str:
    """Return the digest of the normalised ``text``, or an empty string when there is none."""
    normal = normalise(text)
    return hashlib.sha256(normal.encode()).hexdigest()[:DIGEST_LENGTH] if normal else ""


def read_doc(text: str) -> Doc:
    """Take a docstring apart into prose, retired values and deprecation.

    Args:
        text: The docstring, already dedented.
    """
    block = _BLOCK.search(text)
    prose = text
    retirements: tuple[Retirement, ...] = ()
    if block:
        prose = text[: block.start()] + text[block.end() :]
        retirements = tuple(_read_retirements(block["items"]))
    prose = prose.strip()
    standing, replacements = _read_standing(normalise(prose))
    return Doc(prose, digest(prose), retirements, standing, replacements)


def _read_retirements(items: str):
    for item in re.split(r"^[ \t]*- ", items, flags=re.M)[1:]:
        head, _, note = " ".join(item.split()).partition(": ")
        values = tuple(re.findall(r'"([^"]+)"', head))
        if values:
            yield Retirement(values, _read_date(note), note)


def _read_date(note: str) -> datetime.date | None:
    if found := _ISO_DATE.search(note):
        year, month, day = map(int, found.groups())
        return datetime.date(year, month, day)
    if found := _LONG_DATE.search(note):
        return datetime.date(int(found[3]), _MONTHS[found[1]], int(found[2]))
    return None


def _read_standing(prose: str) -> tuple[Standing, tuple[str, ...]]:
    for pattern, standing in _DEPRECATIONS:
        if found := pattern.search(prose):
            names = re.findall(r"`([^`]+)`", found[1]) if found.groups() else []
            return standing, tuple(names)
    return "current", ()


def split_arguments(text: str, names: list[str]) -> tuple[str, dict[str, str]]:
    """Split a method docstring into its description and the texts of its arguments.

    The SDK writes Google style but loses the indent of every paragraph after the first, which
    stops ordinary parsers. The names are known from the signature, so an argument's text is
    simply everything up to the next known name at the start of a line.

    Args:
        text: The method's docstring, dedented.
        names: The parameter names of the signature.

    Returns:
        The description, and the text of each argument that has one.
    """
    description, found, arguments = text.partition("\nArgs:\n")
    if not found:
        return text.strip(), {}
    start = re.compile(rf"^ {{0,4}}({'|'.join(map(re.escape, names))}): ?", re.M)
    matches = list(start.finditer(arguments))
    texts = {}
    for match, following in zip(matches, [*matches[1:], None], strict=True):
        end = following.start() if following else len(arguments)
        lines = arguments[match.end() : end].splitlines()
        # Where the indent survived it is six blanks; deeper ones belong to lists.
        texts[match[1]] = "\n".join(re.sub(r"^ {1,6}", "", line) for line in lines).strip()
    return description.strip(), texts
