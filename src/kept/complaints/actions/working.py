"""Looking into a complaint: acknowledge it, take it in hand, tell how far it is, link it to what it is about."""

from __future__ import annotations

from datetime import datetime, timedelta

from kept.complaints.access import why_not
from kept.complaints.actions.receiving import acknowledged
from kept.complaints.actions.steps import (
    judge,
    locked,
    mail,
    must_be,
    must_be_able,
    must_fit,
    must_have_in_hand,
    must_judge,
    officer_named,
    told,
    write_note,
)
from kept.complaints.clocks import due, laws
from kept.complaints.errors import MayNot, NoSuchMatter, NotNow, NoWay
from kept.complaints.models import Complaint, ComplaintNote
from kept.complaints.rules import LONGEST_NOTE, OPEN
from kept.people.matters import numbered
from kept.people.models import Account
from kept.security.ledger import action, record, unchanged
from kept.security.models import Entry
from kept.security.reading import log_read
from kept.terms import Actor

State = Complaint.State
LOOKED_AT = "complaints.looked_at"
SAME_LOOK = timedelta(minutes=2)


@action
def acknowledge(complaint: Complaint, how: str, *, by: Actor, at: datetime) -> Complaint:
    """Tell its sender that it is here: by e-mail it is written now; else staff have written or said it.

    A second call changes nothing. Raises MayNot, NoWay, NotNow.
    """
    complaint = locked(complaint)
    must_be(by, "privacy_officer", "support")
    if complaint.acknowledged_at is not None:
        unchanged()
        return complaint
    must_be_able(complaint, "acknowledge")
    if how == "email" and not complaint.email:
        raise NoWay
    if how not in ("email", "letter", "telephone", "counter"):
        raise NotNow(how)
    acknowledged(complaint, how, by=by, at=at)
    return complaint


@action
def take(complaint: Complaint, officer: Account, *, by: Actor, at: datetime) -> Complaint:
    """Give it to an officer who neither complains nor decided what it is about; its sender is told once that somebody
    looks into it. Raises MayNot, OwnMatter, Decided, NotNow."""
    complaint = locked(complaint)
    must_be(by, "privacy_officer")
    must_be_able(complaint, "take")
    officer = officer_named(officer)
    judge(complaint, str(officer.pk))
    if complaint.assignee_id == officer.pk:
        unchanged()
        return complaint
    first = complaint.state == State.ACKNOWLEDGED
    complaint.assignee = officer
    fields = ["assignee"]
    if first:
        complaint.state = State.INVESTIGATED
        fields.append("state")
        if complaint.email:
            fields += told(complaint, at)
            mail(complaint, "investigated", at)
    complaint.save(update_fields=fields)
    record("complaints.taken", complaint, by=by, at=at, to=str(officer.pk))
    return complaint


@action
def tell(complaint: Complaint, text: str, how: str, *, by: Actor, at: datetime) -> ComplaintNote:
    """Tell its sender how far it is. By e-mail a mail leads to the words; else staff have written or said them.

    Raises MayNot, OwnMatter, Decided, NotInHand, NotNow, NoWay, TooLong.
    """
    complaint = locked(complaint)
    must_have_in_hand(complaint, by)
    must_be_able(complaint, "tell")
    if how == "email" and not complaint.email:
        raise NoWay
    note = write_note(complaint, "told", must_fit(text, LONGEST_NOTE), str(by), at, how)
    fields = ["unread", *told(complaint, at)]
    complaint.unread = False
    complaint.save(update_fields=fields)
    if how == "email":
        mail(complaint, "progress", at)
    record("complaints.told", complaint, by=by, at=at, how=how)
    return note


@action
def note(complaint: Complaint, text: str, *, by: Actor, at: datetime) -> ComplaintNote:
    """Write down what was found out; it goes to nobody. Raises what `tell` raises."""
    complaint = locked(complaint)
    must_have_in_hand(complaint, by)
    must_be_able(complaint, "say")
    written = write_note(complaint, "note", must_fit(text, LONGEST_NOTE), str(by), at)
    record("complaints.noted", complaint, by=by, at=at)
    return written


