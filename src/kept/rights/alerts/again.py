"""Doing again what a restore lost: a request that somebody had stopped is stopped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kept.rights.alerts.actions import say_no
from kept.rights.alerts.models import Alert
from kept.security.backup.replays import Note, replays
from kept.terms import Actor


@replays("disowned")
def stop_again(notes: Sequence[Note], by: Actor, at: datetime) -> int:
    """Of one that an officer had let go on since, somebody looks once more: that is the safe side."""
    rows = Alert.objects.filter(pk__in=[UUID(one.facts["alert"]) for one in notes]).exclude(state=Alert.State.NO)
    stopped = list(rows)
    for alert in stopped:
        say_no(alert, by=by, at=at)
    return len(stopped)
