"""Byte-compile every archive in /work with pyodide-build, on the interpreter that will read it.

Runs inside Pyodide (see run_in_pyodide.mjs): a .pyc of another CPython would be refused there.
"""

import os
import sys
from pathlib import Path

# Hash-based .pyc files and fixed dates (1980 is the first year a zip can hold): the same source
# gives the same bytes, whenever it is built.
os.environ["SOURCE_DATE_EPOCH"] = "315532800"
sys.path.append("/tools")

from pyodide_build.cli.py_compile import main

py_compile = main.callback
assert py_compile is not None, "the command of pyodide-build has no function"
py_compile(path=Path("/work"), silent=True, keep=False, compression_level=0, exclude="")
