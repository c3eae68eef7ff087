"""Which proof suffices: plain functions on the dated table of methods.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Literal, get_args

Level = Literal["none", "low", "medium", "high", "highest"]
Method = Literal["session", "mail_code", "letter_code", "call_back", "facts", "authority", "document"]
LEVELS: tuple[Level, ...] = get_args(Level)
METHODS: tuple[Method, ...] = get_args(Method)

LETTER_CODE_LIFE = timedelta(days=30)  # the post takes its time, both ways
CALL_CODE_LIFE = timedelta(minutes=30)
STEP_TRIES = 5  # wrong codes until a step is over
MOST_STEPS = 6  # of one method for one request
MOST_FACTS_ASKED = 3  # times for one request
DOCUMENT_LIFE = timedelta(days=7)  # checked or not: then its file goes


@dataclass(frozen=True)
class Table:
    """What suffices from one day on."""

    valid_from: date
    source: str
    acts: Mapping[str, Level]
    sensitive: frozenset[str]  # kinds of identifiers
    suffices: Mapping[Level, Sequence[frozenset[Method]]]
    facts: Mapping[Level, int]  # how many must be right
    wrong: int  # how many may be wrong


@cache
def tables() -> tuple[Table, ...]:
    """The earliest first."""
    text = (resources.files("kept.rights.proof") / "methods.toml").read_text(encoding="utf-8")
    found = [
        Table(
            valid_from=one["valid_from"],
            source=one["source"],
            acts=one["acts"],
            sensitive=frozenset(one["sensitive"]["kinds"]),
            suffices={level: [frozenset(each) for each in one["suffices"].get(level, [])] for level in LEVELS},
            facts={level: one["facts"][level] for level in LEVELS if level in one["facts"]},
            wrong=one["facts"]["wrong"],
        )
        for one in tomllib.loads(text)["table"]
    ]
    return tuple(sorted(found, key=lambda table: table.valid_from))


def table_on(day: date) -> Table:
    """The table in force on that day; before the first one, that one."""
    return next((table for table in reversed(tables()) if table.valid_from <= day), tables()[0])


def level_of(act: str, *, sensitive: bool, table: Table) -> Level:
    """The level of an act; sensitive data raises it, but not where nothing is needed. Unknown acts are dangerous."""
    level = table.acts.get(act, "high")
    return LEVELS[min(LEVELS.index(level) + 1, len(LEVELS) - 1)] if sensitive and level != "none" else level


def suffices(level: Level, passed: Collection[str], table: Table) -> bool:
    """Whether these steps suffice."""
    return level == "none" or any(way <= set(passed) for way in table.suffices[level])


def ways_left(level: Level, passed: Collection[str], table: Table) -> list[frozenset[Method]]:
    """What is still needed, each way by itself, the shortest first; [] where nothing is."""
    if suffices(level, passed, table):
        return []
    left = {way - frozenset(passed) for way in table.suffices[level]}
    shortest = [way for way in left if not any(other < way for other in left)]
    return sorted(shortest, key=lambda way: (len(way), min(METHODS.index(one) for one in way)))


def enough_facts(level: Level, right: int, wrong: int, table: Table) -> bool:
    """Whether known facts were right in number. A guess that hits now and then is none."""
    return right >= table.facts[level if level != "none" else "low"] and wrong <= table.wrong
