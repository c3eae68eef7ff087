"""When a look is too old, since when something stands as it stands, and which old looks may go. Plain values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from kept.terms import Evidence, State

PERIOD = timedelta(minutes=15)  # how long a look is good for, where its keeper says nothing else
KEEP_ALL = timedelta(days=2)
KEEP_HOURLY = timedelta(days=60)

_ORDER = (State.BROKEN, State.CANNOT_TELL, State.NOT_RUNNING, State.KEPT)


def worst(looks: Iterable[Evidence]) -> Evidence | None:
    """The answer of a clause is the worst of its keepers' answers; None: nobody looks."""
    return min(looks, key=lambda look: _ORDER.index(look.state), default=None)


def is_late(last: datetime, period: timedelta, at: datetime) -> bool:
    """Whether a look has outlived its period. One from the future says nothing about now either."""
    return not -period <= at - last <= period


def as_it_stands(last: Evidence, period: timedelta, at: datetime) -> Evidence:
    """A look within its period stands as it is; a late one turns to “cannot tell”, whatever it said."""
    if not is_late(last.at, period, at):
        return last
    meaning = f"The last look is older than it may be, so nobody knows. It said: {last.state}."
    since = min(last.at + period, at) if last.state is not State.CANNOT_TELL else last.since
    return replace(last, state=State.CANNOT_TELL, figure="", number=None, meaning=meaning, since=since)


def stands_since(state: State, at: datetime, before: Evidence | None, period: timedelta) -> datetime:
    """From when on it stands so: the same state without a gap goes on, anything else begins now."""
    if before is None or before.since is None or at < before.at:
        return at
    gap = is_late(before.at, period, at) and before.state is not State.CANNOT_TELL
    if gap and state is State.CANNOT_TELL:
        return before.at + period
    return before.since if before.state is state and not gap else at


def is_due(last: datetime | None, period: timedelta, at: datetime) -> bool:
    """A keeper looks again after a third of its period, so that one look that fails to come is no gap."""
    return last is None or is_late(last, period / 3, at)


def superfluous(looks: Sequence[tuple[int, datetime, str]], now: datetime) -> list[int]:
    """Which looks of one keeper, oldest first, as (id, at, state), may go: the series gets thinner with age.

    All of two days stay, then the last of each hour, then the last of each day; and for ever each look that changed
    the state, and the one before it, so that no change ever moves.
    """
    gone: list[int] = []
    for place, (number, at, state) in enumerate(looks[:-1]):
        age = now - at
        after_at, after_state = looks[place + 1][1:]
        if age <= KEEP_ALL or state != after_state or place == 0 or looks[place - 1][2] != state:
            continue
        if _slot(at, age) == _slot(after_at, age):
            gone.append(number)
    return gone


def _slot(at: datetime, age: timedelta) -> datetime:
    hour = at.replace(minute=0, second=0, microsecond=0)
    return hour if age <= KEEP_HOURLY else hour.replace(hour=0)
