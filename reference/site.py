"""What the site needs besides the pages: style and script, and the trees as JSON."""

from pathlib import Path

from reference.audit import Audit
from reference.coverage import Coverage
from reference.entries import EntryBook
from reference.export import write_json
from reference.extension import ReferenceExtension
from reference.sdk import Sdk

ASSETS = Path(__file__).parent / "assets"
SITE_FOLDER = "assets/reference"
STYLE = f"{SITE_FOLDER}/reference.css"
SCRIPT = f"{SITE_FOLDER}/reference.js"


def asset_files() -> dict[str, Path]:
    """Return the files to publish: path in the site, and where the file lies."""
    return {f"{SITE_FOLDER}/{path.name}": path for path in sorted(ASSETS.iterdir())}


def write_trees(site: Path) -> list[Path]:
    """Write the tree of each shown method below ``site``; returns the files.

    Reading the SDK takes seconds, so what mkdocstrings has just read in this build is used.
    """
    sdk = ReferenceExtension.last_sdk or Sdk.load()
    audit = Audit(sdk, EntryBook.load(), Coverage.load(sdk))
    return write_json(audit, site / SITE_FOLDER / "methods")
