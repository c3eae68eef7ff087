"""What an erasure left, and why: what the law keeps, and other people's words. Counts only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from kept.engine.pack import TableRule
from kept.engine.subject import Remain
from kept.rights.exemptions.access import of_case, told
from kept.rights.models import Case, SystemAnswer
from kept.rights.rules import LAW_OF_SUPPRESSION, as_decided, changes_from, proof_ends, residue_from
from kept.rights.views.held import rules_of

FINGERPRINT = f"Nobody can turn it back into the address. {LAW_OF_SUPPRESSION}"


@dataclass(frozen=True)
class Stay:
    """Records of one sort in one system that stay."""

    system: str
    what: str
    count: int  # 0: not counted
    why: str
    until: date | None
    period: str  # in words, where no day can be given


def what_stays(case: Case) -> list[Stay]:
    """Nothing before the systems were changed, and nothing for a copy."""
    if case.right != Case.Right.ERASURE or "refused" in case.outcome:
        return []
    stays = [stay for answer in case.answers.select_related("system") for stay in _stays(answer)]
    for one in of_case(case):
        rule = rules_of(one.system).get(one.table)
        stays.append(Stay(one.system.title, rule.title if rule else one.table, one.records, told(one), one.until, ""))
    if case.answered_at:
        until = proof_ends(case.answered_at)
        stays.append(Stay("", "A fingerprint of your address", 0, FINGERPRINT, until, ""))
    return stays


def _stays(answer: SystemAnswer) -> Iterator[Stay]:
    found = residue_from(answer.residue)
    if found is None:
        return
    residue = as_decided(found) if answer.decided else found
    rules, system, told = rules_of(answer.system), answer.system.title, set()
    for change in changes_from(answer.changes):
        rule = rules.get(change.table)
        if change.kept and rule and rule.law:
            told.add(change.table)
            days = [one.until for one in residue.remains if one.table == change.table and one.until]
            yield Stay(system, rule.title, change.kept, rule.law.name, max(days, default=None), rule.period)
    for remain in residue.remains:
        if remain.table not in told and remain.why != "left out":
            told.add(remain.table)
            yield _besides(system, remain, rules.get(remain.table))


def _besides(system: str, remain: Remain, rule: TableRule | None) -> Stay:
    words = {
        "law": remain.law or "A law makes us keep it",
        "left out": remain.law or "The law gives a reason to keep it",
        "others": "Somebody else wrote or gave it, and it belongs to them",
        "unclear": "We are not sure that it is about you, so an officer looks at it",
        "missed": "It must still go, and we go on with it",
    }
    title = rule.title if rule else remain.table
    return Stay(
        system, title, remain.count, words[remain.why], remain.until, rule.period if rule and remain.law else ""
    )
