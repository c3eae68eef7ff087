"""Who is told of which request, and until when an act waits: plain functions on the dated table of acts.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources

LONGEST_REASON = 500


@dataclass(frozen=True)
class Table:
    """What holds from one day on."""

    valid_from: date
    source: str
    waits: Mapping[str, int]  # right -> days


@cache
def tables() -> tuple[Table, ...]:
    """The earliest first."""
    text = (resources.files("kept.rights.alerts") / "acts.toml").read_text(encoding="utf-8")
    found = [Table(one["valid_from"], one["source"], one["waits"]) for one in tomllib.loads(text)["table"]]
    return tuple(sorted(found, key=lambda table: table.valid_from))


def days_to_wait(right: str, received: date, *, changes_address: bool = False) -> int | None:
    """None: nobody is told of such a request. Raises nothing: before the first table, that one holds."""
    table = next((one for one in reversed(tables()) if one.valid_from <= received), tables()[0])
    if right == "rectification" and not changes_address:
        return None
    return table.waits.get(right)


def waits_until(told: date, days: int, due: date) -> date | None:
    """The first day on which it may be carried out; None: nothing waits. Never past the last day to answer: whoever
    stays silent does not make us late."""
    first = min(told + timedelta(days=days), due)
    return first if days and first > told else None


def to_tell(known: Iterable[str], proven: Collection[str], told: Collection[str]) -> list[str]:
    """The addresses that are told: known to be the person's, and neither shown to be theirs for this request nor told
    of it before."""
    return sorted(set(known) - set(proven) - set(told))


def holds_back(standings: Iterable[tuple[str, date | None]], today: date) -> date | None:
    """Until when an act waits for what its addresses say: (state, first day) of each. None: it does not.

    An address that said yes does not hold it back any more.
    """
    days = [first for state, first in standings if state == "told" and first is not None and first > today]
    return max(days, default=None)
