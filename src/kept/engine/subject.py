"""Whom a run is about, and what was found, changed and left. Plain values, without a person's data in their texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from kept.engine.pack import TableRule
from kept.terms import Identifier, Verdict


@dataclass(frozen=True)
class LeftOut:
    """Records of one subject that an answer leaves out: not in the copy, not touched by the erasure."""

    table: str
    key: tuple[str | None, ...] | None  # of one record, as text; None: all of the subject's in this table
    why: str = ""  # the law that says so
    until: date | None = None  # the last day on which it does; None: it names none


@dataclass(frozen=True)
class Subject:
    """One data subject in one run. `ref` is the case's id or another opaque word, never a name."""

    ref: str
    identifiers: frozenset[Identifier] = field(repr=False)
    # Systems in which a person has said which accounts are meant; elsewhere the records speak.
    settled: frozenset[Identifier] = field(default=frozenset(), repr=False)
    decided: frozenset[str] = frozenset()  # these systems by name, where it may also be that none is meant
    widened: bool = False  # `resolve` has asked: the account numbers of the person's own records are all there
    left_out: tuple[LeftOut, ...] = ()  # in the system that is asked

    def emails(self) -> frozenset[str]:
        return frozenset(one.value for one in self.identifiers if one.kind == "email")

    def settled_in(self, scope: str) -> frozenset[Identifier]:
        """The accounts somebody chose in that system; empty: nobody had to choose."""
        return frozenset(one for one in self.settled if one.scope == scope)

    def leaves_out(self, table: str, key: tuple[str | None, ...]) -> LeftOut | None:
        """What leaves one of the subject's own records there out, if anything does."""
        return next((one for one in self.left_out if one.table == table and one.key in (None, key)), None)

    def is_decided_in(self, scope: str) -> bool:
        """Whether a person has said which accounts of that system are meant, if any."""
        return scope in self.decided or bool(self.settled_in(scope))


Batch = Sequence[Subject]


@dataclass(frozen=True)
class Holding:
    """The records about one subject in one table of one system: how many, and of what sort."""

    table: str
    own: int  # written by, or plainly about, the person
    others: int  # about the person, in somebody else's words
    kept: int  # of them all: kept by law on that day
    live: int = 0  # of them all: something still runs on them
    left_out: int = 0  # of them all: the answer leaves them out


@dataclass(frozen=True)
class HeldRow:
    """One record on its way into a person's copy."""

    subject: int  # its number in the batch
    rule: TableRule
    own: bool
    values: Mapping[str, Any] = field(repr=False)  # column -> value, as the driver gives it
    key: tuple[str | None, ...] = ()  # that names it in its table, as text
    withheld: int = 0  # places in its texts that were taken out before, since they speak of others


@dataclass(frozen=True)
class Change:
    """What a run did to one table for one subject, counted in the transaction that did it."""

    table: str
    rows: int  # changed in place
    deleted: int
    kept: int  # left by law
    left_out: int = 0  # not touched, since an officer has decided so for a reason of the law


Why = Literal["law", "left out", "others", "unclear", "missed"]


@dataclass(frozen=True)
class Remain:
    """A place where the second look still found one of the person's identifiers."""

    table: str
    column: str
    kind: str  # of the identifier
    count: int
    # law: kept by law; left out: an officer's decision, by law; others: somebody else's words; unclear: a person
    # decides; missed: must go
    why: Why
    law: str | None = None
    until: date | None = None  # the last day on which the newest of them must be kept


@dataclass(frozen=True)
class TakenOut:
    """Texts in somebody else's records out of which the second look took the person's identifiers."""

    table: str
    column: str
    count: int


@dataclass(frozen=True)
class Residue:
    """What the second look found for one subject in one system."""

    remains: tuple[Remain, ...]
    looked_at: int  # tables read
    unknown_tables: tuple[str, ...] = ()  # read as well, but nobody has said whether people are in them
    taken_out: tuple[TakenOut, ...] = ()

    @property
    def verdict(self) -> Verdict:
        whys = {remain.why for remain in self.remains}
        if "missed" in whys:
            return Verdict.NOT_DONE
        return Verdict.CANNOT_TELL if "unclear" in whys or self.unknown_tables else Verdict.DONE
