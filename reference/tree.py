"""The typed tree of the SDK: methods, parameters, object types, and what their values may be.

An object type is modelled once and referenced by its place (:class:`ObjectRef`); whoever walks
the tree decides whether to show it in line or once per page.

A *place* is the stable name of one thing that can carry a text: ``chat.completions.create`` for a
method, ``chat.completions.create.temperature`` for a parameter, and for types the path inside the
package, ``types.shared_params.response_format_json_schema.JSONSchema.strict``.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

type ScalarKind = Literal[
    "string", "integer", "number", "boolean", "null", "any", "bytes", "file", "python"
]
type Standing = Literal["current", "deprecated", "superseded"]
type EnumValue = str | int | float | bool


@dataclass(frozen=True)
class Retirement:
    """Values that the SDK marks as deprecated.

    Attributes:
        values: The enum values, as written in the docstring.
        date: The day of the shutdown, or None when the SDK names none.
        note: The SDK's English remark.
    """

    values: tuple[str, ...]
    date: datetime.date | None
    note: str


@dataclass(frozen=True)
class Doc:
    """An English docstring, taken apart.

    Attributes:
        text: The docstring without its "Deprecated values:" block (Markdown).
        digest: Digest of the normalised text, empty when there is no text.
        retirements: The content of the "Deprecated values:" block.
        standing: Whether the docstring calls the thing itself deprecated, or about to be replaced.
        replacements: The names the docstring gives as replacement.
    """

    text: str = ""
    digest: str = ""
    retirements: tuple[Retirement, ...] = ()
    standing: Standing = "current"
    replacements: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scalar:
    """A value without structure. ``label`` is the Python name where the kind is ``python``."""

    kind: ScalarKind
    label: str = ""


@dataclass(frozen=True)
class Enum:
    """A closed list of values (``Literal``). ``name`` is the alias that holds it, if any."""

    values: tuple[EnumValue, ...]
    name: str = ""
    retirements: tuple[Retirement, ...] = ()


@dataclass(frozen=True)
class Array:
    """A list of ``item``."""

    item: "Type"


@dataclass(frozen=True)
class Map:
    """An object with free keys (strings) and values of type ``value``."""

    value: "Type"


@dataclass(frozen=True)
class ObjectRef:
    """A reference to an :class:`ObjectType` by its place."""

    place: str


@dataclass(frozen=True)
class Union:
    """One of several types; flat, without duplicates. ``name`` is the alias that holds it."""

    variants: tuple["Type", ...]
    name: str = ""


type Type = Scalar | Enum | Array | Map | ObjectRef | Union

NULL = Scalar("null")

# Fields that say which kind of object this is, the most telling first.
TAG_NAMES = ("type", "role", "object")


@dataclass(frozen=True)
class Field:
    """A parameter of a method or a field of an object type."""

    name: str
    place: str
    required: bool
    type: Type
    doc: Doc

    @property
    def constant(self) -> EnumValue | None:
        """The only value this field can have, or None when there is a choice."""
        if isinstance(self.type, Enum) and len(self.type.values) == 1:
            return self.type.values[0]
        return None


@dataclass(frozen=True)
class ObjectType:
    """A ``TypedDict`` or response model with its fields, inherited ones included."""

    place: str
    doc: Doc
    fields: tuple[Field, ...]

    @property
    def name(self) -> str:
        """The class name."""
        return self.place.rpartition(".")[2]

    @property
    def tag(self) -> Field | None:
        """The field with a single value that names the kind of this object, if there is one."""
        constants = {f.name: f for f in self.fields if isinstance(f.constant, str)}
        return next((constants[name] for name in TAG_NAMES if name in constants), None)

    @property
    def discriminator(self) -> Field | None:
        """The tag, where it must be given and so tells this type from its siblings in a union."""
        return self.tag if self.tag and self.tag.required else None


@dataclass(frozen=True)
class Method:
    """A method of the client.

    Attributes:
        place: Path on the client, e.g. ``chat.completions.create``.
        sdk_path: Path of the function in the package, for mkdocstrings.
        verb: HTTP method, empty when the method does not send one request itself.
        endpoint: Path of the endpoint with ``{placeholders}``, empty like ``verb``.
        doc: The method's docstring without its argument list.
        params: The parameters the API knows (``extra_*`` and ``timeout`` are left out).
        returns: The annotated return type, as source text.
        deprecation: The message of ``@deprecated``, empty when the method is not deprecated.
        signature: The parameters with their annotations, one a line, as source text.
    """

    place: str
    sdk_path: str
    verb: str
    endpoint: str
    doc: Doc
    params: tuple[Field, ...]
    returns: str
    deprecation: str = ""
    signature: str = ""

    @property
    def family(self) -> str:
        """The first segment of the place, e.g. ``chat``."""
        return self.place.partition(".")[0]

    @property
    def name(self) -> str:
        """The last segment of the place, e.g. ``create``."""
        return self.place.rpartition(".")[2]


def object_refs(type_: Type) -> Iterator[ObjectRef]:
    """Yield the object types that ``type_`` refers to, in order, without going into them."""
    match type_:
        case ObjectRef():
            yield type_
        case Array(item):
            yield from object_refs(item)
        case Map(value):
            yield from object_refs(value)
        case Union(variants):
            for variant in variants:
                yield from object_refs(variant)
        case Scalar() | Enum():
            return


def alternatives(type_: Type) -> tuple[Type, ...]:
    """Return the types a single value may have, going into unions and lists."""
    match type_:
        case Union(variants):
            return tuple(part for variant in variants for part in alternatives(variant))
        case Array(item):
            return alternatives(item)
    return (type_,)


def enums(type_: Type) -> Iterator[Enum]:
    """Yield the value lists in ``type_``, in order, without going into object types."""
    match type_:
        case Enum():
            yield type_
        case Array(item):
            yield from enums(item)
        case Map(value):
            yield from enums(value)
        case Union(variants):
            for variant in variants:
                yield from enums(variant)
        case Scalar() | ObjectRef():
            return
