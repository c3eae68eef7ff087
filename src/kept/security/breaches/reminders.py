"""Asking for a mail to the officers about a breach, once for each thing there is to say."""

from __future__ import annotations

from datetime import datetime

from kept.security.breaches.rules import Stand, Whom
from kept.security.models.breaches import Breach
from kept.work.steps import key_of, queue

REMIND = "site.remind_of_breach"


def remind_of(breach: Breach, whom: Whom, stand: Stand, *, at: datetime) -> None:
    """Queue one mail to the officers about how a duty stands; asked for again, it stays one."""
    key = key_of(REMIND, breach.pk, whom, stand)
    queue(REMIND, at=at, key=key, about=breach.pk, whom=whom, stand=stand)
