"""Reading a batch's rows: one statement a table, streamed, so that memory does not grow with what a person has."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.expression import CompoundSelect, FromClause

from kept.connectors.sql.asking import Asked, Asking, Shape, now
from kept.connectors.sql.dialects import Element, as_text
from kept.connectors.sql.keys import check_keys, is_left_out, key_texts, same_row
from kept.connectors.sql.reach import Selection, View, as_conditions, rows_of
from kept.connectors.sql.stream import compile_for, stream
from kept.engine.pack import ColumnRule, TableRule
from kept.engine.periods import kept_newer_than
from kept.engine.subject import Batch, HeldRow, Holding

SHAPES = 12  # of which statements for one table are kept
FEW_TABLES = 20  # so many are read or staged without asking first which of them hold anything


def count(connection: sa.Connection, view: View, batch: Batch, on: date) -> list[list[Holding]]:
    """What there is about each subject, table by table: one statement for the whole system."""
    parts = []
    for rule in view.pack.tables.values():
        found = rows_of(view, rule, batch, kept_newer_than(rule.law, on) if rule.law else None)
        if found is not None:
            rows = found.subquery()
            parts.append(counted(rule.name, rows, _live(view, rule, rows), is_left_out(view, rule, batch, rows)))
    return holdings_of(connection, parts, len(batch))


def counted(
    table: str,
    rows: FromClause,
    live: tuple[FromClause, Element] | None = None,
    left_out: Element | None = None,
) -> Selection:
    """Counts for each subject of selected or staged keys: name, subject, own, others', kept by law, live, left out."""
    source, alive = live or (rows, sa.literal_column("0"))
    keys = rows.c
    out = sa.literal_column("0") if left_out is None else sa.case((left_out, 1), else_=0)
    counts = [sa.func.sum(one) for one in (keys.kept_own, 1 - keys.kept_own, keys.kept_law, alive, out)]
    name = sa.literal(table, sa.String).label("name")
    return sa.select(name, keys.kept_subject, *counts).select_from(source).group_by(keys.kept_subject)


def holdings_of(connection: sa.Connection, parts: Sequence[Selection], size: int) -> list[list[Holding]]:
    """For each subject what these selections count, in one statement."""
    holdings: list[list[Holding]] = [[] for _ in range(size)]
    if not parts:
        return holdings
    every: CompoundSelect[tuple[Any, ...]] = sa.union_all(*parts)
    for name, subject, own, others, kept, live, out in connection.execute(every):
        holdings[subject].append(Holding(name, int(own), int(others), int(kept), int(live), int(out)))
    return holdings


def _live(view: View, rule: TableRule, rows: FromClause) -> tuple[FromClause, Element] | None:
    """The rows joined with their table, and 1 where something still runs on one."""
    if rule.live is None:
        return None
    table = view.table(rule.name)
    alive = sa.case((sa.and_(*as_conditions(view, table, rule.live.where)), 1), else_=0)
    return rows.join(table, same_row(view, rule.name, table, rows)), alive


def rows(connection: sa.Connection, view: View, batch: Batch, only: Collection[str] | None = None) -> Iterator[HeldRow]:
    """Every row of the batch, table by table in the pack's order, and within a table subject by subject. `only`: of
    these tables."""
    asking = Asking(batch)
    wanted = [rule for rule in view.pack.tables.values() if only is None or rule.name in only]
    for rule in _worth_reading(connection, view, wanted, asking):
        yield from _rows(connection, view, rule, asking, _reading(connection, view, rule, asking))


def _worth_reading(
    connection: sa.Connection, view: View, rules: Sequence[TableRule], asking: Asking
) -> Sequence[TableRule]:
    """All tables; where there are many, one statement says which of them hold anything of the batch at all."""
    if len(rules) <= FEW_TABLES:
        return rules
    held = _held_anywhere(connection, view, rules, asking)
    return [rule for rule in rules if rule.name in held]


