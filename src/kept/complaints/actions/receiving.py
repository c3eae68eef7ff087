"""Taking a complaint in, by whatever door, and what its sender adds later."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO
from uuid import UUID, uuid4

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from kept.complaints.actions.steps import locked, mail, must_be, must_be_able, must_fit, told, write_note
from kept.complaints.clocks import due
from kept.complaints.errors import NoWay, TooLong, TooMany
from kept.complaints.links import token_of
from kept.complaints.models import Complaint, ComplaintFile, ComplaintNote
from kept.complaints.rules import (
    LARGEST_FILE,
    LONGEST_EMAIL,
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_POSTAL,
    LONGEST_WORDS,
    MAILED_WITHIN,
    MOST_AT_ONCE,
    MOST_FILES,
    MOST_MAILED,
)
from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.people.codes import new_reference, token_hash
from kept.people.matters import Matter, numbered
from kept.people.matters import kind_of as matter_kind
from kept.people.models import Account
from kept.policy.actions import saw
from kept.post.outbox import one_line
from kept.security.ledger import action, record, unchanged
from kept.security.uploads import Kind, keep, remove
from kept.terms import Actor
from kept.vault.keys import make_key

State = Complaint.State
KINDS: tuple[Kind, ...] = ("pdf", "png", "jpeg", "text", "docx")


@dataclass(frozen=True)
class Opened:
    """The complaint, and the token of its status link. `new` False: the same form had come before."""

    complaint: Complaint
    token: str = field(repr=False)
    new: bool = True


@dataclass(frozen=True)
class Upload:
    file: BinaryIO = field(repr=False)
    name: str = field(repr=False)


@action
def open_complaint(
    words: str,
    email: str = "",
    *,
    channel: str,
    law: str,
    name: str = "",
    postal: str = "",
    wants: str = "",
    about: str = "",
    language: str = "en",
    account: Account | None = None,
    form: UUID | None = None,
    files: Sequence[Upload] = (),
    received_at: datetime | None = None,
    acknowledge: bool = True,
    by: Actor,
    at: datetime,
) -> Opened:
    """Take a complaint in, and acknowledge it by mail at once where there is an address.

    `about`: the number they wrote. It is linked by itself only where it is a matter of the same person, who has shown
    that the address is theirs; else an officer does. `form`: what the page sent with it; sent twice, it counts once.
    `received_at`: when it came to us; the clock begins then. `acknowledge`: False where a mail must not be answered.
    Raises TooLong, TooMany, NoWay, UploadRefused; their messages repeat nothing that was typed.
    """
    if form is not None and (known := Complaint.objects.filter(form=form).first()):
        unchanged()
        return Opened(known, token_of(known.pk, known.token_hash), new=False)
    words = must_fit(words, LONGEST_WORDS)
    _must_be_short((name, LONGEST_NAME), (postal, LONGEST_POSTAL), (wants, LONGEST_NOTE), (about, LONGEST_NAME))
    address = _address(email)
    if not address and channel in ("web", "client_area", "email"):
        raise NoWay
    received_at = received_at or at
    deadline = due("acknowledgement", received_at, law)
    complaint_id = uuid4()
    token = token_of(complaint_id)
    complaint = Complaint(
        id=complaint_id,
        reference=_free_reference(at),
        key=make_key(),
        channel=channel,
        law=law,
        language=language,
        account=account,
        form=form,
        name=one_line(name),
        email=email.strip(),
        postal=postal.strip(),
        words=words,
        wants=wants.strip(),
        received_at=received_at,
        about_named=one_line(about),
        ack_due_on=deadline.due_on,
        ack_clock=deadline.as_dict(),
        token_hash=token_hash(token),
        proven_at=at if account is not None and is_of(account, email) else None,
    )
    try:
        with transaction.atomic():
            complaint.save(force_insert=True)
    except IntegrityError:  # the same form twice at the same moment
        known = Complaint.objects.filter(form=form).first() if form else None
        if known is None:
            raise
        unchanged()
        return Opened(known, token_of(known.pk, known.token_hash), new=False)
    _keep(complaint, files, by, at)
    day = deadline.due_on.isoformat()
    record("complaints.received", complaint, by=by, at=at, channel=channel, law=law, due=day, files=len(files))
    saw(case=complaint.pk, by=by, at=at)
    found = numbered(about)
    if found is not None and _is_same_person(complaint, found):
        complaint.about, complaint.linked_by = found.name, str(by)
        complaint.save(update_fields=["about", "linked_by"])
        record("complaints.linked", complaint, by=by, at=at, to=found.name)
    if address and acknowledge and _mailed_lately(complaint, at) <= MOST_MAILED:
        acknowledged(complaint, "email", by=Actor.kept(), at=at)
    return Opened(complaint, token)


def acknowledged(complaint: Complaint, how: str, *, by: Actor, at: datetime) -> None:
    """Inside an action: its sender is told that it is here. By e-mail, the mail is written now."""
    told_fields = told(complaint, at)
    message = mail(complaint, "received", at) if how == "email" else None
    complaint.acknowledged_at, complaint.acknowledged_how = at, how
    complaint.ack_message = message.pk if message else None
    complaint.state = State.INVESTIGATED if complaint.assignee_id else State.ACKNOWLEDGED
    fields = ["acknowledged_at", "acknowledged_how", "ack_message", "state", *told_fields]
    complaint.save(update_fields=fields)
    record("complaints.acknowledged", complaint, by=by, at=at, how=how)


@action
def say(
    complaint: Complaint,
    text: str,
    files: Sequence[Upload] = (),
    *,
    mail: UUID | None = None,
    by: Actor,
    at: datetime,
) -> ComplaintNote:
    """Its sender adds something; in a mail, it counts once. Raises NotNow, TooLong, TooMany, UploadRefused."""
    complaint = locked(complaint)
    source = f"mail:{mail}" if mail else str(by)
    if mail is not None and (known := complaint.notes.filter(by=source).first()):
        unchanged()
        return known
    must_be_able(complaint, "say")
    note = write_note(complaint, "said", must_fit(text, LONGEST_NOTE), source, at)
    _keep(complaint, files, by, at)
    complaint.unread = True
    complaint.save(update_fields=["unread"])
    record("complaints.said", complaint, by=by, at=at, files=len(files))
    return note


@action
def add_files(complaint: Complaint, files: Sequence[Upload], *, by: Actor, at: datetime) -> int:
    """Staff add what came by post. Raises NotNow, MayNot, TooMany, UploadRefused."""
    complaint = locked(complaint)
    must_be(by, "privacy_officer", "support")
    must_be_able(complaint, "say")
    _keep(complaint, files, by, at)
    record("complaints.files_added", complaint, by=by, at=at, files=len(files))
    return len(files)


@action
def file_given(file: ComplaintFile, *, by: Actor, at: datetime) -> None:
    """Somebody opens a file of a complaint."""
    record("complaints.file_opened", file.complaint, by=by, at=at, file=str(file.pk))


def is_of(account: Account, email: str) -> bool:
    """Whether the account's owner has proven that address."""
    return bool(EmailAddress.objects.filter(user=account, verified=True, email__iexact=email.strip()).exists())


