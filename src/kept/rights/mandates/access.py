"""Who asks, as pages and actions read it."""

from __future__ import annotations

from contextlib import suppress

from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.rights.mandates.models import Mandate
from kept.rights.models import Case


def mandate_of(case: Case) -> Mandate | None:
    """None: the person asks for themselves."""
    return Mandate.objects.filter(case=case).first()


def has_mandate(case: Case) -> bool:
    return Mandate.objects.filter(case=case).exists()


def mailbox_of(mandate: Mandate) -> str:
    """The address of whoever asks, in its normal form; "": none."""
    with suppress(NotAnIdentifier):
        return normal("email", mandate.email).value
    return ""
