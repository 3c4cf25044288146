"""The ranges of ``limits.yml`` are in the SDK's words; the token estimator loses nothing."""

import ast
import itertools
from pathlib import Path

import openai
import pytest
import yaml

from playground.demo import tokens
from playground.demo.errors import APIError
from playground.demo.state import Store

TYPES = Path(openai.__file__).parent / "types"
LIMITS = yaml.safe_load(Path("playground/demo/limits.yml").read_text(encoding="utf-8"))
STATED = [
    pytest.param(module, shape, name, bounds["states"], id=f"{module}:{shape}.{name}")
    for module, shapes in LIMITS.items()
    for shape, named in shapes.items()
    for name, bounds in named.items()
    if "states" in bounds
]


@pytest.mark.parametrize(("module", "shape", "name", "words"), STATED)
def test_range_is_stated_in_the_docstring_of_the_field(module, shape, name, words):
    tree = ast.parse((TYPES / f"{module.replace('.', '/')}.py").read_text())
    classes = {n.name: n for n in tree.body if isinstance(n, ast.ClassDef)}
    node = classes[shape]
    names = {b.id for b in node.bases if isinstance(b, ast.Name)} & set(classes)
    bodies = [node.body, *(classes[b].body for b in names)]
    for body in bodies:
        for field, after in itertools.pairwise(body):
            target = getattr(field, "target", None)
            if isinstance(target, ast.Name) and target.id.rstrip("_") == name.rstrip("_"):
                said = " ".join(after.value.value.split())
                assert words.lower() in said.lower()
                return
    pytest.fail(f"{shape} has no field {name}")


@pytest.mark.parametrize(
    "text", ["", "你好，世界！", "def f(x):\n    return x ** 2\n", "🙂 emoji 123456"]
)
def test_pieces_join_to_the_text(text):
    assert "".join(tokens.pieces(text)) == text


def test_a_full_store_forgets_the_oldest():
    store = Store("thing", limit=2)
    for id in "abc":
        store.put(id, id.upper())
    assert store.values() == ["B", "C"]
    with pytest.raises(APIError, match="thing"):
        store.get("a")
