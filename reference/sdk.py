"""The installed SDK, read statically with griffe: which methods it has and what they take."""

import ast
import re
import textwrap
from functools import cached_property
from pathlib import Path
from typing import cast

import griffe

from reference.docstrings import read_doc, split_arguments
from reference.errors import ReferenceBuildError
from reference.tree import Doc, Field, Method, ObjectRef, ObjectType, Type, object_refs
from reference.types import TypeReader, place_of

PACKAGE = "openai"
CLIENT = "OpenAI"
# Arguments every method has; they configure the request, the API never sees them as parameters.
_REQUEST_OPTIONS = {
    "self", "extra_headers", "extra_query", "extra_body", "timeout",
}  # fmt: skip
_NO_RESOURCE = {"with_raw_response", "with_streaming_response"}
_VERBS = {"_get": "GET", "_post": "POST", "_put": "PUT", "_patch": "PATCH", "_delete": "DELETE",
          "_get_api_list": "GET"}  # fmt: skip


class Sdk:
    """The SDK as a tree, built on demand and kept.

    Args:
        modules: griffe's modules, with the package loaded.
    """

    def __init__(self, modules: griffe.ModulesCollection) -> None:
        self._modules = modules
        self._types = TypeReader(self._find)
        self._objects: dict[str, ObjectType] = {}
        self._methods: dict[str, Method] = {}

    @classmethod
    def load(cls, search_paths: list[Path] | None = None) -> "Sdk":
        """Read the package from ``search_paths``, or from where Python finds it.

        Raises:
            ReferenceBuildError: The package is not there.
        """
        loader = griffe.GriffeLoader(
            search_paths=cast("list[str | Path] | None", search_paths), allow_inspection=False
        )
        try:
            loader.load(PACKAGE)
        except ImportError as error:
            raise ReferenceBuildError(
                f"the package {PACKAGE} is not installed: pip install -r requirements.txt"
            ) from error
        loader.resolve_aliases(implicit=False, external=False)
        return cls(loader.modules_collection)

    @cached_property
    def version(self) -> str:
        """The package's version, from its ``_version.py``."""
        found = self._find(f"{PACKAGE}._version.__version__")
        if found is None or not found.is_attribute:
            raise ReferenceBuildError(f"{PACKAGE}/_version.py names no __version__")
        return str(ast.literal_eval(str(cast(griffe.Attribute, found).value)))

    @cached_property
    def functions(self) -> dict[str, griffe.Function]:
        """Every public method of the client by its place, in the client's order.

        A method that can be reached twice (``beta.chat`` is ``chat``) has its first place only.
        """
        client = self._find(f"{PACKAGE}._client.{CLIENT}")
        if client is None:
            raise ReferenceBuildError(
                f"{PACKAGE}._client has no class {CLIENT}: is this the official SDK?"
            )
        functions: dict[str, griffe.Function] = {}
        self._collect(cast(griffe.Class, client), "", functions)
        first: dict[str, str] = {}
        for place, function in functions.items():
            first.setdefault(function.path, place)
        return {place: f for place, f in functions.items() if first[f.path] == place}

    def place_of_function(self, sdk_path: str) -> str | None:
        """Return the place of the function at ``sdk_path``, or None when it is no method."""
        return self._places.get(sdk_path)

    @cached_property
    def _places(self) -> dict[str, str]:
        return {function.path: place for place, function in self.functions.items()}

    def method(self, place: str) -> Method:
        """Return the method at ``place``.

        Raises:
            ReferenceBuildError: The client has no such method.
        """
        if place not in self._methods:
            if place not in self.functions:
                raise ReferenceBuildError(
                    f"{PACKAGE} {self.version} has no method {place}: correct the name, or take "
                    "it out of reference/coverage.yml"
                )
            self._methods[place] = self._read_method(place, self.functions[place])
        return self._methods[place]

    def object_type(self, ref: ObjectRef | str) -> ObjectType:
        """Return the object type at a place.

        Raises:
            ReferenceBuildError: The package has no such class.
        """
        place = ref if isinstance(ref, str) else ref.place
        if place not in self._objects:
            found = self._find(f"{PACKAGE}.{place}")
            if found is None:
                raise ReferenceBuildError(f"{PACKAGE} {self.version} has no type {place}")
            doc = read_doc(found.docstring.value) if found.docstring else Doc()
            self._objects[place] = ObjectType(place, doc, tuple(self._fields(found).values()))
        return self._objects[place]

    def type_at(self, place: str) -> Type:
        """Return what the class or type alias at ``place`` stands for.

        Raises:
            ReferenceBuildError: The package has no such class or alias.
        """
        found = self._find(f"{PACKAGE}.{place}")
        if found is None:
            raise ReferenceBuildError(f"{PACKAGE} {self.version} has no type {place}")
        return self._types.named(found.path)

    def objects_in(self, types: list[Type]) -> dict[str, ObjectType]:
        """Return every object type reachable from ``types``, nearest first, by place."""
        reached: dict[str, ObjectType] = {}
        waiting = [ref for type_ in types for ref in object_refs(type_)]
        while waiting:
            ref = waiting.pop(0)
            if ref.place not in reached:
                reached[ref.place] = self.object_type(ref)
                for field in reached[ref.place].fields:
                    waiting.extend(object_refs(field.type))
        return reached

    def _find(self, path: str) -> griffe.Object | None:
        try:
            found = self._modules[path]
            return found.final_target if isinstance(found, griffe.Alias) else found
        except (KeyError, griffe.AliasResolutionError, griffe.CyclicAliasError):
            return None

    def _collect(self, owner: griffe.Class, prefix: str, into: dict[str, griffe.Function]) -> None:
        for name, member in owner.all_members.items():
            if name.startswith("_") or name in _NO_RESOURCE:
                continue
            member = member.final_target if isinstance(member, griffe.Alias) else member
            if not isinstance(member, griffe.Function | griffe.Attribute):
                continue
            if resource := self._resource(member):
                self._collect(resource, f"{prefix}{name}.", into)
            elif prefix and isinstance(member, griffe.Function) and not _is_property(member):
                into[f"{prefix}{name}"] = member

    def _resource(self, member: griffe.Function | griffe.Attribute) -> griffe.Class | None:
        """Return the resource class that a property of the client or of a resource returns."""
        if isinstance(member, griffe.Function) and not _is_property(member):
            return None
        if not isinstance(member.annotation, griffe.Expr):
            return None
        found = self._find(member.annotation.canonical_path)
        is_resource = found is not None and found.is_class and ".resources." in found.path
        return cast(griffe.Class, found) if is_resource else None

    def _read_method(self, place: str, function: griffe.Function) -> Method:
        overload = function.overloads[0] if function.overloads else function
        docstring = overload.docstring or function.docstring
        names = [*{p.name for p in function.parameters} | _REQUEST_OPTIONS]
        description, arguments = split_arguments(docstring.value if docstring else "", names)
        documented = self._param_fields(place, function)
        params = []
        for parameter in function.parameters:
            if parameter.name in _REQUEST_OPTIONS or parameter.kind in _VARIADIC:
                continue
            field = documented.get(parameter.name)
            doc = field.doc if field else Doc()
            if not doc.text and arguments.get(parameter.name):
                doc = read_doc(arguments[parameter.name])
            params.append(
                Field(
                    name=parameter.name,
                    place=f"{place}.{parameter.name}",
                    required=parameter.default is None,
                    type=self._types.read(parameter.annotation or "Any"),
                    doc=doc,
                )
            )
        verb, endpoint = _endpoint(function)
        return Method(
            place=place,
            sdk_path=function.path,
            verb=verb,
            endpoint=endpoint,
            doc=read_doc(description),
            params=tuple(params),
            returns=str(function.returns or ""),
            deprecation=_deprecation(function),
            signature=_signature(place, function),
        )

    def _param_fields(self, place: str, function: griffe.Function) -> dict[str, Field]:
        """Return the fields of the ``*Params`` types that the function's body sends.

        Helpers such as ``parse``, ``stream`` and ``create_and_poll`` build no request of their own;
        they take what their sibling ``create`` takes.
        """
        fields: dict[str, Field] = {}
        for name in _params_names(function):
            # `completion_create_params.X` is the module's own name, resolved in its scope.
            try:
                path = function.module.resolve(name.partition(".")[0])
            except griffe.NameResolutionError:
                continue
            found = self._find(".".join(filter(None, [path, name.partition(".")[2]])))
            for params in self._expand(found):
                fields = self._fields(params) | fields
        sibling = f"{place.rpartition('.')[0]}.create"
        if not fields and sibling != place and sibling in self.functions:
            for name, field in self._param_fields(sibling, self.functions[sibling]).items():
                fields.setdefault(name, field)
        return fields

    def _expand(self, found: griffe.Object | None) -> list[griffe.Object]:
        if found is None:
            return []
        if found.is_class:
            return [found]
        if found.is_attribute and isinstance(cast(griffe.Attribute, found).value, griffe.Expr):
            type_ = self._types.read(cast(griffe.Expr, cast(griffe.Attribute, found).value))
            refs = [self._find(f"{PACKAGE}.{ref.place}") for ref in object_refs(type_)]
            return [ref for ref in refs if ref is not None]
        return []

    def _fields(self, owner: griffe.Object) -> dict[str, Field]:
        """Return the fields of a class: inherited ones first, in source order."""
        place = place_of(owner.path)
        fields: dict[str, Field] = {}
        if owner.is_attribute:  # a TypedDict in functional form holds names Python reserves
            call = cast(griffe.ExprCall, cast(griffe.Attribute, owner).value)
            items = next(a for a in call.arguments if isinstance(a, griffe.ExprDict))
            for key, value in zip(items.keys, items.values, strict=True):
                name = str(ast.literal_eval(str(key)))
                fields[name] = Field(
                    name, f"{place}.{name}", self._types.is_required(value),
                    self._types.read(value), Doc(),
                )  # fmt: skip
            return fields
        class_ = cast(griffe.Class, owner)
        is_model = False
        for base in class_.bases:
            path = base if isinstance(base, str) else base.canonical_path
            found = self._find(path)
            if found is None:
                continue
            if path.endswith("BaseModel"):
                is_model = True
            elif path.startswith(f"{PACKAGE}.types"):
                fields |= self._fields(found)
                is_model = is_model or self._is_model(found)
        for name, member in class_.members.items():
            if not isinstance(member, griffe.Attribute) or member.annotation is None:
                continue
            if name.startswith("_") or name == "model_config" or "property" in member.labels:
                continue
            if is_model:
                name, required = _model_field(member)
            else:
                required = self._types.is_required(member.annotation)
            doc = read_doc(member.docstring.value) if member.docstring else Doc()
            type_ = self._types.read(member.annotation)
            fields[name] = Field(name, f"{place}.{name}", required, type_, doc)
        return fields

    def _is_model(self, owner: griffe.Object) -> bool:
        bases = cast(griffe.Class, owner).bases if owner.is_class else []
        paths = [base if isinstance(base, str) else base.canonical_path for base in bases]
        return any(
            path.endswith("BaseModel")
            or bool((found := self._find(path)) and self._is_model(found))
            for path in paths
        )


