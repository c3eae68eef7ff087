"""The plan: what an erasure does to each column of one system and why, decided from the pack and the live catalogue
before anything is written. A plan that could not work is refused with every column named."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Literal

from kept.engine.catalogue import Catalogue, Column, Table, Type
from kept.engine.drift import disagreements, drift, key_of
from kept.engine.errors import Fault, PlanRefused
from kept.engine.fitting import fitted
from kept.engine.pack import ColumnRule, Pack, TableRule
from kept.engine.periods import kept_newer_than

Act = Literal["stay", "law", "null", "set", "token", "rewrite"]

TOKEN_LENGTH = 12  # hexadecimal digits: 48 bits, so that tokens do not meet in one table
TOKEN_HOST = "@erased.invalid"  # noqa: S105 - RFC 2606: no mail ever goes there

# What a column that may not be NULL holds afterwards.
NEUTRAL: Mapping[Type, str | int | bool] = {
    Type.TEXT: "",
    Type.BOOLEAN: False,
    Type.INTEGER: 0,
    Type.DECIMAL: 0,
    Type.FLOAT: 0,
    Type.DATE: "1900-01-01",
    Type.TIME: "00:00:00",
    Type.INSTANT: "1970-01-02 00:00:00",
    Type.JSON: "{}",
    Type.BYTES: "",
    Type.ARRAY: "{}",
    Type.IP: "0.0.0.0",  # noqa: S104 - a neutral value, nothing listens
    Type.UUID: "00000000-0000-0000-0000-000000000000",
}


@dataclass(frozen=True)
class ColumnPlan:
    column: str
    act: Act  # in the person's own rows
    others: Act  # in rows about the person that somebody else wrote
    value: str | int | bool | None  # act "set": what it holds afterwards; "token": what follows the token
    why: str
    law: bool = False  # not in rows that the table's law still keeps


@dataclass(frozen=True)
class TablePlan:
    table: str
    key: tuple[str, ...]  # the columns that name one row
    delete: bool
    columns: tuple[ColumnPlan, ...]
    mixed: bool  # a link can reach rows that somebody else wrote
    law: str | None  # the name of the law, where rows must be kept
    law_newer_than: date | None  # rows with a start after this day are still kept

    @property
    def rewrites(self) -> tuple[ColumnPlan, ...]:
        """The columns whose texts only lose identifiers, in rows that a link reaches."""
        return tuple(one for one in self.columns if one.act == "rewrite" or (self.mixed and one.others == "rewrite"))

    @property
    def changes(self) -> tuple[ColumnPlan, ...]:
        return tuple(plan for plan in self.columns if not {plan.act, plan.others} <= {"stay"})


@dataclass(frozen=True)
class Plan:
    """One system, one day. Tables stand in the order in which they are changed: children first."""

    pack: str
    fingerprint: str
    on: date
    tables: tuple[TablePlan, ...]
    drift: tuple[Fault, ...]  # found beside the pack; does not stop the plan, but blocks "done"

    def as_dict(self) -> dict[str, object]:
        return json.loads(json.dumps(asdict(self), default=str))  # type: ignore[no-any-return]

    @property
    def id(self) -> str:
        return hashlib.sha256(json.dumps(self.as_dict(), sort_keys=True).encode()).hexdigest()[:32]


def make_plan(pack: Pack, catalogue: Catalogue, on: date) -> Plan:
    """Decide every column. Raises PlanRefused with all faults at once."""
    pack = fitted(pack, catalogue)
    faults = list(disagreements(pack, catalogue))
    lost = {fault.table for fault in faults if not fault.column}
    tables = []
    for rule in pack.tables.values():
        if rule.name in lost:
            continue
        plan = _table_plan(rule, pack, catalogue, on, faults)
        tables.append(plan)
    faults += _delete_faults(pack, catalogue)
    if faults:
        raise PlanRefused(pack.title, faults)
    return Plan(
        pack.name, catalogue.fingerprint, on, tuple(_children_first(tables, pack, catalogue)), drift(pack, catalogue)
    )


def is_mixed(rule: TableRule, pack: Pack) -> bool:
    """Whether some link can reach rows of this table that somebody else wrote."""
    return any(
        link.words == "others" or link.shared or (link.to is not None and is_mixed(pack.tables[link.to[0]], pack))
        for link in rule.links
        if not link.to or link.to[0] != rule.name
    )


def _table_plan(rule: TableRule, pack: Pack, catalogue: Catalogue, on: date, faults: list[Fault]) -> TablePlan:
    table = catalogue.tables[rule.name]
    columns = []
    for name, column in rule.columns.items():
        live = table.columns.get(name)
        if live is None or column.do in ("undecided", "refuse"):
            continue
        columns.append(_column_plan(rule, column, live, table, catalogue, faults))
    law = rule.law
    return TablePlan(
        table=rule.name,
        key=key_of(rule, table),
        delete=rule.rows == "delete",
        columns=tuple(columns),
        mixed=is_mixed(rule, pack),
        law=law.name if law else None,
        law_newer_than=kept_newer_than(law, on) if law else None,
    )


def _column_plan(
    rule: TableRule, column: ColumnRule, live: Column, table: Table, catalogue: Catalogue, faults: list[Fault]
) -> ColumnPlan:
    def plan(act: Act, why: str, value: str | int | bool | None = None) -> ColumnPlan:
        return ColumnPlan(column.name, act, _others(column, live, act), value, why)

    if column.do in ("key", "keep"):
        return plan("stay", "says nothing by itself" if column.do == "key" else "not personal, or needed as it is")
    if live.generated:
        return plan("stay", "the database computes it from other columns")
    if column.do == "redact" or column.path:
        if live.type not in (Type.TEXT, Type.JSON, Type.BYTES):
            faults.append(Fault(rule.name, column.name, f"a {live.type} column cannot be redacted"))
        elif column.do == "redact" and _must_differ(column.name, live, table):
            faults.append(Fault(rule.name, column.name, "values must differ, and redacted texts may not"))
        return plan(
            "rewrite", "the person's identifiers are taken out" if column.do == "redact" else "rewritten inside"
        )
    if rule.rows == "delete" and column.others != "erase":
        return plan("null", "goes with its row")
    act, value, why = _how_to_erase(rule, column, live, table, catalogue, faults)
    if rule.rows == "delete":
        return ColumnPlan(column.name, "null", act, value, f"goes with its row; in somebody else's row: {why}")
    if column.do == "law" and rule.law:
        why = f"kept: {rule.law.name}, {rule.law.amount} {rule.law.unit}; afterwards: {why}"
        return ColumnPlan(column.name, act, "stay", value, why, law=True)
    return plan(act, why, value)


def _others(column: ColumnRule, live: Column, own: Act) -> Act:
    """In somebody else's words only the person's identifiers go, unless the pack says more."""
    if own == "stay" or column.others == "keep" or live.generated:
        return "stay"
    if column.others == "erase":
        return own
    asked = column.others == "redact" or column.do == "redact"
    return "rewrite" if live.type in (Type.TEXT, Type.JSON) or (asked and live.type is Type.BYTES) else "stay"


def _how_to_erase(
    rule: TableRule, column: ColumnRule, live: Column, table: Table, catalogue: Catalogue, faults: list[Fault]
) -> tuple[Act, str | int | bool | None, str]:
    def refuse(why: str) -> tuple[Act, None, str]:
        faults.append(Fault(rule.name, column.name, why))
        return "stay", None, why

    for reference in catalogue.into(rule.name):
        if column.name in reference.to_columns:
            return refuse(f"{reference.table}.{reference.columns[0]} points at it: it cannot be changed")
    if column.name in key_of(rule, table):
        return refuse("it is part of the key that names the row")
    if live.nullable and column.name not in table.null_once:
        return "null", None, "set to NULL"
    if any(column.name in reference.columns for reference in catalogue.out_of(rule.name)):
        return refuse("it points at another table and may not be NULL")
    if _must_differ(column.name, live, table):
        return _token(column, live) or refuse(
            f"values must differ and may not be NULL, and a {live.type}"
            + (f" of {live.length} characters" if live.length else "")
            + " has no room for a unique token"
        )
    if live.type is Type.TEXT:
        for word in _words_for(column):
            if live.length is None or len(word) <= live.length:
                return "set", word, f"NULL is not allowed: set to {word!r}"
    if live.type in NEUTRAL:
        value = "::" if live.native == "inet6" else NEUTRAL[live.type]
        return "set", value, f"NULL is not allowed: set to {value!r}"
    return refuse(f"NULL is not allowed, and there is no neutral value for {live.type}: keep it or delete the row")


def _must_differ(name: str, live: Column, table: Table) -> bool:
    """Whether its values must differ: by itself, or through a column that the database computes from it."""
    for other in {other for unique in table.unique for other in unique}:
        made_from = table.columns[other].made_from if other in table.columns else ""
        if other == name or mentions(made_from, name):
            return True
        if not made_from and other in table.columns and table.columns[other].generated and live.type is Type.TEXT:
            return True  # nobody can see what it is computed from
    return False


def _words_for(column: ColumnRule) -> tuple[str, ...]:
    if column.kind == "email":
        return (f"erased{TOKEN_HOST}", "")
    return ("erased", "") if column.kind == "name" else ("",)


def _token(column: ColumnRule, live: Column) -> tuple[Act, str, str] | None:
    if live.type is Type.UUID:
        return "token", "", "values must differ: a unique token"
    if live.type is not Type.TEXT or (live.length is not None and live.length < TOKEN_LENGTH):
        return None
    room = live.length is None or live.length >= TOKEN_LENGTH + len(TOKEN_HOST)
    return "token", TOKEN_HOST if column.kind == "email" and room else "", "values must differ: a unique token"


def _delete_faults(pack: Pack, catalogue: Catalogue) -> Iterator[Fault]:
    for rule in pack.tables.values():
        if rule.rows != "delete":
            continue
        for reference in catalogue.into(rule.name):
            other = pack.tables.get(reference.table)
            if reference.table == rule.name or reference.on_delete in ("SET NULL", "SET DEFAULT"):
                continue
            if other and other.rows == "delete" and not (other.law and not rule.law):
                continue
            if reference.on_delete == "CASCADE":
                yield Fault(rule.name, "", f"deleting its rows would take rows of {reference.table} along")
            else:
                yield Fault(rule.name, "", f"its rows cannot be deleted: {reference.table} points at them and stays")


def _children_first(plans: list[TablePlan], pack: Pack, catalogue: Catalogue) -> list[TablePlan]:
    """Who points at a table comes before it, by declared foreign keys and by the pack's links."""
    by_name = {plan.table: plan for plan in plans}
    pointing: dict[str, set[str]] = {name: set() for name in by_name}  # parent -> children
    for reference in catalogue.references:
        if reference.to_table in by_name and reference.table in by_name and reference.table != reference.to_table:
            pointing[reference.to_table].add(reference.table)
    for rule in pack.tables.values():
        for link in rule.links:
            if link.to and link.to[0] in by_name and rule.name in by_name:
                pointing[link.to[0]].add(rule.name)
    ordered: dict[str, None] = {}

    def visit(name: str, above: frozenset[str]) -> None:
        if name in ordered or name in above:  # foreign keys may go in a circle: then any order is as good
            return
        for child in sorted(pointing[name]):
            visit(child, above | {name})
        ordered[name] = None

    for name in sorted(by_name):
        visit(name, frozenset())
    return [by_name[name] for name in ordered]


def mentions(expression: str, column: str) -> bool:
    """Whether a CHECK expression speaks of a column."""
    return re.search(rf"(?<![\w]){re.escape(column)}(?![\w])", expression) is not None
