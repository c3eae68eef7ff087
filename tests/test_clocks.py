"""Legal time: the worked dates of each law, what must hold for every date, and what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.clocks.calendars import NAMES, UnknownCalendar, calendar
from kept.clocks.counting import deadline, same_date
from kept.clocks.deadline import BadQuestion, Event, Question, Refused, explained, question_of
from kept.clocks.rules import NoRule, rule_for, rules

PLACES = ["weekends", "DE", "GB-ENG", "GB-SCT", "SG", "US-CA"]
ZONES = ["Europe/Berlin", "Europe/London", "Asia/Singapore", "America/Los_Angeles"]
instants = st.datetimes(datetime(2027, 1, 1), datetime(2080, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
days = st.dates(date(2021, 1, 1), date(2080, 12, 31))
ids = st.sampled_from([rule.id for rule in rules()])
in_days = st.sampled_from([rule.id for rule in rules() if not rule.hours])
places, zones = st.sampled_from(PLACES), st.sampled_from(ZONES)


def noon(text: str, zone: str = "UTC") -> datetime:
    day = date.fromisoformat(text)
    return datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone))


def asked(rule: str, received: str, place: str = "weekends", zone: str = "UTC", **events: str | list[str]) -> Question:
    pairs = [(kind, day) for kind, days in events.items() for day in ([days] if isinstance(days, str) else days)]
    return Question(rule, noon(received, zone), place, zone, tuple(Event(kind, noon(day, zone)) for kind, day in pairs))


def due(rule: str, received: str, place: str = "weekends", **events: str | list[str]) -> str:
    return deadline(asked(rule, received, place, **events)).due_on.isoformat()


@pytest.mark.parametrize(
    ("rule", "received", "place", "last"),
    [
        ("gdpr_rights", "2026-01-31", "weekends", "2026-03-02"),  # no 31 February; the 28th is a Saturday
        ("gdpr_rights", "2028-01-31", "weekends", "2028-02-29"),
        ("gdpr_rights", "2026-08-31", "weekends", "2026-09-30"),
        ("gdpr_rights", "2026-03-05", "weekends", "2026-04-06"),  # Easter Sunday
        ("gdpr_rights", "2026-03-05", "DE", "2026-04-07"),  # and where Easter Monday is a holiday
        ("gdpr_rights", "2026-11-26", "DE", "2026-12-28"),  # Saturday the 26th
        ("uk_rights", "2026-11-26", "england-and-wales", "2026-12-29"),  # Boxing Day is kept on Monday
        ("uk_rights", "2026-10-30", "scotland", "2026-12-01"),  # St Andrew's Day
        ("uk_rights", "2026-05-15", "scotland", "2026-06-16"),  # a holiday proclaimed for one year
        ("uk_complaint_ack", "2026-07-03", "england", "2026-08-03"),
        ("uk_complaint_ack", "2026-07-03", "scotland", "2026-08-04"),
        ("pdpa_access", "2026-07-03", "SG", "2026-08-02"),  # a Sunday, and it stays
        ("pdpa_breach", "2026-11-26", "SG", "2026-11-29"),
        ("ccpa_request", "2026-01-01", "US-CA", "2026-02-14"),
        ("ccpa_confirm", "2026-03-02", "US-CA", "2026-03-16"),
        ("ccpa_confirm", "2026-06-12", "US-CA", "2026-06-29"),  # Juneteenth
        ("ccpa_opt_out", "2026-03-02", "weekends", "2026-03-23"),
    ],
)
def test_a_deadline_counts_as_its_law_says(rule, received, place, last):
    assert due(rule, received, place) == last


@pytest.mark.parametrize(
    ("rule", "received", "notice", "last"),
    [
        ("gdpr_rights", "2026-11-30", "2026-12-30", "2027-03-01"),
        ("gdpr_rights", "2027-01-31", "2027-03-01", "2027-04-28"),  # one month and two more come earlier than three
        ("uk_access", "2026-01-31", "2026-03-02", "2026-04-30"),
        ("ccpa_request", "2026-01-01", "2026-02-14", "2026-03-31"),
    ],
)
def test_an_extension_within_the_first_length_gives_its_whole(rule, received, notice, last):
    assert due(rule, received, extend=notice) == last


def test_a_named_extension_holds_until_the_day_that_was_told():
    assert due("pdpa_access", "2026-07-03", extend="2026-08-01", until="2026-09-15") == "2026-09-15"
    with pytest.raises(Refused, match="say until when"):
        due("pdpa_access", "2026-07-03", extend="2026-08-01")
    with pytest.raises(BadQuestion, match="before the last day"):
        due("pdpa_access", "2026-07-03", extend="2026-07-05", until="2026-07-06")


@pytest.mark.parametrize(
    ("rule", "received", "extend", "says"),
    [
        ("gdpr_rights", "2026-01-31", ["2026-03-03"], "too late to extend: .* 2026-03-02"),
        ("gdpr_rights", "2026-01-31", ["2026-02-03", "2026-02-10"], "once"),
        ("uk_complaint_ack", "2026-07-03", ["2026-07-04"], "cannot be extended"),
        ("gdpr_breach", "2026-07-03", ["2026-07-04"], "cannot be extended"),
        ("ccpa_confirm", "2026-07-03", ["2026-07-04"], "cannot be extended"),
    ],
)
def test_an_extension_that_the_law_does_not_give_is_refused_and_the_first_day_stays(rule, received, extend, says):
    with pytest.raises(Refused, match=says) as refused:
        due(rule, received, extend=extend)
    assert refused.value.without.due_on.isoformat() == due(rule, received)


def test_the_last_day_for_a_notice_is_the_first_end_moved_by_weekends_and_pauses():
    pause = {"pause_start": "2026-03-05", "pause_end": "2026-03-09"}
    first = deadline(asked("uk_access", "2026-03-02", "england", **pause))
    assert (first.extend_by, first.paused) == (date(2026, 4, 7), 5)
    assert due("uk_access", "2026-03-02", "england", extend="2026-04-07", **pause) == "2026-06-08"
    with pytest.raises(Refused, match="too late"):
        due("uk_access", "2026-03-02", "england", extend="2026-04-08", **pause)


def test_a_pause_counts_whole_days_once_and_then_the_end_rolls_once():
    one_day = {"pause_start": "2026-03-05", "pause_end": "2026-03-05"}
    assert deadline(asked("uk_access", "2026-03-02", **one_day)).paused == 1
    shared = {"pause_start": ["2026-03-05", "2026-03-07"], "pause_end": ["2026-03-08", "2026-03-10"]}
    assert deadline(asked("uk_access", "2026-03-02", **shared)).paused == 6
    assert due("uk_access", "2026-03-02", pause_start="2026-03-02", pause_end="2026-03-02") == "2026-04-02"
    rolling = {"pause_start": "2026-05-31", "pause_end": "2026-05-31"}  # the end fell on Saturday the 30th
    assert due("uk_access", "2026-04-30", **rolling) == due("uk_access", "2026-04-30") == "2026-06-01"


def test_a_doubt_about_who_asks_stops_a_month_and_nothing_stops_where_the_law_knows_no_pause():
    wait = {"pause_start": "2026-03-05", "pause_end": "2026-03-10"}
    assert due("gdpr_rights", "2026-03-02", **wait) == "2026-04-07"  # five days: that of asking, and not that of answer
    for rule in ("uk_rights", "pdpa_access", "ccpa_request", "gdpr_breach"):
        made = deadline(asked(rule, "2026-03-02", **wait))
        assert made.due_on == deadline(asked(rule, "2026-03-02")).due_on
        assert "pause" in made.ignored[0], "and it says so"


def test_while_the_answer_is_awaited_there_is_no_last_day():
    with pytest.raises(Refused, match="stands still since 2026-03-05") as refused:
        due("uk_access", "2026-03-02", pause_start="2026-03-05")
    assert refused.value.without.due_on == date(2026, 4, 2)


def test_in_the_united_kingdom_the_month_starts_when_identity_and_fee_are_there():
    assert due("uk_rights", "2026-03-02", identity="2026-03-10", fee="2026-03-12") == "2026-04-13"
    made = deadline(asked("gdpr_rights", "2026-03-02", identity="2026-03-10"))
    assert (made.due_on, made.ignored[0][:9]) == (date(2026, 4, 2), "identity:")


def test_hours_elapse_over_weekends_and_the_change_of_the_clock():
    berlin = ZoneInfo("Europe/Berlin")
    friday = Question("gdpr_breach", datetime(2026, 11, 27, 18, tzinfo=berlin), "DE", "Europe/Berlin")
    assert deadline(friday).due_at == datetime(2026, 11, 30, 18, tzinfo=berlin)
    october = Question("gdpr_breach", datetime(2026, 10, 23, 18, tzinfo=berlin), "DE", "Europe/Berlin")
    made = deadline(october).due_at
    assert (made.hour, made.utcoffset()) == (17, timedelta(hours=1))


def test_a_second_around_midnight_is_another_day_in_the_office():
    before, after = datetime(2026, 6, 15, 21, 59, 59, tzinfo=UTC), datetime(2026, 6, 15, 22, 0, 1, tzinfo=UTC)
    ends = [deadline(Question("gdpr_rights", at, "weekends", "Europe/Berlin")).due_on for at in (before, after)]
    assert ends == [date(2026, 7, 15), date(2026, 7, 16)]


def test_in_singapore_nobody_is_late_on_a_sunday_or_holiday():
    made = deadline(asked("pdpa_access", "2026-07-03", "SG"))
    assert (made.due_on, made.late_from) == (date(2026, 8, 2), date(2026, 8, 4))
    national_day = deadline(asked("pdpa_access", "2026-07-10", "SG"))  # Sunday 9 August, kept on Monday as well
    assert (national_day.due_on, national_day.late_from) == (date(2026, 8, 9), date(2026, 8, 12))
    saturday = deadline(asked("pdpa_access", "2026-07-02", "SG"))
    assert (saturday.due_on, saturday.late_from) == (date(2026, 8, 1), date(2026, 8, 2))


@given(ids, instants, instants, places, zones)
def test_who_asks_later_is_never_due_earlier(rule, one, other, place, zone):
    first, second = (deadline(Question(rule, at, place, zone)) for at in sorted((one, other)))
    assert first.due_on <= second.due_on
    assert first.late_from <= second.late_from
    assert first.due_at is None or second.due_at is None or first.due_at <= second.due_at


@given(in_days, days, places, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=3))
def test_a_pause_never_shortens_and_a_longer_one_never_gives_less(rule, day, place, waits):
    if day < rule_for_first(rule):
        return
    received = noon(day.isoformat())
    pauses = [
        Event(kind, received + timedelta(days=offset + (length if kind == "pause_end" else 0)))
        for offset, length in waits
        for kind in ("pause_start", "pause_end")
    ]
    plain = deadline(Question(rule, received, place))
    paused = deadline(Question(rule, received, place, events=tuple(pauses)))
    longer = [Event(one.kind, one.at + timedelta(days=one.kind == "pause_end")) for one in pauses]
    assert plain.due_on <= paused.due_on <= deadline(Question(rule, received, place, events=tuple(longer))).due_on


@given(st.sampled_from(["gdpr_rights", "uk_rights", "uk_access", "ccpa_request"]), days, places, st.integers(0, 120))
def test_a_notice_is_taken_until_the_first_end_and_never_after_it(rule, day, place, later):
    received = noon(day.isoformat())
    first = deadline(Question(rule, received, place))
    question = Question(rule, received, place, events=(Event("extend", received + timedelta(days=later)),))
    if day + timedelta(days=later) <= first.due_on:
        assert deadline(question).due_on > first.due_on
    else:
        with pytest.raises(Refused, match="too late"):
            deadline(question)


@given(ids, instants, places, zones)
def test_a_stored_deadline_is_worked_out_again_from_its_own_inputs(rule, received, place, zone):
    stored = json.loads(json.dumps(deadline(Question(rule, received, place, zone)).as_dict()))
    assert deadline(question_of(stored)).as_dict() == stored


@given(st.sampled_from(["gdpr_rights", "uk_access", "uk_complaint_ack", "ccpa_confirm"]), instants, places)
def test_the_last_day_is_one_on_which_people_work(rule, received, place):
    made = deadline(Question(rule, received, place))
    assert calendar(place).is_working(made.due_on)
    assert made.steps[-1].day == made.due_on
    assert list(explained(made))[-1].endswith(made.rule.source)


@given(days, st.integers(-60, 60))
def test_the_same_date_of_another_month_is_that_date_or_the_months_last(day, months):
    other = same_date(day, months)
    assert (other.year * 12 + other.month) - (day.year * 12 + day.month) == months
    assert other.day == day.day or (other.day < day.day and (other + timedelta(days=1)).day == 1)


def test_a_bank_holiday_on_a_weekend_is_kept_on_a_free_working_day():
    england, scotland = calendar("england-and-wales"), calendar("scotland")
    for day in (date(2027, 12, 27), date(2027, 12, 28), date(2026, 8, 31)):
        assert england.holiday(day)
    for day in (date(2022, 1, 3), date(2022, 1, 4), date(2026, 8, 3)):
        assert scotland.holiday(day)
    assert not scotland.holiday(date(2026, 8, 31))


def test_an_office_adds_its_own_days():
    assert due("gdpr_rights", "2026-09-30", "DE+2026-10-30") == "2026-11-02"
    assert all(calendar(name) for name in NAMES)


@pytest.mark.parametrize("name", ["", "atlantis", "DE-XX", "de+tomorrow", "../etc/passwd", "GB-ENG-X", "D"])
def test_a_calendar_that_nobody_knows_is_said_with_those_there_are(name):
    with pytest.raises(UnknownCalendar, match=r"weekends|further days"):
        calendar(name)


def test_one_rule_of_each_id_is_in_force_on_a_day_and_names_its_source():
    for rule in rules():
        assert rule.source
        assert rule.says.endswith(".")
        assert [rule.months, rule.days, rule.working_days, rule.hours].count(0) == 3
        assert bool(rule.pause) == bool(rule.pause_for)
        with pytest.raises(NoRule, match="in force from"):
            rule_for(rule.id, rule_for_first(rule.id) - timedelta(days=1))
        of_that_id = sorted((one for one in rules() if one.id == rule.id), key=lambda one: one.valid_from)
        for older, newer in pairwise(of_that_id):
            assert older.valid_to == newer.valid_from - timedelta(days=1)
        assert of_that_id[-1].valid_to is None


def rule_for_first(rule_id: str) -> date:
    return min(rule.valid_from for rule in rules() if rule.id == rule_id)


def kept(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    run = [sys.executable, "-m", "kept", "clock", *words]
    return subprocess.run(run, capture_output=True, text=True, timeout=150, input=given)


def test_the_command_answers_and_explains():
    told = kept("--rule", "gdpr_rights", "--received", "2026-03-05", "--calendar", "germany", "--zone", "Europe/Berlin")
    assert told.returncode == 0
    assert told.stdout.splitlines()[-1] == "Last day: 2026-04-07"
    assert "2026-04-05 is no working day (Sunday)" in told.stdout
    words = ("--event", "pause_start=2026-03-05", "--event", "pause_end=2026-03-05", "--json")
    answer = json.loads(kept("--rule", "uk_access", "--received", "2026-03-02", *words).stdout)
    assert (answer["due"], answer["paused_days"], answer["reason"]) == ("2026-04-03", 1, None)


def test_a_file_of_questions_is_answered_one_by_one():
    questions = [
        {"rule": "gdpr_rights", "received": "2026-01-31"},
        {"rule": "gdpr_rights", "received": "2026-01-31", "events": [{"kind": "extend", "at": "2026-03-03"}]},
        {"rule": "gdpr_rights", "received": "2026-01-31", "events": {"extend": "2026-02-03"}},
        {"rule": "gdpr_breach", "received": "2026-11-27T18:00", "zone": "Europe/Berlin"},
        {"rule": "uk_complaint_ack", "received": "2026-06-18"},
    ]
    told = kept("--file", "-", given=json.dumps(questions))
    assert told.returncode == 0
    answers = json.loads(told.stdout)
    assert [one["due"] for one in answers] == ["2026-03-02", None, "2026-04-28", "2026-11-30T18:00:00+01:00", None]
    assert "last day for it was 2026-03-02" in answers[1]["reason"]
    assert "in force from 2026-06-19" in answers[4]["reason"]


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path):
    file = tmp_path / "questions.json"
    file.write_text('[{"rule": "gdpr_rights", "received": "2026-01-31"}]', encoding="utf-8-sig")
    told = kept("--file", str(file))
    assert [one["due"] for one in json.loads(told.stdout)] == ["2026-03-02"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "rule is missing"),
        (("--rule", "gdpr_rights"), "received is missing"),
        (("--rule", "gdpr", "--received", "2026-01-31"), "is no rule: gdpr_rights"),
        (("--rule", "gdpr_rights", "--received", "31.1.2026"), "received is a day or an instant"),
        (("--rule", "gdpr_rights", "--received", "9999-12-31"), "a year must be from"),
        (("--rule", "gdpr_rights", "--received", "2026-01-31", "--zone", "Mars/Base"), "is no time zone"),
        (("--rule", "gdpr_rights", "--received", "2026-01-31", "--zone", "/etc/passwd"), "is no time zone"),
        (("--rule", "gdpr_rights", "--received", "2026-01-31", "--calendar", "mars"), "is no calendar"),
        (("--rule", "gdpr_rights", "--received", "2026-01-31", "--event", "nap=2026-02-01"), "is no event"),
        (("--rule", "gdpr_rights", "--received", "2026-01-31", "--event", "pause_end=2026-02-01"), "never began"),
        (("--rule", "gdpr_rights", "--received", "2026-01-31", "--event", "extend=soon"), "extend is a day"),
        (("--file", "nowhere.json"), "cannot be read"),
    ],
)
def test_a_question_that_cannot_be_read_is_told_in_one_line(words, says):
    told = kept(*words)
    assert told.returncode == 2
    assert says in told.stderr
    assert len(told.stderr.splitlines()) == 1


@pytest.mark.parametrize("given", ["", "{", "{}", '"x"', "[" * 100_000, f"[{'9' * 5000}]", "[1e"])
def test_a_file_that_holds_no_questions_is_told_in_one_line(given):
    told = kept("--file", "-", given=given)
    assert told.returncode == 2
    assert len(told.stderr.splitlines()) == 1


@given(
    st.lists(st.recursive(st.none() | st.text() | st.integers(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
)
def test_whatever_stands_in_a_file_is_answered_with_what_is_wrong(questions):
    from kept.cli.clock import _answer

    for question in questions:
        answer = _answer(question)
        assert answer["due"] is None
        assert answer["reason"]
