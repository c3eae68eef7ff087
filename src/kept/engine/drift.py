"""Where a pack and the live database differ."""

from __future__ import annotations

from collections.abc import Iterator

from kept.engine.catalogue import Catalogue, Table, Type
from kept.engine.errors import Fault
from kept.engine.fitting import fitted
from kept.engine.pack import Pack, TableRule


def disagreements(pack: Pack, catalogue: Catalogue) -> Iterator[Fault]:
    """Where pack and catalogue contradict each other, or the pack leaves something open."""
    pack = fitted(pack, catalogue)
    for rule in pack.tables.values():
        table = catalogue.tables.get(rule.name)
        if table is None:
            yield Fault(rule.name, "", "the pack names this table, but the system has none of that name")
            continue
        for name, column in rule.columns.items():
            if name not in table.columns:
                yield Fault(rule.name, name, "the pack names this column, but the table has none of that name")
            elif column.do == "undecided":
                yield Fault(rule.name, name, "undecided: say in the pack what happens to it")
            elif column.do == "refuse":
                yield Fault(rule.name, name, "the pack refuses to erase this column")
        for name in table.columns:
            if name not in rule.columns:
                yield Fault(rule.name, name, "undecided: the pack does not name this column")
        if not table.transactional:
            yield Fault(rule.name, "", "its storage engine has no transactions: convert it to InnoDB first")
        if table.stored_view:
            yield Fault(
                rule.name, "", "a stored view cannot be changed: take it out of the pack, and renew it afterwards"
            )
        if table.versioned:
            yield Fault(
                rule.name, "", "the database keeps every old row of it (SYSTEM VERSIONING): an erasure leaves them"
            )
        if table.inherited:
            yield Fault(rule.name, "", "other tables inherit from it, so that its key names rows of theirs as well")
        if not key_of(rule, table):
            yield Fault(rule.name, "", 'has no primary key: name its key columns in the pack, key = ["…"]')
        start = table.columns.get(rule.law.start) if rule.law else None
        if rule.law and start and start.type not in (Type.DATE, Type.INSTANT, Type.TEXT, Type.INTEGER):
            yield Fault(rule.name, rule.law.start, f"a {start.type} column cannot say when a period starts")


def drift(pack: Pack, catalogue: Catalogue) -> tuple[Fault, ...]:
    """Tables that the pack does not know. Nobody has said whether people are in them."""
    known = pack.tables.keys() | pack.not_personal
    found = [Fault(name, "", f"it cannot be searched: {why}") for name, why in catalogue.unread.items()]
    found += [Fault(name, "", "the pack does not know this table") for name in catalogue.tables if name not in known]
    return tuple(sorted(found))


def key_of(rule: TableRule, table: Table) -> tuple[str, ...]:
    """The columns that name one row: the declared primary key, or what the pack says where there is none."""
    return table.key or rule.key
