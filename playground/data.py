"""Load a package's YAML data files, natively and inside the sandbox.

The sandbox ships no YAML parser: the bundle turns every ``*.yml`` of a packed package into
``*.json`` with the same stem. This loader takes whichever of the two lies beside the code.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load_data(package: str, name: str) -> Any:
    """Return the parsed content of the data file ``name`` of ``package``.

    Args:
        package: Dotted name of the package that holds the file, e.g. ``playground.demo``.
        name: File name without its ending, e.g. ``answers``.

    Raises:
        FileNotFoundError: Neither ``name.json`` nor ``name.yml`` lies in the package.
    """
    folder = files(package)
    packed = folder / f"{name}.json"
    if packed.is_file():
        return json.loads(packed.read_text(encoding="utf-8"))
    source = folder / f"{name}.yml"
    if not source.is_file():
        raise FileNotFoundError(f"no {name}.yml or {name}.json in package {package}")
    import yaml  # absent in the sandbox, where the branch above has returned

    return yaml.safe_load(source.read_text(encoding="utf-8"))
