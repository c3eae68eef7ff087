"""What was done about a complaint, read from its entries: for the desk, and in the person's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404

from kept.complaints.models import Complaint
from kept.people.called import called_by
from kept.security.models import Entry

WORDS: Mapping[str, str] = {
    "complaints.received": "Complaint received",
    "complaints.acknowledged": "Acknowledged",
    "complaints.code_sent": "Code mailed",
    "complaints.wrong_code": "Wrong code typed",
    "complaints.proven": "E-mail address shown to be theirs",
    "complaints.said": "The person added something",
    "complaints.files_added": "Files added",
    "complaints.file_opened": "File opened",
    "complaints.linked": "Linked to what it is about",
    "complaints.unlinked": "Link taken away",
    "complaints.law_set": "Law changed, and its clock with it",
    "complaints.taken": "Given to an officer",
    "complaints.told": "The person told how far it is",
    "complaints.noted": "Note written",
    "complaints.read": "What the person added was read",
    "complaints.decided": "Answered, with its outcome",
    "complaints.reopened": "Looked into again",
    "complaints.withdrawn": "Withdrawn",
    "complaints.closed": "Closed: name, address and words erased",
    "complaints.ended_again": "Ended again after a restore",
    "complaints.reminded": "Officers reminded",
    "complaints.looked_at": "Complaint opened",
    "complaints.bundle_asked": "Evidence with what names the person asked for",
    "complaints.bundle_made": "Bundle of evidence made",
    "complaints.bundle_given": "Bundle of evidence fetched",
    "complaints.bundles_removed": "Bundle of evidence removed",
}
# What a person is told of, and how.
STEPS: Mapping[str, str] = {
    "complaints.received": "We received your complaint",
    "complaints.acknowledged": "We told you that it is here",
    "complaints.proven": "You showed that the address is yours",
    "complaints.linked": "We noted which request it is about",
    "complaints.taken": "We gave it to a privacy officer",
    "complaints.said": "You added something",
    "complaints.told": "We told you how far we are",
    "complaints.decided": "You had our answer",
    "complaints.reopened": "We began to look into it again",
    "complaints.withdrawn": "You withdrew it",
    "complaints.closed": "Your name, address and words were erased from it",
}
DECISIONS = frozenset({
    "complaints.linked", "complaints.unlinked", "complaints.law_set", "complaints.taken", "complaints.decided",
    "complaints.reopened",
})  # fmt: skip


@dataclass(frozen=True)
class Done:
    at: datetime
    words: str
    by: str
    number: int | None  # of its entry; None: it waits for one, a second at most


def history_of(complaint: Complaint) -> Sequence[Done]:
    """For the desk, the newest first."""
    entries = list(Entry.objects.filter(about=_about(complaint)).order_by("-id")[:200])
    called = called_by({entry.by for entry in entries})
    return [Done(one.at, WORDS.get(one.kind, one.kind), called[one.by], one.index) for one in entries]


def told_of(complaint: Complaint) -> Sequence[Done]:
    """For the person, the earliest first."""
    entries = Entry.objects.filter(about=_about(complaint), kind__in=STEPS, erased_at=None).order_by("id")
    return [Done(one.at, STEPS[one.kind], "", one.index) for one in entries]


def entry_for_person(complaint: Complaint, number: int) -> Entry:
    return _only(Entry.objects.filter(about=_about(complaint), kind__in=STEPS, erased_at=None, index=number).first())


def entry_for_staff(complaint: Complaint, number: int) -> Entry:
    return _only(Entry.objects.filter(about=_about(complaint), erased_at=None, index=number).first())


def _about(complaint: Complaint) -> str:
    return f"{complaint._meta.label_lower}:{complaint.pk}"


def _only(entry: Entry | None) -> Entry:
    if entry is None:
        raise Http404
    return entry
