"""How many tries in how long: a rule on plain values, without store and clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Rate:
    """`amount` tries at once, and then one more for each `per / amount` that passes (the generic cell rate algorithm).

    Over any span of time at most `amount + span / (per / amount)` tries pass: there is no window whose edge
    would let twice as many through.
    """

    amount: int
    per: timedelta

    @property
    def each(self) -> timedelta:
        return self.per / self.amount


def take(rate: Rate, used_until: datetime | None, at: datetime) -> tuple[datetime, timedelta | None]:
    """One try at that instant. Gives what to remember, and None or how long to wait: a refused try costs nothing.

    `used_until`: what was remembered last; None: nothing.
    """
    begins = max(at, used_until) if used_until else at
    after = begins + rate.each
    wait = after - at - rate.each * rate.amount  # and not `per`: a share is rounded to microseconds
    return (begins, wait) if wait > timedelta(0) else (after, None)


def give_back(rate: Rate, used_until: datetime) -> datetime:
    """What to remember after a try that turned out right, and so does not count."""
    return used_until - rate.each
