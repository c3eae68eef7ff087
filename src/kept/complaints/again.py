"""Doing again what a restore lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kept.complaints.actions.replaying import end_again
from kept.complaints.models import Complaint
from kept.security.backup.replays import Note, replays
from kept.terms import Actor


@replays("complaint")
def end_complaint_again(notes: Sequence[Note], by: Actor, at: datetime) -> int:
    states = {UUID(one.facts["complaint"]): str(one.facts["state"]) for one in notes}
    there = Complaint.objects.filter(pk__in=states)
    return sum(end_again(complaint, states[complaint.pk], by=by, at=at) for complaint in there)
