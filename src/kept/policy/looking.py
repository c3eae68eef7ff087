"""Letting keepers look, one after the other, each written down before the next one looks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from time import monotonic

from django.utils import timezone

from kept.policy.actions import put_down
from kept.policy.keepers import Bound, look
from kept.terms import Actor, Evidence


def look_at(bound: Bound, *, by: Actor, at: datetime) -> Evidence:
    """Let one keeper look, and keep what it found. The look itself holds no lock and no transaction."""
    begun = monotonic()
    found = look(bound, at)
    put_down(bound, found, round(1000 * (monotonic() - begun)), by=by, at=at)
    return found


def look_at_all(keepers: Iterable[Bound], *, by: Actor) -> int:
    """One that is slow or fails costs no other its look. Returns how many looked."""
    looked = 0
    for bound in keepers:
        look_at(bound, by=by, at=timezone.now())
        looked += 1
    return looked
