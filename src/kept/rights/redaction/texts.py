"""Which texts of a row are looked at, and the row as it goes into a copy: without what is about somebody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from kept.engine.pack import ColumnRule, Pack
from kept.engine.subject import HeldRow
from kept.engine.values import plain_value

SHORTEST = 4  # signs
# (table, column, own words, text) -> the text as the person gets it, and how many places were taken out
Change = Callable[[str, str, bool, str], tuple[str, int]]


def texts_of(row: HeldRow) -> Iterator[tuple[str, str]]:
    """(column, text): what people wrote, as far as a copy shows it. A document's texts come one by one."""
    for name, value in row.values.items():
        if value is not None and is_looked_at(row, name):
            for text in _strings(plain_value(value)):
                yield name, text


def is_looked_at(row: HeldRow, name: str) -> bool:
    """Texts in messages, and all texts in somebody else's words. What is withheld as a whole needs no look."""
    return _may_speak(row.rule.columns[name]) and (not row.own or row.rule.category == "communication")


def _may_speak(rule: ColumnRule) -> bool:
    return not (rule.secret or rule.third_party or rule.sealed or rule.do == "key" or rule.reads or rule.kind)


def tables_with_texts(pack: Pack) -> frozenset[str]:
    """Where a row may have a text that is looked at. A table whose columns are not all named may."""
    others = pack.of_others_too()
    return frozenset(
        rule.name
        for rule in pack.tables.values()
        if (rule.category == "communication" or rule.name in others)
        and (rule.rest or any(map(_may_speak, rule.columns.values())))
    )


def tables_that_name(pack: Pack) -> frozenset[str]:
    """Where somebody else's row may say whose it is: see `names_in`."""
    named = (rule for rule in pack.tables.values() if any(one.kind == "name" for one in rule.columns.values()))
    return pack.of_others_too() & {rule.name for rule in named}


def names_in(row: HeldRow) -> Iterator[str]:
    """Whom somebody else's row names: who wrote it, mostly."""
    for name, value in () if row.own else row.values.items():
        if row.rule.columns[name].kind == "name" and isinstance(value, str) and value.strip():
            yield value.strip()[:80]


def changed(row: HeldRow, change: Change) -> HeldRow:
    """The same row with each of its texts changed."""
    values: dict[str, Any] = {}
    withheld = 0

    def inside(column: str, part: Any) -> Any:
        nonlocal withheld
        if isinstance(part, str) and len(part) >= SHORTEST:
            text, places = change(row.rule.name, column, row.own, part)
            withheld += places
            return text
        if isinstance(part, list):
            return [inside(column, member) for member in part]
        return {name: inside(column, one) for name, one in part.items()} if isinstance(part, dict) else part

    for name, value in row.values.items():
        if value is not None and is_looked_at(row, name):
            before, new = withheld, inside(name, plain_value(value))
            if withheld > before:
                values[name] = new
    return replace(row, values={**row.values, **values}, withheld=row.withheld + withheld) if values else row


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if len(value) >= SHORTEST:
            yield value
    elif isinstance(value, list | dict):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _strings(member)
