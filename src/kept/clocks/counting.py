"""The last day, worked out from a rule and what happened, with each step told. The same inputs give the same day."""

from __future__ import annotations

import calendar as months_of
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kept.clocks.calendars import Calendar, calendar
from kept.clocks.deadline import BadQuestion, Deadline, Question, Refused, Step
from kept.clocks.rules import EventKind, rule_for

A_DAY = timedelta(days=1)
YEARS = range(1990, 2200)


def deadline(question: Question) -> Deadline:
    """Raises Refused, NoRule, UnknownCalendar, BadQuestion."""
    count = _Count(question)
    return count.hours() if count.rule.hours else count.days()


def same_date(day: date, months: int) -> date:
    """The same date that many months on; where there is none, the last day of that month. Reg. 1182/71 Art. 3(2)(c)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, months_of.monthrange(year, month + 1)[1]))


class _Count:
    """One question on its way to its answer."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.zone = zone_of(question.zone)
        self.received = self.day(question.received)
        self.rule = rule_for(question.rule, self.received)
        self.calendar: Calendar = calendar(question.calendar)
        self.steps = [Step(self.received, f"Received, in the calendar of {question.zone}.")]
        self.ignored: list[str] = []

    def day(self, instant: datetime) -> date:
        if instant.tzinfo is None:
            raise BadQuestion("an instant needs its zone")
        if instant.year not in YEARS:
            raise BadQuestion(f"a year must be from {YEARS.start} to {YEARS.stop - 1}")
        return instant.astimezone(self.zone).date()

    def events(self, *kinds: EventKind) -> list[date]:
        return [self.day(event.at) for event in self.question.events if event.kind in kinds]

    # Hours

    def hours(self) -> Deadline:
        """They elapse: neither a weekend nor the change to summer time moves them."""
        due = (self.question.received.astimezone(UTC) + timedelta(hours=self.rule.hours)).astimezone(self.zone)
        self.tell(due.date(), f"{self.rule.hours} hours after that, weekends included: {due:%H:%M}.")
        made = Deadline(
            self.question, self.rule, due.date(), due, None, due.date(), 0, False, tuple(self.steps), ()
        )  # fmt: skip
        return self.checked(made)

    # Days

    def days(self) -> Deadline:
        start = self.start()
        pauses = self.pauses()
        first = self.end(start, self.rule.months, self.rule.days)
        self.tell(first, self.length(start, first))
        first_end, first_paused = stretched(first, pauses, start)
        end, paused, extended = first_end, first_paused, False
        if paused:
            self.tell(end, f"{paused} day{'s' if paused > 1 else ''} did not count: we waited for an answer.")
        by = self.rolled(first_end)
        notices = self.events("extend")
        without = self.made(end, paused, by, False)
        if notices:
            self.may_extend(notices, start, by, without)
            end, paused = self.extension(start, pauses, without)
            extended = True
        return self.checked(self.made(end, paused, by, extended))

    def start(self) -> date:
        """The latest of the request and of what the law lets the clock wait for."""
        later = [(day, event.kind) for event in self.question.events if (day := self.day(event.at)) > self.received
                 and event.kind in self.rule.starts_at]  # fmt: skip
        for event in self.question.events:
            if event.kind in ("identity", "fee") and event.kind not in self.rule.starts_at:
                self.ignored.append(f"{event.kind}: under {self.rule.id} the clock does not wait for it")
        if not later:
            return self.received
        day, kind = max(later)
        came = "We learned who asks" if kind == "identity" else "The fee came"
        self.tell(day, f"{came}: the clock starts on this day.")
        return day

    def pauses(self) -> set[date]:
        """The days that do not count. A day of two pauses does not count once."""
        begun, ended = self.events("pause_start"), self.events("pause_end")
        if len(ended) > len(begun):
            raise BadQuestion("a pause ends that never began")
        if begun and not self.rule.pause:
            self.ignored.append(f"pause: {self.rule.id} knows none, so each day counts")
            return set()
        stopped: set[date] = set()
        for number, first in enumerate(begun):
            if first < self.received:
                raise BadQuestion("a pause begins before the request")
            if number >= len(ended):
                continue
            last = ended[number]
            if last < first:
                raise BadQuestion("a pause ends before it begins")
            days = (last - first).days + (1 if self.rule.pause == "both days" else 0)
            stopped |= {first + timedelta(days=day) for day in range(days)}
        return stopped

    def end(self, start: date, months: int, days: int) -> date:
        if self.rule.working_days:
            day = start
            for _ in range(self.rule.working_days):
                day = self.calendar.next_working(day + A_DAY)
            return day
        counted = days - 1 if self.rule.first == "same day" and days else days
        return same_date(start, months) + timedelta(days=counted)

    def length(self, start: date, end: date) -> str:
        rule = self.rule
        if rule.months:
            same = (
                "" if end.day == start.day else f" There is no {start.day} in that month, so it ends on its last day."
            )
            return f"{_counted(rule.months, 'month')} on; the day itself is not counted.{same}"
        if rule.working_days:
            return f"{_counted(rule.working_days, 'working day')} after that day."
        own = "that day is the first of them" if rule.first == "same day" else "that day is not counted"
        return f"{_counted(rule.days, 'day')}; {own}."

    def rolled(self, day: date) -> date:
        return self.calendar.next_working(day) if self.rule.roll == "working day" else day

    def may_extend(self, notices: Sequence[date], start: date, by: date, without: Deadline) -> None:
        """Raises Refused."""
        if self.rule.extend is None:
            raise Refused(f"{self.rule.id} cannot be extended", without)
        if len(notices) > 1:
            raise Refused("it can be extended once", without)
        if notices[0] > by:
            what = f"the notice came on {notices[0].isoformat()}, and the last day for it was {by.isoformat()}"
            raise Refused(f"too late to extend: {what}", without)
        if notices[0] < self.received:
            raise BadQuestion("the notice of extension comes before the request")

    def extension(self, start: date, pauses: set[date], without: Deadline) -> tuple[date, int]:
        longer = self.rule.extend
        assert longer is not None  # noqa: S101 - may_extend looked
        if longer.named:
            told = self.events("until")
            if not told:
                raise Refused("the law sets no length here: say until when, as the person was told", without)
            if told[0] < without.due_on:
                raise BadQuestion("the day that was told comes before the last day without an extension")
            self.tell(told[0], "Extended: the day that the person was told.")
            return told[0], without.paused
        end = self.end(start, longer.months, longer.days)
        if longer.in_two:
            end = min(end, same_date(same_date(start, self.rule.months), longer.months - self.rule.months))
        length = _counted(longer.months, "month") if longer.months else _counted(longer.days, "day")
        self.tell(end, f"Extended: {length} in all, counted from the same start.")
        after, paused = stretched(end, pauses, start)
        if paused:
            self.tell(after, f"{_counted(paused, 'day')} did not count: we waited for an answer.")
        return after, paused

    def made(self, end: date, paused: int, by: date, extended: bool) -> Deadline:
        due, steps = self.rolled(end), list(self.steps)
        if due != end:
            why = self.calendar.holiday(end) or f"{end:%A}"
            steps.append(Step(due, f"{end.isoformat()} is no working day ({why}), so the next one counts."))
        late = due + A_DAY
        if self.rule.late_from:
            while (late - A_DAY).weekday() == 6 or self.calendar.holiday(late - A_DAY):
                late += A_DAY
            if late > due + A_DAY:
                steps.append(Step(due, f"A Sunday or holiday: nobody is late before {late.isoformat()}."))
        extend_by = by if self.rule.extend and not extended else None
        return Deadline(
            self.question, self.rule, due, None, extend_by, late, paused, extended, tuple(steps), tuple(self.ignored)
        )

    def checked(self, made: Deadline) -> Deadline:
        """Raises Refused where something was asked that this rule does not know, or the clock stands still."""
        if made.rule.hours:
            if self.events("extend"):
                raise Refused(f"{made.rule.id} cannot be extended", made)
            if self.events("pause_start", "pause_end", "identity", "fee"):
                return replace(made, ignored=(f"{made.rule.id} knows no pause: each hour counts",))
            return made
        begun, ended = self.events("pause_start"), self.events("pause_end")
        if made.rule.pause and len(begun) > len(ended):
            since = begun[len(ended)].isoformat()
            raise Refused(f"the clock stands still since {since}: there is no last day until the answer comes", made)
        return made

    def tell(self, day: date, says: str) -> None:
        self.steps.append(Step(day, says))


def stretched(end: date, pauses: set[date], start: date) -> tuple[date, int]:
    """The end moved by each paused day that lies before it, and how many they were. The first day is not counted
    anyway, so that pausing it gains nothing; the days on which an end has rolled are behind it."""
    moved = 0
    for day in sorted(pauses):
        if start < day <= end + timedelta(days=moved):
            moved += 1
    return end + timedelta(days=moved), moved


def zone_of(name: str) -> ZoneInfo:
    """Raises BadQuestion."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadQuestion(f"{name[:60]!r} is no time zone: use a name such as Europe/Berlin") from None


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
