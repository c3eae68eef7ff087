"""Another law's clock runs for a request: an officer says so, with a reason. A day that was told is never moved out."""

from __future__ import annotations

from datetime import datetime

from kept.rights.actions.steps import locked, must_be_able, must_decide
from kept.rights.clocks import NoClock, law_name, laws_for, under
from kept.rights.errors import CannotMove, TooLong
from kept.rights.models import Case
from kept.rights.timing.models import LawChange
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor

LONGEST = 500


@action
def change_law(case: Case, law: str, because: str, *, by: Actor, at: datetime) -> Case:
    """Count by another law. What the person was told stays where it is the earlier day.

    Raises NotNow, MayNot, OwnCase, CannotMove, TooLong.
    """
    case = locked(case)
    must_decide(case, by)
    must_be_able(case, "extend")
    if law == case.law:
        unchanged()
        return case
    if not because.strip() or len(because) > LONGEST:
        raise TooLong(f"The reason has one to {LONGEST} characters.")
    if case.paused_at is not None:
        raise CannotMove("the clock stands still: wait for the answer first, or give up waiting")
    try:
        clock = under(case.clock, case.right, law)
    except NoClock:
        known = ", ".join(law_name(one) for one in laws_for(case.right))
        raise CannotMove(f"that law knows no such right; these do: {known}") from None
    before, first = case.law, case.due_on
    case.law, case.due_on, case.clock = law, clock.due_on, clock.stored
    case.save(update_fields=["law", "due_on", "clock"])
    LawChange.objects.create(
        case=case,
        key=case.key,
        before=before,
        law=law,
        because=because.strip(),
        due_before=first,
        due_on=case.due_on,
        changed_at=at,
        changed_by=str(by),
    )
    days = {"due": case.due_on.isoformat(), "first": first.isoformat()}
    record("rights.law_changed", case, by=by, at=at, before=before, law=law, **days)
    return case