def _held_anywhere(connection: sa.Connection, view: View, rules: Sequence[TableRule], asking: Asking) -> set[str]:
    def built() -> Reading:
        found = [(rule.name, rows_of(view, rule, asking.batch, None)) for rule in rules]
        each = [
            sa.select(sa.literal(name, sa.String).label("name")).where(sa.exists(rows))
            for name, rows in found
            if rows is not None
        ]
        return Reading({}, sa.select(sa.union_all(*each).subquery().c.name) if each else None)

    reading = _shared(connection, view, " ".join(rule.name for rule in rules), asking, built)
    if reading.statement is None:
        return set()
    return {str(name) for (name,) in stream(connection, reading.statement, asking, reading.compiled)}


@dataclass(frozen=True)
class Reading:
    """How one table is read, or many are asked, for every batch of one shape."""

    met: Mapping[Asked, Shape]
    statement: sa.Select[Any] | None = None  # None: nothing can match
    keys: FromClause | None = None  # the rows that it reads: subject, own, kept by law, key
    columns: Sequence[str] = ()
    compiled: sa.Compiled | None = None


def _reading(connection: sa.Connection, view: View, rule: TableRule, asking: Asking) -> Reading:
    """Built once for each shape; where rows are left out, for this batch alone."""
    batch = asking.batch
    if any(one.table == rule.name for subject in batch for one in subject.left_out):
        return _built(view, rule, batch)
    return _shared(connection, view, rule.name, asking, partial(_built, view, rule, batch))


def _shared(connection: sa.Connection, view: View, name: str, asking: Asking, build: Callable[[], Reading]) -> Reading:
    """What was built under that name for an earlier batch of this shape, or is built now."""
    widened = all(subject.widened for subject in asking.batch)
    known: list[Reading] = view.built.setdefault((name, widened), [])
    for one in known:
        if all(asking.shape(asked) == shape for asked, shape in one.met.items()):
            return one
    asking.met = {}
    with now(asking):
        reading = build()
        streamed = reading.statement if view.dialect == "postgresql" else None
        compiled = None if streamed is None else compile_for(connection, streamed)
    reading = replace(reading, met=asking.met, compiled=compiled)
    known[:] = [*known[1 - SHAPES :], reading]
    return reading


def _built(view: View, rule: TableRule, batch: Batch) -> Reading:
    found = rows_of(view, rule, batch, None)
    if found is None:
        return Reading({})
    keys = found.subquery()
    table = view.table(rule.name)
    on = same_row(view, rule.name, table, keys)
    named = [name for name in view.catalogue.tables[rule.name].columns if name in rule.columns]
    joined: FromClause = keys.join(table, on)
    shown: list[Element] = []
    for number, name in enumerate(named):
        told, joined = _read_instead(view, rule.columns[name], table, joined, f"told_{number}")
        shown.append(told)
    names = key_texts(view, rule.name, keys)
    chosen = sa.select(keys.c.kept_subject, keys.c.kept_own, *names, *shown).select_from(joined)
    if (out := is_left_out(view, rule, batch, keys)) is not None:
        chosen = chosen.where(sa.not_(out))
    ordered = chosen.order_by(keys.c.kept_subject, *(keys.c[name] for name in view.key(rule.name)))
    return Reading({}, ordered, keys, named)


def _rows(
    connection: sa.Connection, view: View, rule: TableRule, asking: Asking, reading: Reading
) -> Iterator[HeldRow]:
    if reading.statement is None or reading.keys is None:
        return
    with now(asking):
        check_keys(connection, view, rule, reading.keys)
    first = 2 + len(view.key(rule.name))
    for row in stream(connection, reading.statement, asking, reading.compiled):
        values = dict(zip(reading.columns, row[first:], strict=True))
        yield HeldRow(int(row[0]), rule, bool(row[1]), values, tuple(row[2:first]))


def _read_instead(
    view: View, column: ColumnRule, table: sa.TableClause, joined: FromClause, alias: str
) -> tuple[Element, FromClause]:
    """A column, or what its number stands for in another table: "Phone", not field 7."""
    own = table.c[column.name]
    other = view.catalogue.tables.get(column.reads[0]) if column.reads else None
    if column.reads is None or other is None or len(other.key) != 1 or column.reads[1] not in other.columns:
        return own, joined
    words = view.table(other.name).alias(alias)
    text = as_text(view.dialect, words.c[column.reads[1]], other.columns[column.reads[1]])
    number = as_text(view.dialect, own, view.live(table.fullname, column.name))
    return sa.func.coalesce(text, number), joined.outerjoin(words, words.c[other.key[0]] == own)
