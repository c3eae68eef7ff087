"""What was done to a request, step by step, in the person's words; each step with the number of its receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.http import Http404

from kept.information.models import System
from kept.rights.models import Case
from kept.security.models import Entry

# What a person is told of, and how. Who of the staff looked at it when stands on another page.
STEPS: Mapping[str, str] = {
    "rights.case_opened": "We received your request",
    "rights.message_sent": "We wrote to you",
    "rights.message_received": "We received your message",
    "rights.case_extended": "We told you that it takes longer, and why",
    "rights.proof_passed": "You took a step of the proof that it is you",
    "rights.document_forgotten": "We deleted the copy of your document",
    "rights.case_proven": "You showed that the request is yours",
    "rights.case_joined": "It was joined with your earlier request",
    "rights.case_withdrawn": "You withdrew it",
    "rights.case_expired": "It ended: nobody typed the code",
    "rights.system_searched": "We searched {}",
    "rights.accounts_chosen": "An officer chose your accounts in {}",
    "rights.case_approved": "A privacy officer approved it",
    "rights.erasure_confirmed": "A privacy officer confirmed the erasure",
    "rights.case_returned": "A privacy officer took the approval back",
    "rights.erasure_begun": "We began to erase in {}",
    "rights.system_erased": "We erased in {}, and looked again",
    "rights.rectification_begun": "We began to put it right in {}",
    "rights.system_rectified": "We put it right in {}, and read it again",
    "rights.wrong_as_well": "An officer found something else that is wrong in {}",
    "rights.new_address_proven": "You showed that the new address is yours",
    "rights.remains_settled": "An officer judged what was left in {}",
    "rights.system_marked": "We set the mark in {}",
    "rights.seen_to_by_hand": "We saw to it by hand in {}",
    "rights.system_unmarked": "We put back in {} what stood there",
    "rights.lifting_told": "We told you when the pause ends",
    "rights.lifting_stays_told": "We told you that the pause goes on",
    "rights.answer_begun": "We began to put your copy together",
    "rights.case_answered": "You had our answer",
    "rights.case_closed": "Your name and address were erased from it",
}


@dataclass(frozen=True)
class Told:
    at: datetime
    words: str
    number: int | None  # of its receipt; None: it waits for its signature, a second at most


def told_of(case: Case) -> Sequence[Told]:
    """The earliest first."""
    titles = dict(System.objects.values_list("name", "title"))
    entries = _entries(case).filter(kind__in=STEPS).order_by("id")
    return [Told(one.at, STEPS[one.kind].format(_system(one, titles)), one.index) for one in entries]


def entry_for_person(case: Case, number: int) -> Entry:
    """One step of their request, or Http404."""
    return _only(_entries(case).filter(kind__in=STEPS, index=number).first())


def entry_for_staff(case: Case, number: int) -> Entry:
    """Anything that was done to a case, or Http404."""
    return _only(_entries(case).filter(index=number).first())


def _entries(case: Case) -> QuerySet[Entry]:
    return Entry.objects.filter(about=f"{case._meta.label_lower}:{case.pk}", erased_at=None)


def _only(entry: Entry | None) -> Entry:
    if entry is None:
        raise Http404
    return entry


def _system(entry: Entry, titles: Mapping[str, str]) -> str:
    name = str(entry.facts.get("system", ""))
    return titles.get(name, name)
