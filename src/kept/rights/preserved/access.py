"""Preserved copies as pages read them."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404

from kept.people.matters import held_by
from kept.rights.clocks import office_day
from kept.rights.models import Case
from kept.rights.preserved.models import Dispute, PreservedCopy


def is_over(copy: PreservedCopy, at: datetime) -> bool:
    """After the last day, and while nobody disputes the refusal: no review, no complaint, no authority's enquiry."""
    disputed = copy.disputes.filter(ended_at=None).exists() or held_by(f"{Case._meta.label_lower}:{copy.case_id}")
    return office_day(at, copy.clock) > copy.keep_until and not disputed


def copy_of(case: Case) -> PreservedCopy | None:
    return PreservedCopy.objects.filter(case=case).first()


def copy_on_desk(case: Case) -> PreservedCopy:
    copy = copy_of(case)
    if copy is None:
        raise Http404
    return copy


def open_disputes(copy: PreservedCopy) -> list[Dispute]:
    return list(copy.disputes.filter(ended_at=None))


def disputes_of(copy: PreservedCopy) -> list[Dispute]:
    return list(copy.disputes.all())


def dispute_on_desk(copy: PreservedCopy, dispute_id: str) -> Dispute:
    found = next((one for one in copy.disputes.filter(ended_at=None, of=None) if str(one.pk) == dispute_id), None)
    if found is None:
        raise Http404
    return found
