"""What only the database can say about a plan before it is carried out: whether its CHECK constraints would agree."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from kept.connectors.sql.connect import plain_errors
from kept.connectors.sql.dialects import literal
from kept.connectors.sql.reach import View
from kept.engine.catalogue import Check
from kept.engine.errors import ChangeFailed, Fault
from kept.engine.plan import ColumnPlan, Plan, mentions


def check_faults(connection: sa.Connection, view: View, plan: Plan) -> list[Fault]:
    """The constraints that would refuse a planned value. Only those about one column can be tried beforehand."""
    return list(_faults(connection, view, plan))


def _faults(connection: sa.Connection, view: View, plan: Plan) -> Iterator[Fault]:
    for table_plan in plan.tables:
        table = view.catalogue.tables[table_plan.table]
        for check in () if table_plan.delete else table.checks:
            named = [column for column in table.columns if mentions(check.expression, column)]
            changes = [one for one in table_plan.columns if one.column in named and one.act in ("null", "set")]
            if len(named) == 1 and changes and not _agrees(connection, view, table_plan.table, check, changes[0]):
                yield Fault(
                    table_plan.table, changes[0].column, f"its CHECK constraint {check.name} refuses: {changes[0].why}"
                )


def _agrees(connection: sa.Connection, view: View, table: str, check: Check, change: ColumnPlan) -> bool:
    live = view.live(table, change.column)
    value = literal(view.dialect, live, change.value if change.act == "set" else None).label(change.column)
    row = sa.select(value).subquery("row_after")
    # The constraint's own text, as the catalogue gives it; NULL counts as agreement, as it does in a constraint.
    refuses = sa.text(f"NOT ({check.expression})".replace(":", r"\:"))
    statement = sa.select(sa.case((refuses, 0), else_=1)).select_from(row)
    try:
        with connection.begin_nested(), plain_errors(view.pack.title, table):
            return bool(connection.execute(statement).scalar_one())
    except ChangeFailed:
        return True  # it cannot be tried outside its table: the change itself will, and is rolled back if refused
