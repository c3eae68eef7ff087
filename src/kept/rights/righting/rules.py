"""From what a person said to corrections, and from what became of each value to what a case keeps. Plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from kept.engine.correcting import with_what_was
from kept.engine.details import DETAILS, Correction, Detail, same_form
from kept.engine.rectifying import Line
from kept.engine.subject import Change, Remain, Residue

Texts = Mapping[str, Sequence[str]]  # detail -> what stands there
MOST_CORRECTIONS = 5  # of one request


def corrections_in(asked: Mapping[str, Any]) -> list[Correction]:
    """What the form of `particulars.rectification` has checked and kept."""
    return [Correction(one["detail"], one.get("was") or None, one["now"]) for one in asked.get("corrections", ())]


def learnt(corrections: Sequence[Correction], stated: Iterable[Texts], wrong: Texts) -> list[Correction]:
    """With what the person's own records in all systems say now, and what an officer found to be wrong in this one."""
    known = with_what_was(corrections, [_as_record(one) for one in stated])
    new: dict[Detail, str] = {one.detail: one.now for one in corrections}
    more = [(detail, text) for detail in DETAILS for text in wrong.get(detail, ())]
    for detail, text in more:
        taken = {same_form(one.detail, one.was) for one in known if one.detail == detail and one.was is not None}
        if detail in new and same_form(detail, text) not in taken:
            known.insert(0, Correction(detail, text, new[detail]))
    return known


def _as_record(texts: Texts) -> dict[Detail, frozenset[str]]:
    return {detail: frozenset(texts[detail]) for detail in DETAILS if detail in texts}


def new_email(corrections: Iterable[Correction]) -> str:
    """ "": the address of mail stays as it is."""
    return next((one.now for one in corrections if one.detail == "email"), "")


def lines_json(lines: Iterable[Line]) -> dict[str, Any]:
    return {"lines": [asdict(one) for one in lines]}


def lines_from(kept: Mapping[str, Any]) -> list[Line]:
    return [Line(**one) for one in kept.get("lines", ())]


def joined_lines(earlier: Sequence[Line], later: Sequence[Line]) -> list[Line]:
    """Two runs told as one: what an earlier run changed is right for the later one, and is still told as changed."""
    right: Counter[tuple[str, str, str | None]] = Counter()
    for one in later:
        if one.outcome == "right":
            right[one.table, one.column, one.was] += one.rows
    result = []
    for one in earlier:
        place = one.table, one.column, one.becomes
        if one.outcome != "changed":
            continue
        rows = min(one.rows, right[place])
        right[place] -= rows
        if rows:
            result.append(replace(one, rows=rows))
    for one in later:
        if one.outcome != "right":
            result.append(one)
            continue
        place = one.table, one.column, one.was
        rows = min(one.rows, right[place])
        right[place] -= rows
        if rows:
            result.append(replace(one, rows=rows))
    return _added(result)


def _added(lines: Iterable[Line]) -> list[Line]:
    together: dict[Line, int] = {}
    for one in lines:
        alike = replace(one, rows=0)
        together[alike] = together.get(alike, 0) + one.rows
    return [replace(one, rows=rows) for one, rows in together.items()]


def changes_of(lines: Iterable[Line]) -> list[Change]:
    """Values put right, and copies that stay, table by table: counts only."""
    changed: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    for one in lines:
        (changed if one.outcome == "changed" else kept)[one.table] += one.rows if one.outcome in CHANGES else 0
    tables = sorted({*changed, *kept})
    return [Change(one, changed[one], 0, kept[one]) for one in tables if changed[one] or kept[one]]


CHANGES = ("changed", "copy")


def residue_of(lines: Iterable[Line], again: Iterable[Line], looked_at: int, unknown: Sequence[str] = ()) -> Residue:
    """What a person has to decide, and what a second look found still wrong. `again`: as it saw it."""
    counted: Counter[tuple[str, str, str, str]] = Counter()
    for one in again:
        if one.outcome == "changed":
            counted[one.table, one.column, one.detail, "missed"] += one.rows
    for one in lines:
        if one.outcome == "unexpected":
            counted[one.table, one.column, one.detail, "unclear"] += one.rows
    remains = (
        Remain(table, column, detail, count, "missed" if why == "missed" else "unclear")
        for (table, column, detail, why), count in sorted(counted.items())
    )
    return Residue(tuple(remains), looked_at, tuple(unknown))
