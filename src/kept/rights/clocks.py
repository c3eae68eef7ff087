"""Which law's clock runs for a right, and where its days are counted. How they are counted: `kept.clocks`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from kept.clocks.counting import deadline
from kept.clocks.deadline import Deadline, Question, question_of


class NoClock(Exception):
    """That law gives no such right. The table of clocks is wrong; nothing was changed."""


def due_date(
    received: datetime, right: str, calendar: str | None = None, zone: str | None = None, law: str | None = None
) -> Deadline:
    """By when a request received at that instant must be answered. None: as the office counts it. Raises NoClock."""
    office = _table()["office"]
    rule = _table()["law"][law or office["law"]].get(right)
    if rule is None:
        raise NoClock(f"{law or office['law']}, {right}")
    return deadline(Question(rule, received, calendar or office["calendar"], zone or office["zone"]))


def office_day(instant: datetime, stored: Mapping[str, Any] | None = None) -> date:
    """The day it is then in the office that counts this deadline's days; without one, in ours."""
    zone = stored["inputs"]["zone"] if stored else _table()["office"]["zone"]
    return instant.astimezone(ZoneInfo(zone)).date()


def again(stored: Mapping[str, Any]) -> date:
    """The day worked out anew from a stored deadline's inputs."""
    return deadline(question_of(stored)).due_on


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((resources.files("kept.rights") / "clocks.toml").read_text(encoding="utf-8"))
