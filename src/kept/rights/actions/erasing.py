"""Carrying out an erasure. The intent is written before a system is changed, the outcome after a second look at it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from kept.engine.subject import Change, Holding, Residue
from kept.information.access import OWN_NAME, is_own
from kept.information.models import System
from kept.people.actions import close_accounts
from kept.post.models import Message
from kept.rights.actions.replaying import note_erasure
from kept.rights.actions.reviewing import take_approval_back
from kept.rights.actions.searching import NOBODY, cases_and_answers, go_on, keep_identifiers, queue_search
from kept.rights.actions.steps import locked, must_be_able, must_decide
from kept.rights.errors import NotNow
from kept.rights.models import Case, SystemAnswer
from kept.rights.rules import (
    LOOKS_BY_ITSELF,
    UNDER_WAY,
    added_up,
    changes_from,
    changes_json,
    erased_count,
    holdings_from,
    holdings_json,
    kept_count,
    plain,
    problem_of,
    residue_json,
    state_of,
    told,
)
from kept.rights.subjects import as_identifier, is_used, opened
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor, Identifier
from kept.work.models import Step
from kept.work.steps import drop, finish, retry_later

PLAN_CHANGED = "The plan is another one than was approved. Look at the dry run again."


@dataclass(frozen=True)
class Begun:
    """One case about to be carried out in one system, and whom the system knows by now."""

    step: Step
    case_id: UUID
    identifiers: frozenset[Identifier] = field(repr=False)
    shared: frozenset[Identifier] = field(repr=False)
    conflict: str
    candidates: tuple[Identifier, ...] = field(repr=False)
    holdings: Sequence[Holding]  # counted just now


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
    """Write down what is about to be done, before it is. Returns the cases to go on with.

    Left out: cases that ended or went back to the review, those whose plan is no longer the one that was approved,
    and those about whom a person has to decide. Kept's own database: their accounts are closed now.
    """
    going = []
    known = cases_and_answers([one.case_id for one in batch], system)
    for one in batch:
        case, answer = known.get(one.case_id, NOBODY)
        if case is None or answer is None or case.state not in UNDER_WAY:
            drop(one.step, "The case is not being carried out.", at=at)
            if answer is not None and answer.state in (SystemAnswer.State.CHANGING, SystemAnswer.State.NOT_DONE):
                answer.state = SystemAnswer.State.FOUND  # to be changed once the case is confirmed again
                answer.save(update_fields=["state"])
            unchanged()
        elif answer.plan_id not in ("", plan_id):
            finish(one.step, {"plan": "changed"}, at=at)
            answer.state, answer.begun_plan = SystemAnswer.State.WAITING, ""
            answer.save(update_fields=["state", "begun_plan"])
            take_approval_back(case, Case.State.SEARCHING, PLAN_CHANGED)
            queue_search(case.pk, system.name, at)
            record("rights.plan_changed", case, by=by, at=at, system=system.name, plan=plan_id)
        elif one.conflict:
            keep_identifiers(case, answer, one.identifiers, one.shared, one.candidates, at)
            finish(one.step, {"conflict": True}, at=at)
            answer.state, answer.problem = SystemAnswer.State.NEEDS_PERSON, plain(one.conflict)
            answer.save(update_fields=["state", "problem", "asked_with"])
            record("rights.person_needed", case, by=by, at=at, system=system.name)
        else:
            keep_identifiers(case, answer, one.identifiers, one.shared, (), at)
            _intend(case, answer, plan_id, one.holdings, by, at)
            going.append(one)
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
        answer.state, answer.problem = state_of(one.residue), problem_of(one.residue)
        answer.changes = changes_json(added_up(changes_from(answer.earlier), changes))
        answer.residue = residue_json(one.residue)
        answer.decided, answer.decided_at, answer.decided_by = "", None, ""  # that was about another look
        answer.attempts, answer.next_try_at, answer.finished_at = 0, None, at
        if answer.state == SystemAnswer.State.NOT_DONE and one.step.attempt < LOOKS_BY_ITSELF:
            retry_later(one.step, "The second look found remains.", at=at)
            answer.attempts = one.step.attempt
            answer.next_try_at = Step.objects.values_list("due_at", flat=True).get(pk=one.step.pk)
        else:
            finish(one.step, {"verdict": str(one.residue.verdict)}, at=at)
        if answer.state != SystemAnswer.State.NOT_DONE:
            answer.begun_plan = ""
        answer.save()
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
    """After a pack was mended, or something removed by hand: search that system, erase and look, all over again.

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
    record("rights.erasure_asked_again", case, by=by, at=at, system=system.name)
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


def _intend(
    case: Case, answer: SystemAnswer, plan_id: str, holdings: Sequence[Holding], by: Actor, at: datetime
) -> None:
    """The entry of the intent, once per plan: a run that was cut off goes on under the entry it has."""
    if case.state == Case.State.CONFIRMED:
        case.state = Case.State.ANSWERING
        case.save(update_fields=["state"])
    answer.state = SystemAnswer.State.CHANGING
    if answer.begun_plan == plan_id:
        answer.save(update_fields=["state", "asked_with"])
        unchanged()
        return
    answer.begun_plan = answer.plan_id = plan_id
    answer.earlier, answer.holdings = answer.changes, holdings_json(holdings)
    answer.save(update_fields=["state", "asked_with", "begun_plan", "plan_id", "earlier", "holdings"])
    count = sum(one.own + one.others for one in holdings)
    record("rights.erasure_begun", case, by=by, at=at, system=answer.system.name, plan=plan_id, records=count)


def _close_ways_in(identifiers: Collection[Identifier], by: Actor, at: datetime) -> None:
    """Before Kept's own rows are erased: nobody signs in, and no mail that was never sent leaves half erased."""
    close_accounts(own_accounts(identifiers), by=by, at=at)
    emails = [one.value for one in identifiers if one.kind == "email"]
    unsent = Message.objects.filter(to__in=emails, state=Message.State.WAITING)
    unsent.update(state=Message.State.FAILED)


def own_accounts(identifiers: Iterable[Identifier]) -> list[UUID]:
    return [UUID(one.value) for one in identifiers if one.kind == "account" and one.scope == OWN_NAME]
