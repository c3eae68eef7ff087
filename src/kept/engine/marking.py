"""Marks: what a product itself takes for "do not write to this person" or "leave this record alone", set and unset.

A pack says for each table which columns take which values. The plan is made from the pack and the live catalogue before
anything is written. GDPR Art. 18 (restriction) and Art. 21 (objection).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kept.engine.catalogue import Catalogue, Column, Table, Type
from kept.engine.drift import key_of
from kept.engine.errors import Fault, PlanRefused
from kept.engine.fitting import fitted
from kept.engine.pack import MarkName, Pack, Scalar, TableRule


@dataclass(frozen=True)
class TableMark:
    """What one mark writes into the person's own rows of one table."""

    table: str
    name: MarkName
    key: tuple[str, ...]  # the columns that name one row
    sets: tuple[tuple[str, Scalar], ...]  # (column, value)


@dataclass(frozen=True)
class MarkPlan:
    """Every mark of one system, as it can be set in the database that is there."""

    pack: str
    fingerprint: str
    marks: tuple[TableMark, ...]
    tables: tuple[str, ...]  # every table of the pack

    def of(self, name: MarkName) -> tuple[TableMark, ...]:
        return tuple(one for one in self.marks if one.name == name)

    def impossible(self, name: MarkName) -> tuple[str, ...]:
        """The tables in which the product knows no such mark: a page says so."""
        possible = {one.table for one in self.of(name)}
        return tuple(table for table in self.tables if table not in possible)


@dataclass(frozen=True)
class Before:
    """One row and what stood in its marked columns. A person's data: keep it sealed."""

    key: tuple[str | None, ...] = field(repr=False)  # as texts, in the order of `Marked.key`
    values: tuple[Any, ...] = field(repr=False)  # as JSON keeps them, in the order of `Marked.sets`


@dataclass(frozen=True)
class Marked:
    """What a mark did to the own rows of one table for one subject, and all that `unmark` needs to take it back."""

    table: str
    key: tuple[str, ...]
    sets: tuple[tuple[str, Scalar], ...]
    already: int  # rows that held these values before: they were left, and `unmark` leaves them too
    before: tuple[Before, ...]  # the rows that are marked now, and were not

    @property
    def rows(self) -> int:
        return len(self.before)

    def as_dict(self) -> dict[str, Any]:
        """For `marked_from`. It holds keys and values of rows: keep it sealed."""
        rows = [[list(one.key), list(one.values)] for one in self.before]
        return {
            "table": self.table,
            "key": list(self.key),
            "sets": [list(pair) for pair in self.sets],
            "already": self.already,
            "before": rows,
        }


@dataclass(frozen=True)
class Marking:
    """What a mark did for one subject in one system."""

    marked: tuple[Marked, ...] = ()
    impossible: tuple[tuple[str, int], ...] = ()  # (table, own rows there): no mark is possible here


@dataclass(frozen=True)
class Unmarked:
    """What came of taking one table's mark back."""

    table: str
    put_back: int
    changed: int  # somebody wrote something else meanwhile: left as it is
    gone: int  # rows that are no longer there


def marked_from(kept: Mapping[str, Any]) -> Marked:
    """What `Marked.as_dict` gave."""
    before = tuple(Before(tuple(key), tuple(values)) for key, values in kept["before"])
    sets = tuple((column, value) for column, value in kept["sets"])
    return Marked(kept["table"], tuple(kept["key"]), sets, kept["already"], before)


def joined(earlier: Sequence[Marked], later: Sequence[Marked]) -> list[Marked]:
    """Two runs of one mark as one: what a run reports of a row stands, and what only the earlier one reported stays.

    A run that was killed after its commit has told its `intend` what stood there; the next one finds those rows marked.
    """
    known = {one.table: one for one in earlier}
    result = []
    for one in later:
        old = known.pop(one.table, None)
        if old is None or old.sets != one.sets or old.key != one.key:
            result += [one] if old is None else [old, one]
            continue
        rows = {row.key: row for row in (*old.before, *one.before)}
        already = max(0, one.already - (len(rows) - len(one.before)))
        result.append(replace(one, already=already, before=tuple(rows.values())))
    return [*result, *known.values()]


def make_mark_plan(pack: Pack, catalogue: Catalogue) -> MarkPlan:
    """Every mark of the pack, held against the live catalogue. Raises PlanRefused with all faults at once."""
    pack = fitted(pack, catalogue)
    faults = list(mark_faults(pack, catalogue))
    if faults:
        raise PlanRefused(pack.title, faults)
    marks = [
        TableMark(rule.name, name, key_of(rule, catalogue.tables[rule.name]), sets)
        for rule in pack.tables.values()
        for name, sets in rule.marks.items()
    ]
    return MarkPlan(pack.name, catalogue.fingerprint, tuple(marks), tuple(pack.tables))


def mark_faults(pack: Pack, catalogue: Catalogue) -> Iterator[Fault]:
    """What keeps a mark from being set. `pack`: as fitted."""
    for rule in pack.tables.values():
        if not rule.marks:
            continue
        table = catalogue.tables.get(rule.name)
        if table is None:
            yield Fault(rule.name, "", "the pack marks its rows, but the system has no table of that name")
            continue
        if not table.transactional:
            yield Fault(rule.name, "", "its storage engine has no transactions: convert it to InnoDB first")
        if table.stored_view or table.inherited:
            yield Fault(rule.name, "", "its rows are shown from elsewhere, and cannot be marked here")
        if not key_of(rule, table):
            yield Fault(rule.name, "", 'has no primary key: name its key columns in the pack, key = ["…"]')
        for name, sets in rule.marks.items():
            for column, value in sets:
                for why in _column_faults(rule, table, catalogue, column, value):
                    yield Fault(rule.name, column, f"the mark {name} cannot be set: {why}")


def _column_faults(rule: TableRule, table: Table, catalogue: Catalogue, column: str, value: Scalar) -> Iterator[str]:
    live = table.columns.get(column)
    if live is None:
        yield "the table has no column of that name"
        return
    if live.generated:
        yield "the database computes it from other columns"
    if column in key_of(rule, table):
        yield "it is part of the key that names the row"
    if any(column in reference.to_columns for reference in catalogue.into(rule.name)):
        yield "other tables point at it"
    if any(column in unique for unique in table.unique):
        yield "its values must differ, and a mark is the same everywhere"
    if (why := value_fault(live, value)) is not None:
        yield why


def value_fault(live: Column, value: Scalar) -> str | None:
    """Why a column cannot hold a constant of a pack; None: it can, as far as the catalogue tells."""
    if live.type is Type.TEXT:
        if not isinstance(value, str):
            return f"a {live.type} column takes a text, and {value!r} is none"
        if live.length is not None and len(value) > live.length:
            return f"{value!r} is longer than its {live.length} characters"
        return None
    if live.type is Type.ENUM:
        if not isinstance(value, str) or (live.values and value not in live.values):
            return f"{value!r} is none of its values: {', '.join(live.values)}"
        return None
    if live.type is Type.BOOLEAN:
        return None if value in (True, False) else f"a {live.type} column takes true or false, and {value!r} is neither"
    if live.type is Type.INTEGER and live.native != "bit":
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return None if is_number else f"an {live.type} column takes a whole number, and {value!r} is none"
    return f"a {'bit' if live.native == 'bit' else live.type} column takes no mark; text, numbers, enums, booleans do"
