"""A refusal always takes two officers."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from kept.rights.errors import NotNow
from kept.rights.refusals.actions import tell_refusal
from kept.rights.refusals.actions.proposing import REFUSE
from kept.rights.refusals.models import Refusal
from kept.security.approvals import NoLongerFits, takes_two
from kept.security.models.approvals import Approval
from kept.terms import Actor


@takes_two(REFUSE, ask=("privacy_officer",), approve=("privacy_officer",), lasts=timedelta(days=7))
def refuse(approval: Approval, *, by: Actor, at: datetime) -> None:
    """Refuse a request, and tell the person."""
    refusal = Refusal.objects.filter(pk=UUID(approval.facts["refusal"]), state=Refusal.State.PROPOSED).first()
    if refusal is None:
        raise NoLongerFits("The refusal was replaced or told since it was asked for. Look at the case again.")
    try:
        tell_refusal(refusal, by=by, at=at)
    except NotNow:
        raise NoLongerFits("The case has gone on since it was asked for.") from None
