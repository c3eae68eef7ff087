"""More time for an answer: once, with reasons, and told within the first month. GDPR Art. 12(3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Literal

from kept.clocks.counting import deadline
from kept.clocks.deadline import Deadline, Event, Refused, question_of
from kept.rights.actions.steps import locked, must_be_able, must_decide
from kept.rights.errors import CannotExtend, TooLong
from kept.rights.models import Case
from kept.rights.telling import tell
from kept.security.ledger import action, record
from kept.terms import Actor

LONGEST_REASON = 500
Ground = Literal["complexity", "number"]  # the two that the law knows


@action
def extend(case: Case, ground: Ground, because: str, *, by: Actor, at: datetime) -> Case:
    """Tell the person that the answer takes longer, why, and until when.

    `because`: in words that the person reads. Raises NotNow, MayNot, OwnCase, CannotExtend, TooLong.
    """
    case = locked(case)
    must_decide(case, by)
    must_be_able(case, "extend")
    if not because.strip() or len(because) > LONGEST_REASON:
        raise TooLong(f"The reasons have one to {LONGEST_REASON} characters.")
    made = extended(case, at)
    first = case.due_on
    case.due_on, case.clock, case.extended_because = made.due_on, made.as_dict(), because.strip()
    case.save(update_fields=["due_on", "clock", "extended_because"])
    days = {"due": made.due_on.isoformat(), "first": first.isoformat()}
    record("rights.case_extended", case, by=by, at=at, ground=ground, **days)
    tell(case, "extended", first=first, at=at)
    return case


def extended(case: Case, at: datetime) -> Deadline:
    """The last day, were it extended now. Raises CannotExtend."""
    if case.paused_at is not None:
        raise CannotExtend("the clock stands still until the person’s answer comes")
    asked = question_of(case.clock)
    try:
        return deadline(replace(asked, events=(*asked.events, Event("extend", at))))
    except Refused as refused:
        raise CannotExtend(str(refused)) from None
