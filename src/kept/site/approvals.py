"""What takes two officers here, where the company wants it so: `KEPT_TWO_PERSONS=breach`."""

from __future__ import annotations

from datetime import datetime, timedelta

from kept.security.approvals import NoLongerFits, takes_two
from kept.security.breaches.actions import CLOSE, DutiesOpen, close_breach
from kept.security.breaches.facts import digest_of
from kept.security.models import Approval, Breach
from kept.terms import Actor


@takes_two(CLOSE, ask=("privacy_officer",), approve=("privacy_officer",), lasts=timedelta(days=7))
def close(approval: Approval, *, by: Actor, at: datetime) -> None:
    """Close a breach in the register."""
    breach = Breach.objects.filter(pk=approval.about.partition(":")[2], closed_at=None).first()
    if breach is None or digest_of(breach) != approval.seen:
        raise NoLongerFits("What is known of the breach has changed since it was asked for. Look at it again.")
    try:
        close_breach(breach, by=by, at=at)
    except DutiesOpen:
        raise NoLongerFits("Somebody has still to be told of the breach, or decided about.") from None
