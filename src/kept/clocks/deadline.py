"""A question of legal time and its answer, as they are stored, printed and worked out again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from kept.clocks.rules import EventKind, Rule


class BadQuestion(Exception):
    """What was asked cannot be counted: an unknown zone, an end of a pause that never began. The message says what."""


class Refused(Exception):
    """The law does not allow it. The message says why; `without` is the deadline that stays."""

    def __init__(self, reason: str, without: Deadline) -> None:
        super().__init__(reason)
        self.without = without


@dataclass(frozen=True)
class Event:
    """Something that may move the end. `until`: the day that a person was told with the notice of an extension."""

    kind: EventKind
    at: datetime


@dataclass(frozen=True)
class Question:
    """`received`: when the request, or what else starts the clock, arrived at our border. `zone`: the office's."""

    rule: str
    received: datetime
    calendar: str = "weekends"
    zone: str = "UTC"
    events: tuple[Event, ...] = ()


@dataclass(frozen=True)
class Step:
    day: date
    says: str


@dataclass(frozen=True)
class Deadline:
    """The last day, or the last instant, on which it is not yet too late."""

    question: Question
    rule: Rule
    due_on: date
    due_at: datetime | None  # only where hours are counted
    extend_by: date | None  # the last day for a notice of extension; None: there is none to be had
    late_from: date  # the first day on which it is too late
    paused: int  # days that did not count
    extended: bool
    steps: tuple[Step, ...]
    ignored: tuple[str, ...]  # what happened and has no effect under this rule, with why

    def as_dict(self) -> dict[str, object]:
        """As it is stored, printed and worked out again."""
        asked = self.question
        return {
            "rule": self.rule.id,
            "due": (self.due_at or self.due_on).isoformat(),
            "due_on": self.due_on.isoformat(),
            "late_from": self.late_from.isoformat(),
            "extend_by": self.extend_by.isoformat() if self.extend_by else None,
            "extended": self.extended,
            "paused_days": self.paused,
            "inputs": {
                "received": asked.received.isoformat(),
                "calendar": asked.calendar,
                "zone": asked.zone,
                "events": [{"kind": event.kind, "at": event.at.isoformat()} for event in asked.events],
            },
            "steps": [{"day": step.day.isoformat(), "says": step.says} for step in self.steps],
            "ignored": list(self.ignored),
            "source": self.rule.source,
        }


def question_of(stored: Mapping[str, object]) -> Question:
    """What a stored deadline was worked out from."""
    inputs = stored["inputs"]
    assert isinstance(inputs, dict)  # noqa: S101 - as_dict wrote it
    events = tuple(Event(one["kind"], datetime.fromisoformat(one["at"])) for one in inputs["events"])
    received = datetime.fromisoformat(inputs["received"])
    return Question(str(stored["rule"]), received, inputs["calendar"], inputs["zone"], events)


def explained(made: Deadline) -> Iterator[str]:
    """One line for each step, and then the day."""
    for step in made.steps:
        yield f"{step.day:%a} {step.day.isoformat()}  {step.says}"
    for line in made.ignored:
        yield f"Without effect: {line}."
    if made.extend_by:
        yield f"It can be extended until {made.extend_by.isoformat()}."
    yield f"Source: {made.rule.source}"
