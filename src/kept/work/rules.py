"""When a step is tried again, and which turn of a recurring task it is. Plain values in, plain values out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

FIRST = timedelta(seconds=5)
MOST = timedelta(minutes=15)


def back_off(attempt: int, jitter: float) -> timedelta:
    """How long to wait after the `attempt`-th try: doubling from 5 seconds to 15 minutes, for ever.

    `jitter` from 0 to 1 spreads what failed together; it only shortens, down to three quarters.
    """
    doublings = min(max(attempt, 1) - 1, 20)
    return max(FIRST, min(MOST, FIRST * (1 << doublings)) * (0.75 + 0.25 * jitter))


def turn(now: datetime, every: timedelta) -> datetime:
    """The start of the turn that `now` lies in. Every worker on every host finds the same one."""
    start = datetime(2000, 1, 1, tzinfo=UTC)
    whole: int = (now - start) // every
    return start + whole * every
