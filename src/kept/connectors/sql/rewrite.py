"""Texts that only lose a person's identifiers: read, rewritten, written back in sets and read again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import sqlalchemy as sa

from kept.connectors.sql.dialects import TEXT, Element, Given, as_text, cast_back, exactly, values
from kept.connectors.sql.keys import Key, is_declared, key_texts, key_values, same_row
from kept.connectors.sql.reach import View
from kept.connectors.sql.staged import Stage, Staged
from kept.engine.catalogue import Column, Type
from kept.engine.codecs import rewritten
from kept.engine.errors import NotVerified
from kept.engine.pack import ColumnRule, TableRule
from kept.engine.traces import SHORT, Trace

AT_ONCE = 1000  # rows
# A parameter travels in hexadecimal, in one packet; servers take 4 MB and more.
BYTES_AT_ONCE = 1_500_000
BYTES = bytes | bytearray | memoryview


class Cell(NamedTuple):
    """One text of one row, to lose the identifiers of one subject."""

    key: Key
    column: str
    subject: int
    own: bool
    value: Any


class New(NamedTuple):
    """What one cell held, and what it is to hold."""

    key: Key
    old: Any
    text: Any


def rewrite_staged(connection: sa.Connection, view: View, staged: Staged, traces: Sequence[Trace]) -> None:
    """Rewrite the staged rows of one table, a thousand at a time; a row of several people loses all of theirs."""
    plan, table = staged.plan, view.table(staged.plan.table)
    columns = plan.rewrites
    names = [staged.keys.c[name] for name in plan.key]
    position = sa.func.dense_rank().over(order_by=names).label("kept_position")
    # A row that will be deleted needs no rewriting, nor does an own row whose columns are erased whole.
    stays = sa.or_(staged.keys.c.kept_own == 0, staged.keys.c.kept_law == 1) if plan.delete else sa.true()
    if not any(one.act == "rewrite" for one in columns):
        stays = staged.keys.c.kept_own == 0
    flags = [staged.keys.c.kept_subject, staged.keys.c.kept_own, staged.keys.c.kept_law]
    numbered = sa.select(*names, *flags, position).where(stays)
    keys: sa.FromClause = numbered.subquery()
    last = connection.execute(sa.select(sa.func.max(keys.c.kept_position))).scalar() or 0
    if last > AT_ONCE:  # numbered once, not once for each piece
        keys = _stored(connection, f"{staged.keys.name}_rows", numbered)
    shown: list[Element] = [
        keys.c.kept_subject,
        keys.c.kept_own,
        keys.c.kept_law,
        *(table.c[name] for name in plan.key),
    ]
    shown += [_as_read(view, plan.table, table, one.column) for one in columns]
    read = sa.select(*shown).select_from(keys.join(table, same_row(view, plan.table, table, keys)))
    width = len(plan.key)

    def cells(first: int) -> Iterator[Cell]:
        some = read.where(keys.c.kept_position > first, keys.c.kept_position <= first + AT_ONCE)
        for subject, own, kept, *rest in connection.execute(some):
            for column, value in zip(columns, rest[width:], strict=True):
                act = column.act if own else column.others
                if act == "rewrite" and value is not None and not (column.law and kept):
                    yield Cell(tuple(rest[:width]), column.column, subject, bool(own), value)

    for first in range(0, last, AT_ONCE):
        _rewrite(connection, view, staged.rule, partial(cells, first), traces)


def rewrite_cells(
    connection: sa.Connection,
    view: View,
    rule: TableRule,
    column: str,
    wanted: Sequence[tuple[Key, int]],
    traces: Sequence[Trace],
) -> None:
    """Rewrite one column of single rows, given by key as text and the subject whose identifiers go."""
    table = view.table(rule.name)
    width = len(view.key(rule.name))
    for first in range(0, len(wanted), AT_ONCE):
        subjects: dict[Key, list[int]] = defaultdict(list)
        for key, subject in wanted[first : first + AT_ONCE]:
            subjects[key].append(subject)

        def cells(subjects: dict[Key, list[int]] = subjects) -> Iterator[Cell]:
            given, names = key_values(view, rule.name, subjects)
            shown = [table.c[name] for name in view.key(rule.name)] + key_texts(view, rule.name, table)
            same = same_row(view, rule.name, table, given, names)
            chosen = sa.select(*shown, _as_read(view, rule.name, table, column)).join_from(table, given, same)
            for row in connection.execute(chosen):
                for subject in subjects.get(tuple(row[width : 2 * width]), ()) if row[-1] is not None else ():
                    yield Cell(tuple(row[:width]), column, subject, False, row[-1])

        _rewrite(connection, view, rule, cells, traces)


def _stored(connection: sa.Connection, name: str, numbered: sa.Select[Any]) -> sa.FromClause:
    place = "kept_position"
    connection.execute(Stage(name, numbered, place))
    if connection.dialect.name != "mysql":
        connection.execute(sa.text(f"CREATE INDEX {name}_{place} ON {name} ({place})"))
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text(f"ANALYZE {name}"))
    columns: list[sa.ColumnClause[Any]] = [sa.column(column.name) for column in numbered.selected_columns]
    return sa.table(name, *columns)


def _as_read(view: View, name: str, table: sa.TableClause, column: str) -> Element:
    """A column as it is rewritten: documents as their text, to the letter."""
    live = view.live(name, column)
    return as_text(view.dialect, table.c[column], live) if live.type is Type.JSON else table.c[column]


def _rewrite(
    connection: sa.Connection,
    view: View,
    rule: TableRule,
    cells: Callable[[], Iterable[Cell]],
    traces: Sequence[Trace],
) -> None:
    """Rewrite cells, and read them again."""
    of_subject: dict[int, list[Trace]] = defaultdict(list)
    for trace in traces:
        of_subject[trace.subject].append(trace)
    for column, new in _changed(view, rule, cells(), of_subject).items():
        write(connection, view, rule.name, column, new)
    if _changed(view, rule, cells(), of_subject):
        raise NotVerified(view.pack.title, rule.name, "texts read again after the change still hold identifiers")


def write(connection: sa.Connection, view: View, name: str, column: str, new: Sequence[New]) -> None:
    """Set one column of the rows to their new texts."""
    table, live = view.table(name), view.live(name, column)
    key = view.key(name)
    sent = live if live.type is Type.BYTES else TEXT
    given = [Given(f"k{place}", view.live(name, part)) for place, part in enumerate(key)]
    given += [Given("new", sent, letter=True)]
    # Without a primary key several rows may answer to one key: then only the one with the old text is meant.
    by_text = not is_declared(view, name)
    given += [Given("old", sent, letter=True)] if by_text else []
    for part in _parts([(*one.key, one.text, one.old)[: len(given)] for one in new]):
        if view.dialect == "mysql" and _weight(part[0]) > BYTES_AT_ONCE:
            rows: sa.FromClause = _one_row(part[0], given)  # alone in its part
        else:
            rows = values(view.dialect, given, part)
        conditions = [same_row(view, name, table, rows, [one.name for one in given[: len(key)]])]
        if by_text:
            conditions.append(exactly(view.dialect, table.c[column], rows.c.old, live))
        text = cast_back(view.dialect, rows.c.new, live)
        connection.execute(sa.update(table).where(*conditions).values({column: text, **unmoved(view, table, {column})}))


def unmoved(view: View, table: sa.TableClause, written: Collection[str]) -> dict[str, Element]:
    """What keeps the columns as they are that MariaDB would set to the time of the change."""
    columns = view.catalogue.tables[table.fullname].columns
    return {name: table.c[name] for name, live in columns.items() if live.moves and name not in written}


def _one_row(row: Sequence[Any], given: Sequence[Given]) -> sa.FromClause:
    """A row too long for what a parameter may hold once it is parsed: as plain literals."""
    return sa.select(*(sa.literal(cell).label(one.name) for cell, one in zip(row, given, strict=True))).subquery()


def _changed(
    view: View, rule: TableRule, cells: Iterable[Cell], traces: Mapping[int, Sequence[Trace]]
) -> dict[str, list[New]]:
    """The cells whose text changes, by column."""
    now: dict[tuple[str, Key, Any], Any] = {}
    for cell in cells:
        place = cell.column, cell.key, bytes(cell.value) if isinstance(cell.value, BYTES) else cell.value
        text = now.get(place, place[-1])
        live = view.live(rule.name, cell.column)
        now[place] = _rewritten(view.dialect, text, rule.columns[cell.column], live, traces[cell.subject], own=cell.own)
    changed: dict[str, list[New]] = defaultdict(list)
    for (column, key, old), text in now.items():
        if text != old:
            changed[column].append(New(key, old, text))
    return changed


def _rewritten(dialect: str, value: Any, rule: ColumnRule, live: Column, traces: Sequence[Trace], *, own: bool) -> Any:
    how = replace(rule, codec="json") if live.type is Type.JSON else rule
    text = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)
    new = rewritten(text, how, traces, own=own)
    if not _fits(dialect, live, text, new):
        new = rewritten(text, how, traces, own=own, word=SHORT)
    return new.encode("utf-8", "surrogateescape") if isinstance(value, bytes) else new


def _fits(dialect: str, live: Column, old: str, new: str) -> bool:
    """Whether a text that may have grown has room for sure. MariaDB counts the bytes of its TEXT and TINYTEXT."""
    if len(new) <= len(old):
        return True
    size = len(new.encode("utf-8", "surrogateescape"))
    if live.length is not None and (size if live.type is Type.BYTES else len(new)) > live.length:
        return False
    return dialect != "mysql" or size <= (255 if live.length == 255 else 65_535)


def _parts(rows: Sequence[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    """The rows in pieces that fit one packet."""
    part: list[tuple[Any, ...]] = []
    size = 0
    for row in rows:
        weight = _weight(row)
        if part and size + weight > BYTES_AT_ONCE:
            yield part
            part, size = [], 0
        part.append(row)
        size += weight
    if part:
        yield part


def _weight(row: Sequence[Any]) -> int:
    """About how many bytes a row has."""
    texts = (cell.encode("utf-8", "surrogateescape") if isinstance(cell, str) else cell for cell in row)
    return sum(len(text) for text in texts if isinstance(text, bytes))
