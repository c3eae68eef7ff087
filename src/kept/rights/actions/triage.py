"""Sorting the desk: whose case it is, and until when it is put aside. Neither moves its clock."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from kept.people.models import Account
from kept.rights.access import is_own_request, officers
from kept.rights.actions.steps import locked, must_be_officer
from kept.rights.clocks import office_day
from kept.rights.errors import BadHold, NotNow, OwnCase, Taken, WrongChoice
from kept.rights.models import Case
from kept.rights.rules import OPEN
from kept.security.ledger import action, record, unchanged
from kept.security.reading import log_read
from kept.terms import Actor


@action
def assign(case: Case, to: UUID | None, *, was: UUID | None, by: Actor, at: datetime) -> Case:
    """Give a case to an officer, or with None to nobody. `was`: who had it when the page was drawn.

    Nobody gets their own request. Raises NotNow, MayNot, Taken, WrongChoice, OwnCase.
    """
    case = _on_desk(case, by)
    if case.assignee_id == to:
        unchanged()
        return case
    if case.assignee_id != was:
        raise Taken
    if to is not None:
        if not officers().filter(pk=to).exists():
            raise WrongChoice
        if is_own_request(case, str(to)):
            raise OwnCase(Account.Roles.PRIVACY_OFFICER)
    case.assignee_id = to
    case.save(update_fields=["assignee"])
    record("rights.case_assigned", case, by=by, at=at, to=str(to) if to else None)
    return case


@action
def hold(case: Case, until: date, waits_for: str, *, by: Actor, at: datetime) -> Case:
    """Put a case aside until a day, at the latest its last one; on that day it is to do again by itself.

    `waits_for`: one of Case.Hold. Raises NotNow, MayNot, BadHold.
    """
    case = _on_desk(case, by)
    today = office_day(at, case.clock)
    if waits_for not in Case.Hold.values:
        raise BadHold("Choose what it waits for.")
    if until <= today:
        raise BadHold("Choose a day after today.")
    if until > max(case.due_on, today + timedelta(days=1)):
        raise BadHold("Choose a day that is not after the last day to answer: the clock runs on.")
    if (case.held_until, case.held_for) == (until, waits_for):
        unchanged()
        return case
    case.held_until, case.held_for = until, waits_for
    case.save(update_fields=["held_until", "held_for"])
    record("rights.case_held", case, by=by, at=at, until=until.isoformat(), waits_for=waits_for)
    return case


@action
def release(case: Case, *, by: Actor, at: datetime) -> Case:
    """Take it up again before that day. A second call changes nothing. Raises NotNow, MayNot."""
    case = _on_desk(case, by)
    if case.held_until is None:
        unchanged()
        return case
    case.held_until, case.held_for = None, ""
    case.save(update_fields=["held_until", "held_for"])
    record("rights.case_released", case, by=by, at=at)
    return case


@action
def looked_for(found: list[Case], *, by: Actor, at: datetime) -> None:
    """Somebody asked the desk for one person's cases, by their e-mail address, which stands nowhere in the entry."""
    must_be_officer(by)
    for case in found:
        log_read("case", "case", case=case.pk, case_open=case.state in OPEN, place="search", by=by, at=at)
    record("rights.desk_searched", "rights.case", by=by, at=at, found=len(found))


def _on_desk(case: Case, by: Actor) -> Case:
    must_be_officer(by)
    case = locked(case)
    if case.state not in OPEN or case.proven_at is None:
        raise NotNow(case.state)
    return case
