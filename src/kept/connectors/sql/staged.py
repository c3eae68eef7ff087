"""The keys of the rows that a run is about, in a temporary table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FromClause, Select
from sqlalchemy.sql.visitors import InternalTraversal

from kept.connectors.sql.connect import plain_errors
from kept.connectors.sql.keys import check_keys, is_left_out
from kept.connectors.sql.reach import View, rows_of
from kept.engine.pack import TableRule
from kept.engine.plan import TablePlan
from kept.engine.subject import Batch


class Stage(sa.Executable, sa.ClauseElement):
    """A temporary table made from a selection. PostgreSQL drops it at commit; elsewhere it goes with the connection."""

    inherit_cache = True  # compiled once for each name and form of selection
    _traverse_internals = [
        ("name", InternalTraversal.dp_string),
        ("selection", InternalTraversal.dp_clauseelement),
        ("index", InternalTraversal.dp_string),
    ]

    def __init__(self, name: str, selection: Select[Any], index: str = "") -> None:
        self.name, self.selection, self.index = name, selection, index


@compiles(Stage)
def _stage_sql(element: Stage, compiler: Any, **options: Any) -> str:
    ending = " ON COMMIT DROP" if compiler.dialect.name == "postgresql" else ""
    # MariaDB makes the index at once: later it would end the transaction.
    index = f" (INDEX ({element.index}))" if element.index and compiler.dialect.name == "mysql" else ""
    return f"CREATE TEMPORARY TABLE {element.name}{index}{ending} AS {compiler.process(element.selection, **options)}"


def stage(
    connection: sa.Connection, view: View, rule: TableRule, batch: Batch, name: str, newer_than: date | None = None
) -> sa.TableClause | None:
    """Put the keys of a batch's rows into a temporary table: subject, own, kept by law, then the key's columns.

    `newer_than`: as in `rows_of`. None: nothing can match. Raises PlanRefused where a key names rows of several people.
    """
    selection = rows_of(view, rule, batch, newer_than)
    if selection is None:
        return None
    connection.execute(Stage(name, selection))
    key = view.key(rule.name)
    columns: list[sa.ColumnClause[Any]] = [sa.column(one) for one in ("kept_subject", "kept_own", "kept_law", *key)]
    keys = sa.table(name, *columns)
    check_keys(connection, view, rule, sa.select(*columns[3:]).select_from(keys).distinct().subquery())
    return keys


def leave_out(connection: sa.Connection, view: View, staged: Staged, batch: Batch) -> dict[int, int]:
    """Take the rows that the answer leaves out off the list, so that nothing touches them. Subject -> how many."""
    out = is_left_out(view, staged.rule, batch, staged.keys)
    if out is None:
        return {}
    with plain_errors(view.pack.title, staged.plan.table):
        subject = staged.keys.c.kept_subject
        counts = sa.select(subject, sa.func.count()).where(out).group_by(subject)
        found = {int(number): int(count) for number, count in connection.execute(counts)}
        connection.execute(sa.delete(staged.keys).where(out))
    return found


@dataclass(frozen=True)
class Staged:
    """The keys of one table's rows that a run is about."""

    plan: TablePlan
    rule: TableRule
    keys: sa.TableClause  # subject, own, kept and the key columns

    def once(self) -> FromClause:
        """Each row once, although two people of the batch may share it: own if it is anyone's own."""
        names = [self.keys.c[name] for name in self.plan.key]
        flags = [sa.func.max(flag).label(flag.name) for flag in (self.keys.c.kept_own, self.keys.c.kept_law)]
        return sa.select(*names, *flags).group_by(*names).subquery()
