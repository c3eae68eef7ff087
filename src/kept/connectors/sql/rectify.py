"""Putting details right in one database: keys staged, every value decided and every obstacle found before the first
write, written in sets, and read again by key, all in one transaction. The decisions: `engine.rectifying`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa
from sqlalchemy.sql.expression import FromClause

from kept.connectors.sql.connect import plain_errors
from kept.connectors.sql.correctable import collisions
from kept.connectors.sql.dialects import Element, as_text
from kept.connectors.sql.keys import Key, is_declared, same_row
from kept.connectors.sql.mark import locking
from kept.connectors.sql.reach import View, rows_of
from kept.connectors.sql.rewrite import New, write
from kept.connectors.sql.staged import stage
from kept.connectors.sql.stream import stream
from kept.engine.details import Detail
from kept.engine.errors import Fault, NotVerified, PlanRefused
from kept.engine.rectifying import (
    SHORT,
    UNEXPECTED,
    Cell,
    ColumnCorrection,
    CorrectionPlan,
    Decided,
    Line,
    TableCorrection,
    added_lines,
    decide,
    forms_of,
    phone_said,
    too_long,
)
from kept.engine.subject import Subject

MOST_LINES = 50  # different values of one column that are told one by one
NONE: frozenset[str] = frozenset()

Intend = Callable[[list[Line]], None]


@dataclass(frozen=True)
class Reached:
    """The person's own rows of one table."""

    table: TableCorrection
    rows: FromClause  # subject, own, kept by law, the key's columns
    locked: bool


@dataclass
class Work:
    """What becomes of one table."""

    table: TableCorrection
    lines: list[Line] = field(default_factory=list)
    new: dict[str, list[New]] = field(default_factory=lambda: defaultdict(list))  # column -> what it becomes
    faults: list[Fault] = field(default_factory=list)


def preview(connection: sa.Connection, view: View, plan: CorrectionPlan, subject: Subject) -> list[Line]:
    """What `rectify` would do, value by value. Nothing is written. Raises PlanRefused where it would fail."""
    reached = [one for table in plan.tables if (one := _selected(view, table, subject)) is not None]
    return _lines(_decided(connection, view, plan, reached))


def rectify(
    connection: sa.Connection, view: View, plan: CorrectionPlan, subject: Subject, intend: Intend | None = None
) -> list[Line]:
    """Correct every own row of the person as planned and read it again. Call it inside a transaction.

    `intend` is told what is about to be changed; no row is changed then, but they are locked.
    Raises ChangeFailed, NotVerified, PlanRefused, SystemUnreachable.
    """
    reached = []
    for number, table in enumerate(plan.tables):
        with plain_errors(view.pack.title, table.table):
            rule = view.pack.tables[table.table]
            keys = stage(connection, view, rule, [subject], f"kept_right_{number}", table.law_newer_than)
        if keys is not None:
            reached.append(Reached(table, keys, locked=True))
    record = _record(connection, view, reached)
    works = _decided(connection, view, plan, reached, record)
    lines = _lines(works)
    if intend is not None:
        intend(lines)
    for work in works:
        with plain_errors(view.pack.title, work.table.table):
            for column, new in work.new.items():
                write(connection, view, work.table.table, column, new)
    for one, work in zip(reached, works, strict=True):
        with plain_errors(view.pack.title, one.table.table):
            _read_again(connection, view, plan, one, work, record)
    return lines


def stated(
    connection: sa.Connection, view: View, plan: CorrectionPlan, subject: Subject
) -> Mapping[Detail, frozenset[str]]:
    """What the person's own records say of the details that are to be corrected, as it stands there."""
    found: dict[Detail, set[str]] = defaultdict(set)
    for table in plan.tables:
        reached = _selected(view, table, subject) if table.person else None
        for column, cell in _own_values(connection, view, reached) if reached else ():
            if cell.value and cell.value.strip():
                found[column.detail].add(phone_said(cell) if column.detail == "phone" else cell.value.strip())
    return {detail: frozenset(values) for detail, values in found.items()}


def _selected(view: View, table: TableCorrection, subject: Subject) -> Reached | None:
    selection = rows_of(view, view.pack.tables[table.table], [subject], table.law_newer_than)
    return None if selection is None else Reached(table, selection.subquery(), locked=False)


def _record(connection: sa.Connection, view: View, reached: Sequence[Reached]) -> Mapping[Detail, frozenset[str]]:
    """What the person's own records say before anything is changed, in normal form."""
    found: dict[Detail, set[str]] = defaultdict(set)
    for one in reached:
        for column, cell in _own_values(connection, view, one) if one.table.person else ():
            found[column.detail] |= forms_of(column.detail, cell)
    return {detail: frozenset(values) for detail, values in found.items()}


def _own_values(connection: sa.Connection, view: View, one: Reached) -> Iterator[tuple[ColumnCorrection, Cell]]:
    """The values of a person's own record that are corrected whole."""
    with plain_errors(view.pack.title, one.table.table):
        for _, cells in _read(connection, view, one):
            for column, cell in zip(one.table.columns, cells, strict=True):
                if column.how == "whole" and not cell.long:
                    yield column, cell


