"""What takes two persons here, where the company wants it so: `KEPT_TWO_PERSONS=staff`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from kept.people.access import MAY_APPROVE_STAFF
from kept.people.actions import MAKE_STAFF, StaffRole, make_staff
from kept.people.models import Account
from kept.security.approvals import NoLongerFits, takes_two
from kept.security.models.approvals import Approval
from kept.terms import Actor


@takes_two(MAKE_STAFF, ask=("engineer",), approve=MAY_APPROVE_STAFF, lasts=timedelta(days=7))
def give_role(approval: Approval, *, by: Actor, at: datetime) -> None:
    """Give somebody a staff role."""
    account = Account.objects.filter(pk=approval.about.partition(":")[2], is_active=True).first()
    if account is None:
        raise NoLongerFits("This account is closed.")
    if by.id == str(account.pk):
        raise NoLongerFits("Nobody approves a role for themselves. Somebody else has to look.")
    make_staff(account, cast(StaffRole, approval.facts["role"]), by=by, at=at)
