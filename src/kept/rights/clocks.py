"""Which law's clock runs for a right, and where its days are counted. How they are counted: `kept.clocks`.

A case stores its deadline with rule and inputs, and two more words where they are needed:
`stands_still_since`, the day since which the clock waits for the person, and `no_later_than`, a day that was told
before another law turned out to give more.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from kept.clocks.counting import deadline
from kept.clocks.deadline import Deadline, Event, Question, Refused, question_of
from kept.clocks.office import office
from kept.clocks.rules import NoRule, Rule, rule_for


class NoClock(Exception):
    """That law gives no such right. The table of clocks is wrong; nothing was changed."""


def due_date(
    received: datetime, right: str, calendar: str | None = None, zone: str | None = None, law: str | None = None
) -> Deadline:
    """By when a request received at that instant must be answered. None: as the office counts it. Raises NoClock."""
    ours = office()
    rule = _table()["law"].get(law or ours.law, {}).get(right)
    if rule is None:
        raise NoClock(f"{law or ours.law}, {right}")
    return deadline(Question(rule, received, calendar or ours.calendar, zone or ours.zone))


def laws() -> list[str]:
    """Those whose clocks are known: "eu-gdpr"."""
    return list(_table()["law"])


def office_law() -> str:
    """Whose law the office answers under, where nothing else is said."""
    return office().law


def office_day(instant: datetime, stored: Mapping[str, Any] | None = None) -> date:
    """The day it is then in the office that counts this deadline's days; without one, in ours."""
    zone = stored["inputs"]["zone"] if stored else office().zone
    return instant.astimezone(ZoneInfo(zone)).date()


def late_from(stored: Mapping[str, Any]) -> date | None:
    """The first day on which an answer is too late; None: the day after the last one."""
    told = stored.get("late_from")
    return date.fromisoformat(told) if told else None


def laws_for(right: str) -> list[str]:
    """The laws that give this right and its clock."""
    return [law for law, rights in _table()["law"].items() if right in rights]


def law_name(law: str) -> str:
    """GDPR (European Union)"""
    return str(_table()["name"].get(law, law))


def law_of(country: str, right: str, on: date | None = None) -> str:
    """Whose law runs for a person who lives there, ISO 3166: "SG", "US-CA". Where their own gives no such right, or
    we do not know it, the office's: nobody has fewer rights for living elsewhere. `on`: the day of the request; a law
    that was not in force yet counts as none."""
    code = country.strip().upper()
    found = _table()["country"].get(code) or _table()["country"].get(code.partition("-")[0])
    rule = _table()["law"][found].get(right) if found else None
    if rule is None or (on is not None and not _in_force(rule, on)):
        return office_law()
    return str(found)


def first_clock(received: datetime, right: str, *, law: str = "", home: str = "") -> tuple[str, Clock]:
    """Whose law runs for a new request, and its clock.

    `law`: said outright, by the rules of a door. `home`: where the person says they live; "": nobody said. The office's
    own law holds for everybody whom it answers, so that living elsewhere never makes the last day a later one. GDPR
    Art. 3(1). Raises NoClock, NoRule.
    """
    found = law or (law_of(home, right, office_day(received)) if home else office_law())
    ours = due_date(received, right, law=law or None)
    if law or found == office_law():
        return found, Clock(ours.due_on, ours.as_dict())
    return found, under(ours.as_dict(), right, found)


def _in_force(rule: str, on: date) -> bool:
    try:
        rule_for(rule, on)
    except NoRule:
        return False
    return True


def rule_of(stored: Mapping[str, Any]) -> Rule:
    """The rule of a stored deadline, as it was in force when the request came."""
    asked = question_of(stored)
    return rule_for(asked.rule, office_day(asked.received, stored))


def names_a_day(stored: Mapping[str, Any]) -> bool:
    """Whether a longer time has no length of its own under this rule, so that the person is told a day."""
    longer = rule_of(stored).extend
    return longer is not None and longer.named


def first_day(stored: Mapping[str, Any]) -> date:
    """The last day before any extension: until then a refusal has to be told. Art. 12(4)."""
    asked = question_of(stored)
    events = tuple(event for event in asked.events if event.kind not in ("extend", "until"))
    due = _counted(replace(asked, events=events)).due_on
    told = stored.get("no_later_than")
    return min(due, date.fromisoformat(told)) if told else due


@dataclass(frozen=True)
class Clock:
    """A deadline worked out anew, as the case stores it."""

    due_on: date
    stored: dict[str, Any]


def moved(
    stored: Mapping[str, Any], *more: Event, without: Event | None = None, still_since: date | None = None
) -> Clock:
    """Worked out anew with what has happened since. `without`: what turned out not to count. `still_since`: the clock
    waits from that day on; until the answer comes the day stays where it would be without the waiting.

    Raises BadQuestion.
    """
    asked = question_of(stored)
    events = tuple(event for event in asked.events if event != without) + more
    made = _counted(replace(asked, events=events))
    told = stored.get("no_later_than")
    return _clock(made, date.fromisoformat(told) if told else None, still_since)


def under(stored: Mapping[str, Any], right: str, law: str) -> Clock:
    """The same request by another law's clock. An earlier day that stands already is kept. Raises NoClock."""
    rule = _table()["law"].get(law, {}).get(right)
    if rule is None:
        raise NoClock(f"{law}, {right}")
    made = _counted(replace(question_of(stored), rule=rule))
    before = date.fromisoformat(stored.get("no_later_than") or stored["due_on"])
    return _clock(made, before, None)


def _clock(made: Deadline, told: date | None, still_since: date | None) -> Clock:
    kept = made.as_dict()
    due = made.due_on
    if told is not None and told < due and not made.extended:
        due = told
        kept["no_later_than"] = told.isoformat()
        kept["late_from"] = (told + timedelta(days=1)).isoformat()
    if still_since is not None:
        kept["stands_still_since"] = still_since.isoformat()
        kept["extend_by"] = None
    return Clock(due, kept)


def _counted(question: Question) -> Deadline:
    """While the clock stands still: without the waiting."""
    try:
        return deadline(question)
    except Refused as refused:
        return refused.without


def noon_of(day: date) -> datetime:
    """The middle of a day in the office: an instant that lies on this day and on no other there."""
    return datetime.combine(day, time(12), ZoneInfo(office().zone))


def again(stored: Mapping[str, Any]) -> date:
    """The day worked out anew from a stored deadline's inputs."""
    due = _counted(question_of(stored)).due_on
    told = stored.get("no_later_than")
    return min(due, date.fromisoformat(told)) if told else due


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((resources.files("kept.rights") / "clocks.toml").read_text(encoding="utf-8"))
