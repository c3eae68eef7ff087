"""How far somebody has come who asks for another person: what shows that they may."""

from __future__ import annotations

from kept.rights.mandates.access import has_mandate
from kept.rights.models import Case
from kept.rights.proof.models import ProofStep

Method, State = ProofStep.Method, ProofStep.State


def is_missing(case: Case) -> bool:
    """What was sent did not show that they may, and nothing else is waited for."""
    steps = set(case.proof_steps.filter(method=Method.AUTHORITY).values_list("state", flat=True))
    return has_mandate(case) and not steps & {State.OPEN, State.PASSED}


def is_being_read(case: Case) -> bool:
    """What shows that they may was sent, and an officer reads it."""
    return case.proof_steps.filter(method=Method.AUTHORITY, state=State.OPEN).exclude(place="").exists()


def is_mailbox_shown(case: Case) -> bool:
    """Whoever asks for another person has typed the code: their part that is left is what lets them."""
    return has_mandate(case) and case.proof_steps.filter(method=Method.MAIL_CODE, state=State.PASSED).exists()
