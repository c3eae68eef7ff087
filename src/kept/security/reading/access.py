"""Who may see which part of the log."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from kept.security.models.reads import Read


def reads_of_person(person: UUID, cases: Collection[UUID]) -> QuerySet[Read]:
    """Looks at one person's data: at their account, and at their requests, also those made before they had one."""
    return Read.objects.filter(Q(person=person) | Q(case__in=list(cases))).exclude(what=Read.What.LOG)


def unsettled() -> QuerySet[Read]:
    """Unusual looks that nobody has looked into yet, the oldest first."""
    return Read.objects.filter(flagged=True, settled_at=None).order_by("at")


def log(*, reader: UUID | None = None, case: UUID | None = None, since: datetime | None = None) -> QuerySet[Read]:
    """The whole log, newest first, or a part of it."""
    reads = Read.objects.all()
    if reader:
        reads = reads.filter(reader=reader)
    if case:
        reads = reads.filter(case=case)
    return reads.filter(at__gte=since) if since else reads
