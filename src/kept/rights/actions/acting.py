"""Somebody asks for another person: what they say of themselves, and the proof that they may. GDPR Art. 12(2), CCPA
§7063; EDPB Guidelines 01/2022, section 3.4.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kept.post.outbox import one_line
from kept.rights.access import is_own_request
from kept.rights.actions.steps import locked
from kept.rights.errors import MayNot, NotNow, OwnCase, TooLong, TooOften
from kept.rights.mandates.access import mandate_of
from kept.rights.mandates.models import Mandate
from kept.rights.models import Case
from kept.rights.proof.models import ProofStep
from kept.rights.proof.rules import MOST_STEPS
from kept.rights.rules import OPEN
from kept.rights.telling import tell
from kept.security.ledger import action, record
from kept.terms import Actor

SHOW_WITHIN = timedelta(days=30)  # a signature takes its time; then the request is forgotten
LONGEST_WHY = 500
Method, State = ProofStep.Method, ProofStep.State


@dataclass(frozen=True)
class Acting:
    """What somebody says of themselves who asks for another person."""

    kind: str
    name: str = field(repr=False)
    email: str = field(default="", repr=False)
    postal: str = field(default="", repr=False)


def begin_mandate(case: Case, acting: Acting, *, by: Actor, at: datetime) -> Mandate:
    """Part of the action that opens the case: it waits for what shows that they may."""
    mandate = Mandate.objects.create(
        case=case,
        key=case.key,
        kind=acting.kind,
        name=one_line(acting.name),
        email=acting.email.strip(),
        postal=acting.postal.strip(),
        said_at=at,
        said_by=str(by),
    )
    _open_step(case, by, at)
    record("rights.asked_for_another", case, by=by, at=at, as_a=acting.kind)
    return mandate


@action
def ask_for_authority(case: Case, why: str, *, by: Actor, at: datetime) -> ProofStep:
    """What they sent does not show that they may: ask for better, and say what is missing.

    Raises MayNot, OwnCase, NotNow (nobody asks for another person, or one is waited for), TooLong, TooOften.
    """
    if by.role != "privacy_officer":
        raise MayNot(by.role)
    case = locked(case)
    if is_own_request(case, by.id):
        raise OwnCase(by.role)
    if not why.strip() or len(why) > LONGEST_WHY:
        raise TooLong(f"What is missing has one to {LONGEST_WHY} characters.")
    steps = case.proof_steps.select_for_update().filter(method=Method.AUTHORITY)
    waits = steps.filter(state__in=[State.OPEN, State.PASSED]).exists()
    if mandate_of(case) is None or waits or (case.state != Case.State.UNPROVEN and case.state not in OPEN):
        raise NotNow(case.state)
    if steps.count() >= MOST_STEPS:
        raise TooOften
    step = _open_step(case, by, at, why.strip())
    Mandate.objects.filter(case=case).update(said_at=at)  # and they have the same time again
    tell(case, "authority", why=step.doubt, at=at)
    record("rights.proof_begun", case, by=by, at=at, method=step.method)
    return step


def _open_step(case: Case, by: Actor, at: datetime, why: str = "") -> ProofStep:
    return ProofStep.objects.create(
        case=case, key=case.key, method=Method.AUTHORITY, doubt=why, begun_at=at, begun_by=str(by)
    )
