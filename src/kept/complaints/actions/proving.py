"""Showing that the address is theirs: before that, nothing of a complaint is told but that it is here."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress

from kept.complaints.actions.steps import locked, mail
from kept.complaints.links import code_hash, code_is
from kept.complaints.models import Complaint
from kept.complaints.rules import CODE_LIFE, CODE_TRIES, ENDED, may_mail_code
from kept.people.codes import new_code
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor


@action
def send_code(complaint: Complaint, *, by: Actor, at: datetime) -> bool:
    """Mail a code in place of the last one. False: too many were sent, or one a moment ago, or it has ended."""
    complaint = locked(complaint)
    ended = complaint.state in ENDED or not complaint.email
    if ended or not may_mail_code(complaint.codes_sent, complaint.code_sent_at, at):
        unchanged()
        return False
    code = new_code()
    complaint.code_hash, complaint.code_expires_at, complaint.code_attempts = (
        code_hash(code, complaint.pk),
        at + CODE_LIFE,
        0,
    )
    complaint.codes_sent += 1
    complaint.code_sent_at = at
    complaint.save(update_fields=["code_hash", "code_expires_at", "code_attempts", "codes_sent", "code_sent_at"])
    mail(complaint, "code", at, code=f"{code[:3]} {code[3:]}")
    record("complaints.code_sent", complaint, by=by, at=at, count=complaint.codes_sent)
    return True


@action
def prove(complaint: Complaint, code: str, *, by: Actor, at: datetime) -> bool:
    """Whether the code is the one that was mailed. After five wrong ones, or half an hour, it takes a new code."""
    complaint = locked(complaint)
    usable = (
        complaint.code_expires_at is not None
        and at < complaint.code_expires_at
        and complaint.code_attempts < CODE_TRIES
    )
    if not usable or not code_is(code, complaint.code_hash, complaint.pk):
        if usable:
            complaint.code_attempts += 1
            complaint.save(update_fields=["code_attempts"])
            record("complaints.wrong_code", complaint, by=by, at=at, tries=complaint.code_attempts)
        else:
            unchanged()
        return False
    complaint.code_hash = ""  # it opens one browser, once
    fields = ["code_hash"]
    if complaint.proven_at is None:
        complaint.proven_at = at
        owner = EmailAddress.objects.filter(email__iexact=complaint.email, verified=True).select_related("user").first()
        complaint.account = owner.user if owner else None
        fields += ["proven_at", "account"]
    complaint.save(update_fields=fields)
    record("complaints.proven", complaint, by=by, at=at)
    return True
