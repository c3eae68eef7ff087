"""What stands in a conversation, and who may read which part of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404

from kept.collection.mail.models import InboundMail, MailItem
from kept.people.called import called_by
from kept.people.models import Account
from kept.rights.messages.models import CaseFile, CaseMessage
from kept.rights.messages.rules import WRITABLE
from kept.rights.models import Case
from kept.rights.telling import addressee_of
from kept.rights.timing.models import Wait
from kept.vault.fields import open_all
from kept.vault.index import address_index

Said = Literal["message", "question", "answer", "mail"]
UNREAD = Q(way="in", read_at=None)


@dataclass(frozen=True)
class Spoken:
    """One thing that was said, whichever way it came."""

    at: datetime
    theirs: bool  # the person's
    who: str  # for staff: a name; the person reads "you" and "we"
    text: str = field(repr=False)
    what: Said
    language: str = ""  # "": not known
    files: Sequence[CaseFile] = ()
    mail: UUID | None = None  # the mail that it came by
    foreign: bool = False  # a mail from an address that is not the person's: they do not see it
    unread: bool = False


def conversation(case: Case, *, for_person: bool = False) -> list[Spoken]:
    """Everything that was said, in its order. A person reads nobody's mail but their own."""
    found = [*_messages(case), *_questions(case), *_mails(case)]
    if for_person:
        found = [one for one in found if not one.foreign]
    return sorted(found, key=lambda one: one.at)


def newest(case: Case) -> str:
    """A mark of the last thing that came: whoever answers must have seen it."""
    message = CaseMessage.objects.filter(case=case).order_by("at", "id").last()
    mail = InboundMail.objects.filter(case=case.pk).order_by("received_at", "id").last()
    return f"{message.pk if message else ''}/{mail.pk if mail else ''}"


def files_wanted(case: Case) -> bool:
    """Whether the last message to the person asked for files, or an open question does: they show who somebody is."""
    last = CaseMessage.objects.filter(case=case, way=CaseMessage.Way.OUT).order_by("at", "id").last()
    asked = Wait.objects.filter(case=case, ended_at=None).exclude(ground=Wait.Ground.FEE)
    return bool(last and last.files) or asked.exists()


def unread_in(cases: Sequence[UUID]) -> Mapping[UUID, int]:
    """Case -> how many messages and mails of the person nobody has read; one statement for each."""
    count = {"how_many": Count("pk")}
    new = CaseMessage.objects.filter(UNREAD, case__in=cases).values_list("case").annotate(**count)
    mails = InboundMail.objects.filter(case__in=cases, state=InboundMail.State.TO_DECIDE)
    found: dict[UUID, int] = dict(new)
    for case, how_many in mails.order_by().values_list("case").annotate(**count):
        found[case] = found.get(case, 0) + how_many
    return found


def has_unread() -> Q:
    """Of cases: something came that nobody has read."""
    new = CaseMessage.objects.filter(UNREAD, case=OuterRef("pk"))
    mails = InboundMail.objects.filter(case=OuterRef("pk"), state=InboundMail.State.TO_DECIDE)
    return Q(Exists(new)) | Q(Exists(mails))


@dataclass(frozen=True)
class Summary:
    """What a page may tell of a conversation to whoever has only its link: how much, and when, and no word of it."""

    count: int
    at: datetime | None
    theirs: bool
    open: bool


def summary(case: Case) -> Summary:
    times = [
        (at, way == CaseMessage.Way.IN) for at, way in CaseMessage.objects.filter(case=case).values_list("at", "way")
    ]
    for asked_at, ended_at, came_by in Wait.objects.filter(case=case).values_list("asked_at", "ended_at", "came_by"):
        times += [(asked_at, False), *([(ended_at, True)] if ended_at and came_by else [])]
    last = max(times, default=(None, False))
    return Summary(len(times), last[0], last[1], case.state in WRITABLE and case.key is not None)


def file_of(case: Case, file_id: UUID) -> CaseFile:
    """A file of that case that is still there."""
    found = CaseFile.objects.select_related("case").filter(pk=file_id, case=case).exclude(place="").first()
    if found is None or found.key is None:
        raise Http404
    return found


def _messages(case: Case) -> Iterator[Spoken]:
    rows = list(CaseMessage.objects.filter(case=case).prefetch_related("sent"))
    open_all([*rows, *(file for row in rows for file in row.sent.all())])
    called = called_by({row.by for row in rows})
    for row in rows:
        theirs = row.way == CaseMessage.Way.IN
        yield Spoken(
            row.at, theirs, called[row.by], row.text if row.key else "", "message", row.language,
            [file for file in row.sent.all() if file.key], unread=theirs and row.read_at is None,
        )  # fmt: skip


def _questions(case: Case) -> Iterator[Spoken]:
    waits = list(Wait.objects.filter(case=case))
    called = called_by({wait.asked_by for wait in waits})
    for wait in waits:
        yield Spoken(wait.asked_at, False, called[wait.asked_by], wait.asked if wait.key else "", "question")
        if wait.ended_at and wait.came_by:
            answer = wait.answer if wait.key else ""
            yield Spoken(wait.ended_at, True, "the person", answer, "answer")


def _mails(case: Case) -> Iterator[Spoken]:
    """Mails that opened the request, and mails that name or answer it."""
    opened = MailItem.objects.filter(case=case.pk).values("mail")
    mails = InboundMail.objects.filter(Q(case=case.pk) | Q(pk__in=opened)).exclude(state=InboundMail.State.COPY)
    mails = mails.exclude(automatic__gt="").exclude(key=None).order_by("received_at")
    rows = list(mails)
    open_all(rows)
    theirs = _addresses(case)
    for mail in rows:
        foreign = bytes(mail.sender_index) not in theirs
        yield Spoken(
            mail.received_at, True, mail.sender if foreign else "the person", mail.text, "mail", mail=mail.pk,
            foreign=foreign, unread=mail.state == InboundMail.State.TO_DECIDE,
        )  # fmt: skip


def _addresses(case: Case) -> set[bytes]:
    """The keyed hashes, as mails store them, of the address the case was proven with, and of its account's."""
    typed = [case.email, addressee_of(case).email] if case.key else []
    if case.account_id:
        typed += Account.objects.filter(pk=case.account_id).values_list("email", flat=True)
    return {address_index("collection_inboundmail.sender", one) for one in typed if one}
