"""When an app came last: to the minute, so that it costs one write a minute and no more."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from kept.rights.api.models import Client

EVERY = timedelta(minutes=1)


def note_use(client: Client, at: datetime) -> None:
    if client.used_at is None or at - client.used_at >= EVERY:
        stale = Q(used_at=None) | Q(used_at__lt=at)
        Client.objects.filter(stale, pk=client.pk).update(used_at=at)
