"""What takes two officers here: an erasure where the company wants it so (`KEPT_TWO_PERSONS=erasure`), and always a fee
for a request that is said to be unfounded or excessive."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from kept.rights.actions import confirm_erasure
from kept.rights.actions.fees import ask_proposed_fee
from kept.rights.actions.reviewing import CONFIRM
from kept.rights.errors import CannotAsk, NotNow, NotReady
from kept.rights.models import Case
from kept.rights.timing.models import FEE
from kept.rights.views.case import found_digest
from kept.security.approvals import NoLongerFits, takes_two
from kept.security.models.approvals import Approval
from kept.terms import Actor


@takes_two(CONFIRM, ask=("privacy_officer",), approve=("privacy_officer",), lasts=timedelta(days=7))
def confirm(approval: Approval, *, by: Actor, at: datetime) -> None:
    """Erase all data of a person, for good."""
    case = Case.objects.filter(pk=approval.about.partition(":")[2]).first()
    if case is None or found_digest(case) != approval.seen:
        raise NoLongerFits("What was found has changed since it was asked for. Look at the case again.")
    try:
        confirm_erasure(case, by=by, at=at)
    except NotReady as lacking:
        raise NoLongerFits(f"{lacking} Nothing was done.") from None
    except NotNow:
        raise NoLongerFits("The case has gone on since it was asked for.") from None


@takes_two(FEE, ask=("privacy_officer",), approve=("privacy_officer",), lasts=timedelta(days=7))
def ask_for_it(approval: Approval, *, by: Actor, at: datetime) -> None:
    """Ask a person for a fee."""
    try:
        ask_proposed_fee(UUID(approval.facts["fee"]), by=by, at=at)
    except NotNow:
        raise NoLongerFits("The case has gone on, or the fee was proposed anew. Look at the case again.") from None
    except CannotAsk as refused:
        raise NoLongerFits(f"Nothing was asked: {refused}.") from None
