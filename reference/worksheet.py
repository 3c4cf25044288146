"""What a writer reads: the coverage by family, and the list of what is to be written."""

import textwrap
from collections import Counter

from reference.audit import Audit
from reference.entries import WORKSHEET_MARK, Entry
from reference.errors import ReferenceBuildError
from reference.subjects import Subject
from reference.tree import enums
from reference.words import plain_words


def print_status(audit: Audit) -> None:
    """Print, for each family of the SDK, how many of its places have a current entry."""
    coverage, functions = audit.coverage, audit.sdk.functions
    rest = {place.partition(".")[0] for place in functions} - set(coverage.families)
    print(f"openai {audit.sdk.version}")
    print(f"{'family':28}{'units':>8}{'complete':>9}{'places':>8}{'written':>9}{'share':>8}")
    for family in [*coverage.families, *sorted(rest)]:
        units = coverage.units(family) or [p for p in functions if p.partition(".")[0] == family]
        _print_row(audit, family, units)
    _print_row(audit, "shown", list(coverage.family_of))
    _print_row(audit, "all", [*functions, *coverage.objects])


def _print_row(audit: Audit, label: str, units: list[str]) -> None:
    places = audit.places(units)
    written = sum(audit.book.find(p, s.doc) is not None for p, s in places.items())
    share = written / len(places) if places else 1.0
    complete = sum(unit in audit.coverage.complete for unit in units)
    print(f"{label:28}{len(units):8}{complete:9}{len(places):8}{written:9}{share:8.0%}")


def print_todo(audit: Audit, where: str = "") -> None:
    """Print the subjects that lack a current entry as YAML a writer fills in.

    Args:
        audit: The entries and the SDK.
        where: A family, a method, an object or a single place; empty for all that is shown.

    Raises:
        ReferenceBuildError: ``where`` names nothing in the SDK.
    """
    units, only = _select(audit, where)
    rows = [row for row in audit.lacking(units) if only is None or row[0].place == only]
    kinds = Counter("stale" if stale else "missing" for _, stale in rows)
    print(f"# {kinds['missing']} missing, {kinds['stale']} stale (openai {audit.sdk.version})")
    print("# The lines with # are for you only: never commit them (reference/zh/README.md).")
    for subject, stale in rows:
        print(skeleton(audit, subject, stale))


def _select(audit: Audit, where: str) -> tuple[list[str], str | None]:
    coverage, functions = audit.coverage, audit.sdk.functions
    if not where:
        return list(coverage.family_of), None
    if units := coverage.units(where):
        return units, None
    units = [*functions, *coverage.objects]
    if chosen := [u for u in units if u == where or u.startswith(f"{where}.")]:
        return chosen, None
    holders = [u for u in units if where in audit.places([u])]
    if not holders:
        raise ReferenceBuildError(
            f"openai {audit.sdk.version} has no family, method, object or place {where}; "
            "`python -m reference status` lists the families"
        )
    return holders[:1], where


def skeleton(audit: Audit, subject: Subject, stale: Entry | None) -> str:
    """Return the entry to be filled in, under the English original as comment."""
    facts = [subject.kind]
    if subject.type is not None:
        facts.append(plain_words(subject.type))
        facts.append("必填" if subject.required else "选填")
    lines = ["", f"# {subject.place} · {' · '.join(facts)}"]
    same = audit.same_english(subject)
    if same:
        more = f" … ({len(same)})" if len(same) > 4 else ""
        lines.append(f"# the same English: {', '.join(same[:4])}{more}")
    if stale:
        lines.append(f"# STALE: mend the text in {stale.file}, then the digest")
    if subject.doc.standing != "current":
        names = ", ".join(subject.doc.replacements) or "(write replaced_by)"
        lines.append(f"# {subject.doc.standing}: {names}")
    lines += [
        f"{WORKSHEET_MARK} {line}".rstrip()
        for line in (subject.doc.text or "(no English)").splitlines()
    ]
    lines.append(f"{subject.place}:")
    if subject.doc.digest:
        lines.append(f'  english: "{subject.doc.digest}"')
    if stale:
        lines += ["  text: |", textwrap.indent(stale.text, "    ")]
    else:
        lines += ["  text: |", "    "]
    values = [v for e in enums(subject.type) for v in e.values] if subject.type is not None else []
    if 1 < len(values) <= 20:
        lines.append("  values:")
        lines += [f"    {_yaml_key(value)}: " for value in values]
    return "\n".join(lines)


def _yaml_key(value: object) -> str:
    text = str(value)
    plain = text.replace("_", "a").replace("-", "a").replace(".", "a").isalnum()
    reserved = text.lower() in {"on", "off", "yes", "no", "true", "false", "null", "y", "n"}
    return text if plain and not reserved and not text[0].isdigit() else f'"{text}"'
