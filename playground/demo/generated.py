"""Objects made up from the SDK's response models, for ids that the demo does not know.

With ``--any-id`` contract suites of clients can call every method with any id; what they get has
the right form and the id they asked for, and no more meaning than that.
"""

import types
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import pydantic

TIMESTAMP = 1_795_478_400


def make(model: Any, name: str = "", id: str | None = None) -> Any:
    """Return a value of the type ``model``: required fields only, ids as asked for.

    Args:
        model: A response model of the SDK, or the type of one of its fields.
        name: The field's name, by which ids and timestamps are told.
        id: The id that the outermost object gets.
    """
    origin = get_origin(model)
    if origin is Annotated:
        return make(get_args(model)[0], name, id)
    if origin in (Union, types.UnionType):
        members = [m for m in get_args(model) if m is not type(None)]
        return None if len(members) < len(get_args(model)) else make(members[0], name, id)
    if origin is Literal:
        return get_args(model)[0]
    if origin is list or model is list:
        return []
    if origin is dict or model in (dict, object, Any) or isinstance(model, TypeVar):
        return {}
    if isinstance(model, type) and issubclass(model, pydantic.BaseModel):
        made = {
            field.alias or key: make(field.annotation, key)
            for key, field in model.model_fields.items()
            if field.is_required()
        }
        if id is not None and "id" in made:
            made["id"] = id
        return made
    if model is bool:
        return name == "deleted"
    if model in (int, float):
        return TIMESTAMP if name.endswith("_at") or name == "created" else 0
    if model is datetime:
        return datetime.fromtimestamp(TIMESTAMP).isoformat()
    return f"{name}_demo" if name == "id" or name.endswith("_id") else "离线演示"
