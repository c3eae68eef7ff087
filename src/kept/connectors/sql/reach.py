"""Which rows are a person's: the pack's links as set-based selections, one for a whole batch of subjects.

A selection is a UNION of semi-joins, never one OR over links: OR keeps databases from using their indexes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.expression import FromClause, Select

from kept.connectors.sql.asking import Asked, Rows, Shape, lengths, masks, only_mask, what_is_asked
from kept.connectors.sql.dialects import SUBJECT, TEXT, Element, Given, as_text, bound, values
from kept.connectors.sql.matching import is_constant, is_identifier, same_value
from kept.engine.catalogue import Catalogue, Column, Table, Type
from kept.engine.drift import key_of
from kept.engine.pack import Link, Pack, Scalar, TableRule
from kept.engine.subject import Batch
from kept.terms import Kind

FOLDED_ONLY = frozenset(
    {"email", "domain", "username", "customer_number"}
)  # compared without case, and with nothing left out
FIRST_SECOND = 100_000_000  # March 1973: a smaller number is no second of anybody's record, but 0, a year or 19990131
Selection = Select[tuple[Any, ...]]


def relation(table: Table) -> sa.TableClause:
    columns: list[sa.ColumnClause[Any]] = [sa.column(column) for column in table.columns]
    name = table.name.removeprefix(f"{table.schema}.") if table.schema else table.name
    return sa.table(name, *columns, schema=table.schema or None)


@dataclass(frozen=True)
class View:
    """One database as one pack sees it at this moment."""

    dialect: str
    catalogue: Catalogue
    pack: Pack

    def table(self, name: str) -> sa.TableClause:
        if name not in self._relations:
            self._relations[name] = relation(self.catalogue.tables[name])
        return self._relations[name]

    def live(self, table: str, column: str) -> Column:
        return self.catalogue.tables[table].columns[column]

    def key(self, table: str) -> tuple[str, ...]:
        return key_of(self.pack.tables[table], self.catalogue.tables[table])

    @cached_property
    def _relations(self) -> dict[str, sa.TableClause]:
        return {}

    @cached_property
    def built(self) -> dict[tuple[str, bool], list[Any]]:
        """What was built to read each table, for batches of several shapes: `export.Reading`."""
        return {}

    @cached_property
    def people(self) -> list[TableRule]:
        """The tables whose rows are one person's own record each."""
        return [rule for rule in self.pack.tables.values() if rule.person and rule.name in self.catalogue.tables]


def reach(view: View, rule: TableRule, batch: Batch, extra: Sequence[str] = ()) -> list[Selection]:
    """One selection per link that can match: subject, own (1 or 0), the key columns, then the `extra` columns.

    Together they are all rows of the table that tie to the batch; the same row may come by several links.
    """
    columns = tuple(dict.fromkeys((*view.key(rule.name), *extra)))
    return [chosen for link in rule.links for chosen in _by_link(view, rule, link, batch, columns)]


def together(selections: Sequence[Selection]) -> FromClause:
    return (selections[0] if len(selections) == 1 else sa.union_all(*selections)).subquery()


def rows_of(view: View, rule: TableRule, batch: Batch, newer_than: date | None) -> Selection | None:
    """Each row once per subject: subject, own, kept (1: by law on that day), the key columns. None: nothing can match.

    `newer_than`: rows whose period started after that day are kept (`engine.plan.kept_newer_than`).
    """
    start = rule.law.start if rule.law and newer_than else None
    selections = reach(view, rule, batch, (start,) if start else ())
    if not selections:
        return None
    found = together(selections)
    kept: Element = sa.literal_column("0")
    if start and newer_than:
        kept = sa.func.max(_is_kept(view.dialect, found.c[start], view.live(rule.name, start), newer_than))
    keys = [found.c[name] for name in view.key(rule.name)]
    own = sa.func.max(found.c.kept_own)
    chosen = sa.select(found.c.kept_subject, own.label("kept_own"), kept.label("kept_law"), *keys)
    return chosen.group_by(found.c.kept_subject, *keys)


def _is_kept(dialect: str, start: Element, live: Column, day: date) -> Element:
    """1 where a period started after that day, or where nobody can show that its time is over: no date, a zero date,
    a text that is no ISO date."""
    later: list[Element]
    if live.type is Type.INTEGER:  # seconds since 1970, as several products keep it
        end = int(datetime.combine(day + timedelta(days=1), time.min, UTC).timestamp())
        later = [start >= end, start < FIRST_SECOND]
    elif live.type is Type.TEXT or dialect == "sqlite":
        said = sa.func.substr(start, 1, 10)
        later = [said > day.isoformat(), said.not_like("____-__-__"), said.like("0000%")]
    else:
        later = [sa.cast(start, sa.Date) > sa.cast(sa.literal(day.isoformat()), sa.Date)]
        if dialect == "mysql":
            later.append(sa.cast(start, sa.CHAR).like("0000%"))
    return sa.case((sa.or_(start.is_(None), *later), 1), else_=0)


