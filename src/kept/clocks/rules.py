"""The rules of legal time, out of rules.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Literal

EventKind = Literal["pause_start", "pause_end", "extend", "until", "identity", "fee"]


class NoRule(Exception):
    """No rule has that id, or none was in force on that day. The message says which there are, or from when."""


@dataclass(frozen=True)
class Extension:
    """How long it is in all, counted as the first length. `named`: until a day that the person is told. `in_two`: the
    first length and then the rest, where that ends earlier."""

    months: int = 0
    days: int = 0
    in_two: bool = False
    named: bool = False


@dataclass(frozen=True)
class Rule:
    """One length of legal time. The words are explained in rules.toml."""

    id: str
    title: str
    valid_from: date
    valid_to: date | None  # its last day; None: in force
    months: int
    days: int
    working_days: int
    hours: int
    first: Literal["next day", "same day"]
    roll: Literal["working day", "none"]
    late_from: Literal["", "sunday or holiday"]
    starts_at: tuple[EventKind, ...]
    pause: Literal["", "both days", "from asking"]
    pause_for: str
    extend: Extension | None
    says: str  # for the person
    source: str


def rule_for(rule_id: str, day: date) -> Rule:
    """The rule as it was in force on that day. Raises NoRule."""
    of_that_id = [rule for rule in rules() if rule.id == rule_id]
    for rule in of_that_id:
        if rule.valid_from <= day and (rule.valid_to is None or day <= rule.valid_to):
            return rule
    if not of_that_id:
        raise NoRule(f"{rule_id[:60]!r} is no rule: {', '.join(dict.fromkeys(rule.id for rule in rules()))}")
    first = min(rule.valid_from for rule in of_that_id)
    raise NoRule(f"{rule_id} is in force from {first.isoformat()}, and {day.isoformat()} is before that")


@cache
def rules() -> tuple[Rule, ...]:
    table = tomllib.loads((resources.files("kept.clocks") / "rules.toml").read_text(encoding="utf-8"))
    return tuple(_rule(row) for row in table["rule"])


def _rule(row: dict[str, object]) -> Rule:
    nothing = {"valid_to": None, "months": 0, "days": 0, "working_days": 0, "hours": 0, "first": "next day"}
    nothing |= {"roll": "none", "late_from": "", "pause": "", "pause_for": ""}
    extend = row.get("extend")
    return Rule(
        **nothing
        | row  # type: ignore[arg-type]
        | {
            "starts_at": tuple(row.get("starts_at", ())),  # type: ignore[arg-type]
            "extend": Extension(**extend) if isinstance(extend, dict) else None,
        }
    )
