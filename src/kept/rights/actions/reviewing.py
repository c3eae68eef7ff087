"""What the privacy officer decides. Two officers at once: one is first, and the other is told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.conf import settings

from kept.information.models import System
from kept.rights.actions.at_once import holds, weighs
from kept.rights.actions.searching import go_on, queue_copy, queue_search
from kept.rights.actions.steps import locked, must_be_able, must_decide
from kept.rights.alerts.access import held_until, lacks_word
from kept.rights.errors import NotNow, NotReady, StillWaits, TakesAnother, WrongChoice
from kept.rights.flows import flow_of
from kept.rights.models import Case, CaseIdentifier, SystemAnswer
from kept.rights.ready import must_be_ready
from kept.rights.subjects import opened
from kept.security.approvals.actions import use_up
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor
from kept.work.steps import queue

Standing = CaseIdentifier.Standing
ASKED_MORE = "The person asked for more meanwhile. Look at what they said."
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
    """The officer has seen what was found. It is done now; an erasure waits for its second confirmation.

    A second call changes nothing. Raises NotNow, StillWaits, NotReady, TakesAnother, MayNot, OwnCase.
    """
    case = locked(case)
    must_decide(case, by)
    flow = flow_of(case.right)
    once = flow.ends == "change" and not flow.twice
    if case.state == Case.State.APPROVED or (once and case.state == Case.State.CONFIRMED):
        unchanged()
        return case
    must_be_able(case, "approve")
    if case.waits.filter(ended_at=None).exists():
        raise StillWaits(case.state)
    if case.exemptions.filter(made_by=str(by)).exists():
        raise TakesAnother
    must_be_ready(case)
    case.state, case.approved_at, case.approved_by, case.problem = Case.State.APPROVED, at, str(by), ""
    case.save(update_fields=["state", "approved_at", "approved_by", "problem"])
    record("rights.case_approved", case, by=by, at=at, right=case.right)
    holds(case, by=by, at=at)
    if flow.ends == "copy":
        queue_copy(case.pk, at)
    elif flow.ends == "letter":
        queue(flow.task, batch="letters", about=case.pk, at=at, case=case.pk)
    elif once:
        case.state, case.confirmed_at, case.confirmed_by = Case.State.CONFIRMED, at, str(by)
        case.save(update_fields=["state", "confirmed_at", "confirmed_by"])
        go_on(case, at)
    return case


@action
def confirm_erasure(case: Case, *, by: Actor, at: datetime) -> Case:
    """The officer has seen the dry run, and confirms: from here on the systems are changed, one by one.

    A second call changes nothing. Where the company wants two officers, it takes the approval of the second one.
    Raises NotNow, NotReady while another address of the person may still stop it, MayNot, OwnCase, NotApproved.
    """
    case = locked(case)
    must_decide(case, by)
    if case.state == Case.State.CONFIRMED:
        unchanged()
        return case
    must_be_able(case, "confirm")
    if not flow_of(case.right).twice:
        raise NotNow(case.state)
    must_not_wait(case, at)
    if "erasure" in settings.TWO_PERSONS:
        use_up(CONFIRM, case, by=by, at=at)
    case.state, case.confirmed_at, case.confirmed_by = Case.State.CONFIRMED, at, str(by)
    case.save(update_fields=["state", "confirmed_at", "confirmed_by"])
    record("rights.erasure_confirmed", case, by=by, at=at)
    go_on(case, at)
    return case


def must_not_wait(case: Case, at: datetime) -> None:
    """Raises NotReady: somebody at another address said no, or has some days left to say so."""
    if problem := lacks_word(case):
        raise NotReady(problem)
    if until := held_until(case, at):
        raise NotReady(f"The person’s other addresses were told that nothing is erased before {until:%-d %B %Y}.")


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
    if flow_of(case.right).at_once:
        raise NotNow(case.state)
    take_approval_back(case, Case.State.REVIEW)
    record("rights.case_returned", case, by=by, at=at)
    return case


def look_again_at_more(case: Case, *, by: Actor, at: datetime) -> None:
    """Inside an action, with the case locked: the person asks for more than an officer has approved. It goes back, and
    what was done so far stays done."""
    if case.state in (Case.State.APPROVED, Case.State.CONFIRMED, Case.State.ANSWERING) and weighs(case):
        take_approval_back(case, Case.State.REVIEW, ASKED_MORE)
        done = (SystemAnswer.State.DONE, SystemAnswer.State.CANNOT_TELL, SystemAnswer.State.CHANGING)
        case.answers.filter(state__in=done).update(state=SystemAnswer.State.FOUND, decided="")
        record("rights.case_asks_more", case, by=by, at=at)


def take_approval_back(case: Case, state: Case.State, problem: str = "") -> None:
    """Inside an action, with the case locked: what was approved no longer counts, and nothing more is begun."""
    case.state, case.approved_at, case.confirmed_at = state, None, None
    case.approved_by = case.confirmed_by = ""
    case.problem = problem
    fields = ["state", "approved_at", "confirmed_at", "approved_by", "confirmed_by", "problem"]
    case.save(update_fields=fields)
    queued = case.answers.filter(state=SystemAnswer.State.CHANGING, begun_plan="")
    queued.update(state=SystemAnswer.State.FOUND)
