"""The few things each database says in its own way. Everything else is plain SQLAlchemy Core."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.sql.expression import ColumnElement, FromClause

from kept.engine.catalogue import Column, Type

Row = Sequence[Any]
Rows = Sequence[Row] | Callable[[], Sequence[Row]]
Element = ColumnElement[Any]

SUBJECT = Column("subject", Type.INTEGER, native="integer")
TEXT = Column("value", Type.TEXT, native="text")


@dataclass(frozen=True)
class Given:
    """One column of values that Kept hands to the database."""

    name: str
    like: Column  # the live column it is compared with or written to
    letter: bool = False  # text to the letter, NUL and broken encoding included

    @property
    def raw(self) -> bool:
        """Whether it travels in hexadecimal."""
        return self.letter or self.like.type is Type.BYTES


def values(dialect: str, columns: Sequence[Given], rows: Rows) -> FromClause:
    """The rows as a table that can be joined: one parameter, however many. A callable gives them when the statement
    runs."""
    return {"postgresql": _pg_values, "sqlite": _sqlite_values, "mysql": _mysql_values}[dialect](columns, rows)


def bound(
    name: str | None, rows: Rows, told: Callable[[Sequence[Row]], Any], kind: Any = None
) -> sa.BindParameter[Any]:
    """A parameter that says something of the rows. It is always called for: a statement that was compiled with values
    would not ask for those of the next one that has its form."""
    return sa.bindparam(name, callable_=lambda: told(rows() if callable(rows) else rows), type_=kind, unique=True)


def folded(dialect: str, column: Element, live: Column) -> Element:
    """A text without its case, to be compared with lower-case values."""
    if live.type not in (Type.TEXT, Type.ENUM):
        column = as_text(dialect, column, live)
    if dialect == "postgresql":
        return sa.func.lower(
            sa.collate(sa.cast(column, sa.Text), "C") if live.native != "text" else sa.collate(column, "C")
        )
    if dialect == "sqlite":  # as bytes: a text that is no UTF-8 does not reach a function of ours
        return sa.func.lower(sa.cast(column, sa.LargeBinary), type_=sa.Text)
    return sa.func.lower(column)


def as_text(dialect: str, column: Element, live: Column) -> Element:
    """A value as text, bytes as far as they are text."""
    if live.type is Type.BYTES and dialect == "postgresql":
        return sa.func.encode(column, "escape")
    return sa.cast(column, sa.Text if dialect != "mysql" else sa.CHAR)


def as_key(dialect: str, column: Element, live: Column) -> Element:
    """A part of a key as a text from which it can be made again: bytes in hexadecimal."""
    if live.type is not Type.BYTES:
        return as_text(dialect, column, live)
    return sa.func.encode(column, "hex") if dialect == "postgresql" else sa.func.lower(sa.func.hex(column))


def as_letters(dialect: str, column: Element, live: Column) -> Element:
    """A value as a text to be searched for ASCII letters: whatever bytes it has, none is lost."""
    if live.type is Type.BYTES and dialect == "mysql":
        return sa.cast(column, mysql.CHAR(charset="latin1"))
    return as_text(dialect, column, live)


def converts_nothing(connection: sa.Connection) -> bool:
    """PostgreSQL: whether texts travel in the encoding in which they are stored."""
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - inside a transaction there is one
    said = driver.info.parameter_status
    return bool(said("server_encoding") == said("client_encoding"))


def as_bytes(connection: sa.Connection, text: Element) -> Element:
    """The bytes of a text on PostgreSQL as they are stored, in the quickest way."""
    if converts_nothing(connection):
        return sa.func.textsend(text)
    return sa.func.convert_to(text, sa.func.getdatabaseencoding())


def token(dialect: str, table: str, column: str, key: Sequence[Element], live: Column, ending: str) -> Element:
    """A unique text made from the row's own key: the same again when the change is tried again."""
    seed: Element = sa.literal(f"{table}.{column}")
    for part in key:
        seed = (
            sa.func.concat(seed, ":", sa.cast(part, sa.CHAR))
            if dialect == "mysql"
            else seed + ":" + sa.cast(part, sa.Text)
        )
    digest = sa.func.md5(seed)
    if live.type is Type.UUID:
        return sa.cast(digest, sa.Uuid) if dialect == "postgresql" else digest
    room = 32 if live.length is None else min(32, live.length - len(ending))
    short: Element = sa.func.substr(digest, 1, room)
    if dialect != "mysql":
        return short + ending if ending else short
    whole = sa.func.concat(short, ending) if ending else short
    charset, _, collation = live.native.partition(" ")
    # In the column's own characters: latin1 does not mix with what a connection speaks.
    return sa.collate(sa.cast(whole, mysql.CHAR(charset=charset)), collation) if collation else whole


def literal(dialect: str, live: Column, value: str | int | bool | None) -> Element:
    """A constant of the column's own type."""
    if value is None:
        return sa.null()
    if live.type is Type.BYTES:
        return sa.literal(str(value).encode(), sa.LargeBinary)
    if dialect == "postgresql" and live.type not in (Type.TEXT, Type.BOOLEAN, Type.INTEGER):
        return sa.cast(sa.literal(str(value), sa.Text), _Native(live.native))
    return sa.literal(value)


