"""Staff asked what may be done with somebody's data: that is a look at the person, and leaves an entry."""

from __future__ import annotations

from datetime import datetime

from kept.people.models import Account
from kept.security.ledger import action, record
from kept.security.models.reads import Read
from kept.security.reading import log_read
from kept.terms import Actor, Identifier
from kept.use.access import decide_for
from kept.use.decisions import Decision


@action
def ask_whether(
    who: Identifier, purpose: str, category: str, recipient: str, reason: str, *, by: Actor, at: datetime
) -> Decision:
    """The decision, with its reasons. Who asked, why and about which purpose is logged. Raises NoReason."""
    decision = decide_for([who], purpose, category, recipient, at)
    person = Account.objects.filter(email=who.value, emailaddress__verified=True).values_list("pk", flat=True).first()
    look = log_read(Read.What.USE, reason, person=person, place=purpose[:40], by=by, at=at)
    record("use.asked", look, by=by, at=at, purpose=purpose[:40], outcome=decision.outcome)
    return decision
