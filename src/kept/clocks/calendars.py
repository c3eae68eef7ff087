"""Which days nobody works: Saturdays, Sundays and the public holidays of one place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import holidays

WEEKENDS = "weekends"
NAMES = {
    "none": WEEKENDS,
    "germany": "DE",
    "france": "FR",
    "ireland": "IE",
    "england": "GB-ENG",
    "england-and-wales": "GB-ENG",
    "scotland": "GB-SCT",
    "northern-ireland": "GB-NIR",
    "singapore": "SG",
    "california": "US-CA",
    "united-states": "US",
}
_CODE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


class UnknownCalendar(Exception):
    """No calendar has that name. The message says which there are."""


@dataclass(frozen=True)
class Calendar:
    """`code`: a country (ISO 3166-1: "DE"), a part of one (ISO 3166-2: "GB-SCT"), or "weekends". `extra`: further days
    on which this office does not work."""

    code: str
    extra: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        return day.weekday() < 5 and not self.holiday(day)

    def holiday(self, day: date) -> str:
        """What the holiday is called; "": the day is none. A weekend alone is none."""
        if day in self.extra:
            return "a holiday of this office"
        return _holidays(self.code, day.year).get(day, "")

    def next_working(self, day: date) -> date:
        """That day, or the first after it on which people work."""
        while not self.is_working(day):
            day += timedelta(days=1)
        return day


def calendar(name: str) -> Calendar:
    """From "weekends", "scotland", "DE-BY"; further days after a plus: "DE+2026-10-31". Raises UnknownCalendar."""
    first, *more = name.strip().split("+")
    code = NAMES.get(first.lower(), first if first == WEEKENDS else first.upper())
    try:
        extra = frozenset(date.fromisoformat(day) for day in more)
    except ValueError:
        raise UnknownCalendar("further days of a calendar look like this: DE+2026-10-31") from None
    if code != WEEKENDS and not _is_known(code):
        known = ", ".join((WEEKENDS, *sorted(set(NAMES) - {"none"})))
        raise UnknownCalendar(f"{first[:40]!r} is no calendar: {known}, or an ISO 3166 code such as DE, GB-SCT, US-CA")
    return Calendar(code, extra)


@cache
def _is_known(code: str) -> bool:
    country, _, part = code.partition("-")
    parts = holidays.list_supported_countries().get(country)
    return bool(_CODE.fullmatch(code)) and parts is not None and (not part or part in parts)


@cache
def _holidays(code: str, year: int) -> dict[date, str]:
    if code == WEEKENDS:
        return {}
    country, _, part = code.partition("-")
    return dict(holidays.country_holidays(country, subdiv=part or None, years=year, language="en_US").items())
