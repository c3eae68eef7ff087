"""Who may read notes of calls: support and the privacy officer. Absent and not theirs are answered alike."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from kept.collection.calls.models import Call
from kept.collection.mail.access import must_read_inbox
from kept.people.models import Account

State = Call.State


def calls(account: Account, show: str) -> QuerySet[Call]:
    """`todo`: a person decides, what waits longest first; `back`: to be called back, by appointment; `settled`."""
    must_read_inbox(account)
    words = ("caller", "number", "says", "called_back_says", "settled_how")
    found = Call.objects.exclude(registered_by="canary").defer(*words)
    if show == "back":
        return found.filter(call_back_at__isnull=False, called_back_at=None, key__isnull=False).order_by("call_back_at")
    if show == "settled":
        return found.filter(state=State.SETTLED).order_by("-came_at", "id")
    return found.filter(state=State.TO_DECIDE).order_by("came_at", "id")


def call_on_desk(account: Account, call_id: UUID) -> Call:
    must_read_inbox(account)
    found = Call.objects.filter(pk=call_id).first()
    if found is None:
        raise Http404
    return found