def _by_link(view: View, rule: TableRule, link: Link, batch: Batch, columns: Sequence[str]) -> Iterator[Selection]:
    table = view.table(rule.name)
    conditions = as_conditions(view, table, (*rule.where, *link.where))
    own: Element = sa.literal_column("1" if link.words == "own" else "0")
    shown = [table.c[name] for name in columns]
    kind, scope = link.kind, link.scope
    if link.to and not link.prefix and not link.shared and (known := _known_column(view, link)):
        kind, scope = known  # widening the search has found all of its values: no need to go through its table
    if kind:
        if _is_known_by_account(view, rule, link) and all(subject.widened for subject in batch):
            return
        if met := meeting(view, table, link.column, kind, scope, batch):
            given, rows = met
            yield rows.add_columns(given.c.kept_subject, own.label("kept_own"), *shown).where(*conditions)
        return
    if link.to is None:
        return
    above = view.pack.tables[link.to[0]]
    pairs = _whole_reference(view, rule, link)
    selections = reach(view, above, batch, [theirs for _, theirs in pairs])
    if selections:
        parents = together(selections)
        meets = []
        for mine, theirs in pairs:
            target: Element = parents.c[theirs]
            live = view.live(above.name, theirs)
            if link.prefix:
                target, live = _joined_text(view.dialect, link.prefix, as_text(view.dialect, target, live)), TEXT
            meets.append(same_value(view.dialect, table.c[mine], view.live(rule.name, mine), target, live))
        both: Element = own if link.words == "others" else parents.c.kept_own
        if link.shared:
            both = sa.case((_only_ours(view, rule, link, table, parents), both), else_=0)
        chosen = sa.select(parents.c.kept_subject, both.label("kept_own"), *shown)
        yield chosen.select_from(table.join(parents, sa.and_(*meets))).where(*conditions)


def _whole_reference(view: View, rule: TableRule, link: Link) -> list[tuple[str, str]]:
    """The columns that must agree: a pack names one, but a foreign key of several names a row only with all of them."""
    assert link.to is not None  # noqa: S101 - asked by the caller
    pairs = [(link.column, link.to[1])]
    for reference in view.catalogue.out_of(rule.name):
        declared = list(zip(reference.columns, reference.to_columns, strict=True))
        if reference.to_table == link.to[0] and pairs[0] in declared and len(declared) > len(pairs):
            pairs = [pairs[0], *(pair for pair in declared if pair != pairs[0])]
    return pairs


def _only_ours(view: View, rule: TableRule, link: Link, table: sa.TableClause, parents: FromClause) -> Element:
    """Whether no row points at a shared one but those that were reached for the same subject as its own."""
    assert link.to is not None  # noqa: S101 - a shared link has one
    above, column = link.to
    every = view.table(above).alias("every")
    ours = parents.alias("ours")
    same_row = sa.and_(*(ours.c[name] == every.c[name] for name in view.key(above)))
    is_ours = sa.exists().where(ours.c.kept_subject == parents.c.kept_subject, ours.c.kept_own == 1, same_row)
    mine, theirs = view.live(rule.name, link.column), view.live(above, column)
    points = same_value(view.dialect, table.c[link.column], mine, every.c[column], theirs)
    return sa.not_(sa.exists().where(points, sa.not_(is_ours)))


def as_conditions(view: View, table: sa.TableClause, where: Sequence[tuple[str, Scalar]]) -> list[Element]:
    return [is_constant(view.dialect, table.c[name], view.live(table.fullname, name), value) for name, value in where]


def _joined_text(dialect: str, prefix: str, text: Element) -> Element:
    return sa.func.concat(prefix, text) if dialect == "mysql" else sa.literal(prefix, sa.Text) + text


def _is_known_by_account(view: View, rule: TableRule, link: Link) -> bool:
    """Whether widening the search has found every row of such a link by its account number already.

    Not where a row may have none: a guest is only known by an address.
    """
    key = view.catalogue.tables[rule.name].key
    by_account = any(
        one.kind == "account" and one.words == "own" and not one.where and key == (one.column,) for one in rule.links
    )
    return rule.person and by_account and not rule.where and not link.where and link.kind not in (None, "account")


def _known_column(view: View, link: Link) -> tuple[Kind, str] | None:
    """The kind of the identifier that a linked column holds, where widening the search has found all of its values."""
    above = view.pack.tables[link.to[0]] if link.to else None
    if not link.to or not above or not above.person or above.where:
        return None
    for other in above.links:
        if other.column == link.to[1] and other.kind == "account" and other.words == "own":
            return other.kind, other.scope
    return None


def meeting(
    view: View, table: sa.TableClause, column: str, kind: Kind, scope: str, batch: Batch
) -> tuple[FromClause, Selection] | None:
    """What the batch asks of one column, as (subject, value), and a selection of the rows that hold such a value.

    None: the batch asks nothing of it.
    """
    live = view.live(table.fullname, column)
    shape, rows = what_is_asked(batch, Asked(view.dialect, kind, scope, live))
    if shape.empty:
        return None
    like = live if kind == "account" or (view.dialect == "mysql" and live.ignores_case) else TEXT
    given = values(view.dialect, [Given("kept_subject", SUBJECT), Given("value", like)], rows)
    meets = is_identifier(view.dialect, table.c[column], live, kind, given.c.value)
    chosen = sa.select().select_from(table.join(given, meets))
    plain = live.native in ("text", "character varying") and not live.ignores_case  # others take no LIKE
    if view.dialect == "postgresql" and kind in FOLDED_ONLY and plain and shape.plain:
        chosen = chosen.where(*_looks_alike(table.c[column], shape, rows))
    return given, chosen


def _looks_alike(column: Element, shape: Shape, rows: partial[Rows]) -> list[Element]:
    """Where no index serves, each row is looked at. One LIKE costs a third of folding a text: letters have a case, but
    not its length, its digits, dots and @. Of several values the length alone costs a tenth, and leaves fewer to the
    rest."""
    if shape.masks == "one":
        return [column.op("LIKE")(bound(None, rows, only_mask, sa.Text))]
    conditions: list[Element] = [sa.func.octet_length(column) == sa.any_(bound(None, rows, lengths, ARRAY(sa.Integer)))]
    if shape.masks == "few":
        conditions.append(column.op("LIKE")(sa.any_(bound(None, rows, masks, ARRAY(sa.Text)))))
    return conditions
