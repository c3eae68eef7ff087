"""The dry run of an erasure: per system and table how many records, and per column what happens to it and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kept.engine.pack import TableRule
from kept.rights.models import SystemAnswer
from kept.rights.views.held import law_words, rules_of, runs_words


@dataclass(frozen=True)
class Fate:
    """Columns of one table to which the same happens for the same reason."""

    columns: Sequence[str]  # as the pack calls them, else by their own names
    own: str  # what happens to them in the person's own rows
    others: str  # and in rows about the person that somebody else wrote
    why: str


@dataclass(frozen=True)
class TableDiff:
    name: str
    title: str
    own: int
    others: int
    kept: int
    delete: bool
    law: str
    runs: str  # "3 running orders"; "": nothing runs on these records
    changes: Sequence[Fate]
    stays: Sequence[str]

    @property
    def touched(self) -> int:
        """Records that are changed or deleted."""
        return self.own + self.others - self.kept if self.delete or self.changes else 0


@dataclass(frozen=True)
class SystemDiff:
    title: str
    name: str
    tables: Sequence[TableDiff]
    problem: str  # why there is no plan, or none yet
    drift: bool

    @property
    def runs(self) -> Sequence[str]:
        """What still runs for the person here."""
        return [table.runs for table in self.tables if table.runs]

    @property
    def touched(self) -> int:
        return sum(table.touched for table in self.tables)

    @property
    def kept(self) -> int:
        return sum(table.kept for table in self.tables)

    @property
    def others(self) -> int:
        return sum(table.others for table in self.tables)


def dry_run(answers: Iterable[SystemAnswer]) -> list[SystemDiff]:
    return [_system(answer) for answer in answers]


def _system(answer: SystemAnswer) -> SystemDiff:
    rules = rules_of(answer.system)
    found = {one["table"]: one for one in answer.holdings}
    tables = [_table(one, found.get(one["table"], {}), rules.get(one["table"])) for one in answer.plan]
    problem = answer.problem
    if answer.searched_at is None:
        problem = problem or "It was not searched yet."
    return SystemDiff(answer.system.title, answer.system.name, tables, problem, bool(answer.drift))


def _table(plan: dict[str, Any], found: dict[str, Any], rule: TableRule | None) -> TableDiff:
    columns = plan["columns"]
    return TableDiff(
        name=plan["table"],
        title=rule.title if rule else plan["table"],
        own=found.get("own", 0),
        others=found.get("others", 0),
        kept=found.get("kept", 0),
        delete=plan["delete"],
        law=law_words(rule.law) if rule and rule.law else plan["law"] or "",
        runs=runs_words(found, rule),
        changes=_fates(
            [one for one in columns if not _stays(one)], rule, found.get("others", 0), delete=plan["delete"]
        ),
        stays=[one["column"] for one in columns if _stays(one)],
    )


def _fates(columns: Sequence[dict[str, Any]], rule: TableRule | None, others: int, *, delete: bool) -> list[Fate]:
    """In the order of the table; columns that share their fate stand together."""
    together: dict[tuple[str, str, str], list[str]] = {}
    for one in columns:
        known = rule.columns.get(one["column"]) if rule else None
        own = "goes with its row" if delete else _words(one["act"], one["value"])
        if one["law"]:
            own = f"kept while the law asks for it, then {own}"
        fate = (own, _words(one["others"], one["value"]) if others else "", one["why"])
        together.setdefault(fate, []).append((known.label if known else "") or one["column"])
    return [Fate(names, *fate) for fate, names in together.items()]


def _stays(plan: dict[str, Any]) -> bool:
    return {plan["act"], plan["others"]} == {"stay"}


def _words(act: str, value: object) -> str:
    match act:
        case "null":
            return "emptied"
        case "set":
            return f"set to “{value}”" if value not in ("", None) else "emptied"
        case "token":
            return "set to a placeholder that says nothing"
        case "rewrite":
            return "what names the person is taken out"
        case "law":
            return "kept by law"
        case _:
            return "stays"
