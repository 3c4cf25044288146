"""``python -m reference``: check, status, todo, pages and json."""

import argparse
import signal
import sys
from pathlib import Path

from reference.audit import Audit
from reference.coverage import COVERAGE_FILE, Coverage
from reference.entries import ZH_FOLDER, EntryBook
from reference.errors import ReferenceBuildError
from reference.export import write_json
from reference.pages import faults, write_missing
from reference.sdk import Sdk
from reference.worksheet import print_status, print_todo


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status (1: something is missing, unknown or stale)."""
    parser = argparse.ArgumentParser(prog="python -m reference", description=__doc__)
    parser.add_argument(
        "--sdk", type=Path, metavar="FOLDER", help="read the openai package in this folder instead "
        "of the installed one, e.g. to rehearse an upgrade",
    )  # fmt: skip
    parser.add_argument("--entries", type=Path, default=ZH_FOLDER, metavar="FOLDER")
    parser.add_argument("--coverage", type=Path, default=COVERAGE_FILE, metavar="FILE")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="fail when an entry is missing, unknown, stale or wrong")
    commands.add_parser("status", help="print how much is written, by family")
    todo = commands.add_parser("todo", help="print what is missing or stale, ready to fill in")
    todo.add_argument(
        "where", nargs="?", default="", help="a family, a method, an object or a place "
        "(default: the families of coverage.yml)",
    )  # fmt: skip
    pages = commands.add_parser(
        "pages", help="write the pages that are missing, and say what is wrong with the others"
    )
    pages.add_argument("docs", nargs="?", type=Path, default=Path("docs"), metavar="FOLDER")
    json = commands.add_parser("json", help="write the tree of each shown method as JSON")
    json.add_argument("out", type=Path, help="the folder to write to")
    options = parser.parse_args(arguments)
    try:
        sdk = Sdk.load([options.sdk] if options.sdk else None)
        book = EntryBook.load(options.entries)
        audit = Audit(sdk, book, Coverage.load(sdk, options.coverage))
        match options.command:
            case "check":
                return _check(audit)
            case "status":
                print_status(audit)
            case "todo":
                print_todo(audit, options.where)
            case "pages":
                return _pages(audit, options.docs)
            case "json":
                files = write_json(audit, options.out)
                print(f"{len(files)} files in {options.out}")
    except ReferenceBuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _check(audit: Audit) -> int:
    findings = audit.findings()
    for finding in findings:
        print(finding)
    total, units = len(audit.required()), len(audit.coverage.complete)
    if findings:
        print(f"{len(findings)} findings; {total} places in {units} methods and objects")
        return 1
    print(f"all {total} places in {units} methods and objects have a current Chinese entry")
    return 0


def _pages(audit: Audit, docs: Path) -> int:
    written = write_missing(audit.sdk, audit.coverage, docs)
    for file in written:
        print(f"written  {file}: fill in its example, and add the page to nav in mkdocs.yml")
    found = faults(audit.sdk, audit.coverage, docs)
    for fault in found:
        print(fault)
    print(f"{len(audit.coverage.family_of)} pages, {len(written)} written, {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):  # `todo … | head` ends quietly
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
