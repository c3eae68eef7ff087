"""The report of an erasure: what went, what stays and why, and that somebody looked again. GDPR Art. 12(3), 17, 19."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from kept.engine import pages
from kept.engine.pack import Pack
from kept.engine.package import About, PackageFile, write_answer
from kept.engine.subject import Change, Remain, Residue, TakenOut
from kept.terms import Verdict, worst

SUPPRESSED = (
    "So that we do not write to you again by mistake, we keep an unreadable fingerprint of your address. "
    "Nobody can turn it back into the address."
)


class ToldRecipient(NamedTuple):
    """Somebody who was given the data, and how they were told what became of it. GDPR Art. 19."""

    name: str
    how: str  # "told by mail on 3 May 2026", "still to be told"


@dataclass(frozen=True)
class LeftOutTold:
    """Records that an officer left out of an erasure, as the person is told."""

    table: str
    count: int
    why: str
    until: date | None


@dataclass(frozen=True)
class Outcome:
    """What came of one system."""

    system: str
    title: str
    pack: Pack
    changes: Sequence[Change]
    residue: Residue | None  # None: nobody could look again
    at: datetime
    problem: str | None = None
    left_out: Sequence[LeftOutTold] = ()

    @property
    def verdict(self) -> Verdict:
        if self.problem:
            return Verdict.NOT_DONE
        return self.residue.verdict if self.residue else Verdict.CANNOT_TELL


def verdict_of(outcomes: Sequence[Outcome]) -> Verdict:
    return worst(outcome.verdict for outcome in outcomes)


def write_report(
    folder: Path,
    ref: str,
    about: About,
    outcomes: Sequence[Outcome],
    *,
    suppressed: str = SUPPRESSED,
    told: Sequence[ToldRecipient] = (),
) -> PackageFile:
    """`<ref>.zip` with index.html, report.json and manifest.json. It holds no personal data, only counts.

    `told`: the recipients of what was erased, and whether they were told. Art. 19.
    """
    reference = about.references.get(ref, ref)
    made_at = about.made_at.isoformat(timespec="seconds")
    systems = [_told(outcome) for outcome in outcomes]
    facts = {
        "format": "kept-erasure/1",
        "company": about.company,
        "contact": about.contact,
        "reference": reference,
        "made_at": made_at,
        "verdict": str(verdict_of(outcomes)),
        "stays": suppressed,
        "systems": systems,
        "recipients": [one._asdict() for one in told],
    }
    page = pages.report(about.company, about.contact, reference, made_at, systems, suppressed, told)
    erased = sum(one["count"] for system in systems for one in system["erased"])
    return bound(folder, ref, reference, page, facts, erased)


def bound(folder: Path, ref: str, reference: str, page: str, facts: Mapping[str, Any], rows: int) -> PackageFile:
    """`<ref>.zip` with index.html, report.json and manifest.json, whole or not at all."""
    files = {"index.html": page, "report.json": json.dumps(facts, ensure_ascii=False, indent=1)}
    return write_answer(folder, ref, reference, files, rows)


def _told(outcome: Outcome) -> dict[str, Any]:
    erased: Counter[str] = Counter()
    for change in outcome.changes:
        if change.rows + change.deleted:
            erased[outcome.pack.tables[change.table].title] += change.rows + change.deleted
    return {
        "system": outcome.system,
        "title": outcome.title,
        "verdict": str(outcome.verdict),
        "verified": _verified(outcome),
        "erased": [{"title": title, "count": count} for title, count in erased.items()],
        "taken_out": [_taken_out(outcome, one) for one in outcome.residue.taken_out] if outcome.residue else [],
        "kept": list(_kept(outcome)),
        "changes": [asdict(change) for change in outcome.changes],
        "at": outcome.at.isoformat(timespec="seconds"),
    }


def _verified(outcome: Outcome) -> str:
    if outcome.problem:
        return f"Not done yet: {outcome.problem}"
    if outcome.residue is None:
        return "Nobody could look again yet."
    looked = f"We looked again through all {outcome.residue.looked_at} tables of this system"
    if outcome.verdict is Verdict.DONE:
        kept = any(change.kept for change in outcome.changes)
        kept = kept or any(one.why == "law" for one in outcome.residue.remains)
        rest = " but what the law keeps, listed below" if kept else ""
        if outcome.left_out:
            kept, rest = True, " but what stays for a reason of the law, listed below"
        if not kept and not any(change.rows or change.deleted for change in outcome.changes):
            return f"{looked} and found nothing about you."
        return f"{looked} and found nothing left of you{rest}."
    if outcome.verdict is Verdict.NOT_DONE:
        return f"{looked} and found remains. This is not done yet."
    return f"{looked}. A person still has to decide about something we found."


def _taken_out(outcome: Outcome, one: TakenOut) -> dict[str, Any]:
    return {"title": outcome.pack.tables[one.table].title, "column": one.column, "count": one.count}


def _kept(outcome: Outcome) -> Iterator[dict[str, Any]]:
    """Rows kept by law, then what the second look found besides."""
    told = set()
    remains: Sequence[Remain] = outcome.residue.remains if outcome.residue else ()
    for change in outcome.changes:
        rule = outcome.pack.tables[change.table]
        if change.kept and rule.law:
            told.add(change.table)
            until = max((one.until for one in remains if one.table == change.table and one.until), default=None)
            yield {"title": rule.title, "count": change.kept, "why": rule.law.name, "until": _until(until, rule.period)}
    for out in outcome.left_out:
        rule = outcome.pack.tables[out.table]
        yield {"title": rule.title, "count": out.count, "why": out.why, "until": _until(out.until, "")}
    for remain in remains:
        if remain.table in told or remain.why == "left out":
            continue
        known = outcome.pack.tables.get(remain.table)
        title = known.title if known else remain.table
        yield {"title": title, "count": remain.count, "why": _why(remain), "until": _until(remain.until, "")}


def _why(remain: Remain) -> str:
    return {
        "law": remain.law or "A law needs it kept.",
        "left out": remain.law or "The law gives a reason to keep it.",
        "others": "Somebody else wrote it, and it is theirs.",
        "unclear": "It may be about you. A person decides.",
        "missed": "Found again. It must still go.",
    }[remain.why]


def _until(day: date | None, period: str) -> str:
    return day.isoformat() if day else period
