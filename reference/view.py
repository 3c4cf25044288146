"""What a page shows of one method: the tree joined with the Chinese entries, with anchors.

Templates only loop over these objects; every decision about order, words, marks and sharing is
made here.
"""

import datetime
import os
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby

from markupsafe import Markup, escape

from reference.entries import Entry, EntryBook
from reference.markup import autorefs, first_sentence, inline, to_html, with_links
from reference.sdk import Sdk
from reference.subjects import is_tag
from reference.tree import (
    Doc,
    Enum,
    Field,
    Method,
    ObjectRef,
    ObjectType,
    Retirement,
    Scalar,
    Type,
    alternatives,
    enums,
    object_refs,
)
from reference.words import plain_words

# Up to this many fields a page shows every object where it is used, with an anchor for each path.
# Above it, types with several uses are shown once, at the end of the page, and linked.
INLINE_LIMIT = 300

_LIMIT_WORDS = {
    "min_length": "至少 {} 个字符",
    "max_length": "最长 {} 个字符",
    "min_items": "至少 {} 项",
    "max_items": "最多 {} 项",
}


@dataclass
class ValueView:
    """One enum value: what it means, and when it goes or went."""

    value: str
    text: Markup


@dataclass
class RetirementView:
    """Enum values that go, or went, on the same day."""

    when: str
    values: list[str]


@dataclass
class FieldView:
    """A parameter or field as the reader sees it."""

    anchor: str
    name: str
    type: Markup
    required: bool
    standing: str
    replaced_by: list[Markup]
    defaults: list[Markup]
    limits: list[str]
    text: Markup
    english: Markup
    summary: str
    values: list[ValueView]
    other_values: bool
    retiring: list[RetirementView]
    retired: list[RetirementView]
    retired_count: int
    fields: list["FieldView"] = field(default_factory=list)
    variants: list["VariantView"] = field(default_factory=list)


@dataclass
class VariantView:
    """One of several object types: folded in place, or a link to where it is shown."""

    anchor: str
    label: str
    tag: str
    summary: str
    href: str
    english: Markup
    fields: list[FieldView] = field(default_factory=list)


@dataclass
class TypeView:
    """An object type with several uses, shown once per page."""

    anchor: str
    name: str
    text: Markup
    english: Markup
    summary: str
    uses: int
    fields: list[FieldView]


@dataclass
class MethodView:
    """A method as the reader sees it."""

    method: Method
    anchor: str
    text: Markup
    english: Markup
    summary: str
    required: list[FieldView]
    optional: list[FieldView]
    superseded: list[FieldView]
    types: list[TypeView]
    missing: int

    @property
    def returns(self) -> list[str]:
        """What the method returns: one type, or one of several."""
        return [part.strip() for part in self.method.returns.split(" | ")]

    @property
    def params(self) -> list[FieldView]:
        """All parameters in the order of the page."""
        return self.required + self.optional + self.superseded


def build_day() -> datetime.date:
    """Return the day the site is built for; ``SOURCE_DATE_EPOCH`` sets it for repeatable builds."""
    if epoch := os.environ.get("SOURCE_DATE_EPOCH"):
        return datetime.datetime.fromtimestamp(int(epoch), datetime.UTC).date()
    return datetime.datetime.now(datetime.UTC).date()


