"""Carrying out a plan in one database: stage the keys, change in sets, read again by key, all in one transaction.

Statements for a table and a batch: one stages its keys, one changes it; two more count and re-read all tables together.
Texts that are rewritten take, for each thousand rows, a read, a write for each column and a re-read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.sql.expression import FromClause

from kept.connectors.sql.connect import plain_errors
from kept.connectors.sql.dialects import Element, comparable, literal, token
from kept.connectors.sql.export import FEW_TABLES, count, counted, holdings_of
from kept.connectors.sql.keys import is_left_out, is_missing, key_texts, same_row
from kept.connectors.sql.reach import View
from kept.connectors.sql.rewrite import rewrite_staged, unmoved
from kept.connectors.sql.staged import Staged, leave_out, stage
from kept.engine.errors import ChangeFailed, NotVerified
from kept.engine.plan import ColumnPlan, Plan, TablePlan
from kept.engine.subject import Batch, Change, Holding
from kept.engine.traces import parts_of_names, traces_of

Intend = Callable[[list[list[Holding]]], None]


def erase(
    connection: sa.Connection, view: View, plan: Plan, batch: Batch, intend: Intend | None = None
) -> list[list[Change]]:
    """Change every row of the batch as planned and read it again. For each subject, what was done, table by table.

    Call it inside a transaction: whatever it or `intend` raises, nothing of it may stay.
    `intend` is told what is about to be changed, when that is known and no row is changed or locked yet.
    Raises ChangeFailed, NotVerified, SystemUnreachable.
    """
    system = view.pack.title
    staged = []
    for number, table_plan in enumerate(_worth_staging(connection, view, plan, batch)):
        with plain_errors(system, table_plan.table):
            rule = view.pack.tables[table_plan.table]
            keys = stage(connection, view, rule, batch, f"kept_stage_{number}", table_plan.law_newer_than)
        if keys is not None:
            staged.append(Staged(table_plan, rule, keys))
    if intend is not None:
        with plain_errors(system):
            outs = [is_left_out(view, one.rule, batch, one.keys) for one in staged]
            counts = [counted(one.plan.table, one.keys, left_out=out) for one, out in zip(staged, outs, strict=True)]
            holdings = holdings_of(connection, counts, len(batch))
        intend(holdings)
    counted_out = [leave_out(connection, view, one, batch) for one in staged]
    traces = [*traces_of(batch), *parts_of_names(batch)]
    for one in staged:
        with plain_errors(system, one.plan.table):
            if one.plan.rewrites:
                rewrite_staged(connection, view, one, traces)
            _update(connection, view, one)
            if one.plan.delete:
                _check_cascades(connection, view, one, staged)
                _delete(connection, view, one)
    with plain_errors(system):
        return _with_left_out(_read_again(connection, view, staged, len(batch)), staged, counted_out)


def _worth_staging(connection: sa.Connection, view: View, plan: Plan, batch: Batch) -> Sequence[TablePlan]:
    """All tables; where there are many, one statement says in which of them anything of the batch stands at all."""
    if len(plan.tables) <= FEW_TABLES:
        return plan.tables
    with plain_errors(view.pack.title):
        held = {one.table for holdings in count(connection, view, batch, plan.on) for one in holdings}
    return [one for one in plan.tables if one.table in held]


def _with_left_out(
    changes: list[list[Change]], staged: Sequence[Staged], outs: Sequence[Mapping[int, int]]
) -> list[list[Change]]:
    """What was done, and how much of it an officer had left out."""
    for one, out in zip(staged, outs, strict=True):
        for subject, rows in out.items():
            known = {change.table: change for change in changes[subject]}
            old = known.pop(one.plan.table, Change(one.plan.table, 0, 0, 0))
            changes[subject] = [*known.values(), replace(old, left_out=rows)]
    return changes


def _update(connection: sa.Connection, view: View, staged: Staged) -> None:
    table = view.table(staged.plan.table)
    once = staged.once()
    assignments = {
        plan.column: new
        for plan in staged.plan.changes
        if (new := _new_value(view, staged, table, once, plan)) is not None
    }
    if assignments:
        assignments |= unmoved(view, table, assignments)
        connection.execute(sa.update(table).where(same_row(view, staged.plan.table, table, once)).values(assignments))


def _check_cascades(connection: sa.Connection, view: View, staged: Staged, all_staged: Sequence[Staged]) -> None:
    """A row that stays must not go along with one that it points at. Raises ChangeFailed.

    Rows that point here are deleted first, as far as they are to go: what still points here is to stay.
    """
    for reference in view.catalogue.into(staged.plan.table):
        if reference.on_delete != "CASCADE":
            continue
        child, parent = view.table(reference.table).alias("child"), view.table(staged.plan.table).alias("parent")
        pairs = zip(reference.columns, reference.to_columns, strict=True)
        points = sa.and_(*(child.c[mine] == parent.c[theirs] for mine, theirs in pairs))
        goes = [points, _goes(view, staged, parent)]
        for other in all_staged:  # its own table, or one in a circle with it
            if other.plan.table == reference.table and other.plan.delete:
                goes.append(sa.not_(_goes(view, other, child)))
        if connection.execute(sa.select(sa.literal_column("1")).where(*goes).limit(1)).first():
            why = f"deleting its rows would take rows of {reference.table} along that are to stay"
            raise ChangeFailed(view.pack.title, staged.plan.table, why)


def _goes(view: View, staged: Staged, table: FromClause) -> Element:
    """Whether a row is to be deleted."""
    once = staged.once()
    same = same_row(view, staged.plan.table, table, once)
    return sa.exists().where(same, once.c.kept_own == 1, once.c.kept_law == 0)


def _delete(connection: sa.Connection, view: View, staged: Staged) -> None:
    table = view.table(staged.plan.table)
    connection.execute(sa.delete(table).where(_goes(view, staged, table)))


def _new_value(view: View, staged: Staged, table: FromClause, once: FromClause, plan: ColumnPlan) -> Element | None:
    """What the column becomes; None: the set-based change leaves it alone."""
    own = None if staged.plan.delete else _value(view, staged, table, plan, plan.act)
    others = _value(view, staged, table, plan, plan.others)
    if own is None and others is None:
        return None
    stays = table.c[plan.column]
    own, others = stays if own is None else own, stays if others is None else others
    if plan.law:
        own = sa.case((once.c.kept_law == 1, stays), else_=own)
    return sa.case((once.c.kept_own == 1, own), else_=others)


def _value(view: View, staged: Staged, table: FromClause, plan: ColumnPlan, act: str) -> Element | None:
    live = view.live(staged.plan.table, plan.column)
    if act == "null":
        return sa.null()
    if act == "set":
        return literal(view.dialect, live, plan.value)
    if act == "token":
        key = [sa.func.coalesce(text, "") for text in key_texts(view, staged.plan.table, table)]
        return token(view.dialect, staged.plan.table, plan.column, key, live, str(plan.value or ""))
    return None


def _read_again(connection: sa.Connection, view: View, staged: Sequence[Staged], size: int) -> list[list[Change]]:
    """One statement over all tables: per subject what was staged, and how many of those rows are not as planned.

    Raises NotVerified: the caller's transaction must roll back.
    """
    parts = []
    for one in staged:
        table = view.table(one.plan.table)
        rows = one.keys.outerjoin(table, same_row(view, one.plan.table, table, one.keys))
        wrong = sa.case((_as_planned(view, one, table), 0), else_=1)
        keys = one.keys.c
        gone = sa.and_(keys.kept_own == 1, keys.kept_law == 0) if one.plan.delete else sa.false()
        counts = [
            sa.func.sum(sa.case((sa.and_(sa.not_(gone), keys.kept_law == 0), 1), else_=0)),
            sa.func.sum(sa.case((gone, 1), else_=0)),
            sa.func.sum(keys.kept_law),
            sa.func.sum(wrong),
        ]
        name = sa.literal(one.plan.table, sa.String).label("name")
        parts.append(sa.select(name, keys.kept_subject, *counts).select_from(rows).group_by(keys.kept_subject))
    changes: list[list[Change]] = [[] for _ in range(size)]
    if not parts:
        return changes
    for name, subject, rows_changed, deleted, kept, wrong in connection.execute(sa.union_all(*parts)):
        if wrong:
            why = f"{wrong} rows read again after the change are not as planned"
            raise NotVerified(view.pack.title, name, why)
        changes[subject].append(Change(name, int(rows_changed), int(deleted), int(kept)))
    return changes


def _as_planned(view: View, staged: Staged, table: FromClause) -> Element:
    """Whether a row, read again, is what the plan says. A row that somebody else deleted meanwhile is gone as well."""
    keys, plan = staged.keys.c, staged.plan
    missing = is_missing(view, plan.table, table)
    columns = [_column_as_planned(view, staged, table, one) for one in plan.changes]
    right = sa.and_(sa.true(), *(one for one in columns if one is not None))
    if plan.delete:
        return sa.or_(missing, keys.kept_law == 1, sa.and_(keys.kept_own == 0, right))
    return sa.or_(missing, right)


def _column_as_planned(view: View, staged: Staged, table: FromClause, plan: ColumnPlan) -> Element | None:
    keys = staged.keys.c
    conditions = []
    for act, own in ((plan.others, 0),) if staged.plan.delete else ((plan.act, 1), (plan.others, 0)):
        value = _value(view, staged, table, plan, act)
        if value is not None:
            column = table.c[plan.column]
            live = view.live(staged.plan.table, plan.column)
            equal = (
                column.is_(None)
                if act == "null"
                else comparable(view.dialect, column, live) == comparable(view.dialect, value, live)
            )
            excused = keys.kept_law == 1 if plan.law and own else sa.false()
            conditions.append(sa.or_(keys.kept_own != own, excused, equal))
    return sa.and_(*conditions) if conditions else None