def _keep(complaint: Complaint, files: Sequence[Upload], by: Actor, at: datetime) -> None:
    """All or none: what is refused leaves nothing behind. Killed meanwhile, a file may stay that no key opens."""
    if len(files) > MOST_AT_ONCE or complaint.files.count() + len(files) > MOST_FILES:
        raise TooMany(f"Send at most {MOST_AT_ONCE} files at once, and {MOST_FILES} in all.")
    assert complaint.key is not None or not files  # noqa: S101 - it is open
    kept = []
    try:
        for one in files:
            kept.append(keep(one.file, one.name, kinds=KINDS, most=LARGEST_FILE, key=complaint.key or 0))
            ComplaintFile.objects.create(
                complaint=complaint,
                key=complaint.key,
                place=kept[-1].place,
                name=kept[-1].name,
                kind=kept[-1].kind,
                size=kept[-1].size,
                sha256=kept[-1].sha256,
                at=at,
                by=str(by),
            )
    except BaseException:
        for there in kept:
            remove(there.place)
        raise


def _is_same_person(complaint: Complaint, found: Matter) -> bool:
    """Without proof a number is only a number: somebody else may have seen it."""
    if complaint.proven_at is None:
        return False
    kind = matter_kind(found.label)
    own = complaint.account_id is not None and found.account == complaint.account_id
    return own or (kind is not None and kind.is_theirs(found.id, complaint.email))


def _mailed_lately(complaint: Complaint, at: datetime) -> int:
    """How many complaints with this address came within the last hour, this one included."""
    lately = Complaint.objects.filter(email=complaint.email)
    return lately.filter(Q(acknowledged_at__gt=at - MAILED_WITHIN) | Q(pk=complaint.pk)).count()


def _address(email: str) -> str:
    """In its normal form; "": none was given. Raises NoWay."""
    if not email.strip():
        return ""
    if len(email) > LONGEST_EMAIL:
        raise NoWay
    try:
        return normal("email", email).value
    except NotAnIdentifier:
        raise NoWay from None


def _must_be_short(*texts: tuple[str, int]) -> None:
    for text, longest in texts:
        if len(text) > longest:
            raise TooLong(f"It has at most {longest:,} characters.")


def _free_reference(at: datetime, taken: Collection[str] = ()) -> str:
    """Of no complaint and no request: one number leads to one thing."""
    while True:
        reference = new_reference(settings.COMPANY, at.year)
        if numbered(reference) is None and reference not in taken:
            return reference
