"""Who may see which enquiry, how it stands, and what other rooms may know of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from kept.complaints.models import Enquiry, EnquiryAnswer, EnquiryMatter
from kept.complaints.rules import Mark, mark_of
from kept.people.matters import Dossier, FileKept, Kind, Matter, holds, matter_of, register
from kept.people.models import Account

LABEL = "complaints.enquiry"
State = Enquiry.State
OPEN = (State.RECEIVED, State.VERIFIED)

WORDS: Mapping[str, str] = {
    "complaints.enquiry_recorded": "Enquiry received",
    "complaints.enquiry_looked_at": "Enquiry opened",
    "complaints.enquiry_verified": "The authority was called back",
    "complaints.enquiry_linked": "Linked to what it is about",
    "complaints.answer_written": "Answer written",
    "complaints.answer_released": "Answer released by a second officer",
    "complaints.enquiry_closed": "Closed",
}
DECISIONS = frozenset(WORDS) - {"complaints.enquiry_recorded", "complaints.enquiry_looked_at"}


@dataclass(frozen=True)
class Line:
    """One enquiry in the register, and what to do next."""

    enquiry: Enquiry
    act: str
    mark: Mark
    due: date | None


def line(enquiry: Enquiry, today: date) -> Line:
    if enquiry.state == State.CLOSED:
        return Line(enquiry, "Nothing to do", "none", None)
    if enquiry.state == State.ANSWERED:
        return Line(enquiry, "Close it once they are content", "none", None)
    mark = mark_of(enquiry.due_on, today)
    if enquiry.verified_at is None:
        return Line(enquiry, "Call the authority back", mark, enquiry.due_on)
    waits = any(one.state == EnquiryAnswer.State.WAITING for one in enquiry.answers.all())
    return Line(enquiry, "Wait for a second officer" if waits else "Write the answer", mark, enquiry.due_on)


def register_of(account: Account) -> QuerySet[Enquiry]:
    """All of them, what is due first on top."""
    must_read(account)
    return Enquiry.objects.exclude(reference__startswith="CANARY-").prefetch_related("answers")


def enquiry_on_desk(account: Account, enquiry_id: UUID) -> Enquiry:
    must_read(account)
    found = Enquiry.objects.filter(pk=enquiry_id).first()
    if found is None:
        raise Http404
    return found


def answer_on_desk(account: Account, answer_id: UUID) -> EnquiryAnswer:
    must_read(account)
    found = EnquiryAnswer.objects.select_related("enquiry").filter(pk=answer_id).first()
    if found is None:
        raise Http404
    return found


def matters_of(enquiry: Enquiry) -> list[tuple[EnquiryMatter, Matter | None]]:
    """What it is about; None: that is gone by now."""
    return [(one, matter_of(one.about)) for one in enquiry.matters.all()]


def must_read(account: Account) -> None:
    if account.role not in (Account.Roles.PRIVACY_OFFICER, Account.Roles.AUDITOR):
        raise Http404


# For other rooms


@holds("complaints.enquiry_is_open_about")
def is_open_about(name: str) -> bool:
    """Whether an authority asks about it: nothing of it goes until that is closed."""
    return EnquiryMatter.objects.filter(about=name).exclude(enquiry__state=State.CLOSED).exists()


def get(key: UUID) -> Matter | None:
    return _matter(Enquiry.objects.filter(pk=key).first())


def find(reference: str) -> Matter | None:
    return _matter(Enquiry.objects.filter(reference=reference).first())


def is_theirs(key: UUID, address: str) -> bool:
    """An authority's enquiry is no person's."""
    return False


def about(name: str) -> Sequence[Matter]:
    links = EnquiryMatter.objects.filter(about=name).select_related("enquiry").order_by("at")
    return [one for link in links if (one := _matter(link.enquiry))]


def dossier(key: UUID) -> Dossier:
    """Raises Enquiry.DoesNotExist."""
    enquiry = Enquiry.objects.get(pk=key)
    matter = _matter(enquiry)
    assert matter is not None  # noqa: S101 - the enquiry is there
    sent = enquiry.answers.filter(state=EnquiryAnswer.State.SENT)
    files = [FileKept("answer to the authority", one.sha256, 0, one.released_at or one.written_at) for one in sent]
    facts = {"state": enquiry.state, "channel": enquiry.channel, "due": enquiry.due_on.isoformat()}
    facts["contact verified"] = enquiry.verified_at.isoformat() if enquiry.verified_at else "no"
    names = [matter.name, *(f"complaints.enquiryanswer:{one.pk}" for one in enquiry.answers.all())]
    linked = [one.about for one in enquiry.matters.all()]
    return Dossier(matter, facts, names, [], files, WORDS, linked)


def personal(key: UUID) -> Mapping[str, str]:
    """What is sealed of an enquiry names an official, not a person that it is about: nothing of it goes out."""
    return {}


def person(key: UUID) -> UUID | None:
    """An authority's enquiry is no person's."""
    return None


def _matter(found: Enquiry | None) -> Matter | None:
    if found is None:
        return None
    by = {one.partition(":")[2] for one in (found.recorded_by, found.verified_by) if one} - {""}
    return Matter(
        LABEL, found.pk, found.reference, "enquiry", found.get_state_display(), found.state != State.CLOSED,
        found.received_at, None, frozenset(by),
    )  # fmt: skip


KIND = Kind(LABEL, "enquiry", "desk_enquiry", "", DECISIONS, get, find, is_theirs, about, dossier, personal, person)
register(KIND)
