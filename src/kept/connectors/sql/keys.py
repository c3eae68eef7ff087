"""Naming one row: by its primary key, or by what the pack says where none is declared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from kept.connectors.sql.dialects import Element, Given, as_key, as_text, values
from kept.connectors.sql.reach import View
from kept.engine.catalogue import Column, Type
from kept.engine.errors import Fault, PlanRefused
from kept.engine.pack import TableRule
from kept.engine.subject import Batch

Key = tuple[Any, ...]


def is_declared(view: View, table: str) -> bool:
    return bool(view.catalogue.tables[table].key)


def same_row(
    view: View, table: str, one: sa.FromClause, other: sa.FromClause, names: Sequence[str] | None = None
) -> Element:
    """Whether two selections mean the same row. `names`: what the other calls the key's columns."""
    key = view.key(table)
    pairs = zip(key, names or key, strict=True)
    return sa.and_(
        *(
            one.c[mine].is_not_distinct_from(other.c[theirs])
            if not is_declared(view, table) and view.live(table, mine).nullable
            else one.c[mine] == other.c[theirs]
            for mine, theirs in pairs
        )
    )


def is_missing(view: View, table: str, row: sa.FromClause) -> Element:
    """Whether an outer join found no row. Nobody can tell where every part of a key may be NULL."""
    key = view.key(table)
    sure = [name for name in key if is_declared(view, table) or not view.live(table, name).nullable]
    return sa.and_(*(row.c[name].is_(None) for name in sure[:1] or key))


def key_texts(view: View, table: str, row: sa.FromClause) -> list[Element]:
    """The key as texts: the same for one row wherever it is read."""
    return [as_key(view.dialect, row.c[name], view.live(table, name)) for name in view.key(table)]


def is_left_out(view: View, rule: TableRule, batch: Batch, rows: sa.FromClause) -> Element | None:
    """Whether a selected row (subject, key) is one that the answer leaves out; None: none of this table is."""
    conditions: list[Element] = []
    texts = key_texts(view, rule.name, rows)
    for number, subject in enumerate(batch):
        for one in subject.left_out:
            if one.table == rule.name and (one.key is None or len(one.key) == len(texts)):
                same = [text == part for text, part in zip(texts, one.key or (), strict=False)]
                conditions.append(sa.and_(rows.c.kept_subject == number, *same))
    return sa.or_(*conditions) if conditions else None


def key_values(view: View, table: str, rows: Iterable[Key]) -> tuple[sa.FromClause, list[str]]:
    """Keys, as texts or as read, as a table of the key's own types, and what its columns are called."""
    lives = [view.live(table, name) for name in view.key(table)]
    given = [Given(f"k{place}", live) for place, live in enumerate(lives)]
    typed = {typed_key(view, table, row) for row in rows}
    return values(view.dialect, given, sorted(typed, key=str)), [one.name for one in given]


def typed_key(view: View, table: str, key: Key) -> Key:
    """A key that may have come as texts, in the types the driver wants."""
    lives = (view.live(table, name) for name in view.key(table))
    return tuple(_typed(view.dialect, part, live) for part, live in zip(key, lives, strict=True))


def _typed(dialect: str, part: Any, live: Column) -> Any:
    """One part of a key that may have come as text, in the type the driver wants."""
    if part is None:
        return None
    if live.type is Type.BOOLEAN and dialect == "postgresql":
        return part in (True, "true")
    if live.type in (Type.INTEGER, Type.BOOLEAN):
        return int(part)
    return bytes.fromhex(part) if live.type is Type.BYTES and isinstance(part, str) else part


def check_keys(connection: sa.Connection, view: View, rule: TableRule, reached: sa.FromClause) -> None:
    """Where only the pack says what names a row, rows of one name must be one person's. Raises PlanRefused.

    They are, where they agree in every column that decides whose they are.
    """
    if is_declared(view, rule.name):
        return
    conditions = [*rule.where, *(pair for link in rule.links for pair in link.where)]
    deciding = {*(link.column for link in rule.links), *(column for column, _ in conditions)} - {*view.key(rule.name)}
    if not deciding:
        return
    table = view.table(rule.name)
    texts = [as_text(view.dialect, table.c[name], view.live(rule.name, name)) for name in sorted(deciding)]
    differ = [
        sa.or_(sa.func.min(text) != sa.func.max(text), sa.func.count(text).notin_([0, sa.func.count()]))
        for text in texts
    ]
    joined = table.join(reached, same_row(view, rule.name, table, reached))
    grouped: sa.Select[Any] = (
        sa.select(sa.literal_column("1")).select_from(joined).group_by(*(table.c[one] for one in view.key(rule.name)))
    )
    if connection.execute(grouped.having(sa.or_(*differ)).limit(1)).first():
        named = ", ".join(view.key(rule.name))
        fault = Fault(rule.name, named, "the pack's key names rows of several people at once: name more columns")
        raise PlanRefused(view.pack.title, [fault])
