"""Who may see which complaint. Absent, ended and not yours are answered alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import Q, QuerySet
from django.http import Http404

from kept.collection.mail.models import InboundMail, MailItem
from kept.complaints.clocks import office_day
from kept.complaints.models import Complaint, ComplaintFile, ComplaintNote
from kept.complaints.rules import OPEN, Standing, may_judge
from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.people.codes import token_hash
from kept.people.matters import Matter, matter_of, numbered
from kept.people.models import Account
from kept.security.sealed_files import FileUnreadable
from kept.security.uploads import UploadRefused, open_kept
from kept.vault.fields import open_all

State = Complaint.State
TO_DO = Q(state=State.RECEIVED) | Q(unread=True) | Q(state=State.ACKNOWLEDGED) | Q(state=State.INVESTIGATED)


def complaint_by_token(token: str) -> Complaint:
    """The complaint of a status link."""
    found = Complaint.objects.filter(token_hash=token_hash(token)).first()
    if found is None:
        raise Http404
    return found


def complaint_of(account: Account, complaint_id: UUID) -> Complaint:
    """A complaint of the signed-in person."""
    found = Complaint.objects.filter(pk=complaint_id, account=account, proven_at__isnull=False).first()
    if found is None:
        raise Http404
    return found


def complaints_of(account: Account) -> QuerySet[Complaint]:
    """The signed-in person's own, the newest first."""
    return Complaint.objects.filter(account=account, proven_at__isnull=False).order_by("-received_at")


def on_desk(account: Account, complaint_id: UUID) -> Complaint:
    """Any complaint, for an officer; an auditor reads where it stands and not its words."""
    must_read_desk(account)
    found = Complaint.objects.select_related("assignee", "account").filter(pk=complaint_id).first()
    if found is None:
        raise Http404
    return found


def queue(account: Account) -> QuerySet[Complaint]:
    """All of them, without their words: what is due first on top."""
    must_read_desk(account)
    closed = ("words", "wants", "findings", "remedy", "name", "email", "postal", "about_named")
    return Complaint.objects.exclude(reference__startswith="CANARY-").select_related("assignee").defer(*closed)


def file_of(complaint: Complaint, file_id: UUID) -> tuple[ComplaintFile, BinaryIO]:
    """One of its files, opened."""
    found = complaint.files.filter(pk=file_id).first()
    if found is None or complaint.key is None:
        raise Http404
    try:
        return found, open_kept(found.place, complaint.key)
    except (FileUnreadable, UploadRefused, OSError):
        raise Http404 from None


def notes_of(complaint: Complaint, *kinds: str) -> list[ComplaintNote]:
    notes = list(complaint.notes.filter(kind__in=kinds) if kinds else complaint.notes.all())
    open_all(notes)
    return notes


def mails_of(complaint_id: UUID) -> list[InboundMail]:
    """The mails that opened it or belong to it, in their order, without their words."""
    ids = set(MailItem.objects.filter(case=complaint_id).values_list("mail", flat=True))
    ids |= set(InboundMail.objects.filter(case=complaint_id).values_list("pk", flat=True))
    found = InboundMail.objects.filter(pk__in=ids).order_by("received_at")
    return list(found.only("pk", "received_at", "door", "state", "sha256", "size"))


def about_of(complaint: Complaint) -> Matter | None:
    """What it is about; None: nothing, or that is gone by now."""
    return matter_of(complaint.about) if complaint.about else None


def about_matter(name: str) -> Sequence[Complaint]:
    """The complaints about a request."""
    return list(Complaint.objects.filter(about=name).order_by("received_at"))


def is_open_about(name: str) -> bool:
    return Complaint.objects.filter(about=name, state__in=OPEN).exists()


def standing(complaint: Complaint) -> Standing:
    day = office_day(complaint.acknowledged_at, complaint.ack_clock) if complaint.acknowledged_at else None
    return Standing(
        complaint.state, complaint.ack_due_on, day, complaint.progress_due_on, complaint.assignee_id is not None,
        complaint.unread,
    )  # fmt: skip


def why_not(complaint: Complaint, officer: str) -> str:
    """Why this officer may not look into it: `rules.may_judge`."""
    return may_judge(officer, complainants(complaint), deciders(complaint))


def officers(complaint: Complaint) -> list[tuple[Account, str]]:
    """Every privacy officer, and why they may not look into it; "": they may."""
    found = Account.objects.filter(role=Account.Roles.PRIVACY_OFFICER, is_active=True).order_by("name", "email")
    theirs, decided = complainants(complaint), deciders(complaint)
    return [(one, may_judge(str(one.pk), theirs, decided)) for one in found]


def deciders(complaint: Complaint) -> set[str]:
    """Whose decisions are complained about: in what it is linked to, in what it names, and in an outcome that was
    reopened."""
    about = about_of(complaint)
    named = numbered(complaint.about_named) if complaint.key is not None else None
    found = set(about.deciders if about else ()) | set(named.deciders if named and named.id != complaint.pk else ())
    if complaint.reopened and complaint.decided_by and complaint.state != State.DECIDED:
        found.add(complaint.decided_by.partition(":")[2])
    return found


def complainants(complaint: Complaint) -> set[str]:
    """The accounts that are, or may be, whoever complains: by account, or as staff by an address, proven or not."""
    found = {str(complaint.account_id)} if complaint.account_id else set[str]()
    theirs = _plain(complaint.email) if complaint.key is not None else ""
    if theirs:
        staff = Account.objects.exclude(role=Account.Roles.CUSTOMER)
        typed = [*staff.values_list("pk", "email")]
        typed += EmailAddress.objects.filter(user__in=staff).values_list("user", "email")
        found |= {str(pk) for pk, email in typed if _plain(email) == theirs}
    return found


def _plain(email: str) -> str:
    try:
        return normal("email", email).value
    except NotAnIdentifier:
        return ""


def must_read_desk(account: Account) -> None:
    if account.role not in (Account.Roles.PRIVACY_OFFICER, Account.Roles.AUDITOR):
        raise Http404
