"""Which day a letter may have come on."""

from __future__ import annotations

from datetime import date, datetime, timedelta

OLDEST = timedelta(days=366)  # a day further back is a slip of the hand
EARLIEST_ZONE = timedelta(hours=14)  # there it is tomorrow first
BAD_DAY = "The day it came is today or earlier, and not more than a year back."


def may_have_come(received_on: date, at: datetime) -> bool:
    """A day that has begun somewhere on earth, and not one of long ago."""
    return (at - OLDEST).date() <= received_on <= (at + EARLIEST_ZONE).date()
