"""What a batch asks of the columns of one database.

Statements that ask for the same sorts of things differ in their values alone. They are built and compiled once, and
each batch gives its own values when they run: to build them takes longer than the database takes to answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Literal

from kept.connectors.sql.matching import stored_values
from kept.engine.catalogue import Column
from kept.engine.subject import Batch
from kept.terms import Identifier, Kind

FEW_MASKS = 20
Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Asked:
    """One sort of column: which identifiers it holds, and how."""

    dialect: str
    kind: Kind
    scope: str
    live: Column


@dataclass(frozen=True)
class Shape:
    """What the form of a statement depends on, as far as one sort of column is concerned."""

    empty: bool
    plain: bool  # ASCII alone
    masks: Literal["one", "few", "many"]  # few: they are worth comparing


class Asking:
    """One batch, and its values for each sort of column: worked out once."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.met: dict[Asked, Shape] = {}  # in the order in which a statement asked
        self._rows: dict[Asked, Rows] = {}
        self._shapes: dict[Asked, Shape] = {}

    def rows(self, asked: Asked) -> Rows:
        """(number of the subject, value)"""
        if asked not in self._rows:
            self._rows[asked] = [
                (number, value)
                for number, identifier in self._by_kind.get(asked.kind, ())
                if identifier.scope in ("", asked.scope)
                for value in stored_values(asked.dialect, identifier, asked.live)
            ]
        return self._rows[asked]

    def shape(self, asked: Asked) -> Shape:
        if asked not in self._shapes:
            rows = self.rows(asked)
            plain = all(str(value).isascii() for _, value in rows)
            self._shapes[asked] = Shape(not rows, plain, _how_many(len(masks(rows))))
        return self._shapes[asked]

    def meet(self, asked: Asked) -> Shape:
        """The shape, which the statement that is being built depends on from now on."""
        self.met[asked] = self.shape(asked)
        return self.met[asked]

    @cached_property
    def _by_kind(self) -> dict[Kind, list[tuple[int, Identifier]]]:
        found: dict[Kind, list[tuple[int, Identifier]]] = {}
        for number, subject in enumerate(self.batch):
            for identifier in sorted(subject.identifiers):
                found.setdefault(identifier.kind, []).append((number, identifier))
        return found


# Whose values the statements that are shared between batches take: set around each that runs.
_now: ContextVar[Asking | None] = ContextVar("asking", default=None)


@contextmanager
def now(asking: Asking | None) -> Iterator[None]:
    """Inside, shared statements are built, and take their values, for this batch."""
    before = _now.set(asking)
    try:
        yield
    finally:
        _now.reset(before)


def what_is_asked(batch: Batch, asked: Asked) -> tuple[Shape, partial[Rows]]:
    """The shape for this batch, and what gives its values when the statement runs: a shared one keeps none of them."""
    shared = _now.get()
    if shared is not None and shared.batch is batch:
        return shared.meet(asked), partial(_values_now, asked)
    asking = Asking(batch)
    return asking.shape(asked), partial(asking.rows, asked)


def _values_now(asked: Asked) -> Rows:
    asking = _now.get()
    if asking is None:
        raise LookupError("A shared statement ran outside of `now`.")
    return asking.rows(asked)


def _how_many(masks: int) -> Literal["one", "few", "many"]:
    return "one" if masks == 1 else "few" if masks <= FEW_MASKS else "many"


def lengths(rows: Rows) -> list[int]:
    return sorted({len(str(value)) for _, value in rows})


def only_mask(rows: Rows) -> str:
    return masks(rows)[0]


def masks(rows: Rows) -> list[str]:
    """The values with what has a case left open."""
    return sorted({re.sub(r"[A-Za-z_%\\]", "_", str(value)) for _, value in rows})