def cast_back(dialect: str, text: Element, live: Column) -> Element:
    """A text on its way into a column of another type."""
    if dialect == "postgresql" and live.type is not Type.BYTES and live.native != "text":
        return sa.cast(text, _Native(live.native))
    return text


def comparable(dialect: str, value: Element, live: Column) -> Element:
    """A value in a form that `=` is defined for."""
    return sa.cast(value, sa.Text) if dialect == "postgresql" and live.type in (Type.JSON, Type.OTHER) else value


def exactly(dialect: str, column: Element, text: Element, live: Column) -> Element:
    """Whether a column holds this text, whatever its collation takes for the same."""
    if dialect == "mysql" and live.type is not Type.BYTES:
        both = (sa.collate(sa.cast(one, mysql.CHAR(charset="utf8mb4")), "utf8mb4_bin") for one in (column, text))
        return next(both) == next(both)
    return comparable(dialect, column, live) == comparable(dialect, cast_back(dialect, text, live), live)


class _Native(sa.types.UserDefinedType[Any]):
    """A type by the database's own name, as read from its catalogue."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: object) -> str:
        return self.name


def _column(position: int, rows: Sequence[Row]) -> list[Any]:
    return [row[position] for row in rows]


def _pg_values(columns: Sequence[Given], rows: Rows) -> FromClause:
    casts: list[str] = []
    binds: list[sa.BindParameter[Any]] = []
    for position, column in enumerate(columns):
        # The catalogue's own spelling of a type: format_type() output, never a person's text.
        casts.append(f"CAST(:p{position} AS {'bytea' if column.like.type is Type.BYTES else column.like.native}[])")
        binds.append(bound(f"p{position}", rows, partial(_column, position)))
    names = ", ".join(f"c{position}" for position in range(len(columns)))
    text = sa.text(f"SELECT * FROM unnest({', '.join(casts)}) AS given({names})")  # noqa: S608
    chosen = text.bindparams(*binds).columns(*(sa.column(f"c{position}") for position in range(len(columns))))
    return _named(chosen, columns)


def _sqlite_values(columns: Sequence[Given], rows: Rows) -> FromClause:
    parts = []
    for position, column in enumerate(columns):
        part = f"json_extract(value, '$[{position}]')"
        if column.raw:
            part = f"unhex({part})" if column.like.type is Type.BYTES else f"CAST(unhex({part}) AS TEXT)"
        parts.append(f"{part} AS c{position}")
    text = sa.text(f"SELECT {', '.join(parts)} FROM json_each(:p)")  # noqa: S608
    given = text.bindparams(bound("p", rows, partial(_json, columns)))
    return _named(given.columns(*(sa.column(f"c{position}") for position in range(len(columns)))), columns)


def _mysql_values(columns: Sequence[Given], rows: Rows) -> FromClause:
    parts, shown = [], []
    for position, column in enumerate(columns):
        # Not LONGTEXT: MariaDB takes UNHEX of it for longer than any column.
        kind = "BIGINT" if column.like.type in (Type.INTEGER, Type.BOOLEAN) else "MEDIUMTEXT CHARACTER SET latin1"
        if kind != "BIGINT" and not column.raw:
            kind = "VARCHAR(768) CHARACTER SET utf8mb4"
        parts.append(f"c{position} {kind} PATH '$[{position}]'")
        name = f"c{position}"
        charset, _, collation = column.like.native.partition(" ")
        if column.raw:
            name = f"UNHEX({name})" if column.like.type is Type.BYTES else f"CONVERT(UNHEX({name}) USING utf8mb4)"
        elif collation:  # compare as the column does, so that its index serves
            name = f"CONVERT({name} USING {charset}) COLLATE {collation}"
        shown.append(f"{name} AS c{position}")
    text = sa.text(f"SELECT {', '.join(shown)} FROM JSON_TABLE(:p, '$[*]' COLUMNS ({', '.join(parts)})) AS given")  # noqa: S608
    given = text.bindparams(bound("p", rows, partial(_json, columns)))
    return _named(given.columns(*(sa.column(f"c{position}") for position in range(len(columns)))), columns)


def _named(chosen: sa.TextualSelect, columns: Sequence[Given]) -> FromClause:
    inner = chosen.subquery()
    shown = (inner.c[f"c{position}"].label(column.name) for position, column in enumerate(columns))
    return sa.select(*shown).subquery()


def _json(columns: Sequence[Given], rows: Sequence[Row]) -> str:
    return json.dumps([list(_cells(columns, row)) for row in rows])


def _cells(columns: Sequence[Given], row: Row) -> Iterator[object]:
    for column, value in zip(columns, row, strict=True):
        if isinstance(value, str) and column.raw:
            yield value.encode("utf-8", "surrogateescape").hex()
        elif isinstance(value, bytes | bytearray):
            yield bytes(value).hex()
        elif isinstance(value, datetime):
            yield value.isoformat(sep=" ")
        elif isinstance(value, date | time | Decimal | UUID):
            yield str(value)
        else:
            yield value
