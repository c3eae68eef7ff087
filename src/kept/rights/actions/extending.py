"""More time for an answer: once, with reasons, and told before the first deadline is over. GDPR Art. 12(3).

Where the law sets no length, the person is told a day: Personal Data Protection Regulations 2021 reg. 5.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Literal

from kept.clocks.counting import deadline
from kept.clocks.deadline import Deadline, Event, Refused, question_of
from kept.rights.actions.steps import locked, must_be_able, must_decide
from kept.rights.clocks import names_a_day, noon_of
from kept.rights.errors import CannotExtend, TooLong
from kept.rights.models import Case
from kept.rights.telling import tell
from kept.security.ledger import action, record
from kept.terms import Actor

LONGEST_REASON = 500
Ground = Literal["complexity", "number", "time"]  # the two that the GDPR knows; "time": it cannot be done within it
LONGEST_WAIT = timedelta(days=366)  # after the first deadline, where the law sets no length


@action
def extend(case: Case, ground: Ground, because: str, *, until: date | None = None, by: Actor, at: datetime) -> Case:
    """Tell the person that the answer takes longer, why, and until when.

    `because`: in words that the person reads. `until`: the day that they are told, where the law sets no length.
    Raises NotNow, MayNot, OwnCase, CannotExtend, TooLong.
    """
    case = locked(case)
    must_decide(case, by)
    must_be_able(case, "extend")
    if not because.strip() or len(because) > LONGEST_REASON:
        raise TooLong(f"The reasons have one to {LONGEST_REASON} characters.")
    made = extended(case, at, until)
    first = case.due_on
    case.due_on, case.clock, case.extended_because = made.due_on, made.as_dict(), because.strip()
    case.save(update_fields=["due_on", "clock", "extended_because"])
    days = {"due": made.due_on.isoformat(), "first": first.isoformat()}
    record("rights.case_extended", case, by=by, at=at, ground=ground, **days)
    tell(case, "extended", first=first, at=at)
    return case


def extended(case: Case, at: datetime, until: date | None = None) -> Deadline:
    """The last day, were it extended now. Raises CannotExtend."""
    if case.paused_at is not None:
        raise CannotExtend("the clock stands still until the person’s answer comes")
    asked = question_of(case.clock)
    more: tuple[Event, ...] = (Event("extend", at),)
    if until is not None and names_a_day(case.clock):
        if not case.due_on < until <= case.due_on + LONGEST_WAIT:
            raise CannotExtend(f"say a day after {case.due_on.isoformat()}, and within a year of it")
        more += (Event("until", noon_of(until)),)
    elif until is not None:
        raise CannotExtend("the law itself says until when")
    try:
        return deadline(replace(asked, events=(*asked.events, *more)))
    except Refused as refused:
        raise CannotExtend(str(refused)) from None
