"""Whom the law wants told of a breach, and by when. Plain values; how long each law gives stands in `kept.clocks`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any, Literal
from zoneinfo import ZoneInfo

from kept.clocks.counting import deadline
from kept.clocks.deadline import Question
from kept.clocks.rules import Rule

Answer = Literal["yes", "no", "unknown"]
Whom = Literal["assess", "authority", "people", "pdpc", "pdpc_people"]
Stand = Literal["met", "met late", "runs", "soon", "late", "not needed", "decide"]

SOON = timedelta(hours=24)


@dataclass(frozen=True)
class Facts:
    """What is known of a breach. `sent`: when whom was told first."""

    aware_at: datetime
    assessed_at: datetime | None
    risk: Answer
    high_risk: Answer
    intelligible: Answer  # whether who got the data could read it
    singapore: bool
    harm: Answer
    internal: bool
    people: int | None
    sent: Mapping[str, datetime]


@dataclass(frozen=True)
class Duty:
    """One thing to do about a breach, and where it stands."""

    whom: Whom
    stand: Stand
    due_at: datetime | None  # the first instant that is too late; None: without undue delay, or nothing is due
    why: str
    clock: str = ""  # the rule it was worked out by


def duties(facts: Facts, at: datetime) -> list[Duty]:
    """What GDPR Art. 33 and 34 and PDPA s.26B to 26D ask for, at that instant."""
    found = [_authority(facts, at), _people(facts)]
    return [*found, *_singapore(facts, at)] if facts.singapore else found


def is_notifiable_in_singapore(facts: Facts) -> Answer:
    """PDPA s.26B: significant harm, or significant scale; never a breach within the organisation alone."""
    if facts.internal:
        return "no"
    if facts.harm == "yes" or (facts.people is not None and facts.people >= significant_scale()):
        return "yes"
    return "no" if facts.harm == "no" and facts.people is not None else "unknown"


def due_at(duty: Whom, start: datetime) -> tuple[datetime, Rule]:
    """The first instant that is too late, and the rule that says so. Raises NoRule."""
    clock = _table()["clock"][duty]
    made = deadline(Question(clock["rule"], start, zone=clock["zone"]))
    if made.due_at:
        return made.due_at.astimezone(UTC), made.rule
    late = made.late_from
    return datetime(late.year, late.month, late.day, tzinfo=ZoneInfo(clock["zone"])), made.rule


def significant_scale() -> int:
    return int(_table()["size"]["people"])


def _authority(facts: Facts, at: datetime) -> Duty:
    """Art. 33(1): unless the breach is unlikely to result in a risk. As long as nobody has said so, the clock runs."""
    if facts.risk == "no" and "authority" not in facts.sent:
        return Duty(
            "authority", "not needed", None, "It is unlikely to be a risk to anybody. It stays documented here."
        )
    due, clock = due_at("authority", facts.aware_at)
    return Duty("authority", _stand(facts.sent.get("authority"), due, at), due, clock.says, clock.id)


def _people(facts: Facts) -> Duty:
    """Art. 34(1), (3)(a): high risk, and the data could be read."""
    if facts.sent.get("people"):
        return Duty("people", "met", None, "They were told.")
    if facts.high_risk == "unknown":
        return Duty("people", "decide", None, "Say whether the risk to them is high.")
    if facts.high_risk == "no":
        return Duty("people", "not needed", None, "The risk to them is not high.")
    if facts.intelligible == "no":
        return Duty("people", "not needed", None, "Nobody could read the data: it was encrypted.")
    return Duty("people", "runs", None, "Without undue delay: the risk to them is high.")


def _singapore(facts: Facts, at: datetime) -> list[Duty]:
    notifiable = is_notifiable_in_singapore(facts)
    told = facts.sent.get("pdpc")
    if notifiable == "no" and told is None:
        return [Duty("pdpc", "not needed", None, "No significant harm and no significant scale, or only within us.")]
    if facts.assessed_at is None and told is None:
        due, clock = due_at("assess", facts.aware_at)
        return [Duty("assess", _stand(None, due, at), due, clock.says, clock.id)]
    due, clock = due_at("pdpc", facts.assessed_at or facts.aware_at)
    commission = Duty("pdpc", _stand(told, due, at), due, clock.says, clock.id)
    return [commission, _singapore_people(facts)]


def _singapore_people(facts: Facts) -> Duty:
    """s.26D(2), (5): on or after telling the commission; not where a measure made harm unlikely."""
    if facts.sent.get("pdpc_people"):
        return Duty("pdpc_people", "met", None, "They were told.")
    if facts.harm == "no" or facts.intelligible == "no":
        return Duty("pdpc_people", "not needed", None, "Significant harm to them is unlikely.")
    if facts.harm == "unknown":
        return Duty("pdpc_people", "decide", None, "Say whether significant harm to them is likely.")
    return Duty("pdpc_people", "runs", None, "Together with the commission, or as soon as possible after it.")


def _stand(sent: datetime | None, due: datetime, at: datetime) -> Stand:
    if sent is not None:
        return "met" if sent < due else "met late"
    if at >= due:
        return "late"
    return "soon" if due - at <= SOON else "runs"


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((resources.files("kept.security.breaches") / "duties.toml").read_text(encoding="utf-8"))