_VARIADIC = {griffe.ParameterKind.var_positional, griffe.ParameterKind.var_keyword}


def _model_field(member: griffe.Attribute) -> tuple[str, bool]:
    """Return the name in JSON of a response model's field, and whether it is always there."""
    value = member.value
    if not isinstance(value, griffe.ExprCall):
        return member.name, value is None
    keywords = {
        argument.name: str(argument.value)
        for argument in value.arguments
        if isinstance(argument, griffe.ExprKeyword)
    }
    name = ast.literal_eval(keywords["alias"]) if "alias" in keywords else member.name
    positional = [a for a in value.arguments if not isinstance(a, griffe.ExprKeyword)]
    return name, not positional and not keywords.keys() & {"default", "default_factory"}


def _is_property(function: griffe.Function) -> bool:
    names = {str(decorator.value).rpartition(".")[2] for decorator in function.decorators}
    return bool(names & {"property", "cached_property"}) or "property" in function.labels


def _deprecation(function: griffe.Function) -> str:
    for decorator in function.decorators:
        if found := re.match(r"(?:typing_extensions\.)?deprecated\((.*)\)$", str(decorator.value)):
            return str(ast.literal_eval(found[1]))
    return ""


def _signature(place: str, function: griffe.Function) -> str:
    lines = [f"client.{place}("]
    starred = False
    for parameter in function.parameters:
        if parameter.name == "self":
            continue
        if parameter.kind is griffe.ParameterKind.keyword_only and not starred:
            lines.append("    *,")
            starred = True
        line = f"    {parameter.name}: {parameter.annotation}"
        if parameter.default is not None:
            line += f" = {parameter.default}"
        lines.append(f"{line},")
    return "\n".join([*lines, f") -> {function.returns}"])


