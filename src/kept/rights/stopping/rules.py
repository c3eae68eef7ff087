"""What one system can do about an objection or a restriction, and what a person has to do there. Plain values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from kept.engine.pack import Pack
from kept.engine.subject import Holding

MARKETING_DATA = frozenset({"marketing"})  # tables of this sort serve advertising


@dataclass(frozen=True)
class Stop:
    """What is to end for one person. `advertising`: of an objection, what the products' own marks are for."""

    restriction: bool = False
    advertising: bool = False
    categories: frozenset[str] = frozenset()  # of the other purposes that were objected to

    @property
    def marks(self) -> bool:
        """Whether the product's own mark says what is meant. Its mark of an objection is one against advertising."""
        return self.restriction or self.advertising


def by_hand(stop: Stop, held: Sequence[Holding], pack: Pack, marked: Collection[str]) -> list[str]:
    """Tables with rows of the person that go on being used, unless somebody sees to it there.

    `marked`: tables in which the mark stands. A product that takes its mark at all takes it for the person as a whole.
    """
    categories = {one.table: pack.tables[one.table].category for one in held if one.own and one.table in pack.tables}
    left = set()
    if stop.restriction and not marked:
        left |= set(categories)
    if stop.advertising and not marked:
        left |= {table for table, category in categories.items() if category in MARKETING_DATA}
    left |= {table for table, category in categories.items() if category in stop.categories}
    return sorted(left - (set() if stop.categories else set(marked)))


def told(rows: Mapping[str, int]) -> list[dict[str, int | str]]:
    """What was marked, as an answer keeps its changes."""
    return [{"table": table, "rows": count, "deleted": 0, "kept": 0} for table, count in sorted(rows.items()) if count]
