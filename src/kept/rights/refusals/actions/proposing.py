"""The first officer: ground, what shows it, and the reasons. Nothing is told yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from kept.rights.actions.steps import locked, must_be_able, must_decide
from kept.rights.clocks import first_day, office_day
from kept.rights.errors import NotNow
from kept.rights.grounds import Ground, grounds_for, no_grounds, says_something, unproven
from kept.rights.models import Case
from kept.rights.refusals.errors import NoReasons, NoSuchGround, NotShown
from kept.rights.refusals.models import Refusal
from kept.rights.refusals.rules import may_object_to
from kept.security.approvals.actions import ask
from kept.security.ledger import action, record
from kept.terms import Actor

REFUSE = "rights.refuse"  # what takes two officers, always
LONGEST = 2_000  # characters of the reasons, and of each thing shown


@action
def propose(case: Case, ground: str, shown: Mapping[str, str], because: str, *, by: Actor, at: datetime) -> Refusal:
    """Propose a refusal to the other officers. A proposal that waits already is replaced by this one.

    `shown`: what rights/grounds.toml wants proven, each in words. `because`: as the person reads it.
    Raises NotNow, MayNot, OwnCase, NoSuchGround, NotShown, NoReasons.
    """
    case = locked(case)
    must_decide(case, by)
    must_be_able(case, "refuse")
    known = must_be_ground(case, ground, at)
    if known.keep and case.state not in (Case.State.REVIEW, Case.State.APPROVED):
        raise NotNow(case.state)  # what is refused has to be preserved whole: first it is found
    kept = {one.name: shown.get(one.name, "").strip() for one in known.prove}
    if missing := unproven(known, kept):
        raise NotShown([one.name for one in missing])
    if not says_something(because) or any(len(text) > LONGEST for text in (because, *kept.values())):
        raise NoReasons(f"The reasons have some words, and at most {LONGEST:,} characters.")
    Refusal.objects.filter(case=case, state=Refusal.State.PROPOSED).update(
        state=Refusal.State.VOID, shown=b"", because=b"", key=None
    )
    refusal = Refusal.objects.create(
        case=case,
        key=case.key,
        right=case.right,
        law=case.law,
        ground=known.name,
        source=known.law_words,
        shown=kept,
        because=because.strip(),
        tell_by=first_day(case.clock),
        proposed_at=at,
        proposed_by=str(by),
    )
    record(
        "rights.refusal_proposed", case, by=by, at=at, refusal=str(refusal.pk), law=case.law, ground=known.name
    )  # fmt: skip
    ask(REFUSE, case, f"Refusal {case.reference}", facts={"refusal": str(refusal.pk)}, by=by, at=at)
    return refusal


def must_be_ground(case: Case, ground: str, at: datetime) -> Ground:
    """Raises NoSuchGround."""
    for one in no_grounds():
        if one.name == ground:
            raise NoSuchGround(f"{one.why} {one.source}")
    known = {one.name: one for one in grounds_for(case.law, case.right, office_day(at, case.clock))}
    if ground not in known:
        raise NoSuchGround("The law of this request knows no such ground.")
    if known[ground].name == "overriding" and not may_object_to(case.asked):
        raise NoSuchGround("Against advertising the person's word is final: it ends, whatever our grounds are.")
    return known[ground]
