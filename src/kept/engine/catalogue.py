"""The live catalogue of one database: what is really there, read at each run. Plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Type(StrEnum):
    TEXT = "text"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    DATE = "date"
    TIME = "time"
    INSTANT = "instant"
    JSON = "json"
    UUID = "uuid"
    BYTES = "bytes"
    ENUM = "enum"
    ARRAY = "array"
    IP = "ip"
    OTHER = "other"


# What the second look reads as text, whether a pack names it or not.
READABLE = frozenset({Type.TEXT, Type.JSON, Type.BYTES, Type.ENUM, Type.ARRAY, Type.IP, Type.OTHER})


@dataclass(frozen=True)
class Column:
    name: str
    type: Type
    length: int | None = None  # characters at most (bytes for BYTES); None: no limit known
    nullable: bool = True
    generated: bool = False  # the database computes it: it cannot be written
    ignores_case: bool = False  # its collation compares without case
    values: tuple[str, ...] = ()  # ENUM: what it may hold
    native: str = ""  # the database's own word for its type; MariaDB, MySQL: character set and collation
    made_from: str = ""  # generated: the expression
    moves: bool = False  # the database sets it to the time of each change


@dataclass(frozen=True)
class Reference:
    """A declared foreign key of `table`."""

    table: str
    columns: tuple[str, ...]
    to_table: str
    to_columns: tuple[str, ...]
    on_delete: str  # "NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"


@dataclass(frozen=True)
class Check:
    name: str
    expression: str


@dataclass(frozen=True)
class Table:
    name: str
    columns: Mapping[str, Column]
    key: tuple[str, ...] = ()  # the primary key; (): none declared
    unique: tuple[tuple[str, ...], ...] = ()  # apart from the primary key
    null_once: frozenset[str] = frozenset()  # columns where even NULL may stand only once
    checks: tuple[Check, ...] = ()
    transactional: bool = True  # False: MyISAM and the like, where a change cannot be rolled back
    rows: int = 0  # a rough count where the database keeps one
    schema: str = ""  # "": the connection's own; otherwise the name is schema.table
    stored_view: bool = False  # holds copies that only the database can renew
    versioned: bool = False  # the database keeps every old row
    inherited: bool = False  # PostgreSQL: it shows the rows of other tables as well


@dataclass(frozen=True)
class Catalogue:
    fingerprint: str  # equal fingerprints: nothing below has changed
    tables: Mapping[str, Table]
    references: tuple[Reference, ...] = field(default=())
    unread: Mapping[str, str] = field(default_factory=dict)  # tables that cannot be searched, and why

    def into(self, table: str) -> list[Reference]:
        """Who points at a table."""
        return [reference for reference in self.references if reference.to_table == table]

    def out_of(self, table: str) -> list[Reference]:
        return [reference for reference in self.references if reference.table == table]
