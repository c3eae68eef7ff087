"""What a person's rows say about who the person is: their own records, and what else only its owner has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.expression import CompoundSelect, FromClause

from kept.connectors.sql.dialects import Element, as_key, as_text
from kept.connectors.sql.keys import same_row
from kept.connectors.sql.reach import Selection, View, as_conditions, meeting, rows_of
from kept.engine.pack import ColumnRule, TableRule
from kept.engine.subject import Batch
from kept.terms import STRONG, Kind

# What a row that is no record of a person may say of its owner: only the owner has it.
BESIDES = frozenset({"domain", "username", "customer_number", "national_id", "phone", "birth_date", "street"})


def known_by(connection: sa.Connection, view: View, batch: Batch) -> Iterator[tuple[int, Kind, str, str]]:
    """What else the person's own rows say that identifies them, beside the records of people: subject, kind, scope,
    text. Names and addresses of mail in them may be somebody else's, and are left out. One statement, in which each
    table is read once."""
    saying = {
        rule.name: [one for one in rule.columns.values() if one.kind in BESIDES] for rule in view.pack.tables.values()
    }
    most = max(map(len, saying.values()), default=0)
    parts = []
    for name, columns in saying.items():
        rule = view.pack.tables[name]
        if rule.person or not columns or (found := rows_of(view, rule, batch, None)) is None:
            continue
        rows, table = found.subquery(), view.table(name)
        told = [as_said(view, rule, one, one.kind, table) for one in columns if one.kind]
        nothing = [sa.cast(sa.null(), sa.Text)] * (most - len(told))
        texts = [text.label(f"told_{place}") for place, text in enumerate([*told, *nothing])]
        said = sa.select(sa.literal(name, sa.Text).label("table"), rows.c.kept_subject, *texts)
        own = rows.join(table, same_row(view, name, table, rows))
        parts.append(said.select_from(own).where(rows.c.kept_own == 1, sa.or_(*(text.is_not(None) for text in told))))
    if not parts:
        return
    for name, subject, *texts in connection.execute(sa.union(*parts) if len(parts) > 1 else parts[0].distinct()):
        for column, text in zip(saying[name], texts, strict=False):
            if column.kind and text is not None:
                yield subject, column.kind, column.scope, str(text)


def as_said(view: View, rule: TableRule, column: ColumnRule, kind: Kind, table: FromClause) -> Element:
    """A column that says who somebody is, as text; a telephone number with the country code from its own column."""
    as_a = as_key if kind == "account" else as_text
    text = as_a(view.dialect, table.c[column.name], view.live(rule.name, column.name))
    if not column.calling_code or column.calling_code not in view.catalogue.tables[rule.name].columns:
        return text
    code = as_text(view.dialect, table.c[column.calling_code], view.live(rule.name, column.calling_code))
    whole = _joined(view.dialect, "+", sa.func.replace(code, "+", ""), " ", text)
    alone = sa.or_(text.like("+%"), text.like("00%"), sa.func.coalesce(code, "") == "")
    return sa.case((alone, text), else_=whole)


def identifying(view: View, rule: TableRule) -> list[tuple[str, Kind, str]]:
    """The columns of a person's own record that say who it is: (column, kind, scope)."""
    found = {column.name: (column.kind, column.scope) for column in rule.columns.values() if column.kind}
    found |= {link.column: (link.kind, link.scope) for link in rule.links if link.kind and link.words == "own"}
    return [(name, kind, scope) for name, (kind, scope) in found.items()]


def people_of(view: View, batch: Batch) -> list[tuple[TableRule, Selection | CompoundSelect[tuple[Any, ...]]]]:
    """The own records that tie to the batch by an identifier: subject, then each identifying column as text."""
    chosen = []
    for rule in view.people:
        selections = []
        for link in rule.links:
            if link.kind and link.words == "own":
                table = view.table(rule.name)
                if (met := meeting(view, table, link.column, link.kind, link.scope, batch)) is None:
                    continue
                given, rows = met
                texts = [
                    as_said(view, rule, rule.columns[name], kind, table).label(f"i{position}")
                    for position, (name, kind, _) in enumerate(identifying(view, rule))
                ]
                meant = as_conditions(view, table, rule.where)
                selections.append(rows.add_columns(given.c.kept_subject, *texts).where(*meant))
        if selections:
            chosen.append((rule, selections[0] if len(selections) == 1 else sa.union(*selections)))
    return chosen


def said_of_all(view: View) -> Iterator[tuple[Kind, str, sa.Select[tuple[Any, ...]]]]:
    """Each column that holds one strong identifier a row: its kind, its scope, and its values as text, once each."""
    for rule in view.pack.tables.values():
        if rule.name not in view.catalogue.tables:
            continue
        table = view.table(rule.name)
        for name, kind, scope in identifying(view, rule):
            if kind in STRONG and name in view.catalogue.tables[rule.name].columns:
                text = as_said(view, rule, rule.columns[name], kind, table)
                yield kind, scope, sa.select(text).where(table.c[name].is_not(None)).distinct()


def _joined(dialect: str, *texts: Element | str) -> Element:
    if dialect == "mysql":
        return sa.func.concat(*texts)
    first, *others = (text if isinstance(text, sa.ColumnElement) else sa.literal(text, sa.Text) for text in texts)
    for other in others:
        first = first + other
    return first
