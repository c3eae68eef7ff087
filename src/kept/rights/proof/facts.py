"""Known facts: asked by staff, compared here with what the systems hold. None is shown to anybody, and none is kept."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources

from kept.engine.errors import NotAnIdentifier, PackError
from kept.engine.identifiers import normal
from kept.engine.packs import load
from kept.information.access import active_systems, is_own, open_system
from kept.information.models import System
from kept.rights.proof.on_file import OnFile, rows_in

SHORTEST = 3  # signs of a text, beside blanks and marks
ERASED = "erased"


@dataclass(frozen=True)
class Column:
    pack: str
    table: str
    column: str


@dataclass(frozen=True)
class Fact:
    """One fact that can be asked for."""

    name: str
    asks: str  # for staff: what to ask
    hint: str
    detail: str  # of the person's own record; "": it stands in columns
    columns: tuple[Column, ...]
    form: str  # how two of them are compared


@cache
def facts() -> tuple[Fact, ...]:
    text = (resources.files("kept.rights.proof") / "facts.toml").read_text(encoding="utf-8")
    return tuple(
        Fact(
            one["name"],
            one["asks"],
            one.get("hint", ""),
            one.get("detail", ""),
            tuple(Column(**each) for each in one.get("columns", [])),
            one["as"],
        )
        for one in tomllib.loads(text)["fact"]
    )


def facts_here() -> list[Fact]:
    """Those that some system of the company's could answer, whoever is asked."""
    running = {pack for _, pack in _systems()}
    return [one for one in facts() if one.detail or any(column.pack in running for column in one.columns)]


def right_answers(record: OnFile, given: Mapping[str, str]) -> int:
    """How many of the answers are right for the person of that record. Raises what a connector raises."""
    return sum(
        _is_right(one, given[one.name], _held(one, record)) for one in facts() if given.get(one.name, "").strip()
    )


def _is_right(fact: Fact, answer: str, held: Sequence[str]) -> bool:
    form = FORMS[fact.form]
    said = form(answer)
    return said is not None and any(said == form(text) for text in held)


def _held(fact: Fact, record: OnFile) -> list[str]:
    if fact.detail:
        return [record.details[fact.detail]] if fact.detail in record.details else []
    found: list[str] = []
    for system, pack in _systems():
        if system.name == record.system:
            for column in (one for one in fact.columns if one.pack == pack):
                rows = rows_in(open_system(system), column.table, record.identifier)
                found += [str(row.values[column.column]) for row in rows if row.values.get(column.column) is not None]
    if fact.form == "cents":  # stored as a whole number of them
        return [f"{Decimal(text) / 100:f}" for text in found if text.lstrip("-").isdigit()]
    return found


def _systems() -> list[tuple[System, str]]:
    """The company's systems with the names of their packs."""
    found = []
    for system in active_systems():
        with suppress(PackError):
            if not is_own(system):
                found.append((system, load(system.pack).name))
    return found


def _text(text: str) -> str | None:
    plain = re.sub(r"[\W_]+", "", text.casefold())
    return plain if len(plain) >= SHORTEST and plain != ERASED else None


def _date(text: str) -> str | None:
    with suppress(NotAnIdentifier):
        return normal("birth_date", text.strip()).value
    return None


def _domain(text: str) -> str | None:
    with suppress(NotAnIdentifier):
        return normal("domain", text).value
    return None


def _year(text: str) -> str | None:
    found = re.match(r"\s*((?:19|20)\d\d)\b", text)
    return found.group(1) if found else None


def _money(text: str) -> Decimal | None:
    """119.00, 119,00 and 1.190,00 EUR are amounts."""
    digits = re.sub(r"[^\d.,]", "", text).replace(",", ".")
    whole, dot, part = digits.rpartition(".")
    number = f"{whole.replace('.', '')}.{part}" if dot and len(part) <= 2 else digits.replace(".", "")
    with suppress(InvalidOperation):
        return Decimal(number).quantize(Decimal("0.01")) if number.strip(".") else None
    return None


FORMS: Mapping[str, Callable[[str], object | None]] = {
    "text": _text, "date": _date, "domain": _domain, "year": _year, "cents": _money,
}  # fmt: skip
