"""From the SDK's annotations (griffe expressions) to the types of :mod:`reference.tree`."""

import ast
from collections.abc import Callable
from typing import cast

import griffe

from reference.docstrings import read_doc
from reference.errors import ReferenceBuildError
from reference.tree import (
    NULL,
    Array,
    Enum,
    EnumValue,
    Map,
    ObjectRef,
    Scalar,
    Type,
    Union,
)

type Annotation = griffe.Expr | str

_SCALARS = {
    "str": Scalar("string"),
    "int": Scalar("integer"),
    "float": Scalar("number"),
    "bool": Scalar("boolean"),
    "None": NULL,
    "bytes": Scalar("bytes"),
    "object": Scalar("any"),
    "Any": Scalar("any"),
    "datetime": Scalar("string"),
    "FileTypes": Scalar("file"),
    "Base64FileInput": Scalar("file"),
    "Body": Scalar("any"),
}
_ARRAYS = {"Iterable", "List", "list", "Sequence", "SequenceNotStr", "Set", "set"}
_MAPS = {"Dict", "dict", "Mapping"}
_WRAPPERS = {"Required", "NotRequired", "Annotated", "ClassVar"}
# Markers for "not given" in signatures; they are no value a caller passes on.
_ABSENT = {"Omit", "NotGiven"}


def _last(path: str) -> str:
    return path.rpartition(".")[2]


class TypeReader:
    """Reads annotations; object types are only referenced, not entered.

    Args:
        find: Returns the griffe object at a path, or None when the package has no such object.
    """

    def __init__(self, find: Callable[[str], griffe.Object | None]) -> None:
        self._find = find
        self._open: list[str] = []

    def read(self, annotation: Annotation) -> Type:
        """Return the type that ``annotation`` stands for.

        Raises:
            ReferenceBuildError: The annotation has a form this reader does not know.
        """
        type_ = self._read(annotation)
        if type_ is None:
            raise ReferenceBuildError(f"annotation {annotation} holds no type a caller can pass")
        return type_

    def named(self, path: str) -> Type:
        """Return the type that the class or alias at ``path`` stands for."""
        return self._named(path) or Scalar("any")

    def is_required(self, annotation: Annotation | None) -> bool:
        """Whether a ``TypedDict`` field carries ``Required[...]``."""
        return isinstance(annotation, griffe.ExprSubscript) and (
            _last(annotation.canonical_path) == "Required"
        )

    def _read(self, annotation: Annotation) -> Type | None:
        match annotation:
            case str():
                return self._literal_or_forward(annotation)
            case griffe.ExprSubscript():
                return self._subscript(annotation)
            case griffe.ExprBinOp(operator="|"):
                return join([self._read(annotation.left), self._read(annotation.right)])
            case griffe.ExprName() | griffe.ExprAttribute():
                return self._named(annotation.canonical_path)
        raise ReferenceBuildError(
            f"cannot read the annotation {annotation} ({type(annotation).__name__}): teach "
            "TypeReader in reference/types.py this form"
        )

    def _literal_or_forward(self, source: str) -> Type | None:
        if source in _SCALARS:
            return _SCALARS[source]
        raise ReferenceBuildError(
            f"cannot resolve the forward reference {source!r}: teach TypeReader in "
            "reference/types.py where to look it up"
        )

    def _subscript(self, annotation: griffe.ExprSubscript) -> Type | None:
        name = _last(annotation.canonical_path)
        arguments = _elements(annotation.slice)
        if name == "Literal":
            return enum([cast(EnumValue, ast.literal_eval(str(value))) for value in arguments])
        if name in _WRAPPERS:
            return self._read(arguments[0])
        if name == "Union":
            return join([self._read(argument) for argument in arguments])
        if name == "Optional":
            return join([self._read(arguments[0]), NULL])
        if name in _ARRAYS:
            return Array(self.read(arguments[0]))
        if name in _MAPS:
            return Map(self.read(arguments[-1]))
        return Scalar("python", str(annotation))

    def _named(self, path: str) -> Type | None:
        name = _last(path)
        if name in _ABSENT:
            return None
        if name in _SCALARS:
            return _SCALARS[name]
        if name in _ARRAYS:
            return Array(Scalar("any"))
        if name in _MAPS:
            return Map(Scalar("any"))
        found = self._find(path)
        if found is None:
            return Scalar("python", name)
        if found.is_class:
            return ObjectRef(place_of(found.path))
        if found.is_attribute:
            attribute = cast(griffe.Attribute, found)
            if attribute.value is not None:
                return self._alias(attribute)
        return Scalar("python", name)

    def _alias(self, attribute: griffe.Attribute) -> Type | None:
        value = attribute.value
        if isinstance(value, griffe.ExprCall):
            # TypeVar and the like, or a TypedDict in functional form.
            if _last(value.canonical_path) == "TypedDict":
                return ObjectRef(place_of(attribute.path))
            return Scalar("python", attribute.name)
        if attribute.path in self._open:
            return Scalar("any")
        self._open.append(attribute.path)
        try:
            type_ = self._read(cast(Annotation, value))
        finally:
            self._open.pop()
        return _rename(type_, attribute)


def _rename(type_: Type | None, attribute: griffe.Attribute) -> Type | None:
    doc = read_doc(attribute.docstring.value) if attribute.docstring else None
    match type_:
        case Enum(values):
            return Enum(values, attribute.name, doc.retirements if doc else ())
        case Union(variants):
            return Union(variants, attribute.name)
    return type_


def place_of(path: str) -> str:
    """Return the place of a package path: the path without the package's name."""
    return path.partition(".")[2]


def _elements(slice_: Annotation) -> list[Annotation]:
    if isinstance(slice_, griffe.ExprTuple):
        return list(slice_.elements)
    return [slice_]


def enum(values: list[EnumValue]) -> Type:
    """Return the type of a ``Literal``; both truth values together are a plain boolean."""
    if set(values) == {True, False} and all(isinstance(value, bool) for value in values):
        return Scalar("boolean")
    return Enum(tuple(values))


def join(types: list[Type | None]) -> Type | None:
    """Return the union of ``types``: flat, without absent ones and duplicates, null last.

    Value lists without a name of their own are merged into one.
    """
    flat: list[Type] = []
    for type_ in types:
        parts = type_.variants if isinstance(type_, Union) else (type_,)
        flat.extend(part for part in parts if part is not None and part not in flat)
    bare = [part for part in flat if isinstance(part, Enum) and not part.name]
    if len(bare) > 1:
        merged = enum([value for part in bare for value in part.values])
        position = flat.index(bare[0])
        flat = [part for part in flat if part not in bare]
        if merged not in flat:
            flat.insert(position, merged)
    if NULL in flat:
        flat = [part for part in flat if part != NULL] + [NULL]
    if len(flat) < 2:
        return flat[0] if flat else None
    return Union(tuple(flat))
