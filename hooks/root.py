"""Make the repository's packages importable for every hook; must be the first hook in mkdocs.yml.

The `mkdocs` console script does not put the repository on sys.path, and MkDocs restores sys.path
after loading each hook. A package that is imported once stays in sys.modules and finds its own
submodules, so importing the packages here serves the hooks that are loaded after this one.
"""

import gc
import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("playground", "reference")


def on_startup(**_: object) -> None:
    """Keep the root on sys.path for what is imported later, and let the build run undisturbed.

    The SDK's tree alone is a million objects that live until the build ends. Looking through them
    for garbage again and again takes a tenth of the time and finds next to nothing.
    """
    gc.freeze()
    gc.set_threshold(100_000, 50, 1000)
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))


# First, even if the root is on sys.path already: MkDocs puts hooks/ before it while it loads a
# hook, and a hook may bear the name of the package it wraps.
sys.path.insert(0, str(ROOT))
for _name in PACKAGES:
    importlib.import_module(_name)
