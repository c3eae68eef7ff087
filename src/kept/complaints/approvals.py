"""What always takes two officers here: telling an authority something, and giving out what names a person."""

from __future__ import annotations

from datetime import datetime, timedelta

from kept.complaints.actions.bundling import PERSONAL, make_with_personal_data
from kept.complaints.actions.enquiring import RELEASE, release_answer
from kept.complaints.errors import NoSuchMatter, NotNow, NotVerified
from kept.complaints.models import Bundle, EnquiryAnswer
from kept.security.approvals import NoLongerFits, takes_two
from kept.security.ledger_errors import LedgerError
from kept.security.models.approvals import Approval
from kept.terms import Actor


@takes_two(RELEASE, ask=("privacy_officer",), approve=("privacy_officer",), lasts=timedelta(days=14))
def release(approval: Approval, *, by: Actor, at: datetime) -> None:
    """Tell an authority what was written to it."""
    answer = EnquiryAnswer.objects.filter(pk=approval.about.partition(":")[2]).first()
    if answer is None or answer.sha256 != approval.seen:
        raise NoLongerFits("The answer is another one than was asked for. Look at it again.")
    try:
        release_answer(answer, by=by, at=at)
    except (NotNow, NotVerified):
        raise NoLongerFits("The enquiry has gone on since it was asked for.") from None


@takes_two(PERSONAL, ask=("privacy_officer",), approve=("privacy_officer",), lasts=timedelta(days=14))
def personal(approval: Approval, *, by: Actor, at: datetime) -> None:
    """Put what names the person into a bundle of evidence."""
    bundle = Bundle.objects.filter(pk=approval.about.partition(":")[2]).first()
    if bundle is None:
        raise NoLongerFits("The bundle is gone.")
    try:
        make_with_personal_data(bundle, by=by, at=at)
    except (NotNow, NoSuchMatter):
        raise NoLongerFits("It was made or removed already, or what it is about is gone.") from None
    except LedgerError as problem:
        raise NoLongerFits(f"The ledger cannot prove it now: {problem}") from None
