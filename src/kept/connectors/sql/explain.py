"""What the second look found, explained record by record: kept by law, somebody else's words, unclear, or missed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from kept.connectors.sql.connect import plain_errors
from kept.connectors.sql.keys import key_texts, key_values, same_row
from kept.connectors.sql.reach import View, rows_of
from kept.connectors.sql.rewrite import rewrite_cells
from kept.connectors.sql.second_look import Hit
from kept.engine.pack import Law
from kept.engine.periods import kept_until
from kept.engine.plan import Plan, TablePlan
from kept.engine.subject import Batch, LeftOut, Remain, TakenOut, Why
from kept.engine.traces import Trace

Key = tuple[str | None, ...]


@dataclass(frozen=True)
class Standing:
    """How a row stands to one subject after the change."""

    own: bool
    kept: bool
    start: Any  # when the law's period began, as stored


def redact_strays(
    connection: sa.Connection, view: View, plan: Plan, batch: Batch, hits: Sequence[Hit], traces: Sequence[Trace]
) -> tuple[list[Hit], list[list[TakenOut]]]:
    """Take the identifiers out of other people's texts that no link leads to, and read those rows again.

    Only in columns whose plan rewrites other people's words. Where a column says who somebody is, that person may be
    the same one under another account: nobody rewrites that, a person decides.
    Gives back the hits that are left, and for each subject what was taken out.
    """
    plans = {one.table: one for one in plan.tables}
    left: list[Hit] = []
    strays: dict[tuple[str, str], list[tuple[Key, int]]] = defaultdict(list)
    for table, found in _by_table(hits).items():
        if table not in plans:
            left += found
            continue
        columns = {one.column: one for one in plans[table].columns}
        standing = _standing(connection, view, plans[table], batch, found)
        for hit in found:
            row = standing.get((hit.subject, hit.key))
            if left_out(batch, hit, reached=row is not None) is not None:
                left.append(hit)
                continue
            others_words = row is None or not row.own
            rewritten = hit.column in columns and columns[hit.column].others == "rewrite"
            if not (hit.strong and hit.key and others_words and rewritten):
                left.append(hit)
            elif view.pack.tables[table].columns[hit.column].kind:
                left.append(replace(hit, strong=False))
            else:
                strays[table, hit.column].append((hit.key, hit.subject))
    taken: list[list[TakenOut]] = [[] for _ in batch]
    for (table, column), wanted in strays.items():
        with plain_errors(view.pack.title, table):
            rewrite_cells(connection, view, view.pack.tables[table], column, wanted, traces)
        for subject, count in Counter(subject for _, subject in dict.fromkeys(wanted)).items():
            taken[subject].append(TakenOut(table, column, count))
    return left, taken


def explain(connection: sa.Connection, view: View, plan: Plan, batch: Batch, hits: Sequence[Hit]) -> list[list[Remain]]:
    """For each subject what is left, counted by place and reason."""
    plans = {one.table: one for one in plan.tables}
    counted: dict[tuple[int, str, str, str, Why], list[Standing | None]] = defaultdict(list)
    reasons: dict[tuple[int, str, str], list[LeftOut]] = defaultdict(list)
    for table, found in _by_table(hits).items():
        standing = _standing(connection, view, plans[table], batch, found) if table in plans else {}
        for hit in found:
            row = standing.get((hit.subject, hit.key))
            why = _why(hit, plans[table], row) if table in plans else _unexplained(hit)
            if (out := left_out(batch, hit, reached=row is not None)) is not None:
                why = "left out"
                reasons[hit.subject, table, hit.column].append(out)
            counted[hit.subject, table, hit.column, min(hit.kinds), why].append(row)
    remains: list[list[Remain]] = [[] for _ in batch]
    for (subject, table, column, kind, why), rows in sorted(counted.items(), key=lambda pair: pair[0]):
        law = view.pack.tables[table].law if why == "law" else None
        until, name = _newest(law, rows) if law else None, law.name if law else None
        if why == "left out":
            name, until = _reasons(reasons[subject, table, column])
        remains[subject].append(Remain(table, column, kind, len(rows), why, name, until))
    return remains


def left_out(batch: Batch, hit: Hit, *, reached: bool) -> LeftOut | None:
    """What leaves the row of a hit out. One that is named by its key is known without any link that leads to it; of a
    whole table, only the rows that a link reaches are the subject's."""
    out = batch[hit.subject].leaves_out(hit.table, hit.key)
    return out if out and (reached or out.key is not None) else None


def _reasons(outs: Sequence[LeftOut]) -> tuple[str, date | None]:
    """Their laws, and the last day of all; None: one of them names none."""
    days = [one.until for one in outs if one.until is not None]
    return "; ".join(sorted({one.why for one in outs})), max(days) if days and len(days) == len(outs) else None


def _by_table(hits: Sequence[Hit]) -> dict[str, list[Hit]]:
    tables: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        tables[hit.table].append(hit)
    return tables


def _unexplained(hit: Hit) -> Why:
    return "missed" if hit.strong else "unclear"


def _why(hit: Hit, plan: TablePlan, row: Standing | None) -> Why:
    column = next((one for one in plan.columns if one.column == hit.column), None)
    own, kept = (row.own, row.kept) if row else (False, False)
    if kept and (plan.delete or (column and column.law)):
        return "law"
    if not own and column and column.others == "stay" and column.act != "stay":
        return "others"
    return _unexplained(hit)


def _standing(
    connection: sa.Connection, view: View, plan: TablePlan, batch: Batch, hits: Sequence[Hit]
) -> dict[tuple[int, Key], Standing]:
    """How the rows of the hits stand: (subject, key as text) -> standing. Rows that no link reaches are absent."""
    rule = view.pack.tables[plan.table]
    selection = rows_of(view, rule, batch, plan.law_newer_than)
    keyed = [hit.key for hit in hits if len(hit.key) == len(plan.key)]
    if selection is None or not keyed:
        return {}
    rows, table = selection.subquery(), view.table(plan.table)
    given, names = key_values(view, plan.table, keyed)
    wanted = same_row(view, plan.table, rows, given, names)
    joined = rows.join(given, wanted).join(table, same_row(view, plan.table, table, rows))
    start = table.c[rule.law.start] if rule.law else sa.null()
    keys = key_texts(view, plan.table, rows)
    found = connection.execute(
        sa.select(rows.c.kept_subject, rows.c.kept_own, rows.c.kept_law, start, *keys).select_from(joined)
    )
    return {(int(row[0]), tuple(row[4:])): Standing(bool(row[1]), bool(row[2]), row[3]) for row in found}


def _newest(law: Law, rows: Sequence[Standing | None]) -> date | None:
    """The last day on which the newest of these rows must be kept; None: one of them has no date."""
    days = [_day(row.start) if row else None for row in rows]
    known = [day for day in days if day is not None]
    return kept_until(law, max(known)) if known and len(known) == len(days) else None


def _day(start: Any) -> date | None:
    if isinstance(start, datetime):
        return start.date()
    if isinstance(start, date):
        return start
    if isinstance(start, int):
        return datetime.fromtimestamp(start, UTC).date()
    try:
        return date.fromisoformat(str(start)[:10])
    except ValueError:
        return None
