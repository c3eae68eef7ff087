"""The end of a restriction, and what an officer writes down or sees to by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings

from kept.information.models import System
from kept.rights.actions.at_once import identifiers_of, takes_effect
from kept.rights.actions.extending import LONGEST_REASON
from kept.rights.actions.new_address import ask_for_proof
from kept.rights.actions.searching import go_on, search_anew
from kept.rights.actions.steps import locked, must_be_able, must_decide
from kept.rights.clocks import office_day
from kept.rights.errors import NotNow, TooLong
from kept.rights.models import Case, SystemAnswer
from kept.rights.telling import tell
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor
from kept.use.access import restriction_of
from kept.use.actions import announce_lifting, call_off_lifting, take_back
from kept.use.errors import NotNow as NotInForce
from kept.use.models import Objection, Restriction

State = SystemAnswer.State
BEFORE_DECISION = ("searching", "needs_person", "review")


@action
def announce_end(case: Case, lift_on: date, because: str, *, by: Actor, at: datetime) -> Case:
    """Tell the person on which day the restriction ends, and why. Until then it stays. GDPR Art. 18(3).

    Raises NotNow, MayNot, OwnCase, TooLong, TooSoon.
    """
    case = locked(case)
    must_decide(case, by)
    row = restriction_of(case.pk)
    if row is None or case.key is None:
        raise NotNow(case.state)
    if not because.strip() or len(because) > LONGEST_REASON:
        raise TooLong(f"The reasons have one to {LONGEST_REASON} characters.")
    mail = tell(case, "restriction_ends", day=lift_on, because=because.strip(), at=at)
    try:
        announce_lifting(row, lift_on, mail.pk, today=office_day(at), days=settings.LIFTING_DAYS, by=by, at=at)
    except NotInForce as problem:
        raise NotNow(problem.state) from None
    record("rights.lifting_told", case, by=by, at=at, on=lift_on.isoformat())
    return case


@action
def call_off_end(case: Case, *, by: Actor, at: datetime) -> Case:
    """It does not end after all, and the person is told. A second call changes nothing.

    Raises NotNow, MayNot, OwnCase.
    """
    case = locked(case)
    must_decide(case, by)
    row = restriction_of(case.pk)
    if row is None or row.state == Restriction.State.IN_FORCE:
        unchanged()
        return case
    try:
        call_off_lifting(row, by=by, at=at)
    except NotInForce as problem:
        raise NotNow(problem.state) from None
    tell(case, "restriction_stays", at=at)
    record("rights.lifting_stays_told", case, by=by, at=at)
    return case


@action
def write_down(case: Case, asked: Mapping[str, Any], *, by: Actor, at: datetime) -> Case:
    """What the person said beside the right, where it came without: by mail, say. It takes effect as if they had typed
    it. Raises NotNow once something is said, or decided; MayNot, OwnCase."""
    case = locked(case)
    must_decide(case, by)
    if case.asked or case.state not in BEFORE_DECISION:
        raise NotNow(case.state)
    case.asked = dict(asked)
    case.save(update_fields=["asked"])
    takes_effect(case, by=by, at=at)
    if case.right == Case.Right.RECTIFICATION:
        ask_for_proof(case, at)
        search_anew(case, at)
    record("rights.words_written_down", case, by=by, at=at)
    go_on(case, at)
    return case


@action
def take_objection_back(case: Case, objection: Objection, *, by: Actor, at: datetime) -> Case:
    """The person no longer objects. What stands in the company's systems stays: nobody has said yes. Raises NotNow."""
    case = locked(case)
    if case.key is None or objection.case != case.pk:
        raise NotNow(case.state)
    take_back(objection, identifiers_of(case), by=by, at=at)
    return case


@action
def seen_to_by_hand(case: Case, system: System, *, by: Actor, at: datetime) -> Case:
    """The officer has ended the use in a system that has no mark for it. Raises NotNow, MayNot, OwnCase."""
    case = locked(case)
    must_decide(case, by)
    must_be_able(case, "answer")
    answer = case.answers.get(system=system)
    if answer.decided:
        unchanged()
        return case
    if answer.state != State.CANNOT_TELL or not case.marks.filter(system=system.name).exclude(by_hand=[]).exists():
        raise NotNow(answer.state)
    answer.decided, answer.decided_at, answer.decided_by = "by_hand", at, str(by)
    answer.save(update_fields=["decided", "decided_at", "decided_by"])
    record("rights.seen_to_by_hand", case, by=by, at=at, system=system.name)
    go_on(case, at)
    return case
