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
    for_another: Mapping[Level, Sequence[frozenset[Method]]]  # the same for whoever asks for somebody else
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
            suffices=_ways(one["suffices"]),
            for_another=_ways(one["for_another"]),
            facts={level: one["facts"][level] for level in LEVELS if level in one["facts"]},
            wrong=one["facts"]["wrong"],
        )
        for one in tomllib.loads(text)["table"]
    ]
    return tuple(sorted(found, key=lambda table: table.valid_from))


def _ways(levels: Mapping[str, Sequence[Sequence[Method]]]) -> dict[Level, list[frozenset[Method]]]:
    return {level: [frozenset(each) for each in levels.get(level, [])] for level in LEVELS}


def table_on(day: date) -> Table:
    """The table in force on that day; before the first one, that one."""
    return next((table for table in reversed(tables()) if table.valid_from <= day), tables()[0])


def level_of(act: str, *, sensitive: bool, table: Table) -> Level:
    """The level of an act; sensitive data raises it, but not where nothing is needed. Unknown acts are dangerous."""
    level = table.acts.get(act, "high")
    return LEVELS[min(LEVELS.index(level) + 1, len(LEVELS) - 1)] if sensitive and level != "none" else level


def ways(level: Level, table: Table, *, for_another: bool = False, mailed: bool = False) -> list[frozenset[Method]]:
    """Sets of steps, each of which suffices. `mailed`: whoever asks for somebody else has given an address, which is
    shown to be theirs as well: our answer goes there."""
    if not for_another:
        return list(table.suffices[level])
    return [way | {"mail_code"} if mailed else way for way in table.for_another[level]]


def suffices(
    level: Level, passed: Collection[str], table: Table, *, for_another: bool = False, mailed: bool = False
) -> bool:
    """Whether these steps suffice."""
    found = ways(level, table, for_another=for_another, mailed=mailed)
    return level == "none" or any(way <= set(passed) for way in found)


def ways_left(
    level: Level, passed: Collection[str], table: Table, *, for_another: bool = False, mailed: bool = False
) -> list[frozenset[Method]]:
    """What is still needed, each way by itself, the shortest first; [] where nothing is."""
    if suffices(level, passed, table, for_another=for_another, mailed=mailed):
        return []
    left = {way - frozenset(passed) for way in ways(level, table, for_another=for_another, mailed=mailed)}
    shortest = [way for way in left if not any(other < way for other in left)]
    return sorted(shortest, key=lambda way: (len(way), min(METHODS.index(one) for one in way)))


def enough_facts(level: Level, right: int, wrong: int, table: Table) -> bool:
    """Whether known facts were right in number. A guess that hits now and then is none."""
    return right >= table.facts[level if level != "none" else "low"] and wrong <= table.wrong
