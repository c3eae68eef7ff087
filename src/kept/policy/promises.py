"""Keepers of what the rooms below this one do, and of what follows from other clauses."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from kept.policy.access import policy
from kept.policy.evidence import all_found, of_clause
from kept.policy.keepers import keeper
from kept.policy.laws import articles_kept
from kept.policy.rules import worst
from kept.security.verify import is_fresh, look
from kept.terms import Evidence, State

SECTION_7 = ("7.1", "7.2")


@keeper("1.2")
def ledger_has_no_gap(at: datetime) -> Evidence:
    """Counts the entries of the ledger, hashes them anew, and compares the result with what was signed last: all of
    them up to 4,096; beyond it the newest and some by chance, behind the audit that reads everything once a day."""
    looked, link = look(at), reverse("ledger:ledger")
    report, last = looked.report, looked.last
    figure = f"{_entries(report.size)}, " + (
        "all read" if looked.whole else f"{report.entries:,} read now, all on {last.at:%-d %B, %H:%M}" if last else
        f"{report.entries:,} read now"
    )  # fmt: skip
    if report.findings:
        found = report.findings[0]
        return Evidence(State.BROKEN, f"{_entries(report.size)}, {found.kind}{found.where}", found.what, at, link)
    if report.unsure:
        return Evidence(State.CANNOT_TELL, figure, report.unsure[0], at, link)
    if looked.stuck:
        return Evidence(State.CANNOT_TELL, figure, "Entries wait for their number: the ledger stands still.", at, link)
    if looked.whole:
        return Evidence(State.KEPT, figure, "Every entry is there and as it was signed.", at, link)
    if last is None or not is_fresh(last, at):
        return Evidence(State.CANNOT_TELL, figure, "The audit that reads everything is overdue.", at, link)
    if last.facts.get("findings"):
        return Evidence(
            State.BROKEN, figure, "The last audit of everything found entries that are not as signed.", at, link
        )
    return Evidence(State.KEPT, figure, "Every entry is there; those read are as they were signed.", at, link)


@keeper("6.2", rows="policy:policy")
def protected_as_everywhere(at: datetime) -> Evidence:
    """Reads what was found last for section 7: the safeguards in Singapore are those that run everywhere."""
    found = all_found(at)
    own = [of_clause(found.get(clause_id, ()), at) for clause_id in SECTION_7]
    kept = sum(one.state is State.KEPT for one in own)
    figure = f"{kept} of {len(own)} clauses on protection kept"
    least = worst(own)
    if least is None or least.state is State.BROKEN:
        return Evidence(State.BROKEN, figure, "A safeguard that runs everywhere does not hold.", at, number=kept)
    if least.state is not State.KEPT:
        return Evidence(State.CANNOT_TELL, figure, "Of the others nobody can tell yet.", at, number=kept)
    return Evidence(State.KEPT, figure, "The same safeguards run there as everywhere.", at, number=kept)


@keeper("18.1", counts="duties of the GDPR that are kept", rows="policy:laws")
def articles_are_covered(at: datetime) -> Evidence:
    """Goes through the duties of the GDPR, and reads for each what was found last for the clauses that answer to it."""
    found = all_found(at)
    ids = [clause_id for clause_id in policy().made if clause_id != "18.1"]
    return articles_kept("gdpr", {clause_id: of_clause(found.get(clause_id, ()), at) for clause_id in ids}, at)


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count:,} entries"
