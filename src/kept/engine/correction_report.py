"""The report of a correction: what became what, what stays as it was and why, who else was told. GDPR Art. 16, 19."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kept.engine import pages
from kept.engine.correcting import Righted
from kept.engine.package import About, PackageFile
from kept.engine.rectifying import Line
from kept.engine.report import ToldRecipient, bound
from kept.terms import Verdict, worst

NAMES = {
    "first_name": "First name",
    "last_name": "Last name",
    "full_name": "Full name",
    "email": "E-mail address",
    "phone": "Telephone number",
    "birth_date": "Date of birth",
    "street": "Street",
    "postcode": "Postcode",
    "city": "City",
    "country": "Country",
    "company": "Company",
}


def write_correction_report(
    folder: Path, ref: str, about: About, righted: Sequence[Righted], *, told: Sequence[ToldRecipient] = ()
) -> PackageFile:
    """`<ref>.zip` with index.html, report.json and manifest.json. It holds what stood there and what stands there now:
    it is the person's, and to be kept sealed."""
    reference = about.references.get(ref, ref)
    made_at = about.made_at.isoformat(timespec="seconds")
    systems = [_told(one) for one in righted]
    facts = {
        "format": "kept-correction/1",
        "company": about.company,
        "contact": about.contact,
        "reference": reference,
        "made_at": made_at,
        "verdict": str(worst(one.verdict for one in righted)),
        "systems": systems,
        "recipients": [one._asdict() for one in told],
    }
    page = pages.corrections(about.company, about.contact, reference, made_at, systems, told)
    changed = sum(line.rows for one in righted for line in one.lines if line.outcome == "changed")
    return bound(folder, ref, reference, page, facts, changed)


def _told(one: Righted) -> dict[str, Any]:
    groups = {"changed": "changed", "right": "right", "copies": "copy", "unexpected": "unexpected"}
    return {
        "system": one.system,
        "title": one.title,
        "verdict": str(one.verdict),
        "verified": _verified(one),
        "at": one.at.isoformat(timespec="seconds"),
        **{
            name: [_row(one, line) for line in one.lines if line.outcome == outcome] for name, outcome in groups.items()
        },
    }


def _verified(one: Righted) -> str:
    if one.problem:
        return f"Not done yet: {one.problem}"
    if not one.lines:
        return "Nothing about this stands here."
    if one.verdict is Verdict.DONE:
        return "We looked again after the change: what was to be put right is right."
    return "We looked again after the change. A person still has to decide about something that stands here."


def _row(one: Righted, line: Line) -> dict[str, Any]:
    table = one.pack.tables.get(line.table)
    column = table.columns.get(line.column) if table else None
    return {
        "detail": column.label if column and column.label else NAMES[line.detail],
        "title": table.title if table else line.table,
        "table": line.table,
        "column": line.column,
        "was": line.was or "",
        "now": _now(one, line),
        "rows": line.rows,
    }


def _now(one: Righted, line: Line) -> str:
    if line.outcome == "changed":
        return line.becomes or ""
    if line.outcome == "copy":
        return f"A law keeps it as it was: {line.law}" if line.law else "It is part of a document of its time."
    if line.outcome == "right":
        return "It is as you want it."
    return "It is not what you said is wrong." + ("" if one.decided else " A person decides.")
