"""Build step: everything the reader's browser loads to run a snippet.

Takes Pyodide and the page's libraries from npm, the wheels of the ``openai`` SDK from PyPI and
this project's own sandbox code; byte-compiles, packs and compresses them, and writes them under
content-hashed names with a manifest. ``python -m playground.bundle`` is the command; the MkDocs
hook calls :func:`build_assets`.
"""

from playground.bundle.build import Assets, build_assets
from playground.bundle.errors import BundleError

__all__ = ["Assets", "BundleError", "build_assets"]
