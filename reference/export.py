"""The tree of each shown method as JSON, one file per method, for the playground's form."""

import json
from pathlib import Path
from typing import Any

from reference.audit import Audit
from reference.entries import Entry, EntryBook
from reference.markup import first_sentence, plain
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
    Scalar,
    Type,
    Union,
    enums,
)


def write_json(audit: Audit, out: Path) -> list[Path]:
    """Write ``<method>.json`` for each shown method into ``out``; returns the files."""
    out.mkdir(parents=True, exist_ok=True)
    files = []
    for place in audit.coverage.methods:
        tree = method_tree(audit.sdk, audit.book, audit.sdk.method(place))
        file = out / f"{place}.json"
        file.write_text(
            json.dumps(tree, ensure_ascii=False, separators=(",", ":")), encoding="utf-8"
        )
        files.append(file)
    return files


def method_tree(sdk: Sdk, book: EntryBook, method: Method) -> dict[str, Any]:
    """Return the tree of ``method`` as JSON data.

    Types are referenced by their place and stand once each under ``types``.
    """
    objects = sdk.objects_in([param.type for param in method.params])
    return {
        "method": method.place,
        "sdk": sdk.version,
        "verb": method.verb,
        "endpoint": method.endpoint,
        "summary": _summary(book.find(method.place, method.doc)),
        "params": [_field(book, param) for param in method.params],
        "types": {
            place: {
                "name": object_type.name,
                "summary": _summary(book.find(place, object_type.doc)),
                "tag": object_type.discriminator.name if object_type.discriminator else None,
                "fields": [_field(book, f) for f in object_type.fields],
            }
            for place, object_type in objects.items()
        },
    }


def _summary(entry: Entry | None) -> str:
    return first_sentence(entry.text) if entry else ""


def _field(book: EntryBook, field: Field) -> dict[str, Any]:
    entry = book.find(field.place, field.doc)
    tree: dict[str, Any] = {
        "name": field.name,
        "place": field.place,
        "required": field.required,
        "type": _type(field.type),
        "summary": _summary(entry),
        "text": plain(entry.text) if entry else "",
    }
    if is_tag(field):
        tree["constant"] = field.constant
    if entry:
        if entry.defaults:
            tree["defaults"] = [
                {"value": d.value, "when": plain(d.when)} if d.when else {"value": d.value}
                for d in entry.defaults
            ]
        if entry.range:
            tree["range"] = dict(entry.range)
        if entry.values:
            tree["values"] = {value: plain(text) for value, text in entry.values.items()}
    if field.doc.standing != "current":
        names = (entry.replaced_by if entry else ()) or field.doc.replacements
        tree["standing"] = field.doc.standing
        tree["replacedBy"] = list(names)
    if retired := _retired(field.doc, field.type):
        tree["retired"] = retired
    return tree


def _retired(doc: Doc, type_: Type) -> dict[str, str | None]:
    sources = [*doc.retirements, *(r for e in enums(type_) for r in e.retirements)]
    return {
        value: r.date.isoformat() if r.date else None
        for r in reversed(sources)
        for value in r.values
    }


def _type(type_: Type) -> dict[str, Any]:
    match type_:
        case Scalar(kind):
            return {"kind": kind}
        case Enum(values):
            return {"kind": "enum", "values": list(values)}
        case Array(item):
            return {"kind": "array", "item": _type(item)}
        case Map(value):
            return {"kind": "map", "value": _type(value)}
        case ObjectRef(place):
            return {"kind": "object", "type": place}
        case Union(variants):
            return {"kind": "union", "variants": [_type(variant) for variant in variants]}
