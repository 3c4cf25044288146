"""Types in words: what a reader calls the thing the SDK annotates."""

import re
from collections.abc import Callable

from reference.tree import Array, Enum, Map, ObjectRef, Scalar, Type, Union

_SCALARS = {
    "string": "字符串",
    "integer": "整数",
    "number": "数字",
    "boolean": "布尔值",
    "null": "null",
    "any": "任意 JSON 值",
    "bytes": "字节",
    "file": "文件",
}
type NameObject = Callable[[ObjectRef], str]


def plain_words(type_: Type, name_object: NameObject = lambda ref: "对象") -> str:
    """Return ``type_`` in Chinese words, without markup.

    Args:
        type_: The type.
        name_object: Names one object type; several in one union are only counted.
    """
    match type_:
        case Scalar("python", label):
            return f"Python 对象 {label}"
        case Scalar(kind):
            return _SCALARS[kind]
        case Enum(values):
            return _of_values(values)
        case Array(item):
            return _array(item, name_object)
        case Map(value):
            if value == Scalar("any"):
                return "对象（键值自定）"
            return f"对象（字符串 → {plain_words(value, name_object)}）"
        case ObjectRef():
            return name_object(type_)
        case Union(variants):
            return _union(variants, name_object)


def _of_values(values: tuple) -> str:
    if all(isinstance(value, bool) for value in values):
        return "布尔值"
    if all(isinstance(value, int | float) for value in values):
        return "整数" if all(isinstance(value, int) for value in values) else "数字"
    return "字符串"


def _array(item: Type, name_object: NameObject) -> str:
    words = plain_words(item, name_object)
    if counted := re.fullmatch(r"对象（(\d+) 种）", words):
        return f"对象数组（{counted[1]} 种）"
    return f"数组（{words}）" if " 或 " in words or "）" in words else f"{words}数组"


def _union(variants: tuple[Type, ...], name_object: NameObject) -> str:
    objects = [v for v in variants if isinstance(v, ObjectRef)]
    words: list[str] = []
    nullable = False
    for variant in variants:
        if variant == Scalar("null"):
            nullable = True
            continue
        if isinstance(variant, ObjectRef) and len(objects) > 1:
            word = f"对象（{len(objects)} 种）"
        else:
            word = plain_words(variant, name_object)
        if word not in words:
            words.append(word)
    text = " 或 ".join(words)
    return f"{text}，可为 null" if nullable else text