def _parse(function: griffe.Function) -> ast.AST:
    return ast.parse(textwrap.dedent(function.source or "pass"))


def _params_names(function: griffe.Function) -> list[str]:
    """Return the ``*_params.XParams`` names the body mentions, in order."""
    names = []
    for node in ast.walk(_parse(function)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id.endswith("_params"):
                names.append(f"{node.value.id}.{node.attr}")
        elif isinstance(node, ast.Name) and re.fullmatch(r"\w+Params\w*", node.id):
            names.append(node.id)
    return [name for name in dict.fromkeys(names) if "Params" in name]


def _endpoint(function: griffe.Function) -> tuple[str, str]:
    """Return HTTP verb and path of the one request the function's body sends."""
    for node in ast.walk(_parse(function)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        verb = _VERBS.get(node.func.attr)
        if verb is None or not node.args:
            continue
        path = node.args[0]
        if isinstance(path, ast.Call) and path.args:  # path_template("/x/{id}", id=id)
            path = path.args[0]
        for keyword in node.keywords:  # a list endpoint may be read with POST
            if keyword.arg == "method" and isinstance(keyword.value, ast.Constant):
                verb = str(keyword.value.value).upper()
        if isinstance(path, ast.Constant) and isinstance(path.value, str):
            return verb, path.value
    return "", ""
