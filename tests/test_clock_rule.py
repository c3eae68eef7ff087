"""By when a right must be answered: the office's law, its zone, and a day that can be worked out again."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.rights.clocks import NoClock, again, due_date, office_day

instants = st.datetimes(datetime(2019, 1, 1), datetime(2090, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
rights = st.sampled_from(["access", "erasure"])


def noon(year, month, day):
    return datetime(year, month, day, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("received", "calendar", "due"),
    [
        ((2026, 1, 31), "weekends", (2026, 3, 2)),  # no 31 February; the 28th is a Saturday
        ((2026, 3, 5), "weekends", (2026, 4, 6)),  # Easter Sunday
        ((2026, 3, 5), "germany", (2026, 4, 7)),  # and where Easter Monday is a holiday
        ((2026, 12, 1), "germany", (2027, 1, 4)),  # New Year's Day is a Friday
    ],
)
def test_a_month_counts_as_the_law_says(received, calendar, due):
    assert due_date(noon(*received), "access", calendar).due_on == date(*due)


def test_each_law_has_its_own_clock_for_a_right():
    assert due_date(noon(2026, 7, 3), "access", zone="Asia/Singapore", law="sg-pdpa").due_on == date(2026, 8, 2)
    rules = {law: due_date(noon(2026, 7, 3), "access", law=law).rule.id for law in ("eu-gdpr", "uk-gdpr", "sg-pdpa")}
    assert rules == {"eu-gdpr": "gdpr_rights", "uk-gdpr": "uk_access", "sg-pdpa": "pdpa_access"}
    with pytest.raises(NoClock):
        due_date(noon(2026, 1, 1), "erasure", law="sg-pdpa")


def test_a_request_at_midnight_counts_from_the_offices_day():
    before, after = datetime(2026, 6, 15, 21, 59, 59, tzinfo=UTC), datetime(2026, 6, 15, 22, 0, 1, tzinfo=UTC)
    assert due_date(before, "access", zone="Europe/Berlin").due_on == date(2026, 7, 15)
    assert due_date(after, "access", zone="Europe/Berlin").due_on == date(2026, 7, 16)


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        (datetime(2026, 7, 31, 21, 59, tzinfo=UTC), "Europe/Berlin", date(2026, 7, 31)),
        (datetime(2026, 7, 31, 22, 0, tzinfo=UTC), "Europe/Berlin", date(2026, 8, 1)),
        (datetime(2026, 7, 31, 22, 0, tzinfo=UTC), "Asia/Singapore", date(2026, 8, 1)),
    ],
)
def test_whether_an_answer_is_on_time_is_read_from_the_calendar_on_the_offices_wall(instant, zone, day):
    assert office_day(instant, {"inputs": {"zone": zone}}) == day


@given(instants, rights, st.sampled_from(["weekends", "DE"]), st.sampled_from(["Europe/Berlin", "Asia/Singapore"]))
def test_a_stored_deadline_can_be_worked_out_again(received, right, calendar, zone):
    stored = json.loads(json.dumps(due_date(received, right, calendar, zone).as_dict()))
    assert again(stored).isoformat() == stored["due_on"]
