"""How much a system holds, by category: for the record of processing and the notice of a breach. GDPR Art. 33(3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from kept.connectors.sql.matching import is_constant
from kept.engine.errors import EngineError
from kept.information.access import open_system
from kept.information.models import System


@dataclass(frozen=True)
class Held:
    """What one system holds. `people`: the records that are one person each; None: it has no such table."""

    system: str
    people: int | None
    records: Mapping[str, int]  # category -> rows
    problem: str = ""  # why it could not be counted; no values

    def as_dict(self) -> dict[str, object]:
        return {
            "system": self.system, "people": self.people, "records": dict(self.records), "problem": self.problem
        }  # fmt: skip


def held_in(system: System) -> Held:
    """Count every table of the system's pack, as it is now, in one transaction. What goes wrong is its `problem`."""
    records: Counter[str] = Counter()
    people: int | None = None
    try:
        with open_system(system).session(repeatable=True) as (connection, view):
            for rule in view.pack.tables.values():
                if rule.name not in view.catalogue.tables:
                    continue
                table = view.table(rule.name)
                chosen = [
                    is_constant(view.dialect, table.c[name], view.live(rule.name, name), value)
                    for name, value in rule.where
                ]
                count = sa.select(sa.func.count()).select_from(table).where(*chosen)
                rows = int(connection.execute(count).scalar_one())
                records[rule.category] += rows
                if rule.person:
                    people = (people or 0) + rows
    except EngineError as problem:
        return Held(system.name, None, {}, str(problem)[:300])
    return Held(system.name, people, dict(records))