class ViewBuilder:
    """Builds the view of one method.

    Args:
        sdk: The SDK.
        book: The Chinese entries.
        method: The method.
        today: The day that decides whether a value is retired already.
        inline_limit: See :data:`INLINE_LIMIT`.
    """

    def __init__(
        self,
        sdk: Sdk,
        book: EntryBook,
        method: Method,
        today: datetime.date | None = None,
        inline_limit: int = INLINE_LIMIT,
    ) -> None:
        self._sdk = sdk
        self._book = book
        self._method = method
        self._today = today or build_day()
        self._missing = 0
        self._twins = _twins(sdk, method)
        self._shared = self._choose_shared(inline_limit)

    def build(self) -> MethodView:
        """Return the view."""
        method = self._method
        entry = self._entry(method.place, method.doc)
        params = [self._field(param, method.place) for param in method.params]
        types = self._type_views()
        return MethodView(
            method=method,
            anchor=method.place,
            text=self._html(entry),
            english=to_html(method.doc.text),
            summary=first_sentence(entry.text) if entry else "",
            required=[p for p in params if p.required and not _goes(p)],
            optional=[p for p in params if not p.required and not _goes(p)],
            superseded=[p for p in params if _goes(p)],
            types=types,
            missing=self._missing,
        )

    # -- which types are shown once ------------------------------------------------------------

    def _choose_shared(self, limit: int) -> dict[str, str]:
        """Return the anchor of each type that is shown once, by its place."""
        types = [param.type for param in self._method.params]
        if self._expanded(types, limit) <= limit:
            return {}
        uses: Counter[str] = Counter()
        for source in [*types, *self._reached_types(types)]:
            uses.update({self._twins.get(r.place, r.place) for r in object_refs(source)})
        shared = [place for place, count in uses.items() if count > 1]
        names = Counter(place.rpartition(".")[2] for place in shared)
        anchors = {}
        for place in shared:
            module, _, name = place.rpartition(".")
            label = name if names[name] == 1 else f"{module.rpartition('.')[2]}.{name}"
            anchors[place] = f"{self._method.place}.{label}"
        self._uses = uses
        return anchors

    def _reached_types(self, types: list[Type]) -> list[Type]:
        objects = self._sdk.objects_in(types)
        canonical = {self._twins.get(place, place) for place in objects}
        return [f.type for place in canonical for f in self._sdk.object_type(place).fields]

    def _expanded(self, types: list[Type], limit: int) -> int:
        """Count the fields when every object is shown at each use; stops counting past limit."""
        count = 0
        waiting = [ref for type_ in types for ref in dict.fromkeys(object_refs(type_))]
        while waiting and count <= limit:
            fields = self._sdk.object_type(waiting.pop()).fields
            count += len(fields)
            waiting += [ref for f in fields for ref in dict.fromkeys(object_refs(f.type))]
        return count

    def _type_views(self) -> list[TypeView]:
        views = []
        for place, anchor in sorted(self._shared.items(), key=lambda item: item[1].lower()):
            object_type = self._sdk.object_type(place)
            entry = self._book.find(place, object_type.doc)
            views.append(
                TypeView(
                    anchor=anchor,
                    name=anchor.removeprefix(f"{self._method.place}."),
                    text=self._html(entry),
                    english=to_html(object_type.doc.text),
                    summary=first_sentence(entry.text) if entry else "",
                    uses=self._uses[place],
                    fields=self._fields(object_type, anchor),
                )
            )
        return views

    # -- fields ----------------------------------------------------------------------------------

    def _fields(self, object_type: ObjectType, prefix: str) -> list[FieldView]:
        views = [self._field(f, prefix) for f in object_type.fields]
        return sorted(views, key=lambda view: (_goes(view), not view.required))

    def _field(self, source: Field, prefix: str) -> FieldView:
        anchor = f"{prefix}.{source.name}"
        entry = None if is_tag(source) else self._entry(source.place, source.doc)
        # A tag may still have a text of its own, when there is more to say than its value.
        entry = entry or self._book.find(source.place, source.doc)
        lists = list(enums(source.type))
        retirements = _merge(source.doc.retirements, *(e.retirements for e in lists))
        gone = {value for r in retirements for value in r.values}
        retired = [r for r in retirements if r.date is None or r.date <= self._today]
        view = FieldView(
            anchor=anchor,
            name=source.name,
            type=self._type_words(source.type),
            required=source.required,
            standing=source.doc.standing,
            replaced_by=self._replacements(entry, source.doc, prefix),
            defaults=[_default(d.value, d.when) for d in entry.defaults] if entry else [],
            limits=_limits(entry),
            text=self._html(entry) if entry else _tag_text(source),
            english=to_html(source.doc.text),
            summary=first_sentence(entry.text) if entry else "",
            values=self._values(lists, entry, gone) if source.constant is None else [],
            other_values=Scalar("string") in alternatives(source.type),
            retiring=_by_day([r for r in retirements if r not in retired], lists),
            retired=_by_day(retired, lists),
            retired_count=0,
        )
        view.retired_count = sum(len(group.values) for group in view.retired)
        self._nest(source.type, view)
        return view

    def _nest(self, type_: Type, view: FieldView) -> None:
        refs = list(dict.fromkeys(object_refs(type_)))
        if len(refs) == 1:
            place = self._canonical(refs[0])
            if place not in self._shared:
                view.fields = self._fields(self._sdk.object_type(place), view.anchor)
            return
        segments = _segments([self._sdk.object_type(ref) for ref in refs])
        for ref, segment in zip(refs, segments, strict=True):
            view.variants.append(self._variant(ref, segment, view.anchor))
        # Several forms with the same tag are told apart by their names.
        tags = Counter(variant.tag for variant in view.variants)
        for variant, ref in zip(view.variants, refs, strict=True):
            if tags[variant.tag] > 1:
                variant.tag = self._sdk.object_type(ref).name.removesuffix("Param")

    def _variant(self, ref: ObjectRef, segment: str, prefix: str) -> VariantView:
        place = self._canonical(ref)
        own = self._sdk.object_type(ref)
        tag = own.tag
        entry = self._entry(own.place, own.doc)
        anchor = f"{prefix}.{segment}"
        shared = self._shared.get(place)
        return VariantView(
            anchor=anchor,
            label=segment,
            tag=f"{tag.name}: {_json(tag.constant)}" if tag else own.name.removesuffix("Param"),
            summary=inline_text(self._html(entry)),
            href=f"#{shared}" if shared else "",
            english=to_html(own.doc.text),
            fields=[] if shared else self._fields(own, anchor),
        )

    def _canonical(self, ref: ObjectRef) -> str:
        return self._twins.get(ref.place, ref.place)

    # -- words -----------------------------------------------------------------------------------

    def _entry(self, place: str, doc: Doc) -> Entry | None:
        entry = self._book.find(place, doc)
        if entry is None:
            self._missing += 1
        return entry

    def _html(self, entry: Entry | None) -> Markup:
        return self._markdown(entry.text) if entry else Markup("")

    def _markdown(self, text: str) -> Markup:
        return autorefs(to_html(with_links(text, self._param_anchor)))

    def _param_anchor(self, name: str) -> str | None:
        head = name.partition(".")[0]
        known = any(param.name == head for param in self._method.params)
        return f"{self._method.place}.{name}" if known else None

    def _type_words(self, type_: Type) -> Markup:
        words = str(escape(plain_words(type_)))
        refs = list(dict.fromkeys(object_refs(type_)))
        if len(refs) == 1 and (anchor := self._shared.get(self._canonical(refs[0]))):
            name = anchor.removeprefix(f"{self._method.place}.")
            link = f'对象 <a href="#{escape(anchor)}">{escape(name)}</a> '
            words = words.replace("对象", link, 1).rstrip()
        return Markup(words)

    def _replacements(self, entry: Entry | None, doc: Doc, prefix: str) -> list[Markup]:
        names = (entry.replaced_by if entry else ()) or doc.replacements
        links = []
        for name in names:
            code = Markup("<code>{}</code>").format(name)
            head = name.partition(".")[0]
            if prefix == self._method.place and any(p.name == head for p in self._method.params):
                code = Markup('<a href="#{}.{}">{}</a>').format(prefix, name, code)
            links.append(code)
        return links

    def _values(self, lists: list[Enum], entry: Entry | None, gone: set[str]) -> list[ValueView]:
        values = dict.fromkeys(_json(v) for e in lists for v in e.values)
        texts = entry.values if entry else {}
        return [
            ValueView(value, inline(self._markdown(texts[value])) if value in texts else Markup(""))
            for value in values
            if value not in gone
        ]


