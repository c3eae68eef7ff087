"""How long a law keeps a record: from the date in it to the last day on which it must be there."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from kept.engine.pack import Law


def kept_newer_than(law: Law, on: date) -> date:
    """The newest start of a record that need no longer be kept on that day; what started later is still kept."""
    limit = _later(on, law, -law.amount)
    while kept_until(law, limit) >= on:
        limit -= timedelta(days=1)
    while kept_until(law, limit + timedelta(days=1)) < on:
        limit += timedelta(days=1)
    return limit


def kept_until(law: Law, start: date) -> date:
    """The last day on which a record of that start must be kept."""
    return _later(date(start.year, 12, 31) if law.year_end else start, law, law.amount)


def _later(day: date, law: Law, amount: int) -> date:
    if law.unit == "days":
        return day + timedelta(days=amount)
    months = amount * (12 if law.unit == "years" else 1)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
