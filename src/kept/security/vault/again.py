"""Doing again what a restore lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kept.security.backup.replays import Note, replays
from kept.security.vault.actions import destroy_key
from kept.terms import Actor


@replays("key")
def destroy_again(notes: Sequence[Note], by: Actor, at: datetime) -> int:
    return sum(destroy_key(int(one.facts["number"]), by=by, at=at) for one in notes)
