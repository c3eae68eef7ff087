"""What a question does to a clock, and when a fee is lawful. Plain values: the table is timing.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Literal

from kept.clocks.rules import Rule

Ground = Literal["identity", "particulars", "fee"]
EffectKind = Literal["pause", "start", "none"]


@dataclass(frozen=True)
class Effect:
    """What asking does to the clock, and the law that says so."""

    kind: EffectKind
    says: str
    source: str

    @property
    def stands_still(self) -> bool:
        return self.kind != "none"


@dataclass(frozen=True)
class Reminders:
    """When officers are mailed about a last day."""

    days: tuple[int, ...]  # before it
    from_hour: int  # of the office's day
    source: str
    valid_from: date


@dataclass(frozen=True)
class Fee:
    """One case in which the law allows a fee."""

    law: str
    rights: tuple[str, ...]
    basis: str
    title: str
    accept: bool  # the person has to accept it before the work goes on
    two: bool  # a second officer has to approve it
    source: str
    valid_from: date


def effect_of(ground: Ground, rule: Rule) -> Effect:
    """The days do not count; or the clock starts when the answer comes; or it runs on, with the law's reason."""
    if ground in _table()["pause"].get(rule.id, ()) and rule.pause:
        both = " The day of the answer does not count either." if rule.pause == "both days" else ""
        return Effect("pause", f"From the day we ask until the answer comes, days do not count.{both}", rule.source)
    if ground in rule.starts_at:
        return Effect("start", "The clock starts on the day on which we have it.", rule.source)
    for one in _table()["runs_on"]:
        if one["ground"] in (ground, "*") and one["rule"] in (rule.id, "*"):
            return Effect("none", one["says"], one["source"] or rule.source)
    raise AssertionError("timing.toml has no last line for everything else")


def fees_for(law: str, right: str, on: date) -> tuple[Fee, ...]:
    """What allows a fee for such a request on that day; none: it is free."""
    return tuple(fee for fee in _fees() if fee.law == law and right in fee.rights and fee.valid_from <= on)


def reminders_on(day: date) -> Reminders:
    """As they are set for that day."""
    known = [Reminders(**{**row, "days": tuple(row["days"])}) for row in _table()["reminder"]]
    return max((one for one in known if one.valid_from <= day), key=lambda one: one.valid_from)


def reminder_step(left: int, days: Collection[int], *, late: bool) -> int | None:
    """Which reminder is due when so many days are left: the nearest of `days`, and below zero each day when it is late.
    None: it is too early. Whoever missed an earlier one gets this one alone."""
    if late:
        return min(left, -1)
    return min((step for step in days if left <= step), default=None)


def money(amount: int, currency: str) -> str:
    """12.50 SGD. `amount`: minor units."""
    digits = MINOR.get(currency, 2)
    whole, rest = divmod(amount, 10**digits)
    return f"{whole:,}.{rest:0{digits}d} {currency}" if digits else f"{whole:,} {currency}"


# ISO 4217: the currencies in which a fee can be asked, and how many digits their minor unit has.
MINOR: Mapping[str, int] = {"EUR": 2, "GBP": 2, "SGD": 2, "USD": 2, "CHF": 2, "JPY": 0}


@cache
def _fees() -> tuple[Fee, ...]:
    return tuple(Fee(**{**row, "rights": tuple(row["rights"])}) for row in _table()["fee"])


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((resources.files(__package__ or "") / "timing.toml").read_text(encoding="utf-8"))
