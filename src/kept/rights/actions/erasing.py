"""Carrying out an erasure. The intent is written before a system is changed, the outcome after a second look at it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kept.engine.subject import Change, Residue
from kept.information.access import OWN_NAME, is_own
from kept.information.models import System
from kept.people.actions import close_accounts
from kept.post.models import Message
from kept.rights.actions.changing import Begun, begin, keep_outcome
from kept.rights.actions.replaying import note_erasure
from kept.rights.actions.searching import NOBODY, cases_and_answers, go_on, queue_search
from kept.rights.actions.steps import locked, must_be_able, must_decide
from kept.rights.errors import NotNow
from kept.rights.flows import flow_of
from kept.rights.models import Case, SystemAnswer
from kept.rights.rules import erased_count, holdings_from, kept_count, told
from kept.rights.subjects import as_identifier, is_used, opened
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor, Identifier
from kept.work.models import Step
from kept.work.steps import drop


@dataclass(frozen=True)
class Erased:
    """What was done in one system for one case, and what the second look found."""

    step: Step
    case_id: UUID
    changes: Sequence[Change]
    tables: frozenset[str]  # of which the plan changes anything
    residue: Residue


@action
def begin_erasure(system: System, plan_id: str, batch: Sequence[Begun], *, by: Actor, at: datetime) -> frozenset[UUID]:
    """Write down what is about to be done, before it is. Returns the cases to go on with: see `changing.begin`.

    Kept's own database: their accounts are closed now.
    """
    going = begin(system, plan_id, batch, by=by, at=at)
    if is_own(system):
        _close_ways_in([identifier for one in going for identifier in one.identifiers], by, at)
    return frozenset(one.case_id for one in going)


@action
def systems_erased(system: System, batch: Sequence[Erased], *, by: Actor, at: datetime) -> None:
    """Keep what was done and what the second look found. Only a look that has just found nothing makes it done."""
    known = cases_and_answers([one.case_id for one in batch], system)
    for one in batch:
        case, answer = known.get(one.case_id, NOBODY)
        if case is None or answer is None:
            drop(one.step, "The case has ended.", at=at)
            unchanged()
            continue
        changes = told(one.changes, holdings_from(answer.holdings), one.tables)
        keep_outcome(answer, one.step, changes, one.residue, at=at)
        verdict, erased, kept = str(one.residue.verdict), erased_count(changes), kept_count(changes)
        facts = {"system": system.name, "plan": answer.plan_id, "verdict": verdict}
        record("rights.system_erased", case, by=by, at=at, erased=erased, kept=kept, **facts)
        theirs = [as_identifier(row) for row in opened(case.identifiers.all()) if is_used(row, system.name)]
        note_erasure(case, system, theirs, at)
        if is_own(system):
            close_accounts(own_accounts(theirs), by=by, at=at)
        go_on(case, at)


@action
def erase_again(case: Case, system: System, *, by: Actor, at: datetime) -> Case:
    """After a pack was mended, or something removed by hand: search that system, change it and look, all over again.

    Raises NotNow, MayNot, OwnCase.
    """
    case = locked(case)
    must_decide(case, by)
    must_be_able(case, "answer")
    answer = case.answers.get(system=system)
    stuck = (SystemAnswer.State.NOT_DONE, SystemAnswer.State.CANNOT_TELL)
    if answer.state not in stuck or answer.next_try_at is not None:
        raise NotNow(answer.state)
    answer.state, answer.plan_id, answer.plan = SystemAnswer.State.WAITING, "", []
    answer.save(update_fields=["state", "plan_id", "plan"])
    queue_search(case.pk, system.name, at)
    record(flow_of(case.right).again, case, by=by, at=at, system=system.name)
    return case


@action
def settle_remains(case: Case, system: System, *, by: Actor, at: datetime) -> Case:
    """The officer has looked at every place the second look could not tell about: it is not this person's.

    What must still go cannot be settled this way. Raises NotNow, MayNot, OwnCase.
    """
    case = locked(case)
    must_decide(case, by)
    must_be_able(case, "answer")
    answer = case.answers.get(system=system)
    if answer.decided:
        unchanged()
        return case
    if answer.state != SystemAnswer.State.CANNOT_TELL:
        raise NotNow(answer.state)
    answer.decided, answer.decided_at, answer.decided_by = "others", at, str(by)
    answer.save(update_fields=["decided", "decided_at", "decided_by"])
    record("rights.remains_settled", case, by=by, at=at, system=system.name, remains=len(answer.residue["remains"]))
    go_on(case, at)
    return case


def _close_ways_in(identifiers: Collection[Identifier], by: Actor, at: datetime) -> None:
    """Before Kept's own rows are erased: nobody signs in, and no mail that was never sent leaves half erased."""
    close_accounts(own_accounts(identifiers), by=by, at=at)
    emails = [one.value for one in identifiers if one.kind == "email"]
    unsent = Message.objects.filter(to__in=emails, state=Message.State.WAITING)
    unsent.update(state=Message.State.FAILED)


def own_accounts(identifiers: Iterable[Identifier]) -> list[UUID]:
    return [UUID(one.value) for one in identifiers if one.kind == "account" and one.scope == OWN_NAME]
