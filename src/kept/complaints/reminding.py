"""Mails to the officers about complaints whose day is near or over. They name a number, and nobody."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from kept.clocks.office import office
from kept.complaints.access import standing
from kept.complaints.clocks import office_day
from kept.complaints.models import Complaint
from kept.complaints.rules import OPEN, next_step
from kept.people.models import Account
from kept.post.outbox import send
from kept.security.ledger import action, record, unchanged
from kept.security.models import Entry
from kept.terms import Actor

REMINDED = "complaints.reminded"


@action
def remind(*, by: Actor, at: datetime) -> int:
    """Of each day that is near, and once more when it is over, the officer in hand is mailed, or all of them.

    Returns of how many complaints.
    """
    count = 0
    for complaint in _open():
        step = next_step(standing(complaint), office_day(at, complaint.ack_clock))
        if (
            step.mark not in ("soon", "late")
            or step.due is None
            or _was_told(complaint, step.due.isoformat(), step.mark)
        ):
            continue
        officers = Account.objects.filter(role=Account.Roles.PRIVACY_OFFICER, is_active=True)
        if complaint.assignee_id:
            officers = officers.filter(pk=complaint.assignee_id) or officers
        to = sorted(officers.values_list("email", flat=True))
        link = f"{settings.SITE_URL}{reverse('desk_complaint', args=[complaint.pk])}"
        context = {
            "complaint": complaint,
            "step": step,
            "link": link,
            "acknowledgement": complaint.acknowledged_at is None,
        }
        for address in to:
            send(address, "complaints/reminder", context, language=office().language, at=at)
        record(REMINDED, complaint, by=by, at=at, due=step.due.isoformat(), stand=step.mark, told=len(to))
        count += 1
    if not count:
        unchanged()
    return count


def _open() -> QuerySet[Complaint]:
    """In their order, and nobody else's while they are looked at: two workers never remind of the same twice."""
    found = Complaint.objects.filter(state__in=OPEN).exclude(reference__startswith="CANARY-")
    return found.order_by("pk").select_for_update()


def _was_told(complaint: Complaint, due: str, stand: str) -> bool:
    told = Entry.objects.filter(about=f"{complaint._meta.label_lower}:{complaint.pk}", kind=REMINDED)
    return any((one.get("due"), one.get("stand")) == (due, stand) for one in told.values_list("facts", flat=True))
