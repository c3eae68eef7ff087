"""Putting a detail right in one system: the plan from pack and live catalogue, and the decision about each value.

Only the person's own rows are reached. What a law keeps of the past, and copies that documents hold, stay as they are:
an invoice says what it said. Where a record does not say what was expected, a person decides. GDPR Art. 16.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from itertools import pairwise
from typing import Literal, NamedTuple

import phonenumbers

from kept.engine.catalogue import Catalogue, Column, Table, Type
from kept.engine.details import PARTS, Correction, Detail, clean, must_agree, same_form
from kept.engine.drift import key_of
from kept.engine.errors import Fault, PlanRefused
from kept.engine.fitting import fitted
from kept.engine.pack import ColumnRule, Pack, TableRule
from kept.engine.periods import kept_newer_than
from kept.terms import Verdict

How = Literal["whole", "part", "unlike", "copy"]
Outcome = Literal["changed", "right", "copy", "unexpected"]
Record = Mapping[Detail, frozenset[str]]  # what the person's own records say of each detail, in `same_form`

SHORT = 2000  # bytes of a value that can be a detail: what is longer is none


@dataclass(frozen=True)
class ColumnCorrection:
    """What happens to one column. whole: it becomes the new value. part: a first or last name inside a full one.
    unlike: it holds a name of another cut than was corrected. copy: it stays, as a law or its document keeps it."""

    column: str
    detail: Detail
    how: How
    calling_code: str = ""  # of a telephone number: the column with its country code
    as_is: bool = False  # "copy": whatever the row, and not only where the table's law keeps it


@dataclass(frozen=True)
class TableCorrection:
    table: str
    key: tuple[str, ...]
    person: bool  # a row is one person's own record: an empty value is filled in
    columns: tuple[ColumnCorrection, ...]
    law: str | None
    law_newer_than: date | None


@dataclass(frozen=True)
class CorrectionPlan:
    """One system, one day, one person's corrections."""

    pack: str
    fingerprint: str
    on: date
    corrections: tuple[Correction, ...] = field(repr=False)
    tables: tuple[TableCorrection, ...]

    @property
    def id(self) -> str:
        """Equal for plans that do the same to the same database, whatever the values."""
        shape = [[asdict(column) for column in one.columns] for one in self.tables]
        return hashlib.sha256(json.dumps([self.pack, shape], sort_keys=True).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Line:
    """What becomes, or became, of equal values in one column. The values are personal data: keep them sealed."""

    table: str
    column: str
    detail: Detail
    outcome: Outcome
    rows: int
    was: str | None = field(repr=False)  # None: nothing stood there
    becomes: str | None = field(default=None, repr=False)  # None: it stays
    law: str | None = None  # "copy": the law that keeps it; None: it is part of a document

    @property
    def place(self) -> str:
        return f"{self.table}.{self.column}"


def verdict_of_lines(lines: Iterable[Line]) -> Verdict:
    """Where a record does not say what was expected, only a person can tell whether it is right."""
    return Verdict.CANNOT_TELL if any(one.outcome == "unexpected" for one in lines) else Verdict.DONE


def detail_of(rule: ColumnRule, pack: Pack) -> Detail | None:
    """What a column holds of a person: as the pack says, or as the column says that it is a copy of."""
    seen: set[tuple[str, str]] = set()
    while rule.detail is None and rule.copy_of is not None and rule.copy_of not in seen:
        seen.add(rule.copy_of)
        table, column = rule.copy_of
        rule = pack.tables[table].columns[column]
    return rule.detail


def make_correction_plan(
    pack: Pack, catalogue: Catalogue, corrections: Sequence[Correction], on: date
) -> CorrectionPlan:
    """Decide every column. Raises PlanRefused with all faults at once, and NotACorrection."""
    must_agree(corrections)
    pack = fitted(pack, catalogue)
    faults: list[Fault] = []
    tables = []
    for rule in pack.tables.values():
        columns = list(_columns(rule, pack, corrections))
        if not columns:
            continue
        table = catalogue.tables.get(rule.name)
        if table is None:
            faults.append(Fault(rule.name, "", "the pack names this table, but the system has none of that name"))
            continue
        faults += _table_faults(rule, table)
        wanted = []
        for column in columns:
            live = table.columns.get(column.column)
            if live is None:
                faults.append(
                    Fault(rule.name, column.column, "the pack names this column, but the table has none of that name")
                )
            elif not live.generated:  # the database computes it from other columns
                wanted.append(column)
                unfit = list(_column_faults(rule, table, catalogue, column, live))
                faults += unfit or _value_faults(rule, column, live, corrections)
        law = rule.law
        newer = kept_newer_than(law, on) if law else None
        if wanted:
            name = law.name if law else None
            tables.append(TableCorrection(rule.name, key_of(rule, table), rule.person, tuple(wanted), name, newer))
    if faults:
        raise PlanRefused(pack.title, faults)
    return CorrectionPlan(pack.name, catalogue.fingerprint, on, tuple(corrections), tuple(tables))


def _columns(rule: TableRule, pack: Pack, corrections: Sequence[Correction]) -> Iterator[ColumnCorrection]:
    asked = {one.detail for one in corrections}
    for column in rule.columns.values():
        detail = detail_of(column, pack)
        if detail is None:
            continue
        how: How | None = "whole" if detail in asked else None
        if how is None and detail == "full_name" and asked & PARTS:
            how = "part"
        if how is None and detail in PARTS and "full_name" in asked:
            how = "unlike"
        if how is None:
            continue
        # A copy is a document's, unless the pack itself says that it holds the detail as it is today.
        as_is = column.do == "law" or (column.copy_of is not None and column.detail is None)
        yield ColumnCorrection(column.name, detail, "copy" if as_is else how, column.calling_code, as_is)


def _table_faults(rule: TableRule, table: Table) -> Iterator[Fault]:
    if not table.transactional:
        yield Fault(rule.name, "", "its storage engine has no transactions: convert it to InnoDB first")
    if not key_of(rule, table):
        yield Fault(rule.name, "", 'has no primary key: name its key columns in the pack, key = ["…"]')
    if table.stored_view or table.inherited:
        yield Fault(rule.name, "", "its rows are shown from elsewhere, and cannot be corrected here")


def detail_faults(pack: Pack, catalogue: Catalogue) -> Iterator[Fault]:
    """Where the pack says that a detail can be put right, and no correction ever could. `pack`: as fitted."""
    for rule in pack.tables.values():
        table = catalogue.tables.get(rule.name)
        columns = [column for column in rule.columns.values() if column.detail and column.do != "law"]
        if table is None or not columns:
            continue
        yield from _table_faults(rule, table)
        for column in columns:
            live = table.columns.get(column.name)
            if live is not None and column.detail is not None:
                planned = ColumnCorrection(column.name, column.detail, "whole", column.calling_code)
                yield from _column_faults(rule, table, catalogue, planned, live)


def _column_faults(
    rule: TableRule, table: Table, catalogue: Catalogue, column: ColumnCorrection, live: Column
) -> Iterator[Fault]:
    """Why no value could be written there."""
    if column.how not in ("whole", "part"):
        return

    def fault(why: str) -> Fault:
        return Fault(rule.name, column.column, f"it cannot be corrected: {why}")

    if column.column in key_of(rule, table):
        yield fault("it is part of the key that names the row")
    if any(column.column in reference.to_columns for reference in catalogue.into(rule.name)):
        yield fault("other tables point at it")
    if live.type not in _FITTING.get(column.detail, (Type.TEXT, Type.ENUM)):
        yield fault(f"a {live.type} column holds no {column.detail.replace('_', ' ')}")
    code = table.columns.get(column.calling_code) if column.calling_code else None
    if column.calling_code and (code is None or code.type not in (Type.TEXT, Type.INTEGER)):
        yield Fault(rule.name, column.calling_code, "it cannot be corrected: it holds no country code")


def _value_faults(
    rule: TableRule, column: ColumnCorrection, live: Column, corrections: Sequence[Correction]
) -> Iterator[Fault]:
    """Why these values have no room there."""
    for one in corrections if column.how == "whole" else ():
        if one.detail == column.detail and (why := _no_room(live, shortest(column, one.now))):
            yield Fault(rule.name, column.column, f"it cannot be corrected: {why}")
            return


_FITTING: Mapping[Detail, tuple[Type, ...]] = {"birth_date": (Type.DATE, Type.INSTANT, Type.TEXT)}


def shortest(column: ColumnCorrection, now: str) -> str:
    """The shortest form in which a new value may be written into that column."""
    if column.detail != "phone":
        return now
    number = phonenumbers.parse(now)
    if column.calling_code:
        return phonenumbers.national_significant_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _no_room(live: Column, text: str) -> str | None:
    if live.type is Type.ENUM and live.values and text not in live.values:
        return f"it may only hold {', '.join(live.values)}"
    if live.type is Type.TEXT and live.length is not None and len(text) > live.length:
        return f"the new value is longer than its {live.length} characters"
    return None


def too_long(live: Column, text: str) -> bool:
    return live.type is Type.TEXT and live.length is not None and len(text) > live.length


# One value


class Cell(NamedTuple):
    """What one row says in one column, as text."""

    value: str | None
    code: str | None  # of a telephone number: what its own column says of the country
    long: bool  # it is too long to be a detail, and was not read
    kept: bool  # the row is one that the table's law still keeps


class Decided(NamedTuple):
    outcome: Outcome | Literal["nothing"]
    becomes: str | None = None
    code: str | None = None  # what the column of the country code becomes


NOTHING, RIGHT, UNEXPECTED, COPY = Decided("nothing"), Decided("right"), Decided("unexpected"), Decided("copy")


def decide(
    column: ColumnCorrection, cell: Cell, person: bool, record: Record, corrections: Sequence[Correction], live: Column
) -> Decided:
    """What becomes of one value. Deciding about what it became changes nothing more.

    `record`: what the person's own records said before the change. Outside those, a value whose correction does not say
    what is wrong is corrected only where it says the same as they do: it may be somebody else's by intent.
    """
    ours = [one for one in corrections if one.detail == column.detail]
    if cell.long:
        return NOTHING if column.how == "copy" or cell.kept else UNEXPECTED
    text = clean(cell.value or "")
    if column.how == "copy" or cell.kept:
        whole = any(_is_meant(column, cell, one, record) for one in ours)
        part = column.detail == "full_name" and _in_full_name(text, corrections, record).outcome == "changed"
        return COPY if text and (whole or part) else NOTHING
    if column.how == "unlike":
        return UNEXPECTED if text else NOTHING
    if column.detail == "full_name" and column.how == "part":
        return _in_full_name(text, corrections, record) if text else NOTHING
    if not text:
        return _filled(column, cell, ours, live) if person else NOTHING
    for one in sorted(ours, key=lambda one: one.was is None):
        becomes = written(column, cell, one, live)
        if _stands(column, cell, becomes):
            return RIGHT
        if (one.was is None and person) or _is_meant(column, cell, one, record):
            return becomes
    if any(_says(column, cell, one.now) for one in ours):
        return RIGHT
    return UNEXPECTED


def _filled(column: ColumnCorrection, cell: Cell, ours: Sequence[Correction], live: Column) -> Decided:
    """Nothing stands there: what is incomplete is completed, Art. 16; what was expected there is missed by a person."""
    open_ = [one for one in ours if one.was is None]
    return written(column, cell, open_[0], live) if open_ else UNEXPECTED


def _is_meant(column: ColumnCorrection, cell: Cell, one: Correction, record: Record) -> bool:
    """Whether the value is the wrong one."""
    if one.was is not None:
        return _says(column, cell, one.was)
    return any(said in record.get(column.detail, frozenset()) for said in forms_of(column.detail, cell))


def _says(column: ColumnCorrection, cell: Cell, text: str) -> bool:
    region = _region(cell.code)
    return same_form(column.detail, text, region) in forms_of(column.detail, cell)


def forms_of(detail: Detail, cell: Cell) -> frozenset[str]:
    """What a value says, in the normal form of its detail."""
    text = clean(cell.value or "")
    if not text:
        return frozenset()
    return frozenset({same_form(detail, text, _region(cell.code) if detail == "phone" else None)})


def _region(code: str | None) -> str | None:
    """The country of a calling code as a column holds it."""
    digits = re.sub(r"\D", "", code or "").lstrip("0")
    return phonenumbers.region_code_for_country_code(int(digits)) if 0 < len(digits) < 4 else None


def written(column: ColumnCorrection, cell: Cell, one: Correction, live: Column) -> Decided:
    """How the new value stands in that column."""
    if column.detail == "birth_date":
        return Decided("changed", f"{one.now} 00:00:00" if live.type is Type.INSTANT else one.now)
    if column.detail != "phone":
        return Decided("changed", one.now)
    number = phonenumbers.parse(one.now)
    if column.calling_code and not (cell.value or "").strip().startswith(("+", "00")):
        code = str(number.country_code)
        sign = "+" if (cell.code or "").startswith("+") else "00" if (cell.code or "").startswith("00") else ""
        return Decided("changed", phonenumbers.national_significant_number(number), sign + code)
    return Decided("changed", shortest(column, one.now) if too_long(live, one.now) else one.now)


def _stands(column: ColumnCorrection, cell: Cell, becomes: Decided) -> bool:
    """Whether the value is what it is to become, to the letter; a date or a number however it is written."""
    if column.detail in ("birth_date", "phone"):
        after = Cell(becomes.becomes, becomes.code or cell.code, False, False)
        return forms_of(column.detail, cell) == forms_of(column.detail, after)
    return cell.value == becomes.becomes


def _in_full_name(text: str, corrections: Sequence[Correction], record: Record) -> Decided:
    """A full name with its wrong first or last name replaced: each found exactly once, as a word of its own.

    Where two names change places, nobody can tell what has been done already: a person decides.
    """
    found: list[tuple[int, int, str]] = []
    known: set[str] = set()
    news = {same_form(one.detail, one.now) for one in corrections if one.detail in PARTS}
    for detail in sorted(PARTS):
        ours = [one for one in corrections if one.detail == detail]
        if not ours:
            continue
        now = ours[0].now
        wrong = [one.was for one in ours if one.was is not None]
        if len(wrong) < len(ours):
            wrong += sorted(record.get(detail, frozenset()))
        wrong = list(dict.fromkeys(one for one in wrong if one != now))
        if any(same_form(detail, one) in news and same_form(detail, one) != same_form(detail, now) for one in wrong):
            return UNEXPECTED
        there = [match.span() for match in _word(now).finditer(text)]
        exact = any(text[start:end] == now for start, end in there)
        spans = {
            match.span()
            for one in wrong
            for match in _word(one).finditer(text)
            if not (exact and any(start <= match.start() and match.end() <= end for start, end in there))
        }
        if len(spans) == 1:
            ((start, end),) = spans
            found.append((start, end, now))
        elif spans or not there:
            return UNEXPECTED
        else:
            known.add(detail)
    if not found:
        return RIGHT if known else UNEXPECTED
    found.sort()
    if any(one[1] > other[0] for one, other in pairwise(found)):
        return UNEXPECTED
    for start, end, now in reversed(found):
        text = text[:start] + now + text[end:]
    return Decided("changed", text)


def _word(name: str) -> re.Pattern[str]:
    """A name as a word of its own: a hyphen or an apostrophe makes it part of another one."""
    parts = r"\s+".join(re.escape(part) for part in clean(name).split(" "))
    return re.compile(rf"(?<![\w'’-]){parts}(?![\w'’-])", re.IGNORECASE)


def added_lines(lines: Iterable[Line]) -> list[Line]:
    """Equal lines as one, with their rows together."""
    rows: Counter[tuple[object, ...]] = Counter()
    first: dict[tuple[object, ...], Line] = {}
    for one in lines:
        place = one.table, one.column, one.outcome, one.was, one.becomes, one.law
        rows[place] += one.rows
        first.setdefault(place, one)
    return [
        Line(one.table, one.column, one.detail, one.outcome, rows[place], one.was, one.becomes, one.law)
        for place, one in first.items()
    ]


def phone_said(cell: Cell) -> str:
    """A telephone number with its country, as a person reads it."""
    text = (cell.value or "").strip()
    code = re.sub(r"\D", "", cell.code or "").lstrip("0")
    return text if not code or text.startswith(("+", "00")) else f"+{code} {text}"
