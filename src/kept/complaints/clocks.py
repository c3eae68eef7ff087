"""By when a complaint is acknowledged, and by when its sender hears of us again. Counted by `kept.clocks`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any, Literal
from zoneinfo import ZoneInfo

from kept.clocks.counting import deadline
from kept.clocks.deadline import Deadline, Question
from kept.clocks.office import office
from kept.clocks.rules import NoRule

Due = Literal["acknowledgement", "progress"]
OURS: Mapping[Due, str] = {
    "acknowledgement": "complaint_ack",
    "progress": "complaint_progress",
}  # promised to everybody


def due(what: Due, since: datetime, law: str = "") -> Deadline:
    """The last day, counted from when the complaint came, or from our last word. `law`: "": the office's.

    Before its law was in force, or where there is none, what we promise to everybody counts.
    """
    ours = office()
    rule = _table().get(law or ours.law, {}).get(what, OURS[what])
    try:
        return deadline(Question(rule, since, ours.calendar, ours.zone))
    except NoRule:
        return deadline(Question(OURS[what], since, ours.calendar, ours.zone))


def laws() -> list[tuple[str, str]]:
    """Each with where it counts, in words: ("uk-gdpr", "In the United Kingdom")."""
    return [(law, row["title"]) for law, row in _table().items()]


def office_day(instant: datetime, stored: Mapping[str, Any] | None = None) -> date:
    """The day it is then in the office that counted this deadline; without one, in ours."""
    return instant.astimezone(ZoneInfo(stored["inputs"]["zone"] if stored else office().zone)).date()


@cache
def _table() -> dict[str, dict[str, str]]:
    return tomllib.loads((resources.files("kept.complaints") / "clocks.toml").read_text(encoding="utf-8"))
