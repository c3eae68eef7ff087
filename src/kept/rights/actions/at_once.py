"""What a request does to the use of data before anybody has looked at it, and once somebody has. GDPR Art. 18, 21.

Each function here runs inside the action that proved, approved or ended the case, and in its transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from kept.rights.models import Case
from kept.rights.subjects import Standing, as_identifier, opened
from kept.terms import Actor, Identifier
from kept.use import actions as use
from kept.use.access import IN_FORCE, objections_of, restriction_of
from kept.use.actions.covering import NO_END
from kept.use.models import Objection
from kept.use.purposes import objectable

Right = Case.Right


def takes_effect(case: Case, *, by: Actor, at: datetime) -> None:
    """The request is proven. Advertising ends now, other uses rest; a restriction that was asked for is on record.

    Who objected without naming a use, by mail say, gets no advertising from now on: of the rest an officer asks.
    """
    theirs = identifiers_of(case)
    if case.right == Right.OBJECTION:
        known = {one.name: one for one in objectable(at.date())}
        for name in uses_of(case, at):
            if name in known:
                use.object_to(theirs, name, case=case.pk, by=by, at=at)
    elif case.right == Right.RESTRICTION and case.asked.get("grounds"):
        use.restrict(theirs, case.asked["grounds"], case=case.pk, by=by, at=at)


def uses_of(case: Case, at: datetime) -> list[str]:
    """The purposes that the person named; none: all advertising."""
    named = list(case.asked.get("uses", ()))
    return named or [one.name for one in objectable(at.date()) if one.objection == "absolute"]


def is_decided_by_law(case: Case) -> bool:
    """Nothing is left to be weighed: all that was objected to is advertising. GDPR Art. 21(3)."""
    if case.right != Right.OBJECTION or not case.asked.get("uses"):
        return False
    rows = list(objections_of(case.pk).exclude(state=Objection.State.ENDED))
    return bool(rows) and all(one.ground == Objection.Ground.MARKETING for one in rows)


def weighs(case: Case) -> bool:
    """Whether something is left that an officer has to weigh. GDPR Art. 21(1)."""
    if case.right != Right.OBJECTION:
        return False
    return any(one.state == Objection.State.PENDING for one in objections_of(case.pk))


def lacking(case: Case) -> str:
    """A restriction needs its ground, and that is the person's to say."""
    if case.right != Right.RESTRICTION or restriction_of(case.pk) is not None:
        return ""
    return "The request does not say why we are to pause: ask the person, and write it down."


def holds(case: Case, *, by: Actor, at: datetime) -> None:
    """An officer has approved it: what was pending is in force, for everything that the search found them known by."""
    covers(case, by=by, at=at)
    if case.right == Right.OBJECTION:
        use.objections_decided(case.pk, by=by, at=at)
    elif case.right == Right.RESTRICTION:
        use.restriction_begins(case.pk, by=by, at=at)


def covers(case: Case, *, by: Actor, at: datetime) -> None:
    """What the search has found since holds as well."""
    if case.right == Right.OBJECTION:
        use.cover_objections(case.pk, identifiers_of(case), by=by, at=at)
    elif case.right == Right.RESTRICTION:
        use.cover_restriction(case.pk, identifiers_of(case), by=by, at=at)


def comes_to_nothing(case: Case, why: Literal["withdrawn", "refused"], *, by: Actor, at: datetime) -> None:
    """What was pending goes no further; withdrawn, also what nobody has carried out yet. Advertising stays ended: no
    decision of ours was needed for it."""
    if case.right == Right.OBJECTION:
        use.objection_ended(case.pk, why, by=by, at=at)
    elif case.right == Right.RESTRICTION:
        use.restriction_not_begun(case.pk, why, by=by, at=at)


def adds_to(earlier: Case, case: Case) -> bool:
    """The earlier request answers the new one too: it asks for both from now on. Returns whether it asks for more."""
    before = dict(earlier.asked)
    for name, value in case.asked.items():
        old = before.get(name)
        if isinstance(value, list) and isinstance(old, list):
            before[name] = [*old, *(one for one in value if one not in old)]
        elif isinstance(value, str) and isinstance(old, str) and value not in old:
            before[name] = f"{old}\n\n{value}"
        else:
            before.setdefault(name, value)
    more: bool = before != earlier.asked
    earlier.asked = before
    return more


def is_erased(identifiers: Sequence[Identifier], until: date, *, by: Actor, at: datetime) -> None:
    """The person is erased: what shows that they objected or had it restricted stays until that day, as hashes."""
    use.limit_objections(identifiers, until, by=by, at=at)
    use.limit_restrictions(identifiers, until, by=by, at=at)


def keeps_contact(case: Case) -> bool:
    """A restriction is not over: its person must be told before it ends. GDPR Art. 18(3)."""
    row = restriction_of(case.pk) if case.right == Right.RESTRICTION else None
    return row is not None and row.until == NO_END and row.state in IN_FORCE


def identifiers_of(case: Case) -> list[Identifier]:
    """What the person is known by, as far as nobody doubts it."""
    rows = opened(case.identifiers.filter(standing__in=[Standing.USED, Standing.CHOSEN]))
    return [as_identifier(row) for row in rows]
