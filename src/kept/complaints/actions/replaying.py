"""A complaint that had ended before a restore brought it back."""

from __future__ import annotations

from datetime import datetime

from kept.complaints.actions.steps import end, locked
from kept.complaints.models import Complaint
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor


@action
def end_again(complaint: Complaint, state: str, *, by: Actor, at: datetime) -> bool:
    """Returns whether anything was left to be done."""
    complaint = locked(complaint)
    if complaint.key is None:
        unchanged()
        return False
    end(complaint, state, by=by, at=at)
    record("complaints.ended_again", complaint, by=by, at=at, state=state)
    return True
