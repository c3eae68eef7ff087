"""What a database would refuse of a correction, found before the first write: CHECK constraints, signs that a column
cannot hold, and values that must differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.expression import FromClause

from kept.connectors.sql.connect import plain_errors
from kept.connectors.sql.dialects import Element, Given, values
from kept.connectors.sql.keys import Key, same_row
from kept.connectors.sql.preflight import agrees, checks_of
from kept.connectors.sql.reach import View
from kept.connectors.sql.rewrite import New
from kept.engine.catalogue import Type
from kept.engine.errors import ChangeFailed, Fault
from kept.engine.rectifying import Cell, ColumnCorrection, CorrectionPlan, TableCorrection, written

UNICODE = ("utf8mb4", "")  # character sets that hold every sign; "": no text
AT_ONCE = 500  # rows held against each other with one statement


def unfit_corrections(connection: sa.Connection, view: View, plan: CorrectionPlan) -> list[Fault]:
    """What the database would refuse, as far as it shows without a row."""
    return [fault for table in plan.tables for fault in _unfit(connection, view, plan, table)]


def _unfit(connection: sa.Connection, view: View, plan: CorrectionPlan, table: TableCorrection) -> Iterator[Fault]:
    after: dict[str, str] = {}
    for column in table.columns:
        if column.how not in ("whole", "part"):
            continue
        texts = [one.now for one in plan.corrections if one.detail == column.detail or column.how == "part"]
        if not all(_can_hold(connection, view, table.table, column, text) for text in texts):
            yield Fault(
                table.table, column.column, "it cannot be corrected: it cannot hold every sign of the new value"
            )
        elif column.how == "whole":
            one = next(one for one in plan.corrections if one.detail == column.detail)
            live = view.live(table.table, column.column)
            decided = written(column, Cell(None, None, False, False), one, live)
            after[column.column] = decided.becomes or ""
    for check, columns in checks_of(view, table.table):
        if columns and after.keys() >= set(columns) and not agrees(connection, view, table.table, check, after):
            why = f"it cannot be corrected: its CHECK constraint {check.name} refuses the new value"
            yield Fault(table.table, columns[0], why)


def _can_hold(connection: sa.Connection, view: View, table: str, column: ColumnCorrection, text: str) -> bool:
    live = view.live(table, column.column)
    if live.type not in (Type.TEXT, Type.ENUM):
        return True
    if view.dialect == "mysql":
        charset = live.native.partition(" ")[0]
        if charset in UNICODE or not re.fullmatch(r"[a-z0-9]+", charset):
            return True
        back = f"CONVERT(CONVERT(:text USING {charset}) USING utf8mb4) COLLATE utf8mb4_bin"
        same = sa.text(f"SELECT {back} = CONVERT(:text USING utf8mb4) COLLATE utf8mb4_bin")
        return bool(connection.execute(same, {"text": text}).scalar_one())
    if view.dialect == "postgresql":
        try:
            with connection.begin_nested(), plain_errors(view.pack.title, table):
                connection.execute(sa.select(sa.cast(sa.literal(text), sa.Text)))
        except ChangeFailed:
            return False
    return True


def collisions(connection: sa.Connection, view: View, name: str, new: Mapping[str, Sequence[New]]) -> Iterator[Fault]:
    """The columns whose new values another row holds already, or two rows would hold, although they must differ."""
    for unique in view.catalogue.tables[name].unique:
        changed = [column for column in unique if column in new]
        if not changed or any(column not in view.catalogue.tables[name].columns for column in unique):
            continue
        rows: dict[Key, dict[str, Any]] = {}
        for column in changed:
            for one in new[column]:
                rows.setdefault(one.key, {})[column] = one.text
        keys = sorted(rows, key=str)
        for first in range(0, len(keys), AT_ONCE):
            some = {key: rows[key] for key in keys[first : first + AT_ONCE]}
            if _held_by_another(connection, view, name, unique, some):
                why = "another record has the new value already, and values must differ"
                yield Fault(name, changed[0], f"it cannot be corrected: {why}")
                break
        else:
            if _meet_each_other(connection, view, name, unique, rows):
                why = "two records of the person would have the same value, and values must differ"
                yield Fault(name, changed[0], f"it cannot be corrected: {why}")


def _held_by_another(
    connection: sa.Connection, view: View, name: str, unique: Sequence[str], rows: Mapping[Key, Mapping[str, Any]]
) -> bool:
    given, same, after = _after(view, name, unique, rows)
    mine, other = view.table(name).alias("mine"), view.table(name).alias("other")
    meets = [other.c[column] == after(column, mine) for column in unique]
    itself = same_row(view, name, other, mine)
    statement: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(
        given.join(mine, same(mine)).join(other, sa.and_(*meets))
    )
    return connection.execute(statement.where(sa.not_(itself)).limit(1)).first() is not None


def _meet_each_other(
    connection: sa.Connection, view: View, name: str, unique: Sequence[str], rows: Mapping[Key, Mapping[str, Any]]
) -> bool:
    if len(rows) < 2:
        return False
    given, same, after = _after(view, name, unique, rows)
    mine = view.table(name).alias("mine")
    together = [after(column, mine) for column in unique]
    statement: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(given.join(mine, same(mine)))
    known = [one.is_not(None) for one in together]
    grouped = statement.where(*known).group_by(*together).having(sa.func.count() > 1)
    return connection.execute(grouped.limit(1)).first() is not None


def _after(
    view: View, name: str, unique: Sequence[str], rows: Mapping[Key, Mapping[str, Any]]
) -> tuple[FromClause, Any, Any]:
    """The rows as they will be: the given keys with their new values, how they join, and what a column holds then."""
    key = view.key(name)
    changed = [column for column in unique if any(column in row for row in rows.values())]
    columns = [Given(f"k{place}", view.live(name, part)) for place, part in enumerate(key)]
    for place, column in enumerate(changed):
        columns += [Given(f"v{place}", view.live(name, column))]
    given = values(
        view.dialect, columns, [(*one, *(row.get(column) for column in changed)) for one, row in rows.items()]
    )
    names = [f"k{place}" for place in range(len(key))]

    def same(mine: FromClause) -> Element:
        return same_row(view, name, mine, given, names)

    def after(column: str, mine: FromClause) -> Element:
        if column not in changed:
            stays: Element = mine.c[column]
            return stays
        return sa.func.coalesce(given.c[f"v{changed.index(column)}"], mine.c[column])

    return given, same, after
