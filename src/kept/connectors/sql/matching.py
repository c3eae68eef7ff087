"""When two values mean the same: an identifier and what a column holds, or the columns of two tables."""

from __future__ import annotations

import re
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from kept.connectors.sql.dialects import Element, as_text, folded, literal
from kept.engine.catalogue import Column, Type
from kept.engine.identifiers import capital, stored_forms, upper
from kept.engine.pack import Scalar
from kept.terms import Identifier, Kind

UUID_TEXT = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
BITS = {"smallint": 16, "integer": 32}  # PostgreSQL refuses a number that its column could not hold


def stored_values(dialect: str, identifier: Identifier, live: Column) -> list[object]:
    """What a column of that type may hold of it; nothing where it cannot hold it at all."""
    text = identifier.value
    if identifier.kind != "account":
        forms = stored_forms(identifier)
        # Databases fold at least ASCII: other letters are asked for in either case.
        cased = (case(form) for case in (str, capital, upper) for form in forms)
        small = dict.fromkeys(re.sub(r"[A-Z]+", lambda match: match.group().lower(), form) for form in cased)
        return [_escaped(form) for form in small] if dialect == "postgresql" and live.type is Type.BYTES else [*small]
    if live.type in (Type.INTEGER, Type.BOOLEAN):
        limit = 2 ** (BITS.get(live.native, 64) - 1)
        return [int(text)] if re.fullmatch(r"-?[0-9]{1,19}", text) and -limit <= int(text) < limit else []
    number = _uuid(text)
    if live.type is Type.UUID:
        return [str(number)] if number else []
    if live.type is Type.BYTES:
        digits = number.hex if number else text.removeprefix("\\x")
        return [bytes.fromhex(digits)] if re.fullmatch(r"(?:[0-9a-fA-F]{2})+", digits) else []
    return [text, *(form for form in (str(number), number.hex) for form in (form, form.upper()))] if number else [text]


def _escaped(text: str) -> str:
    """A text as PostgreSQL shows its bytes: encode(…, 'escape')."""
    return "".join(chr(byte) if byte < 128 else f"\\{byte:03o}" for byte in text.replace("\\", "\\\\").encode())


def _uuid(text: str) -> UUID | None:
    return UUID(text) if UUID_TEXT.fullmatch(text) else None


def is_identifier(dialect: str, column: Element, live: Column, kind: Kind, value: Element) -> Element:
    """Whether a column holds one of the values asked for."""
    if kind == "account":
        return column == value
    if dialect == "mysql" and live.ignores_case and kind != "national_id":
        # The collation finds by the column's index, but may take é for e, which is somebody else.
        return sa.and_(column == value, _exact(column) == _exact(value))
    text = _exact(column) if dialect == "mysql" and live.type is Type.TEXT else folded(dialect, column, live)
    if kind == "national_id":
        for separator in " -./":
            text = sa.func.replace(text, separator, "")
    return text == (_exact(value) if dialect == "mysql" else value)


def _exact(text: Element) -> Element:
    """MariaDB, MySQL: without case, and otherwise to the letter."""
    return sa.collate(sa.func.lower(sa.cast(text, mysql.CHAR(charset="utf8mb4"))), "utf8mb4_bin")


def same_value(dialect: str, one: Element, live: Column, other: Element, other_live: Column) -> Element:
    """Whether columns of two tables hold the same: a number is never compared with a text as a number."""
    texts = [column.type is Type.TEXT for column in (live, other_live)]
    if all(texts) and dialect == "mysql" and live.native != other_live.native:
        return one == _in_characters_of(live, other)
    if texts == [True, False]:
        text = as_text(dialect, other, other_live)
        return one == (_in_characters_of(live, text) if dialect == "mysql" else text)
    return other == as_text(dialect, one, live) if texts == [False, True] else one == other


def _in_characters_of(live: Column, text: Element) -> Element:
    charset, _, collation = live.native.partition(" ")
    return sa.collate(sa.cast(text, mysql.CHAR(charset=charset)), collation) if collation else text


def is_constant(dialect: str, column: Element, live: Column, value: Scalar) -> Element:
    """Whether a column holds what a pack's `where` says. An empty text means nothing there."""
    if value == "":
        return sa.or_(column.is_(None), column == "") if live.type is Type.TEXT else column.is_(None)
    if live.type is Type.TEXT:
        return column == str(int(value) if isinstance(value, bool) else value)
    if live.type is Type.INTEGER and re.fullmatch(r"-?[0-9]+", str(value)):
        return column == int(value)
    if live.type is Type.BOOLEAN and str(value) in ("0", "1"):
        return column == bool(int(value))
    return column == literal(dialect, live, value)
