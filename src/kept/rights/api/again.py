"""Doing again what a restore lost: an app that was shut out stays out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kept.rights.api.actions import revoke_client
from kept.rights.api.models import Client
from kept.security.backup.replays import Note, replays
from kept.terms import Actor


@replays("api_client")
def revoke_again(notes: Sequence[Note], by: Actor, at: datetime) -> int:
    back = list(Client.objects.filter(pk__in=[UUID(one.facts["client"]) for one in notes], revoked_at=None))
    for client in back:
        revoke_client(client, by=by, at=at)
    return len(back)
