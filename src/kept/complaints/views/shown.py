"""What a complaint's rows mean, in the words of pages. States and dates go in; no person's values come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from kept.complaints.access import standing
from kept.complaints.clocks import office_day
from kept.complaints.models import Complaint
from kept.complaints.rules import ENDED, OPEN, Next, next_step

State = Complaint.State
Mark = Literal["done", "running", "waiting", "none"]

ACTS = {
    "acknowledge": "Acknowledge it",
    "take": "Decide who looks into it",
    "read": "Read what they added",
    "tell": "Tell them how far it is",
    "decide": "Look into it, and answer",
    "nothing": "Nothing to do",
}
TAGS = {
    State.RECEIVED: "todo",
    State.ACKNOWLEDGED: "todo",
    State.INVESTIGATED: "running",
    State.DECIDED: "done",
    State.CLOSED: "none",
    State.WITHDRAWN: "none",
}


@dataclass(frozen=True)
class Stage:
    words: str
    mark: Mark
    at: datetime | None = None
    note: str = ""
    by: date | None = None

    @property
    def now(self) -> bool:
        return self.mark == "running"


@dataclass(frozen=True)
class Line:
    """One complaint in the queue."""

    complaint: Complaint
    step: Next
    act: str
    due: str  # in words: "3 days left"
    tag: str


def line(complaint: Complaint, at: datetime) -> Line:
    today = office_day(at, complaint.ack_clock or None)
    step = next_step(standing(complaint), today)
    return Line(complaint, step, ACTS[step.act], _left(step, today), TAGS[State(complaint.state)])


def stages(one: Complaint, at: datetime) -> Sequence[Stage]:
    """The way of a complaint, for the person, each stage with its date or the day by which it comes."""
    received = Stage("We received your complaint", "done", one.received_at)
    if one.state in ENDED:
        words = "You withdrew it" if one.state == State.WITHDRAWN else "It ended, and your words were erased"
        answered = [Stage("You had our answer", "done", one.decided_at)] if one.decided_at else []
        return [received, *answered, Stage(words, "none", one.closed_at)]
    acknowledged = (
        Stage("We told you that it is here", "done", one.acknowledged_at)
        if one.acknowledged_at
        else Stage("We tell you that it is here", "running", by=one.ack_due_on)
    )
    decided = one.state == State.DECIDED
    if decided:
        looked: Stage = Stage("A privacy officer looked into it", "done", one.decided_at)
    elif one.state == State.INVESTIGATED:
        looked = Stage("A privacy officer looks into it", "running", by=one.progress_due_on, note=WORD)
    else:
        mark: Mark = "running" if one.acknowledged_at else "waiting"
        looked = Stage("A privacy officer looks into it", mark, by=one.progress_due_on, note=NOBODY_YET)
    answer = Stage(
        "You had our answer" if decided else "You get our answer", "done" if decided else "waiting", one.decided_at
    )
    return [received, acknowledged, looked, answer]


WORD = "You hear from us by then at the latest, also if we are not done."
NOBODY_YET = "It goes to somebody who did not decide what you complain about."


def _left(step: Next, today: date) -> str:
    if step.due is None:
        return ""
    days = (step.due - today).days
    if days == 0:
        return "due today"
    count = "1 day" if abs(days) == 1 else f"{abs(days)} days"
    return f"late, {count} over" if days < 0 else f"{count} left"


def is_open(one: Complaint) -> bool:
    return one.state in OPEN
