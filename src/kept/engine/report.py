"""The report of an erasure: what went, what stays and why, and that somebody looked again. GDPR Art. 12(3), 17, 19."""

from __future__ import annotations

import json
import os
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from kept.engine import pages
from kept.engine.pack import Pack
from kept.engine.package import About, PackageFile, file_name, sha256_of, store
from kept.engine.subject import Change, Remain, Residue, TakenOut
from kept.terms import Verdict, worst

SUPPRESSED = (
    "So that we do not write to you again by mistake, we keep an unreadable fingerprint of your address. "
    "Nobody can turn it back into the address."
)


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

    @property
    def verdict(self) -> Verdict:
        if self.problem:
            return Verdict.NOT_DONE
        return self.residue.verdict if self.residue else Verdict.CANNOT_TELL


def verdict_of(outcomes: Sequence[Outcome]) -> Verdict:
    return worst(outcome.verdict for outcome in outcomes)


def write_report(
    folder: Path, ref: str, about: About, outcomes: Sequence[Outcome], *, suppressed: str = SUPPRESSED
) -> PackageFile:
    """`<ref>.zip` with index.html, report.json and manifest.json. It holds no personal data, only counts."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
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
    }
    page = pages.report(about.company, about.contact, reference, made_at, systems, suppressed)
    target = folder / file_name(ref)
    fresh = target.with_suffix(f".{os.getpid()}.part")
    files: list[dict[str, Any]] = []
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as raw:
            with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
                store(archive, "index.html", [page.encode()], files)
                store(archive, "report.json", [json.dumps(facts, ensure_ascii=False, indent=1).encode()], files)
                archive.writestr("manifest.json", json.dumps({"reference": reference, "files": files}, indent=1))
            raw.flush()
            os.fsync(raw.fileno())
        digest, size = sha256_of(fresh), fresh.stat().st_size
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
    return PackageFile(
        ref, target, digest, size, sum(one["count"] for system in systems for one in system["erased"]), 0
    )


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
    for remain in remains:
        if remain.table in told:
            continue
        known = outcome.pack.tables.get(remain.table)
        title = known.title if known else remain.table
        yield {"title": title, "count": remain.count, "why": _why(remain), "until": _until(remain.until, "")}


def _why(remain: Remain) -> str:
    return {
        "law": remain.law or "A law needs it kept.",
        "others": "Somebody else wrote it, and it is theirs.",
        "unclear": "It may be about you. A person decides.",
        "missed": "Found again. It must still go.",
    }[remain.why]


def _until(day: date | None, period: str) -> str:
    return day.isoformat() if day else period
