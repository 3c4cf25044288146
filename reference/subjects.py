"""What needs a text: the subjects of a method, in the order a reader meets them."""

from dataclasses import dataclass
from typing import Literal

from reference.sdk import Sdk
from reference.tree import TAG_NAMES, Doc, Field, Method, ObjectRef, Type, object_refs


@dataclass(frozen=True)
class Subject:
    """One thing that carries a text.

    Attributes:
        kind: A method, a parameter of it, a field of an object type, an object type that is
            one of several in a union (where the reader has to choose), or a response object.
        place: Its place.
        doc: Its English docstring.
        type: What its value may be; None for methods and object types.
        required: Whether a value must be given.
    """

    kind: Literal["method", "param", "field", "variant", "object"]
    place: str
    doc: Doc
    type: Type | None = None
    required: bool = False


def is_tag(field: Field) -> bool:
    """Whether ``field`` only names the kind of its object.

    With a single possible value there is nothing to explain beyond "write exactly this", so tags
    get a generated text instead of an entry.
    """
    return field.name in TAG_NAMES and field.constant is not None


def subjects(sdk: Sdk, method: Method) -> list[Subject]:
    """Return the subjects of ``method``: itself, its parameters, and all that is reachable.

    Types that read the same in several places are listed once each; tags are left out.
    """
    found = [Subject("method", method.place, method.doc)]
    found += [_of_field("param", param) for param in method.params]
    return found + _reachable(sdk, [param.type for param in method.params])


def object_subjects(sdk: Sdk, place: str) -> list[Subject]:
    """Return the subjects of a response object: itself, its fields, and all that is reachable.

    Args:
        sdk: The SDK.
        place: The place of a class, or of a union of classes (then each class is a variant).
    """
    type_ = sdk.type_at(place)
    found = []
    if isinstance(type_, ObjectRef):
        found.append(Subject("object", type_.place, sdk.object_type(type_).doc))
    return found + _reachable(sdk, [type_])


def _reachable(sdk: Sdk, types: list[Type]) -> list[Subject]:
    found, types = [], list(types)
    for object_type in sdk.objects_in(types).values():
        found += [_of_field("field", f) for f in object_type.fields if not is_tag(f)]
        types += [f.type for f in object_type.fields]
    return found + [Subject("variant", p, sdk.object_type(p).doc) for p in choices(types)]


def choices(types: list[Type]) -> list[str]:
    """Return the places of object types that are one of several in one of ``types``."""
    places: dict[str, None] = {}
    for type_ in types:
        refs = list(dict.fromkeys(object_refs(type_)))
        if len(refs) > 1:
            places |= {ref.place: None for ref in refs}
    return list(places)


def _of_field(kind: Literal["param", "field"], field: Field) -> Subject:
    return Subject(kind, field.place, field.doc, field.type, field.required)
