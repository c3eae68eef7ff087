"""How often it may be asked what is on file about one person, whatever the request: nobody guesses facts by asking."""

from __future__ import annotations

from datetime import datetime, timedelta

from kept.rights.proof.claims import Claim
from kept.security.rates import Rate
from kept.security.tries import try_once

A_DAY = Rate(12, timedelta(days=1))


def may_look(claim: Claim, at: datetime) -> bool:
    """Counts one look for each identifier of the claim; False: one of them was asked about too often."""
    who = [f"{one.kind}/{one.scope}/{one.value}" for one in claim.identifiers] or [claim.name]
    waits = [try_once("proof/identifier", one, A_DAY, at=at) for one in who]
    return all(wait is None for wait in waits)