@action
def read_it(complaint: Complaint, *, by: Actor, at: datetime) -> None:
    """What its sender added was read. Raises MayNot, OwnMatter, Decided."""
    complaint = locked(complaint)
    must_judge(complaint, by)
    if not complaint.unread:
        unchanged()
        return
    complaint.unread = False
    complaint.save(update_fields=["unread"])
    record("complaints.read", complaint, by=by, at=at)


@action
def link(complaint: Complaint, reference: str, *, by: Actor, at: datetime) -> Complaint:
    """Say what it is about. Whoever decided that no longer looks into the complaint.

    Raises MayNot, OwnMatter, Decided, NotNow, NoSuchMatter.
    """
    complaint = locked(complaint)
    must_be(by, "privacy_officer")
    if complaint.about:  # else whoever decided that could say that it is about something else
        must_judge(complaint, by)
    must_be_able(complaint, "link")
    found = numbered(reference)
    if found is None or found.id == complaint.pk:
        raise NoSuchMatter
    if complaint.about == found.name:
        unchanged()
        return complaint
    complaint.about, complaint.linked_by = found.name, str(by)
    fields = ["about", "linked_by"]
    if complaint.assignee_id and why_not(complaint, str(complaint.assignee_id)):
        complaint.assignee = None
        if complaint.state == State.INVESTIGATED:
            complaint.state = State.ACKNOWLEDGED
        fields += ["assignee", "state"]
    complaint.save(update_fields=fields)
    record("complaints.linked", complaint, by=by, at=at, to=found.name, returned="assignee" in fields)
    return complaint


@action
def unlink(complaint: Complaint, *, by: Actor, at: datetime) -> Complaint:
    """It is not about that after all. Who decided that cannot say so: it would let them in again.

    Raises MayNot, NotNow, OwnMatter, Decided.
    """
    complaint = locked(complaint)
    must_judge(complaint, by)
    must_be_able(complaint, "link")
    if not complaint.about:
        unchanged()
        return complaint
    was, complaint.about, complaint.linked_by = complaint.about, "", ""
    complaint.save(update_fields=["about", "linked_by"])
    record("complaints.unlinked", complaint, by=by, at=at, was=was)
    return complaint


@action
def set_law(complaint: Complaint, law: str, *, by: Actor, at: datetime) -> Complaint:
    """Whose clock runs. The day to acknowledge it by is worked out anew, from when it came. Raises MayNot, NotNow."""
    complaint = locked(complaint)
    must_be(by, "privacy_officer")
    must_be_able(complaint, "law")
    if law not in dict(laws()):
        raise MayNot(law[:12])
    if complaint.law == law:
        unchanged()
        return complaint
    complaint.law = law
    made = due("acknowledgement", complaint.received_at, law)
    complaint.ack_due_on, complaint.ack_clock = made.due_on, made.as_dict()
    complaint.save(update_fields=["law", "ack_due_on", "ack_clock"])
    record("complaints.law_set", complaint, by=by, at=at, law=law, due=made.due_on.isoformat())
    return complaint


@action
def looked_at(complaint: Complaint, *, by: Actor, at: datetime) -> None:
    """Somebody of the staff has it on their screen; the same look is written once."""
    about = f"{complaint._meta.label_lower}:{complaint.pk}"
    if Entry.objects.filter(about=about, kind=LOOKED_AT, by=str(by), at__gt=at - SAME_LOOK).exists():
        unchanged()
        return
    record(LOOKED_AT, complaint, by=by, at=at)
    reason = "audit" if by.role == "auditor" else "case"
    person, is_open = complaint.account_id, complaint.state in OPEN
    log_read("case", reason, person=person, case=complaint.pk, case_open=is_open, place="complaint", by=by, at=at)
