"""What the engine found, plans and did, on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from kept.connectors.sql.connector import SqlConnector
from kept.engine.answer import Found
from kept.engine.correcting import Righted
from kept.engine.plan import Plan
from kept.engine.rectifying import Line
from kept.engine.report import Outcome
from kept.engine.resolve import Resolved

OTHERS_WORDS = "; in others' words only what names the person goes"
STRAYS_WORDS = "the person's identifiers go out of everybody's, wherever the second look finds them"
NOBODY = "Nobody was found with these identifiers. Are they right?"
out, err = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)


def show_undecided(resolved: Resolved) -> None:
    """Who could be meant, as the words to say so with."""
    err.print(f"A person has to decide who is meant: {resolved.conflict}.", markup=False)
    for candidate in resolved.candidates:
        err.print(f"  --id account:{candidate.scope}:{candidate.value}", markup=False, highlight=False)


def show_found(systems: Sequence[SqlConnector], found: Sequence[Found]) -> None:
    for connector, one in zip(systems, found, strict=True):
        table = Table("What", "Table", "Own", "In others' words", "Kept by law", title=one.title, title_justify="left")
        for holding in one.holdings:
            title = connector.shipped.tables[holding.table].title
            table.add_row(title, holding.table, *(str(count) for count in (holding.own, holding.others, holding.kept)))
        out.print(table if one.holdings else f"{one.title}: nothing found.")
        for fault in one.drift:
            out.print(f"  {fault}", markup=False, highlight=False)


def show_plans(systems: Sequence[SqlConnector], plans: Sequence[Plan], found: Sequence[Found]) -> None:
    """The diff: what is there now, and what each column will be."""
    for connector, plan, one in zip(systems, plans, found, strict=True):
        held = {holding.table: holding for holding in one.holdings}
        out.print(f"{connector.title}: plan {plan.id}", style="bold", highlight=False)
        for table in plan.tables:
            if (holding := held.get(table.table)) is None:
                continue
            rows = holding.own + holding.others
            if (live := connector.shipped.tables[table.table].live) and holding.live:
                out.print(f"! {table.table}: {holding.live} {live.says}", style="bold", markup=False, highlight=False)
            if table.delete:
                out.print(
                    f"- {table.table}: delete {rows - holding.kept} of {rows} rows", markup=False, highlight=False
                )
                continue
            out.print(f"~ {table.table}: {rows} rows, {holding.kept} kept by law", markup=False, highlight=False)
            for column in table.changes:
                sign = " " if column.law and holding.kept == rows else "~"
                others = OTHERS_WORDS if holding.others and column.others == "rewrite" != column.act else ""
                out.print(f"  {sign} {column.column}: {column.why}{others}", markup=False, highlight=False)
        for name, columns in _searched(connector, plan).items():
            out.print(f"? {name}: {columns}: {STRAYS_WORDS}", markup=False, highlight=False)
        for fault in plan.drift:
            out.print(f"? {fault}", markup=False, highlight=False)
    if not any(one.holdings for one in found):
        out.print(NOBODY, highlight=False)


def _searched(connector: SqlConnector, plan: Plan) -> dict[str, str]:
    """Texts that no link may lead to, and out of which the second look takes the person all the same."""
    found = {}
    for table in plan.tables:
        rules = connector.shipped.tables[table.table].columns
        texts = [
            one.column
            for one in table.columns
            if one.others == "rewrite" and not rules[one.column].kind
            if table.mixed or rules[one.column].do == "redact"
        ]
        if texts:
            found[table.table] = ", ".join(texts)
    return found


def show_outcome(outcome: Outcome) -> None:
    out.print(f"{outcome.title}: {outcome.verdict}", style="bold")
    if outcome.problem:
        out.print(f"  {outcome.problem}", markup=False, highlight=False)
    changed = sum(change.rows for change in outcome.changes)
    deleted = sum(change.deleted for change in outcome.changes)
    kept = sum(change.kept for change in outcome.changes)
    out.print(f"  {changed} rows changed, {deleted} deleted, {kept} kept by law", highlight=False)
    if outcome.residue:
        out.print(f"  looked again through {outcome.residue.looked_at} tables", highlight=False)
        for one in outcome.residue.taken_out:
            place = f"{one.table}.{one.column}"
            out.print(f"  {place}: taken out of {one.count} of somebody else's", markup=False, highlight=False)
        for remain in outcome.residue.remains:
            until = f" until {remain.until}" if remain.until else ""
            place = f"{remain.table}.{remain.column}"
            out.print(
                f"  {place}: {remain.count} with {remain.kind}: {remain.why}{until}", markup=False, highlight=False
            )
        for table in outcome.residue.unknown_tables:
            out.print(f"  {table}: read, but the pack does not know it", markup=False, highlight=False)


def show_corrections(systems: Sequence[SqlConnector], seen: Sequence[Sequence[Line]]) -> None:
    """What stands there now, and what it becomes."""
    for connector, lines in zip(systems, seen, strict=True):
        out.print(f"{connector.title}:", style="bold", markup=False, highlight=False)
        for line in lines:
            sign = {"changed": "~", "right": "=", "copy": " ", "unexpected": "?"}[line.outcome]
            out.print(f"{sign} {line.place}: {_said(line)}", markup=False, highlight=False)
        if not lines:
            out.print("  nothing of the person stands here", highlight=False)


def _said(line: Line) -> str:
    was = "nothing" if line.was is None else repr(line.was)
    rows = f"{line.rows} row{'' if line.rows == 1 else 's'}"
    if line.outcome == "changed":
        return f"{was} becomes {line.becomes!r} in {rows}"
    if line.outcome == "copy":
        return f"{was} stays in {rows}: {line.law or 'part of a document of its time'}"
    return (
        f"{was} in {rows}: {'right already' if line.outcome == 'right' else 'not what was expected; a person decides'}"
    )


def show_righted(one: Righted) -> None:
    out.print(f"{one.title}: {one.verdict}", style="bold", markup=False)
    if one.problem:
        out.print(f"  {one.problem}", markup=False, highlight=False)
    rows = {outcome: sum(line.rows for line in one.lines if line.outcome == outcome) for outcome in OUTCOMES}
    counts = ", ".join(f"{rows[outcome]} {words}" for outcome, words in OUTCOMES.items())
    out.print(f"  {counts}", highlight=False)


OUTCOMES = {
    "changed": "values put right",
    "right": "right already",
    "copy": "kept as they were",
    "unexpected": "unclear",
}
