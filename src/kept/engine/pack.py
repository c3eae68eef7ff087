"""What a pack says, as values: tables, links, columns, laws. The words: docs/reference/packs.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from kept.engine.details import Detail
from kept.terms import Kind

Do = Literal["key", "keep", "erase", "redact", "law", "refuse", "undecided"]
Codec = Literal["plain", "json", "php", "mail-header", "url-query", "packed-ip", "binary-id"]
Words = Literal["own", "others"]
Category = Literal["account", "contact", "billing", "communication", "service", "usage", "marketing", "security"]
Scalar = str | int | bool
MarkName = Literal["objection", "restriction"]


@dataclass(frozen=True)
class Law:
    """What must be kept although the person asks for erasure. GDPR Art. 17(3)(b)."""

    name: str
    amount: int
    unit: Literal["years", "months", "days"]
    start: str  # the column with the date from which it counts
    year_end: bool  # counts from the end of that year


@dataclass(frozen=True)
class Link:
    """One way a row ties to a person: by an identifier in it, or through a row of another table."""

    column: str
    kind: Kind | None = None
    scope: str = ""  # kind "account": the pack whose account number it is
    to: tuple[str, str] | None = None  # (table, column)
    where: tuple[tuple[str, Scalar], ...] = ()  # "": NULL or an empty text
    words: Words = "own"
    prefix: str = ""  # what stands before the number in the column
    shared: bool = False  # a row that somebody else's row points at too is not the person's own


@dataclass(frozen=True)
class ColumnRule:
    name: str
    do: Do
    kind: Kind | None = None
    scope: str = ""
    codec: Codec = "plain"
    path: tuple[str, ...] = ()
    others: Literal["keep", "redact", "erase"] | None = None  # in rows somebody else wrote; None: the pack is silent
    third_party: bool = False
    secret: bool = False
    sealed: bool = False  # bytes that say nothing: only the system's own keys open them
    copy_of: tuple[str, str] | None = None  # (table, column): where it was copied from
    calling_code: str = ""  # of a telephone number: the column with its country code
    label: str = ""
    portable: bool = True  # False: the person did not provide this column of rows they may take elsewhere
    reads: tuple[str, str] | None = None  # (table, column): what a person reads instead of the number in it
    detail: Detail | None = None  # what it says of the person, as far as that can be put right


@dataclass(frozen=True)
class Live:
    """Rows that something still runs on: an officer must know before they are erased."""

    says: str  # "running orders", after a number
    where: tuple[tuple[str, Scalar], ...]


@dataclass(frozen=True)
class TableRule:
    name: str
    title: str
    category: Category
    purpose: str
    source: str
    period: str
    links: tuple[Link, ...]
    columns: Mapping[str, ColumnRule]
    recipients: tuple[str, ...] = ()
    person: bool = False
    portable: bool = False  # the person provided it, or made it under contract or consent: GDPR Art. 20
    rows: Literal["change", "delete"] = "change"
    law: Law | None = None
    live: Live | None = None
    key: tuple[str, ...] = ()
    where: tuple[tuple[str, Scalar], ...] = ()
    optional: bool = False  # the product makes the table only when it needs it
    rest: Do | None = None  # what happens to columns not named; None: they are undecided
    # What the product itself takes for an objection or a restriction: (column, value) in the person's own rows.
    marks: Mapping[MarkName, tuple[tuple[str, Scalar], ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Pack:
    name: str
    title: str
    tables: Mapping[str, TableRule]
    probe: tuple[str, ...] = ()
    not_personal: frozenset[str] = frozenset()
    file: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)

    def of_others_too(self) -> frozenset[str]:
        """The tables of which a person may reach rows that are somebody else's words."""
        found: set[str] = set()
        while (
            more := {
                rule.name
                for rule in self.tables.values()
                if any(one.words == "others" or one.shared or (one.to and one.to[0] in found) for one in rule.links)
            }
            - found
        ):
            found |= more
        return frozenset(found)
