"""What only the database can say about a plan before it is carried out: whether its CHECK constraints would agree, a
number has room, and what a foreign key asks for is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from kept.connectors.sql.connect import plain_errors
from kept.connectors.sql.dialects import literal
from kept.connectors.sql.reach import View
from kept.engine.catalogue import Check, Type
from kept.engine.errors import ChangeFailed, Fault
from kept.engine.marking import MarkPlan, TableMark
from kept.engine.pack import Scalar
from kept.engine.plan import Plan, mentions

BITS = {
    "postgresql": {"smallint": 16, "integer": 32, "bigint": 64},
    "mysql": {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64, "year": 8},
}
After = Mapping[str, Scalar | None]  # column -> what it holds afterwards


def check_faults(connection: sa.Connection, view: View, plan: Plan) -> list[Fault]:
    """The constraints that would refuse a planned value. Only those about one column can be tried beforehand."""
    return list(_faults(connection, view, plan))


def _faults(connection: sa.Connection, view: View, plan: Plan) -> Iterator[Fault]:
    for table_plan in plan.tables:
        if table_plan.delete:
            continue
        after = {one.column: one.value if one.act == "set" else None for one in table_plan.columns}
        tried = {one.column: one for one in table_plan.columns if one.act in ("null", "set")}
        for check, columns in checks_of(view, table_plan.table):
            if (
                len(columns) == 1
                and columns[0] in tried
                and not agrees(connection, view, table_plan.table, check, after)
            ):
                change = tried[columns[0]]
                yield Fault(table_plan.table, change.column, f"its CHECK constraint {check.name} refuses: {change.why}")


def unfit_constants(connection: sa.Connection, view: View, plan: MarkPlan) -> list[Fault]:
    """The marks that the database would refuse. A constraint is tried where a mark sets every column it speaks of."""
    return [fault for mark in plan.marks for fault in _unfit(connection, view, mark)]


def _unfit(connection: sa.Connection, view: View, mark: TableMark) -> Iterator[Fault]:
    after = dict(mark.sets)

    def fault(column: str, why: str) -> Fault:
        return Fault(mark.table, column, f"the mark {mark.name} cannot be set: {why}")

    fits = True
    for column, value in mark.sets:
        if not has_room(view, mark.table, column, value):
            fits = False
            yield fault(column, f"{value!r} has no room in a {view.live(mark.table, column).native}")
    if not fits:
        return
    for check, columns in checks_of(view, mark.table):
        if columns and after.keys() >= set(columns) and not agrees(connection, view, mark.table, check, after):
            yield fault(columns[0], f"its CHECK constraint {check.name} refuses {after[columns[0]]!r}")
    for reference in view.catalogue.out_of(mark.table):
        if after.keys() >= set(reference.columns):
            there = view.table(reference.to_table)
            pairs = zip(reference.columns, reference.to_columns, strict=True)
            meets = [
                there.c[theirs] == literal(view.dialect, view.live(mark.table, mine), after[mine])
                for mine, theirs in pairs
            ]
            if not connection.execute(sa.select(sa.literal_column("1")).select_from(there).where(*meets)).first():
                column = reference.columns[0]
                yield fault(column, f"{after[column]!r} is not in {reference.to_table}, where it points")


def has_room(view: View, table: str, column: str, value: object) -> bool:
    """Whether a number is one that its column can hold; unsigned ones may hold more."""
    live = view.live(table, column)
    bits = BITS.get(view.dialect, {}).get(live.native)
    if live.type is not Type.INTEGER or bits is None or not isinstance(value, int):
        return True
    most: int = 2 ** (bits if view.dialect == "mysql" else bits - 1)
    return value < most and value >= -(2 ** (bits - 1))


def checks_of(view: View, table: str) -> Iterator[tuple[Check, list[str]]]:
    """Each CHECK constraint with the columns that it speaks of."""
    live = view.catalogue.tables[table]
    for check in live.checks:
        yield check, [column for column in live.columns if mentions(check.expression, column)]


def agrees(connection: sa.Connection, view: View, table: str, check: Check, after: After) -> bool:
    """Whether a constraint about these columns would let the values in."""
    columns = [column for column in after if mentions(check.expression, column)]
    cells = [literal(view.dialect, view.live(table, column), after[column]).label(column) for column in columns]
    row = sa.select(*cells).subquery("row_after")
    # The constraint's own text, as the catalogue gives it; NULL counts as agreement, as it does in a constraint.
    refuses = sa.text(f"NOT ({check.expression})".replace(":", r"\:"))
    statement = sa.select(sa.case((refuses, 0), else_=1)).select_from(row)
    try:
        with connection.begin_nested(), plain_errors(view.pack.title, table):
            return bool(connection.execute(statement).scalar_one())
    except ChangeFailed:
        return True  # it cannot be tried outside its table: the change itself will, and is rolled back if refused
