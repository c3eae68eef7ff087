"""What the privacy officer decides. Two officers at once: one is first, and the other is told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.conf import settings

from kept.information.models import System
from kept.rights.actions.searching import go_on, queue_copy, queue_search
from kept.rights.actions.steps import locked, must_be_able, must_decide
from kept.rights.errors import NotNow, WrongChoice
from kept.rights.models import Case, CaseIdentifier, SystemAnswer
from kept.rights.subjects import opened
from kept.security.approvals.actions import use_up
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor

Standing = CaseIdentifier.Standing
CONFIRM = "rights.confirm_erasure"  # what takes two officers, where the company wants it so


@action
def choose_accounts(case: Case, system: System, accounts: Collection[str], *, by: Actor, at: datetime) -> Case:
    """Say which of the accounts that a system could not tell apart are the person's, if any; the others are not.

    The system is asked again, with these. Raises NotNow, MayNot, OwnCase, WrongChoice.
    """
    case = locked(case)
    must_decide(case, by)
    must_be_able(case, "choose")
    answer = case.answers.get(system=system)
    if answer.state != SystemAnswer.State.NEEDS_PERSON:
        raise NotNow(answer.state)
    candidates = case.identifiers.filter(standing=Standing.CANDIDATE, scope=system.name)
    chosen = set(accounts)
    rows = opened(candidates)
    if not rows or not chosen <= {row.value for row in rows}:
        raise WrongChoice
    number = len(rows)
    theirs = [row.pk for row in rows if row.value in chosen]
    candidates.filter(pk__in=theirs).update(standing=Standing.CHOSEN)
    candidates.exclude(pk__in=theirs).update(standing=Standing.NOT_THEIRS)
    answer.state, answer.problem = SystemAnswer.State.WAITING, ""
    answer.save(update_fields=["state", "problem"])
    queue_search(case.pk, system.name, at)
    record("rights.accounts_chosen", case, by=by, at=at, system=system.name, chosen=len(chosen), of=number)
    go_on(case, at)
    return case


@action
def approve(case: Case, *, by: Actor, at: datetime) -> Case:
    """The officer has seen what was found: a copy is made now, an erasure waits for its second confirmation.

    A second call changes nothing. Raises NotNow, MayNot, OwnCase.
    """
    case = locked(case)
    must_decide(case, by)
    if case.state == Case.State.APPROVED:
        unchanged()
        return case
    must_be_able(case, "approve")
    case.state, case.approved_at, case.approved_by, case.problem = Case.State.APPROVED, at, str(by), ""
    case.save(update_fields=["state", "approved_at", "approved_by", "problem"])
    record("rights.case_approved", case, by=by, at=at, right=case.right)
    if case.right == Case.Right.ACCESS:
        queue_copy(case.pk, at)
    return case


@action
def confirm_erasure(case: Case, *, by: Actor, at: datetime) -> Case:
    """The officer has seen the dry run, and confirms: from here on the systems are changed, one by one.

    A second call changes nothing. Where the company wants two officers, it takes the approval of the second one.
    Raises NotNow, MayNot, OwnCase, NotApproved.
    """
    case = locked(case)
    must_decide(case, by)
    if case.state == Case.State.CONFIRMED:
        unchanged()
        return case
    must_be_able(case, "confirm")
    if case.right != Case.Right.ERASURE:
        raise NotNow(case.state)
    if "erasure" in settings.TWO_PERSONS:
        use_up(CONFIRM, case, by=by, at=at)
    case.state, case.confirmed_at, case.confirmed_by = Case.State.CONFIRMED, at, str(by)
    case.save(update_fields=["state", "confirmed_at", "confirmed_by"])
    record("rights.erasure_confirmed", case, by=by, at=at)
    go_on(case, at)
    return case


@action
def return_to_review(case: Case, *, by: Actor, at: datetime) -> Case:
    """Take an approval back, as long as nothing was begun. A second call changes nothing.

    Raises NotNow, MayNot, OwnCase.
    """
    case = locked(case)
    must_decide(case, by)
    if case.state == Case.State.REVIEW:
        unchanged()
        return case
    must_be_able(case, "return")
    take_approval_back(case, Case.State.REVIEW)
    record("rights.case_returned", case, by=by, at=at)
    return case


def take_approval_back(case: Case, state: Case.State, problem: str = "") -> None:
    """Inside an action, with the case locked: what was approved no longer counts, and nothing more is begun."""
    case.state, case.approved_at, case.confirmed_at = state, None, None
    case.approved_by = case.confirmed_by = ""
    case.problem = problem
    fields = ["state", "approved_at", "confirmed_at", "approved_by", "confirmed_by", "problem"]
    case.save(update_fields=fields)
    queued = case.answers.filter(state=SystemAnswer.State.CHANGING, begun_plan="")
    queued.update(state=SystemAnswer.State.FOUND)
