"""Two-person approval: one asks, another one approves, and only then it happens. One mechanism for all.

A room says in its `approvals.py` what takes two:

    @takes_two(CONFIRM, ask=("privacy_officer",), approve=("privacy_officer",), lasts=timedelta(days=3))
    def confirm(approval: Approval, *, by: Actor, at: datetime) -> None:
        \"\"\"Erase all data of a person, for good.\"\"\"
        confirm_erasure(case_of(approval), by=by, at=at)

and its action asks for the approval where it acts: `use_up(CONFIRM, case, by=by, at=at)`. Approving, using the approval
up and the act itself are one transaction.
"""

from kept.security.approvals.kinds import (
    KINDS,
    ApprovalError,
    ApprovalOver,
    Kind,
    MayNotApprove,
    NoLongerFits,
    NotApproved,
    SamePerson,
    takes_two,
)

__all__ = [
    "KINDS",
    "ApprovalError",
    "ApprovalOver",
    "Kind",
    "MayNotApprove",
    "NoLongerFits",
    "NotApproved",
    "SamePerson",
    "takes_two",
]
