"""What a page shows of a method or a response object: the tree joined with the entries.

Templates only loop over these objects; every decision about order, words, marks and sharing is
made here.
"""

import datetime
import os
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby

from markupsafe import Markup, escape

from reference.entries import Entry, EntryBook
from reference.markup import autorefs, first_sentence, inline, to_html, with_links
from reference.sdk import Sdk
from reference.subjects import is_tag
from reference.tree import (
    Array,
    Doc,
    Enum,
    Field,
    Map,
    Method,
    ObjectRef,
    ObjectType,
    Retirement,
    Scalar,
    Type,
    Union,
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
    presence: str
    required: bool
    translated: bool
    standing: str
    replaced_by: list[Markup]
    defaults: list[Markup]
    limits: list[str]
    text: Markup
    english: Markup
    summary: str
    values: list[ValueView]
    values_label: str
    retiring: list[RetirementView]
    retired: list[RetirementView]
    retired_count: int
    fields: list["FieldView"] = field(default_factory=list)
    variants: list["VariantView"] = field(default_factory=list)


@dataclass
class VariantView:
    """One of several object types: folded in place, or a link to where it is shown.

    `summary` is the first paragraph of its text and stands in the list of forms, `text` the rest.
    `href` leads to another place of this page, `page` names the response object of another page.
    """

    anchor: str
    label: str
    tag: str
    summary: Markup
    text: Markup
    href: str
    page: str
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
class GroupView:
    """Fields under one heading."""

    anchor: str
    title: str
    fields: list[FieldView]


@dataclass
class UnitView:
    """A method or a response object as the reader sees it.

    `summaries` holds the first sentence of each anchor that has one, `originals` the English of
    each anchor whose Chinese text stands in its place.
    """

    anchor: str
    text: Markup
    english: Markup
    summary: str
    call: str
    endpoint: str
    returns: list[Markup]
    signature: str
    deprecated: bool
    groups: list[GroupView]
    variants: list[VariantView]
    types: list[TypeView]
    summaries: Mapping[str, str]
    originals: Mapping[str, Markup]
    missing: int


def build_day() -> datetime.date:
    """Return the day the site is built for; ``SOURCE_DATE_EPOCH`` sets it for repeatable builds."""
    if epoch := os.environ.get("SOURCE_DATE_EPOCH"):
        return datetime.datetime.fromtimestamp(int(epoch), datetime.UTC).date()
    return datetime.datetime.now(datetime.UTC).date()


def method_view(
    sdk: Sdk,
    book: EntryBook,
    method: Method,
    pages: Mapping[str, str] | None = None,
    inline_limit: int = INLINE_LIMIT,
) -> UnitView:
    """Return the view of a method.

    Args:
        sdk: The SDK.
        book: The Chinese entries.
        method: The method.
        pages: The response objects that have a page, by name: their places.
        inline_limit: See :data:`INLINE_LIMIT`.
    """
    pages = pages or {}
    builder = _Builder(sdk, book, method.place, method.params, pages, inline_limit, request=True)
    params = [builder.field(param, method.place) for param in method.params]
    required = [p for p in params if p.required and not _goes(p)]
    optional = [p for p in params if not p.required and not _goes(p)]
    gone = [p for p in params if _goes(p)]
    names = [f"{p.name}=…" for p in required] + (["…"] if optional or gone else [])
    groups = [
        GroupView(f"{method.place}--required", "必填参数", required),
        GroupView(f"{method.place}--optional", "选填参数", optional),
        GroupView(f"{method.place}--superseded", "已弃用的参数", gone),
    ]
    return replace(
        builder.unit(method.place, method.place, method.doc),
        call=f"client.{method.place}({', '.join(names)})",
        endpoint=f"{method.verb} {method.endpoint}".strip(),
        returns=[_returned(part, pages) for part in method.returns.split(" | ") if part],
        signature=method.signature,
        deprecated=bool(method.deprecation),
        groups=[group for group in groups if group.fields],
    )


def object_view(
    sdk: Sdk,
    book: EntryBook,
    name: str,
    pages: Mapping[str, str],
    inline_limit: int = INLINE_LIMIT,
) -> UnitView:
    """Return the view of the response object ``name``; the arguments are as in `method_view`."""
    type_ = sdk.type_at(pages[name])
    others = {other: place for other, place in pages.items() if other != name}
    if isinstance(type_, ObjectRef):
        root = sdk.object_type(type_)
        builder = _Builder(sdk, book, name, root.fields, others, inline_limit)
        unit = builder.unit(name, root.place, root.doc)
        fields = builder.fields(root, name)
        return replace(unit, groups=[GroupView(f"{name}--fields", "字段", fields)])
    only = Field(name, pages[name], True, type_, Doc())
    builder = _Builder(sdk, book, name, (only,), others, inline_limit)
    unit = builder.unit(name, "", Doc())
    # What is explained comes first; the built-in tools' own forms follow.
    variants = sorted(builder.variants(type_, name), key=lambda variant: not variant.summary)
    return replace(unit, variants=variants)


class _Builder:
    """Builds the views of one page.

    Args:
        sdk: The SDK.
        book: The Chinese entries.
        root: The anchor that all others of the page begin with.
        top: The parameters or fields of the first level.
        pages: The places of the response objects that have a page of their own, by name.
        inline_limit: See :data:`INLINE_LIMIT`.
        request: Whether the reader writes these objects, or reads them.
    """

    def __init__(
        self,
        sdk: Sdk,
        book: EntryBook,
        root: str,
        top: tuple[Field, ...],
        pages: Mapping[str, str],
        inline_limit: int,
        request: bool = False,
    ) -> None:
        self._sdk = sdk
        self._book = book
        self._root = root
        self._names = {f.name for f in top}
        self._elsewhere = {place: name for name, place in pages.items()}
        self._unions_elsewhere = {
            name for name, place in pages.items() if not isinstance(sdk.type_at(place), ObjectRef)
        }
        self._request = request
        self._today = build_day()
        self._missing = 0
        self._summaries: dict[str, str] = {}
        self._originals: dict[str, Markup] = {}
        types = [f.type for f in top]
        objects = self._objects_in(types)
        self._twins = _twins(objects)
        self._uses: Counter[str] = Counter()
        self._shared: dict[str, str] = {}
        if self._expanded(types, inline_limit) > inline_limit:
            self._shared = self._choose_shared(types, objects)

    def unit(self, anchor: str, place: str, doc: Doc) -> UnitView:
        """Return the view of the page, without what only methods or only objects have."""
        types = self._type_views()
        entry = self._entry(place, doc) if place else None
        self._note(anchor, entry)
        return UnitView(
            anchor=anchor,
            text=self._html(entry),
            english=to_html(doc.text),
            summary=first_sentence(entry.text) if entry else "",
            call="",
            endpoint="",
            returns=[],
            signature="",
            deprecated=False,
            groups=[],
            variants=[],
            types=types,
            summaries=self._summaries,
            originals=self._originals,
            missing=self._missing,
        )

    # -- which types are shown where -----------------------------------------------------------

    def _refs(self, type_: Type) -> list[ObjectRef]:
        """Return the object types in ``type_`` that are shown on this page."""
        match type_:
            case Array(inner) | Map(inner):
                return self._refs(inner)
            case Union(variants, name):
                if name in self._unions_elsewhere:
                    return []
                refs = [ref for variant in variants for ref in self._refs(variant)]
                return list(dict.fromkeys(refs))
            case ObjectRef(place):
                return [] if place in self._elsewhere else [type_]
        return []

    def _page_of(self, type_: Type) -> str:
        """Return the name of the response object on another page that ``type_`` consists of."""
        match type_:
            case Array(inner) | Map(inner):
                return self._page_of(inner)
            case Union(variants, name):
                if name in self._unions_elsewhere:
                    return name
                return next(filter(None, map(self._page_of, variants)), "")
            case ObjectRef(place):
                return self._elsewhere.get(place, "")
        return ""

    def _objects_in(self, types: list[Type]) -> dict[str, ObjectType]:
        reached: dict[str, ObjectType] = {}
        waiting = [ref for type_ in types for ref in self._refs(type_)]
        while waiting:
            ref = waiting.pop(0)
            if ref.place not in reached:
                reached[ref.place] = self._sdk.object_type(ref)
                for inner in reached[ref.place].fields:
                    waiting.extend(self._refs(inner.type))
        return reached

    def _choose_shared(self, types: list[Type], objects: dict[str, ObjectType]) -> dict[str, str]:
        """Return the anchor of each type that is shown once, by its place."""
        canonical = {self._twins.get(place, place) for place in objects}
        sources = [f.type for place in canonical for f in self._sdk.object_type(place).fields]
        for source in [*types, *sources]:
            self._uses.update({self._twins.get(r.place, r.place) for r in self._refs(source)})
        shared = [place for place, count in self._uses.items() if count > 1]
        names = Counter(place.rpartition(".")[2] for place in shared)
        anchors = {}
        for place in shared:
            module, _, name = place.rpartition(".")
            label = name if names[name] == 1 else f"{module.rpartition('.')[2]}.{name}"
            anchors[place] = f"{self._root}.{label}"
        return anchors

    def _expanded(self, types: list[Type], limit: int) -> int:
        """Count the fields when every object is shown at each use; stops counting past limit."""
        count = 0
        waiting = [ref for type_ in types for ref in self._refs(type_)]
        while waiting and count <= limit:
            fields = self._sdk.object_type(waiting.pop()).fields
            count += len(fields)
            waiting += [ref for f in fields for ref in self._refs(f.type)]
        return count

    def _type_views(self) -> list[TypeView]:
        views = []
        for place, anchor in sorted(self._shared.items(), key=lambda item: item[1].lower()):
            object_type = self._sdk.object_type(place)
            entry = self._book.find(place, object_type.doc)
            self._note(anchor, entry, object_type.doc)
            views.append(
                TypeView(
                    anchor=anchor,
                    name=anchor.removeprefix(f"{self._root}."),
                    text=self._html(entry),
                    english=to_html(object_type.doc.text),
                    summary=first_sentence(entry.text) if entry else "",
                    uses=self._uses[place],
                    fields=self.fields(object_type, anchor),
                )
            )
        return views

    # -- fields ----------------------------------------------------------------------------------

    def fields(self, object_type: ObjectType, prefix: str) -> list[FieldView]:
        """Return the fields of an object: what goes comes last, what is always there first."""
        views = [self.field(f, prefix) for f in object_type.fields]
        return sorted(views, key=lambda view: (_goes(view), not view.required))

    def field(self, source: Field, prefix: str) -> FieldView:
        """Return a parameter or field with everything below it."""
        anchor = f"{prefix}.{source.name}"
        entry = None if is_tag(source) else self._entry(source.place, source.doc)
        # A tag may still have a text of its own, when there is more to say than its value.
        entry = entry or self._book.find(source.place, source.doc)
        lists = list(enums(source.type))
        retirements = _merge(source.doc.retirements, *(e.retirements for e in lists))
        gone = {value for r in retirements for value in r.values}
        retired = [r for r in retirements if r.date is None or r.date <= self._today]
        own_text = entry is None and is_tag(source)
        self._note(anchor, entry, source.doc)
        view = FieldView(
            anchor=anchor,
            name=source.name,
            type=self._tag_words(source) if own_text else self._type_words(source.type),
            presence="" if own_text else self._presence(source),
            required=source.required,
            translated=entry is not None or own_text,
            standing=source.doc.standing,
            replaced_by=self._replacements(entry, source.doc, prefix),
            defaults=[_default(d.value, d.when) for d in entry.defaults] if entry else [],
            limits=_limits(entry),
            text=self._html(entry),
            english=Markup("") if own_text else to_html(source.doc.text),
            summary=first_sentence(entry.text) if entry else "",
            values=self._values(lists, entry, gone) if source.constant is None else [],
            values_label=self._values_label(source),
            retiring=_by_day([r for r in retirements if r not in retired], lists),
            retired=_by_day(retired, lists),
            retired_count=0,
        )
        view.retired_count = sum(len(group.values) for group in view.retired)
        refs = self._refs(source.type)
        if len(refs) == 1 and not self._is_choice(source.type):
            place = self._canonical(refs[0])
            if place not in self._shared:
                view.fields = self.fields(self._sdk.object_type(place), anchor)
        else:
            view.variants = self.variants(source.type, anchor)
        return view

    def _is_choice(self, type_: Type) -> bool:
        """Whether ``type_`` allows several objects, be they on this page or not."""
        return len(set(object_refs(type_))) > 1

    def variants(self, type_: Type, prefix: str) -> list[VariantView]:
        """Return the object types of a union, one of which is to be chosen."""
        if not self._refs(type_):
            return []
        refs = list(dict.fromkeys(object_refs(type_)))
        segments = _segments([self._sdk.object_type(ref) for ref in refs])
        views = [
            self._variant(ref, segment, prefix) for ref, segment in zip(refs, segments, strict=True)
        ]
        # Several forms with the same tag are told apart by their names.
        tags = Counter(variant.tag for variant in views)
        for variant, ref in zip(views, refs, strict=True):
            if tags[variant.tag] > 1:
                variant.tag = self._sdk.object_type(ref).name.removesuffix("Param")
        return views

    def _variant(self, ref: ObjectRef, segment: str, prefix: str) -> VariantView:
        place = self._canonical(ref)
        own = self._sdk.object_type(ref)
        tag = own.tag
        entry = self._entry(own.place, own.doc)
        anchor = f"{prefix}.{segment}"
        self._note(anchor, entry, own.doc)
        shared = self._shared.get(place)
        elsewhere = self._elsewhere.get(ref.place, "")
        summary, text = split_summary(self._html(entry))
        return VariantView(
            anchor=anchor,
            label=segment,
            tag=f"{tag.name}: {_json(tag.constant)}" if tag else own.name.removesuffix("Param"),
            summary=summary,
            text=text,
            href=f"#{shared}" if shared else "",
            page=elsewhere,
            english=to_html(own.doc.text),
            fields=[] if shared or elsewhere else self.fields(own, anchor),
        )

    def _canonical(self, ref: ObjectRef) -> str:
        return self._twins.get(ref.place, ref.place)

    # -- words -----------------------------------------------------------------------------------

    def _entry(self, place: str, doc: Doc) -> Entry | None:
        entry = self._book.find(place, doc)
        if entry is None:
            self._missing += 1
        return entry

    def _note(self, anchor: str, entry: Entry | None, doc: Doc | None = None) -> None:
        """Remember what is shown at an anchor only on demand."""
        if entry:
            self._summaries[anchor] = first_sentence(entry.text)
            if doc and doc.text:
                self._originals[anchor] = to_html(doc.text)

    def _html(self, entry: Entry | None) -> Markup:
        return self._markdown(entry.text) if entry else Markup("")

    def _markdown(self, text: str) -> Markup:
        return autorefs(to_html(with_links(text, self._top_anchor)))

    def _top_anchor(self, name: str) -> str | None:
        return f"{self._root}.{name}" if name.partition(".")[0] in self._names else None

    def _presence(self, source: Field) -> str:
        """Return whether a value must be given, or is always there."""
        if self._request:
            return "必填" if source.required else "选填"
        return "" if source.required else "可能没有"

    def _tag_words(self, source: Field) -> Markup:
        verb = "固定写" if self._request else "固定为"
        return Markup("{} <code>{}</code>").format(verb, _json(source.constant))

    def _values_label(self, source: Field) -> str:
        if Scalar("string") in alternatives(source.type):
            return "已知的值"
        return "可选值" if self._request else "可能的值"

    def _type_words(self, type_: Type) -> Markup:
        words = str(escape(plain_words(type_)))
        if name := self._page_of(type_):
            link = f'对象 <autoref identifier="{name}">{name}</autoref> '
            return Markup(words.replace("对象", link, 1).rstrip())
        refs = self._refs(type_)
        if len(refs) == 1 and (anchor := self._shared.get(self._canonical(refs[0]))):
            name = anchor.removeprefix(f"{self._root}.")
            link = f'对象 <a href="#{escape(anchor)}">{escape(name)}</a> '
            words = words.replace("对象", link, 1).rstrip()
        return Markup(words)

    def _replacements(self, entry: Entry | None, doc: Doc, prefix: str) -> list[Markup]:
        names = (entry.replaced_by if entry else ()) or doc.replacements
        links = []
        for name in names:
            code = Markup("<code>{}</code>").format(name)
            if prefix == self._root and name.partition(".")[0] in self._names:
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


_NAME = re.compile(r"\w+")


def _returned(part: str, pages: Mapping[str, str]) -> Markup:
    """Return a return type as code, its names linked where they have a page."""

    def linked(match: re.Match[str]) -> str:
        name = match[0]
        return f'<autoref identifier="{name}">{name}</autoref>' if name in pages else name

    return Markup(f"<code>{_NAME.sub(linked, str(escape(part.strip())))}</code>")


def split_summary(html: Markup) -> tuple[Markup, Markup]:
    """Return the content of the first paragraph, which may stand inline, and what follows it."""
    found = re.match(r"<p>(.*?)</p>\s*", str(html), re.S)
    if not found:
        return Markup(""), html
    return Markup(found[1]), Markup(str(html)[found.end() :])


def _goes(view: FieldView) -> bool:
    return view.standing != "current"


def _json(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


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


def _twins(objects: dict[str, ObjectType]) -> dict[str, str]:
    """Return, for types that read the same as an earlier one, that earlier one's place.

    The SDK's generator writes the same class again in every module that needs it.
    """
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