def inline_text(html: Markup) -> str:
    """Return the first paragraph's content; used where a summary must not hold blocks."""
    found = re.match(r"<p>(.*?)</p>", str(html), re.S)
    return Markup(found[1]) if found else Markup("")


def _goes(view: FieldView) -> bool:
    return view.standing != "current"


def _json(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _tag_text(source: Field) -> Markup:
    if source.constant is None:
        return Markup("")
    return Markup("<p>固定写 <code>{}</code>。</p>").format(_json(source.constant))


def _default(value: object, when: str) -> Markup:
    if isinstance(value, list):
        shown = ", ".join(f'"{v}"' if isinstance(v, str) else _json(v) for v in value)
        shown = f"[{shown}]"
    else:
        shown = "null" if value is None else _json(value)
    code = Markup("<code>{}</code>").format(shown)
    return code + Markup("（") + inline(to_html(when)) + Markup("）") if when else code


def _limits(entry: Entry | None) -> list[str]:
    if entry is None:
        return []
    limits = dict(entry.range)
    words = []
    low, high = limits.pop("min", None), limits.pop("max", None)
    if low is not None and high is not None:
        words.append(f"范围 {_number(low)} 到 {_number(high)}")
    elif low is not None:
        words.append(f"不小于 {_number(low)}")
    elif high is not None:
        words.append(f"不大于 {_number(high)}")
    return words + [_LIMIT_WORDS[name].format(_number(value)) for name, value in limits.items()]


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _merge(*sources: tuple[Retirement, ...]) -> list[Retirement]:
    """Join retirement lists; a value that stands in several keeps its first mark."""
    seen: set[str] = set()
    merged = []
    for retirement in (r for source in sources for r in source):
        values = tuple(v for v in retirement.values if v not in seen)
        if values:
            seen.update(values)
            merged.append(Retirement(values, retirement.date, retirement.note))
    return merged


def _by_day(retirements: list[Retirement], lists: list[Enum]) -> list[RetirementView]:
    known = {_json(v) for e in lists for v in e.values}
    far = datetime.date.max
    ordered = sorted(retirements, key=lambda r: r.date or far)
    groups = []
    for date, same_day in groupby(ordered, key=lambda r: r.date):
        values = [v for r in same_day for v in r.values if v in known]
        if values:
            groups.append(RetirementView(date.isoformat() if date else "", values))
    return groups


def _segments(objects: list[ObjectType]) -> list[str]:
    """Return the anchor segment of each variant: its tag's value, or its name where that fails."""
    tags = [str(o.discriminator.constant) if o.discriminator else "" for o in objects]
    taken = Counter(tag for tag in tags if tag)
    segments = []
    for tag, object_type in zip(tags, objects, strict=True):
        segment = tag if tag and taken[tag] == 1 else _snake(object_type.name)
        if segment != tag:
            taken[segment] += 1
            if taken[segment] > 1:
                segment = f"{segment}-{taken[segment]}"
        segments.append(re.sub(r"[^\w-]+", "-", segment))
    return segments


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.removesuffix("Param")).lower()


def _twins(sdk: Sdk, method: Method) -> dict[str, str]:
    """Return, for types that read the same as an earlier one, that earlier one's place.

    The SDK's generator writes the same class again in every module that needs it.
    """
    objects = sdk.objects_in([param.type for param in method.params])
    first: dict[object, str] = {}
    twins = {}
    # Nested types first, so that twins made of twins are found.
    for place, object_type in reversed(objects.items()):
        shape = (
            object_type.doc.digest,
            tuple(
                (f.name, f.required, f.doc.digest, _shape(f.type, twins))
                for f in object_type.fields
            ),
        )
        if other := first.get(shape):
            twins[place] = other
        first.setdefault(shape, place)
    return twins


def _shape(type_: Type, twins: dict[str, str]) -> str:
    text = repr(type_)
    for ref in object_refs(type_):
        text = text.replace(repr(ref.place), repr(twins.get(ref.place, ref.place)))
    return text
