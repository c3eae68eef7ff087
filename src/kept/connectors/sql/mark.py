"""Setting a product's own mark on a person's rows, and taking it back: keys staged, one UPDATE a table, read again by
key, all in one transaction. What the marks are: `engine.marking`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.expression import FromClause

from kept.connectors.sql.connect import plain_errors
from kept.connectors.sql.dialects import TEXT, Element, Given, exactly, literal, values
from kept.connectors.sql.keys import key_texts, same_row, typed_key
from kept.connectors.sql.reach import View
from kept.connectors.sql.rewrite import unmoved
from kept.connectors.sql.staged import stage
from kept.engine.catalogue import Type
from kept.engine.errors import Fault, NotVerified, PlanRefused
from kept.engine.marking import Before, Marked, TableMark, Unmarked, value_fault
from kept.engine.pack import Scalar
from kept.engine.subject import Batch

AT_ONCE = 1000  # rows taken back with one statement

Intend = Callable[[list[list[Marked]]], None]
Sets = tuple[tuple[str, Scalar], ...]


def mark(
    connection: sa.Connection, view: View, marks: Sequence[TableMark], batch: Batch, intend: Intend | None = None
) -> list[list[Marked]]:
    """Set marks on every own row of the batch. For each subject, table by table, what stood there before.

    Call it inside a transaction. `intend` is told the same before any row is changed; the rows are locked then.
    Raises ChangeFailed, NotVerified, PlanRefused, SystemUnreachable.
    """
    system = view.pack.title
    staged: list[tuple[TableMark, sa.TableClause]] = []
    found: list[list[Marked]] = [[] for _ in batch]
    for number, one in enumerate(marks):
        with plain_errors(system, one.table):
            keys = stage(connection, view, view.pack.tables[one.table], batch, f"kept_mark_{number}")
            if keys is not None:
                staged.append((one, keys))
                for subject, marked in _before(connection, view, one, keys):
                    found[subject].append(marked)
    if intend is not None:
        intend(found)
    for one, keys in staged:
        with plain_errors(system, one.table):
            _set(connection, view, one, keys)
            _read_again(connection, view, one, keys)
    return found


def _before(
    connection: sa.Connection, view: View, mark: TableMark, keys: sa.TableClause
) -> Iterator[tuple[int, Marked]]:
    """What stands in the own rows of each subject. Locks them, so that nobody changes them before we do."""
    table = view.table(mark.table)
    shown = [*key_texts(view, mark.table, table), *(table.c[column] for column, _ in mark.sets)]
    holds = [_holds(view, table, column, value) for column, value in mark.sets]
    joined = keys.join(table, same_row(view, mark.table, table, keys))
    statement = sa.select(keys.c.kept_subject, *shown, *holds).select_from(joined).where(keys.c.kept_own == 1)
    before: dict[int, list[Before]] = defaultdict(list)
    already: dict[int, int] = defaultdict(int)
    width, count = len(mark.key), len(mark.sets)
    for row in connection.execute(locking(view, statement, table)):
        subject, rest = int(row[0]), row[1:]
        before[subject] += []
        if all(rest[width + count :]):
            already[subject] += 1
        else:
            stood = tuple(_plain(value) for value in rest[width : width + count])
            before[subject].append(Before(tuple(rest[:width]), stood))
    for subject, rows in before.items():
        yield subject, Marked(mark.table, mark.key, mark.sets, already[subject], tuple(rows))


def _set(connection: sa.Connection, view: View, mark: TableMark, keys: sa.TableClause) -> None:
    table = view.table(mark.table)
    own = sa.select(*(keys.c[name] for name in mark.key)).where(keys.c.kept_own == 1).distinct().subquery()
    new = {column: literal(view.dialect, view.live(mark.table, column), value) for column, value in mark.sets}
    statement = sa.update(table).where(same_row(view, mark.table, table, own))
    connection.execute(statement.values({**new, **unmoved(view, table, new)}))


def _read_again(connection: sa.Connection, view: View, mark: TableMark, keys: sa.TableClause) -> None:
    table = view.table(mark.table)
    marked = sa.and_(*(_holds(view, table, column, value) == 1 for column, value in mark.sets))
    joined = keys.join(table, same_row(view, mark.table, table, keys))
    unmarked = sa.select(sa.func.count()).select_from(joined).where(keys.c.kept_own == 1, sa.not_(marked))
    if wrong := connection.execute(unmarked).scalar_one():
        raise NotVerified(view.pack.title, mark.table, f"{wrong} rows read again do not hold the mark")


def unmark(connection: sa.Connection, view: View, batch: Sequence[Sequence[Marked]]) -> list[list[Unmarked]]:
    """Put back what stood there, in each column that still holds what the mark wrote. Call it inside a transaction."""
    faults = [fault for marked in batch for one in marked for fault in _lost(view, one)]
    if faults:
        raise PlanRefused(view.pack.title, list(dict.fromkeys(faults)))
    tables: dict[tuple[str, Sets], dict[tuple[str | None, ...], tuple[Any, ...]]] = defaultdict(dict)
    for marked in batch:
        for one in marked:
            for row in one.before:
                tables[one.table, one.sets].setdefault(row.key, row.values)
    still: dict[tuple[str, Sets], dict[tuple[str | None, ...], bool]] = {}
    for (table, sets), rows in tables.items():
        with plain_errors(view.pack.title, table):
            still[table, sets] = _put_back(connection, view, table, sets, rows)
    return [[_came_of(one, still.get((one.table, one.sets), {})) for one in marked] for marked in batch]


def _lost(view: View, marked: Marked) -> Iterator[Fault]:
    """What was marked cannot be found again: the database is no longer the one that it was."""
    if marked.table not in view.catalogue.tables or marked.table not in view.pack.tables:
        yield Fault(marked.table, "", "its rows were marked, and the table is gone or no longer in the pack")
    elif view.key(marked.table) != marked.key:
        yield Fault(marked.table, ", ".join(marked.key), "it named the rows that were marked, and no longer does")
    else:
        columns = view.catalogue.tables[marked.table].columns
        for column, value in marked.sets:
            if column not in columns or (why := value_fault(columns[column], value)):
                reason = why if column in columns else "the column is gone"
                yield Fault(marked.table, column, f"it was marked, and cannot be put back: {reason}")


def _put_back(
    connection: sa.Connection,
    view: View,
    name: str,
    sets: Sets,
    rows: dict[tuple[str | None, ...], tuple[Any, ...]],
) -> dict[tuple[str | None, ...], bool]:
    """Key -> whether every column still held the mark. Rows that are gone are not in it."""
    found: dict[tuple[str | None, ...], bool] = {}
    keys = sorted(rows, key=str)
    for first in range(0, len(keys), AT_ONCE):
        some = keys[first : first + AT_ONCE]
        table = view.table(name)
        given = _given(view, name, sets, [(key, rows[key]) for key in some])
        same = same_row(view, name, table, given, [f"k{place}" for place in range(len(view.key(name)))])
        holds = [_holds(view, table, column, value) for column, value in sets]
        texts = key_texts(view, name, table)
        read = sa.select(*texts, *holds).select_from(table.join(given, same))
        held = {tuple(row[: len(texts)]): row[len(texts) :] for row in connection.execute(locking(view, read, table))}
        new = {
            column: sa.case((_holds(view, table, column, value) == 1, given.c[f"v{place}"]), else_=table.c[column])
            for place, (column, value) in enumerate(sets)
        }
        connection.execute(sa.update(table).where(same).values({**new, **unmoved(view, table, new)}))
        columns = [table.c[column] for column, _ in sets]
        for row in connection.execute(sa.select(*texts, *columns).select_from(table.join(given, same))):
            key = tuple(row[: len(texts)])
            pairs = zip(held.get(key, ()), row[len(texts) :], rows[key], strict=False)
            if any(was_marked and _plain(now) != before for was_marked, now, before in pairs):
                raise NotVerified(view.pack.title, name, "rows read again do not hold what stood there before the mark")
        found |= {key: all(marks) for key, marks in held.items()}
    return found


def _given(
    view: View, name: str, sets: Sets, rows: Sequence[tuple[tuple[str | None, ...], tuple[Any, ...]]]
) -> FromClause:
    """Keys and what stood there, as a table."""
    given = [Given(f"k{place}", view.live(name, part)) for place, part in enumerate(view.key(name))]
    for place, (column, _) in enumerate(sets):
        live = view.live(name, column)
        text = live.type in (Type.TEXT, Type.ENUM)
        given.append(Given(f"v{place}", TEXT if live.type is Type.TEXT else live, letter=text))
    return values(view.dialect, given, [(*typed_key(view, name, key), *stood) for key, stood in rows])


def _came_of(marked: Marked, still: dict[tuple[str | None, ...], bool]) -> Unmarked:
    held = [still.get(row.key) for row in marked.before]
    return Unmarked(marked.table, held.count(True), held.count(False), held.count(None))


def _holds(view: View, table: sa.TableClause, column: str, value: Scalar) -> Element:
    """1 where a column holds what the mark writes, to the letter; 0 where it does not, or holds nothing."""
    live = view.live(table.fullname, column)
    constant = literal(view.dialect, live, value)
    is_text = live.type in (Type.TEXT, Type.ENUM)
    same = exactly(view.dialect, table.c[column], constant, live) if is_text and view.dialect == "mysql" else None
    return sa.case((table.c[column] == constant if same is None else same, 1), else_=0)


def locking(view: View, statement: sa.Select[Any], table: sa.TableClause) -> sa.Select[Any]:
    """SQLite: a transaction for writing has locked everything already."""
    if view.dialect == "sqlite":
        return statement
    return statement.with_for_update(of=table) if view.dialect == "postgresql" else statement.with_for_update()


def _plain(value: Any) -> Any:
    """A value of a column that can be marked, as JSON keeps it."""
    return bytes(value).decode("utf-8", "surrogateescape") if isinstance(value, bytes | memoryview) else value