def _decided(
    connection: sa.Connection,
    view: View,
    plan: CorrectionPlan,
    reached: Sequence[Reached],
    record: Mapping[Detail, frozenset[str]] | None = None,
) -> list[Work]:
    """What becomes of every value. Raises PlanRefused with everything that the database would refuse."""
    record = _record(connection, view, reached) if record is None else record
    works = []
    for one in reached:
        with plain_errors(view.pack.title, one.table.table):
            work = _decide_table(connection, view, plan, one, record)
            work.faults += collisions(connection, view, one.table.table, work.new)
        works.append(work)
    if faults := [fault for work in works for fault in work.faults]:
        raise PlanRefused(view.pack.title, list(dict.fromkeys(faults)))
    return works


def _decide_table(
    connection: sa.Connection,
    view: View,
    plan: CorrectionPlan,
    one: Reached,
    record: Mapping[Detail, frozenset[str]],
) -> Work:
    work, name = Work(one.table), one.table.table
    different: dict[tuple[str, str], set[str | None]] = defaultdict(set)
    for key, cells in _read(connection, view, one):
        for column, cell in zip(one.table.columns, cells, strict=True):
            live = view.live(name, column.column)
            decided = decide(column, cell, one.table.person, record, plan.corrections, live)
            if decided.outcome == "changed" and cell.value is None and not is_declared(view, name):
                decided = UNEXPECTED  # nothing tells such a row from another one of its key
            if decided.outcome == "nothing":
                continue
            if decided.outcome == "changed":
                _keep_new(view, work, column, key, cell, decided)
            line = _line(one.table, column, cell, decided)
            told = different[column.column, line.outcome]
            told.add(line.was)
            if len(told) > MOST_LINES:
                line = replace(line, was=None, becomes=None)
            work.lines.append(line)
        if len(work.lines) > 10_000:
            work.lines = added_lines(work.lines)
    return work


def _keep_new(view: View, work: Work, column: ColumnCorrection, key: Key, cell: Cell, decided: Decided) -> None:
    name, text = work.table.table, decided.becomes or ""
    if too_long(view.live(name, column.column), text):
        room = view.live(name, column.column).length
        why = f"it cannot be corrected: the new value is longer than its {room} characters"
        work.faults.append(Fault(name, column.column, why))
    work.new[column.column].append(New(key, cell.value, text))
    if decided.code is not None and decided.code != cell.code:
        if too_long(view.live(name, column.calling_code), decided.code):
            work.faults.append(Fault(name, column.calling_code, "it cannot be corrected: the country code has no room"))
        work.new[column.calling_code].append(New(key, cell.code, decided.code))


def _line(table: TableCorrection, column: ColumnCorrection, cell: Cell, decided: Decided) -> Line:
    outcome = decided.outcome
    assert outcome != "nothing"  # noqa: S101 - the caller left those out
    after = Cell(decided.becomes, decided.code or cell.code, False, False)
    phone = column.detail == "phone"
    was = None if cell.value is None or not cell.value.strip() else phone_said(cell) if phone else cell.value
    becomes = None if decided.becomes is None else phone_said(after) if phone else decided.becomes
    return Line(
        table.table, column.column, column.detail, outcome, 1, was, becomes, table.law if outcome == "copy" else None
    )


def _lines(works: Sequence[Work]) -> list[Line]:
    def place(line: Line) -> tuple[str, str, str]:
        return line.column, line.outcome, line.was or ""

    return [line for work in works for line in sorted(added_lines(work.lines), key=place)]


def _read_again(
    connection: sa.Connection,
    view: View,
    plan: CorrectionPlan,
    one: Reached,
    work: Work,
    record: Mapping[Detail, frozenset[str]],
) -> None:
    """Every value that was written must be right when it is read again. Raises NotVerified: all is rolled back."""
    written = {(column, new.key) for column, rows in work.new.items() for new in rows}
    right: set[tuple[str, Key]] = set()
    for key, cells in _read(connection, view, one) if written else ():
        for column, cell in zip(one.table.columns, cells, strict=True):
            live = view.live(one.table.table, column.column)
            if decide(column, cell, one.table.person, record, plan.corrections, live).outcome == "right":
                right |= {(column.column, key), (column.calling_code, key)}
    if wrong := len(written - right):
        raise NotVerified(view.pack.title, one.table.table, f"{wrong} values read again are not as they were written")


def _read(connection: sa.Connection, view: View, one: Reached) -> Iterator[tuple[Key, list[Cell]]]:
    """The own rows with what is to be corrected in them, as text; a value too long to be a detail is not read."""
    name = one.table.table
    table = view.table(name)
    shown: list[Element] = []
    for column in one.table.columns:
        text = as_text(view.dialect, table.c[column.column], view.live(name, column.column))
        long = sa.func.coalesce(sa.func.length(text), 0) > SHORT
        code: Element = sa.null()
        if column.calling_code:
            code = as_text(view.dialect, table.c[column.calling_code], view.live(name, column.calling_code))
        shown += [sa.case((long, None), else_=text), sa.case((long, 1), else_=0), code]
    keys = [table.c[part] for part in one.table.key]
    joined = one.rows.join(table, same_row(view, name, table, one.rows))
    chosen = sa.select(one.rows.c.kept_law, *keys, *shown).select_from(joined).where(one.rows.c.kept_own == 1)
    width = 1 + len(keys)
    for row in stream(connection, locking(view, chosen, table) if one.locked else chosen):
        kept = bool(row[0])
        cells = [
            Cell(_text(row[place]), _text(row[place + 2]), bool(row[place + 1]), kept)
            for place in range(width, len(row), 3)
        ]
        yield tuple(row[1:width]), cells


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return bytes(value).decode("utf-8", "surrogateescape") if isinstance(value, bytes | memoryview) else str(value)
