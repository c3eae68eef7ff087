"""Month ends, the leap day and both changes of the clock: each law's last day, its reminders, its marks and its counts.

The days were worked out by hand from the texts of the laws, and not by the code.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from house import PERSON, house, store

from kept.clocks.office import office
from kept.rights import actions
from kept.rights.clocks import due_date, office_day
from kept.rights.models import Case
from kept.rights.overview.access import by_deadline
from kept.rights.standing import due_of
from kept.rights.timing.models import Reminder
from kept.terms import Actor

__all__ = ["house", "store"]

KEPT = Actor.kept()
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Came:
    """A request, and what the law makes of it. Days are those of the office."""

    law: str
    received: str  # local, or with its own zone
    due: str
    late: str = ""  # the first day on which it is late; "": the day after the last one
    right: str = "access"

    @property
    def late_from(self) -> date:
        return date.fromisoformat(self.late) if self.late else date.fromisoformat(self.due) + A_DAY


# Where the Saturday and the Sunday at a month's end move the last day (Reg. 1182/71 Art. 3(4); ICO), and where not.
MONTH_END = [
    Came("eu-gdpr", "2026-01-31T12:00", "2026-03-02"),  # 28 February is a Saturday
    Came("uk-gdpr", "2026-01-31T12:00", "2026-03-02"),
    Came("uk-gdpr", "2026-01-31T12:00", "2026-03-02", right="erasure"),
    Came("sg-pdpa", "2026-01-31T12:00", "2026-03-02"),  # 28 days of February and two
    Came("sg-pdpa", "2026-01-30T12:00", "2026-03-01", late="2026-03-03"),  # a Sunday: not late before Tuesday
    Came("us-ccpa", "2026-01-31T12:00", "2026-03-16"),  # the day itself is the first of 45
]
LEAP = [
    Came("eu-gdpr", "2028-01-31T12:00", "2028-02-29"),
    Came("uk-gdpr", "2028-01-31T12:00", "2028-02-29"),
    Came("sg-pdpa", "2028-01-31T12:00", "2028-03-01"),
    Came("us-ccpa", "2028-01-31T12:00", "2028-03-15"),
    Came("eu-gdpr", "2028-02-29T12:00", "2028-03-29"),
    Came("sg-pdpa", "2028-02-29T12:00", "2028-03-30"),
    Came("us-ccpa", "2028-02-29T12:00", "2028-04-13"),
]
SPRING = [  # 29 March 2026, 01:00 UTC, in Europe; Singapore has no summer time
    Came("eu-gdpr", "2026-03-28T23:59:59", "2026-04-28"),
    Came("eu-gdpr", "2026-03-29T00:00:01", "2026-04-29"),
    Came("eu-gdpr", "2026-03-31T23:59:59", "2026-04-30"),  # there is no 31 April
    Came("uk-gdpr", "2026-03-31T00:00:01", "2026-04-30"),
    Came("sg-pdpa", "2026-03-29T23:59:59", "2026-04-28"),
    Came("us-ccpa", "2026-03-31T12:00", "2026-05-14"),
]
AUTUMN = [  # 25 October 2026, 01:00 UTC: the hour from two to three comes twice
    Came("eu-gdpr", "2026-10-24T23:59:59", "2026-11-24"),
    Came("eu-gdpr", "2026-10-25T00:00:01", "2026-11-25"),
    Came("eu-gdpr", "2026-10-25T00:30:00+00:00", "2026-11-25"),
    Came("uk-gdpr", "2026-10-25T01:30:00+00:00", "2026-11-25"),
    Came("eu-gdpr", "2026-10-31T12:00", "2026-11-30"),
    Came("sg-pdpa", "2026-10-25T23:59:59", "2026-11-24"),
    Came("us-ccpa", "2026-10-25T12:00", "2026-12-08"),
]


@pytest.fixture(params=["Europe/Berlin", "Asia/Singapore"])
def zone(request, monkeypatch):
    """The office counts its days there."""
    there = replace(office(), zone=request.param)
    for room in ("kept.rights.clocks", "kept.rights.queue", "kept.rights.timing.reminding"):
        monkeypatch.setattr(f"{room}.office", lambda: there)
    return ZoneInfo(request.param)


def opened(house, came, number, zone):
    received = datetime.fromisoformat(came.received)
    received = received if received.tzinfo else received.replace(tzinfo=zone)
    case = actions.open_case(
        came.right, f"p{number}@example.com", law=came.law, channel="web", received_at=received, by=PERSON, at=received
    ).case
    assert actions.prove(case, house.code(case), by=PERSON, at=received)
    return house.now(case)


def mark_by_hand(came, today):
    left = (date.fromisoformat(came.due) - today).days
    return "late" if today >= came.late_from else "soon" if left <= 5 else "good"


def steps_by_hand(came, last):
    """Ten, five and two days before, and each late day until that one."""
    due = date.fromisoformat(came.due)
    days = {due - timedelta(days=before) for before in (10, 5, 2)}
    day = came.late_from
    while day <= last:
        days.add(day)
        day += A_DAY
    return days


@pytest.mark.store
@pytest.mark.parametrize("all_of", [MONTH_END, LEAP, SPRING, AUTUMN], ids=["january", "leap", "spring", "autumn"])
def test_every_law_keeps_its_day_through_month_ends_the_leap_day_and_both_changes_of_the_clock(house, zone, all_of):
    cases = {opened(house, came, number, zone).pk: came for number, came in enumerate(all_of)}
    for pk, came in cases.items():
        case = Case.objects.get(pk=pk)
        assert case.due_on.isoformat() == came.due, came
        assert case.clock["late_from"] == came.late_from.isoformat(), came
    olga = house.people["olga"]
    first = min(date.fromisoformat(came.due) for came in all_of) - timedelta(days=11)
    last = max(came.late_from for came in all_of) + A_DAY
    told = {pk: set() for pk in cases}
    day = first
    while day <= last:
        night, morning, evening = (
            datetime.combine(day, time(*hour), zone).astimezone(UTC) for hour in ((0, 30), (7, 0), (23, 59, 59))
        )
        assert actions.remind(by=KEPT, at=night) == 0, "nobody is mailed in the night"
        before = set(Reminder.objects.values_list("pk", flat=True))
        actions.remind(by=KEPT, at=morning)
        assert actions.remind(by=KEPT, at=evening) == 0, "once a day is enough"
        for pk in Reminder.objects.exclude(pk__in=before).values_list("case", flat=True):
            told[pk].add(day)
        for at in (night, evening):
            rows = list(Case.objects.filter(pk__in=cases))
            assert {office_day(at, case.clock) for case in rows} == {day}
            marks = [due_of(case, day).mark for case in rows]
            by_hand = {pk: mark_by_hand(came, day) for pk, came in cases.items()}
            assert marks == [by_hand[case.pk] for case in rows], day
            counts = {line.name: line.count for line in by_deadline(olga, day)}
            expected = [marks.count(mark) for mark in ("late", "soon", "good")]
            assert [counts[due] for due in ("late", "soon", "later")] == expected, day
        day += A_DAY
    assert told == {pk: steps_by_hand(came, last) for pk, came in cases.items()}


@pytest.mark.parametrize(
    ("received", "berlin", "singapore"),
    [
        ("2026-03-28T22:59:59+00:00", "2026-04-28", "2026-04-29"),  # 23:59:59 in Berlin, seven in the morning there
        ("2026-03-28T23:00:00+00:00", "2026-04-29", "2026-04-29"),
        ("2026-03-29T21:59:59+00:00", "2026-04-29", "2026-04-30"),  # in summer Berlin's day ends an hour earlier
        ("2026-03-29T22:00:00+00:00", "2026-04-30", "2026-04-30"),
        ("2026-10-24T21:59:59+00:00", "2026-11-24", "2026-11-25"),
        ("2026-10-24T22:00:00+00:00", "2026-11-25", "2026-11-25"),
        ("2026-10-25T22:59:59+00:00", "2026-11-25", "2026-11-26"),
        ("2026-10-25T23:00:00+00:00", "2026-11-26", "2026-11-26"),
    ],
)
def test_one_instant_is_two_days_in_two_offices_and_each_counts_its_own(received, berlin, singapore):
    at = datetime.fromisoformat(received)
    found = [due_date(at, "access", zone=zone).due_on.isoformat() for zone in ("Europe/Berlin", "Asia/Singapore")]
    assert found == [berlin, singapore]
