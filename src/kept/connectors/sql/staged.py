"""The keys of the rows that a run is about, in a temporary table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FromClause, Select

from kept.engine.pack import TableRule
from kept.engine.plan import TablePlan


class Stage(sa.Executable, sa.ClauseElement):
    """A temporary table made from a selection. PostgreSQL drops it at commit; elsewhere it goes with the connection."""

    inherit_cache = False

    def __init__(self, name: str, selection: Select[Any], index: str = "") -> None:
        self.name, self.selection, self.index = name, selection, index


@compiles(Stage)
def _stage_sql(element: Stage, compiler: Any, **options: Any) -> str:
    ending = " ON COMMIT DROP" if compiler.dialect.name == "postgresql" else ""
    # MariaDB makes the index at once: later it would end the transaction.
    index = f" (INDEX ({element.index}))" if element.index and compiler.dialect.name == "mysql" else ""
    return f"CREATE TEMPORARY TABLE {element.name}{index}{ending} AS {compiler.process(element.selection, **options)}"


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
