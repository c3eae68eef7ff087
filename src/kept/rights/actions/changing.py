"""Changing a system for a case, whatever the right: the intent is written before it, the outcome after a second look.

Each function here runs inside an action. An erasure and a correction share it; what only one of them does stands there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from kept.engine.subject import Change, Holding, Residue
from kept.information.models import System
from kept.rights.actions.reviewing import take_approval_back
from kept.rights.actions.searching import NOBODY, cases_and_answers, keep_identifiers, queue_search
from kept.rights.flows import flow_of
from kept.rights.models import Case, SystemAnswer
from kept.rights.rules import (
    LOOKS_BY_ITSELF,
    UNDER_WAY,
    added_up,
    changes_from,
    changes_json,
    holdings_json,
    plain,
    problem_of,
    residue_json,
    state_of,
)
from kept.security.ledger import record, unchanged
from kept.terms import Actor, Identifier
from kept.work.models import Step
from kept.work.steps import drop, finish, retry_later

State = SystemAnswer.State
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


Keep = Callable[[Case, SystemAnswer], None]


def begin(
    system: System, plan_id: str, batch: Sequence[Begun], keep: Keep | None = None, *, by: Actor, at: datetime
) -> list[Begun]:
    """Write down what is about to be done, before it is. Returns the cases to go on with.

    Left out: cases that ended or went back to the review, those whose plan is no longer the one that was approved,
    and those about whom a person has to decide. `keep`: what else is written down of those that go on.
    """
    going = []
    known = cases_and_answers([one.case_id for one in batch], system)
    for one in batch:
        case, answer = known.get(one.case_id, NOBODY)
        if case is None or answer is None or case.state not in UNDER_WAY:
            drop(one.step, "The case is not being carried out.", at=at)
            if answer is not None and answer.state in (State.CHANGING, State.NOT_DONE):
                answer.state = State.FOUND  # to be changed once the case is confirmed again
                answer.save(update_fields=["state"])
            unchanged()
        elif answer.plan_id not in ("", plan_id):
            finish(one.step, {"plan": "changed"}, at=at)
            answer.state, answer.begun_plan = State.WAITING, ""
            answer.save(update_fields=["state", "begun_plan"])
            take_approval_back(case, Case.State.SEARCHING, PLAN_CHANGED)
            queue_search(case.pk, system.name, at)
            record("rights.plan_changed", case, by=by, at=at, system=system.name, plan=plan_id)
        elif one.conflict:
            keep_identifiers(case, answer, one.identifiers, one.shared, one.candidates, at)
            finish(one.step, {"conflict": True}, at=at)
            answer.state, answer.problem = State.NEEDS_PERSON, plain(one.conflict)
            answer.save(update_fields=["state", "problem", "asked_with"])
            record("rights.person_needed", case, by=by, at=at, system=system.name)
        else:
            keep_identifiers(case, answer, one.identifiers, one.shared, (), at)
            if keep is not None:
                keep(case, answer)
            _intend(case, answer, plan_id, one.holdings, by, at)
            going.append(one)
    return going


def _intend(
    case: Case, answer: SystemAnswer, plan_id: str, holdings: Sequence[Holding], by: Actor, at: datetime
) -> None:
    """The entry of the intent, once per plan: a run that was cut off goes on under the entry it has."""
    if case.state == Case.State.CONFIRMED:
        case.state = Case.State.ANSWERING
        case.save(update_fields=["state"])
    answer.state = State.CHANGING
    if answer.begun_plan == plan_id:
        answer.save(update_fields=["state", "asked_with"])
        unchanged()
        return
    answer.begun_plan = answer.plan_id = plan_id
    answer.earlier, answer.holdings = answer.changes, holdings_json(holdings)
    answer.save(update_fields=["state", "asked_with", "begun_plan", "plan_id", "earlier", "holdings"])
    count = sum(one.own + one.others for one in holdings)
    record(flow_of(case.right).begun, case, by=by, at=at, system=answer.system.name, plan=plan_id, records=count)


def keep_outcome(
    answer: SystemAnswer, step: Step, changes: Sequence[Change], residue: Residue, *, at: datetime, add: bool = True
) -> None:
    """What was done, and what the second look found. Only a look that has just found nothing makes it done.

    `add`: to what earlier runs did; False: `changes` tell of all runs.
    """
    answer.state, answer.problem = state_of(residue), problem_of(residue)
    answer.changes = changes_json(added_up(changes_from(answer.earlier), changes) if add else changes)
    answer.residue = residue_json(residue)
    answer.decided, answer.decided_at, answer.decided_by = "", None, ""  # that was about another look
    answer.attempts, answer.next_try_at, answer.finished_at = 0, None, at
    if answer.state == State.NOT_DONE and step.attempt < LOOKS_BY_ITSELF:
        retry_later(step, "The second look found remains.", at=at)
        answer.attempts = step.attempt
        answer.next_try_at = Step.objects.values_list("due_at", flat=True).get(pk=step.pk)
    else:
        finish(step, {"verdict": str(residue.verdict)}, at=at)
    if answer.state != State.NOT_DONE:
        answer.begun_plan = ""
    answer.save()
