"""The outcome of a complaint: what we found, what is done about it, and where else its sender may go."""

from __future__ import annotations

from datetime import datetime

from kept.complaints.actions.steps import locked, mail, must_be_able, must_fit, must_have_in_hand, must_judge, told
from kept.complaints.errors import NotNow, NoWay
from kept.complaints.models import Complaint
from kept.complaints.rules import LONGEST_NOTE
from kept.security.ledger import action, record
from kept.terms import Actor


@action
def decide(
    complaint: Complaint, outcome: str, findings: str, remedy: str, how: str, *, by: Actor, at: datetime
) -> Complaint:
    """Say what came of it, and tell its sender. `remedy`: what is done about it, or why nothing is.

    Raises MayNot, OwnMatter, Decided, NotInHand, NotNow, NoWay, TooLong.
    """
    complaint = locked(complaint)
    must_have_in_hand(complaint, by)
    must_be_able(complaint, "decide")
    if outcome not in Complaint.Outcome.values:
        raise NotNow(outcome[:12])
    if how == "email" and not complaint.email:
        raise NoWay
    complaint.outcome = outcome
    complaint.findings, complaint.remedy = must_fit(findings, LONGEST_NOTE), must_fit(remedy, LONGEST_NOTE)
    complaint.state, complaint.decided_at, complaint.decided_by = Complaint.State.DECIDED, at, str(by)
    complaint.unread = False
    fields = ["outcome", "findings", "remedy", "state", "decided_at", "decided_by", "unread", *told(complaint, at)]
    complaint.progress_due_on = None  # nothing more is owed
    complaint.save(update_fields=fields)
    if how == "email":
        mail(complaint, "outcome", at)
    record("complaints.decided", complaint, by=by, at=at, outcome=outcome, how=how)
    return complaint


@action
def reopen(complaint: Complaint, *, by: Actor, at: datetime) -> Complaint:
    """Look into it again: its sender does not agree, or something new came up.

    Who decided it does not look again at their own decision: another officer takes it. Raises MayNot, OwnMatter,
    Decided, NotNow.
    """
    complaint = locked(complaint)
    must_judge(complaint, by)
    must_be_able(complaint, "reopen")
    complaint.state, complaint.assignee, complaint.reopened = Complaint.State.ACKNOWLEDGED, None, complaint.reopened + 1
    fields = ["state", "assignee", "reopened", *told(complaint, at)]
    complaint.save(update_fields=fields)
    if complaint.email:
        mail(complaint, "reopened", at)
    record("complaints.reopened", complaint, by=by, at=at, times=complaint.reopened)
    return complaint
