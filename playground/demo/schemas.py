"""Values that satisfy a JSON schema and, where the text gives them, hold its words."""

import hashlib
import re
from datetime import timedelta
from typing import Any

from playground.data import load_data
from playground.demo import answers, extract
from playground.demo.clock import START

SCALARS = ("string", "number", "integer", "boolean")
USUAL = ("2026-11-24", "09:00", "13800138000", "demo@example.com", "ABC-123", "#1E90FF", "1.0.0")
"""Strings that fit the patterns people usually write."""
DEPTH = 12
"""How deep a recursive schema is followed before its optional parts are left out."""


class Sampler:
    """Fills one schema from one text.

    Args:
        root: The schema; ``$ref`` is resolved inside it.
        text: The words to draw values from: the user's question.
    """

    def __init__(self, root: dict[str, Any], text: str) -> None:
        self.root = root
        self.text = text
        self.material = answers.material(text)

    def sample(self) -> Any:
        """Return a value that satisfies the schema."""
        return self._any(self.root, "", 0)

    def _any(self, schema: Any, name: str, depth: int) -> Any:
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._enum(schema["enum"])
        for key in ("anyOf", "oneOf"):
            if schema.get(key):
                return self._choice(schema, schema[key], name, depth)
        match self._type(schema):
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, name, depth)
            case "string":
                return self._string(schema, name)
            case "integer":
                return int(self._number(schema, name, whole=True))
            case "number":
                return self._number(schema, name, whole=False)
            case "boolean":
                return self._boolean(name, schema)
            case "null":
                return None
        return self.text or "离线演示"

    def _resolved(self, schema: Any) -> dict[str, Any]:
        """Follow ``$ref`` and merge ``allOf``."""
        if not isinstance(schema, dict):
            return {}
        seen = 0
        while "$ref" in schema and seen < DEPTH:
            target: Any = self.root
            for part in schema["$ref"].lstrip("#").strip("/").split("/"):
                if part:
                    part = part.replace("~1", "/").replace("~0", "~")
                    target = target.get(part, {}) if isinstance(target, dict) else {}
            schema = {**target, **{k: v for k, v in schema.items() if k != "$ref"}}
            seen += 1
        for part in schema.get("allOf", ()):
            part = self._resolved(part)
            properties = {**part.get("properties", {}), **schema.get("properties", {})}
            required = [*part.get("required", []), *schema.get("required", [])]
            schema = {**part, **schema}
            if properties:
                schema["properties"] = properties
            if required:
                schema["required"] = list(dict.fromkeys(required))
        return schema

    @staticmethod
    def _type(schema: dict[str, Any]) -> str | None:
        named = schema.get("type")
        if isinstance(named, list):
            named = next((t for t in named if t != "null"), "null")
        if named is None and "properties" in schema:
            return "object"
        if named is None and "items" in schema:
            return "array"
        return named

    def _choice(self, schema: dict[str, Any], options: list[Any], name: str, depth: int) -> Any:
        """Take the first alternative that is not null; null when that goes too deep."""
        rest = {k: v for k, v in schema.items() if k in ("description", "title")}
        null = any(self._type(self._resolved(o)) == "null" for o in options)
        absent = self._absent(name, schema) or self._unknown(name, schema, options)
        if null and (depth > DEPTH // 2 or absent):
            return None
        flat = [o for o in options if self._type(self._resolved(o)) in SCALARS]
        ordered = flat if depth > DEPTH // 2 and flat else options
        for option in ordered:
            resolved = self._resolved(option)
            if self._type(resolved) != "null":
                return self._any({**rest, **resolved}, name, depth + 1)
        return None

    def _absent(self, name: str, schema: dict[str, Any]) -> bool:
        """Return whether the text has nothing of the kind that a nullable property asks for."""
        kind = kind_of_property(name, schema)
        return kind in FINDERS and not FINDERS[kind](self.text)

    def _unknown(self, name: str, schema: dict[str, Any], options: list[Any]) -> bool:
        """Return whether a nullable text asks for something that the demo cannot look for."""
        texts = [o for o in map(self._resolved, options) if self._type(o) == "string"]
        bound = any(text.keys() & {"enum", "const", "format", "pattern"} for text in texts)
        return bool(texts) and not bound and kind_of_property(name, schema) is None

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        required = schema.get("required", [])
        made = {}
        properties = schema.get("properties", {})
        kinds = {n: kind_of_property(n, p) for n, p in properties.items() if isinstance(p, dict)}
        for name, part in properties.items():
            if kinds.get(name) == "person" and "people" in kinds.values():
                part = {**part, "description": "event"}  # the name of what the people do
            if name in required or (depth < 3 and self._wanted(name, part)):
                made[name] = self._any(part, name, depth + 1)
        for name in required:
            made.setdefault(name, "离线演示")
        return made

    def _wanted(self, name: str, part: Any) -> bool:
        """Return whether the text has something to say for an optional property."""
        part = self._resolved(part)
        if "enum" in part:
            return any(_mentioned(v, self.text) for v in part["enum"])
        kind = kind_of_property(name, part)
        return kind in FINDERS and bool(FINDERS[kind](self.text))

    def _array(self, schema: dict[str, Any], name: str, depth: int) -> list[Any]:
        least = schema.get("minItems", 0)
        most = schema.get("maxItems", max(least, 3))
        items = self._resolved(schema.get("items", {}))
        if depth > DEPTH:
            found: list[Any] = []
        elif self._type(items) == "string" and "enum" not in items and "const" not in items:
            kind = kind_of_property(name, {**schema, **items})
            found = FINDERS[kind](self.text) if kind in FINDERS else []
            if not found and kind not in ("people", "person"):
                found = extract.keywords(self.material)
            found = found or [self._string(items, name)]
            if schema.get("maxItems") is None:
                most = max(most, len(found))
        elif "enum" in items:
            found = [v for v in items["enum"] if _mentioned(v, self.text)] or [items["enum"][0]]
        elif self._type(items) in ("integer", "number"):
            numbers = extract.numbers(self.text)
            whole = self._type(items) == "integer"
            found = [int(n) if whole else n for n in numbers] or [self._any(items, name, depth + 1)]
            if schema.get("maxItems") is None:
                most = max(most, len(found))
        else:
            found = [self._any(items, name, depth + 1)]
        while len(found) < least:
            found.append(
                found[-1] if not schema.get("uniqueItems") else self._unique(items, len(found))
            )
        return found[:most]

    @staticmethod
    def _unique(items: dict[str, Any], index: int) -> Any:
        if "enum" in items:
            return items["enum"][index % len(items["enum"])]
        return index if items.get("type") in ("integer", "number") else f"离线演示 {index + 1}"

    def _enum(self, values: list[Any]) -> Any:
        for value in values:
            if _mentioned(value, self.text):
                return value
        feeling = answers.feeling(self.material)
        for value in values:
            if isinstance(value, str) and value.lower() == feeling:
                return value
            words = load_data("playground.demo", "extract")["synonyms"].get(feeling, [])
            if value in words:
                return value
        topic = answers.topic(self.material)
        return topic if topic in values else values[0]

    def _boolean(self, name: str, schema: dict[str, Any]) -> bool:
        about = f"{name} {schema.get('description', '')}"
        if re.search("negative|负面|spam|error|错误", about):
            return answers.feeling(self.material) == "negative"
        return not re.search(r"不(?:要|用|需要)|别|没有|\bnot?\b", self.text)

    def _number(self, schema: dict[str, Any], name: str, *, whole: bool) -> float:
        low = schema.get("minimum", schema.get("exclusiveMinimum"))
        high = schema.get("maximum", schema.get("exclusiveMaximum"))
        step = schema.get("multipleOf") or (1 if whole else None)

        def fits(value: float) -> bool:
            return (
                (low is None or value > low or (value == low and "minimum" in schema))
                and (high is None or value < high or (value == high and "maximum" in schema))
                and (step is None or abs(value / step - round(value / step)) < 1e-9)
            )

        about = f"{name} {schema.get('description', '')}"
        if re.search(r"confidence|probability|置信|概率", about, re.IGNORECASE) and fits(0.9):
            return 0.9
        found = [n for n in self._ordered(about) if fits(n)]
        if found:
            return found[0]
        candidates = [1.0, 0.0]
        unit = step or 0.5
        if low is not None:
            first = -(-low // unit) * unit
            candidates += [first, first + unit]
        if high is not None:
            last = high // unit * unit
            candidates += [last, last - unit]
        if low is not None and high is not None:
            candidates.append((low + high) / 2)
        return next((c for c in candidates if fits(c)), low if low is not None else 0)

    def _ordered(self, about: str) -> list[float]:
        """Return the numbers of the text, for ``a`` and ``b`` the one that is their turn."""
        numbers = extract.numbers(self.text)
        name = about.split()[0].lower() if about.split() else ""
        second = name in ("b", "y", "num2", "second", "right", "end", "n2", "number2")
        return numbers[1:] if second and len(numbers) > 1 else numbers

    def _string(self, schema: dict[str, Any], name: str) -> str:
        if "format" in schema and "pattern" not in schema:
            formatted = self._formatted(schema["format"], name)
            if formatted is not None:
                return formatted
        if "pattern" in schema:
            return self._patterned(schema)
        kind = kind_of_property(name, schema)
        text = self._of_kind(kind, name)
        least, most = schema.get("minLength", 0), schema.get("maxLength")
        if len(text) < least:
            text += "。" * (least - len(text))
        return text[:most] if most is not None else text

    def _of_kind(self, kind: str | None, name: str) -> str:
        if kind in FINDERS:
            found = FINDERS[kind](self.text)
            if found:
                return str(found[0])
        match kind:
            case "sentiment":
                return answers.FEELINGS[answers.feeling(self.material)]
            case "category":
                return answers.topic(self.material) or "其他"
            case "summary":
                return re.split(r"(?<=[。！？!?])", self.material)[0][:60] or "离线演示"
            case "event" | "query":
                return self.material[:60] or "离线演示"
            case "expression":
                sums = re.findall(r"[\d(][\d\s.+\-*/×÷()^]*[\d)]", self.text)
                return sums[0].strip() if sums else self.material[:60] or "1+1"
        words = extract.keywords(self.material)
        return words[0] if words and kind is not None else f"离线演示：{name or '文本'}"

    def _formatted(self, format: str, name: str) -> str | None:
        match format:
            case "date":
                return extract.iso_date(self.text) or self._day()
            case "date-time":
                return f"{extract.iso_date(self.text) or self._day()}T09:00:00Z"
            case "time":
                return "09:00:00Z"
            case "duration":
                return "PT1H"
            case "email":
                return next(iter(extract.emails(self.text)), "demo@example.com")
            case "uri" | "url":
                return next(iter(extract.urls(self.text)), "https://example.com/")
            case "hostname":
                return "example.com"
            case "ipv4":
                return "192.0.2.1"
            case "ipv6":
                return "2001:db8::1"
            case "uuid":
                hexa = hashlib.sha256(f"{self.text}{name}".encode()).hexdigest()
                return f"{hexa[:8]}-{hexa[8:12]}-4{hexa[13:16]}-8{hexa[17:20]}-{hexa[20:32]}"
        return None

    def _day(self) -> str:
        """Return the day the text speaks of, counted from the day on which the clock starts."""
        ahead = {"明天": 1, "tomorrow": 1, "后天": 2, "大后天": 3, "昨天": -1, "yesterday": -1}
        named = next(iter(extract.dates(self.text)), "")
        day = START.date() + timedelta(days=ahead.get(named, 0))
        return day.isoformat()

    def _patterned(self, schema: dict[str, Any]) -> str:
        """Return a string for ``pattern``: words of the text, usual forms, or one built from it."""
        pattern = schema["pattern"]
        words = re.findall(r"[^\s，。！？、,!?]+", self.text)
        for candidate in (*words, *USUAL):
            if re.search(pattern, candidate):
                return candidate
        return _from_pattern(pattern)


def _from_pattern(pattern: str) -> str:
    """Build the shortest plain string for a regular expression, from Python's own parse of it."""
    from re import _constants, _parser  # pyright: ignore[reportAttributeAccessIssue]

    def build(parts: Any) -> str:
        made = ""
        for op, argument in parts:
            if op is _constants.LITERAL:
                made += chr(argument)
            elif op is _constants.IN:
                made += member(argument)
            elif op in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
                low, _, inner = argument
                made += build(inner) * low
            elif op is _constants.SUBPATTERN:
                made += build(argument[-1])
            elif op is _constants.BRANCH:
                made += build(argument[1][0])
            elif op is _constants.ANY:
                made += "a"
        return made

    def member(options: Any) -> str:
        if options and options[0][0] is _constants.NEGATE:
            taken = {chr(a) for op, a in options[1:] if op is _constants.LITERAL}
            return next(c for c in "abc0-_ " if c not in taken)
        op, argument = options[0]
        if op is _constants.LITERAL:
            return chr(argument)
        if op is _constants.RANGE:
            return chr(argument[0])
        return {
            _constants.CATEGORY_DIGIT: "0",
            _constants.CATEGORY_SPACE: " ",
        }.get(argument, "a")

    return build(_parser.parse(pattern))


FINDERS = {
    "city": extract.cities,
    "place": extract.places,
    "person": extract.people,
    "people": extract.people,
    "date": extract.dates,
    "time": extract.times,
    "email": extract.emails,
    "phone": extract.phones,
    "url": extract.urls,
    "keywords": extract.keywords,
    "age": lambda text: re.findall(r"(\d{1,3}) ?岁", text),
    "event": lambda text: [e for e in [extract.event(text)] if e],
}
"""How each kind of thing is found in a text."""


def kind_of_property(name: str, schema: dict[str, Any]) -> str | None:
    """Return what a property holds, by its name first and its description second."""
    table = load_data("playground.demo", "extract")["properties"]
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name)
    if schema.get("description") == "event":
        return "event"
    for words in (f"{name} {spaced}", schema.get("description", ""), schema.get("title", "")):
        for kind, pattern in table:
            if re.search(pattern, words, re.IGNORECASE):
                return kind
    return None


def _mentioned(value: Any, text: str) -> bool:
    if not isinstance(value, str) or not value:
        return False
    words = load_data("playground.demo", "extract")["synonyms"].get(value.lower(), [])
    if value.isascii():
        return bool(re.search(rf"\b{re.escape(value)}\b", text, re.IGNORECASE)) or any(
            w in text for w in words
        )
    return value in text or any(w in text for w in words)


def sample(schema: dict[str, Any], text: str) -> Any:
    """Return a value that satisfies ``schema``, drawn from the words of ``text``."""
    return Sampler(schema, text).sample()
