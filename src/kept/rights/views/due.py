"""The clock as the desk shows it: a word, a mark and a date, never a colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kept.rights.models import Case
from kept.rights.rules import DueState, Urgency
from kept.rights.standing import due_of


@dataclass(frozen=True)
class Due:
    words: str
    state: Urgency


def due(case: Case, today: date) -> Due:
    """on time, due soon (5 days or fewer), late; or how it ended."""
    state = due_of(case, today)
    longer = ", extended" if case.clock.get("extended") and state.mark in ("good", "soon", "late", "still") else ""
    return Due(_words(state) + longer, state.mark)


def _words(state: DueState) -> str:
    match state.mark:
        case "none":
            return "no answer owed"
        case "met":
            return "met"
        case "late":
            return "answered late" if state.answered else f"late, {days(-state.left)} over"
        case "still":
            return "clock stands still"
        case "soon" if state.left < 0:  # a Sunday or a holiday, and Singapore's clock
            return "due now"
        case "soon":
            return f"due soon, {days(state.left)} left" if state.left else "due today"
        case "good":
            return f"on time, {days(state.left)} left"


def days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
