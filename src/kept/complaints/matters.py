"""What other rooms may know of a complaint, and that nothing of a request goes while one is open about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from kept.complaints import access, enquiries
from kept.complaints.history import DECISIONS, WORDS
from kept.complaints.models import Complaint
from kept.complaints.rules import OPEN
from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.people.matters import Dossier, FileKept, Kind, Matter, holds, register
from kept.post.models import Message

LABEL = "complaints.complaint"
ALSO = enquiries.KIND  # registers itself


@holds("complaints.is_open_about")
def is_open_about(name: str) -> bool:
    """Whether somebody complains about it and has no answer yet: the request, and a preserved copy, stay."""
    return access.is_open_about(name)


def get(key: UUID) -> Matter | None:
    return _matter(Complaint.objects.filter(pk=key).first())


def find(reference: str) -> Matter | None:
    return _matter(Complaint.objects.filter(reference=reference).first())


def is_theirs(key: UUID, address: str) -> bool:
    found = Complaint.objects.filter(pk=key, proven_at__isnull=False).first()
    if found is None or not found.email:
        return False
    try:
        return normal("email", found.email) == normal("email", address)
    except NotAnIdentifier:
        return False


def about(name: str) -> Sequence[Matter]:
    return [one for found in access.about_matter(name) if (one := _matter(found))]


def dossier(key: UUID) -> Dossier:
    """Raises Complaint.DoesNotExist."""
    complaint = Complaint.objects.get(pk=key)
    matter = _matter(complaint)
    assert matter is not None  # noqa: S101 - the complaint is there
    files = [FileKept("file sent with it", one.sha256, one.size, one.at) for one in complaint.files.all()]
    letters = Message.objects.filter(about=key).exclude(sha256="")
    files += [FileKept("letter", one.sha256, one.size, one.written_at, one.state) for one in letters]
    mails = access.mails_of(key)
    files += [FileKept("mail received", one.sha256, one.size, one.received_at, one.state) for one in mails]
    facts = {"state": complaint.state, "law": complaint.law, "channel": complaint.channel}
    facts |= {"outcome": complaint.outcome} if complaint.outcome else {}
    clocks = [("acknowledgement", complaint.ack_clock)]
    clocks += [("progress", complaint.progress_clock)] if complaint.progress_clock else []
    return Dossier(
        matter, facts, [matter.name], clocks, sorted(files, key=lambda one: one.at), WORDS,
        tuple(filter(None, [complaint.about])),
    )  # fmt: skip


def personal(key: UUID) -> Mapping[str, str]:
    complaint = Complaint.objects.get(pk=key)
    if complaint.key is None:
        return {}
    told = {
        "name": complaint.name,
        "e-mail address": complaint.email,
        "postal address": complaint.postal,
        "complaint": complaint.words,
        "what would put it right": complaint.wants,
        "what we found": complaint.findings,
        "what is done about it": complaint.remedy,
    }
    for number, one in enumerate(access.notes_of(complaint, "told", "said"), 1):
        told[f"{number}. {one.get_kind_display()}, {one.at:%Y-%m-%d}"] = one.text
    return {what: words for what, words in told.items() if words}


def person(key: UUID) -> UUID | None:
    return Complaint.objects.filter(pk=key).values_list("account", flat=True).first()


def _matter(found: Complaint | None) -> Matter | None:
    if found is None:
        return None
    by = {found.decided_by.partition(":")[2], str(found.assignee_id) if found.assignee_id else ""} - {""}
    return Matter(
        LABEL, found.pk, found.reference, "complaint", found.get_state_display(), found.state in OPEN,
        found.received_at, found.account_id, frozenset(by),
    )  # fmt: skip


register(
    Kind(
        LABEL, "complaint", "desk_complaint", "complaint", DECISIONS, get, find, is_theirs, about, dossier, personal,
        person,
    )
)  # fmt: skip
