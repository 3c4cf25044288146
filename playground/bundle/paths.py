"""Where the build reads from and writes to."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "playground" / "web"
WHEELS_LOCK = Path(__file__).with_name("wheels.lock")

#: Intermediate and final results of the build, safe to delete.
BUILD = ROOT / ".cache" / "bundle"


def download_cache() -> Path:
    """Return the per-user folder that keeps downloads between clones.

    ``OPENAI_DOCS_CACHE`` names another one; else the platform's cache folder is used
    (``XDG_CACHE_HOME`` or ``~/.cache``, ``~/Library/Caches``, ``%LOCALAPPDATA%``).
    """
    chosen = os.environ.get("OPENAI_DOCS_CACHE")
    if chosen:
        return Path(chosen)
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", str(Path.home() / "AppData" / "Local")))
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "openai-docs-zh"
