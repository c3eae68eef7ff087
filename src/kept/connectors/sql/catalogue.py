"""Reading the live catalogue: one statement to see whether it changed, five when it did."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any

import sqlalchemy as sa

from kept.engine.catalogue import Catalogue, Check, Column, Reference, Table, Type

Rows = Iterable[Mapping[str, Any]]


@cache
def statements(dialect: str) -> Mapping[str, sa.TextClause]:
    """The named queries of `catalogue-<dialect>.sql`."""
    text = (resources.files(__package__) / f"catalogue-{dialect}.sql").read_text(encoding="utf-8")
    parts = re.split(r"^-- (\w+) --$", text, flags=re.MULTILINE)[1:]
    bodies = (re.sub(r"^--.*\n", "", body, flags=re.MULTILINE).strip().removesuffix(";") for body in parts[1::2])
    return {name: sa.text(body.replace(":", r"\:")) for name, body in zip(parts[::2], bodies, strict=True)}


def fingerprint(connection: sa.Connection) -> str:
    return str(connection.execute(statements(connection.dialect.name)["fingerprint"]).scalar_one())


def read(connection: sa.Connection, known: Catalogue | None = None) -> Catalogue:
    """The catalogue as it is now; `known` is given back when nothing changed since it was read."""
    now = fingerprint(connection)
    if known and known.fingerprint == now:
        return known
    queries = statements(connection.dialect.name)

    def rows(name: str) -> list[Mapping[str, Any]]:
        return [dict(row) for row in connection.execute(queries[name]).mappings()]

    columns: dict[str, dict[str, Column]] = defaultdict(dict)
    keys: dict[str, dict[int, str]] = defaultdict(dict)
    sizes: dict[str, int] = {}
    facts: dict[str, Mapping[str, Any]] = {}
    describe = _DESCRIBE[connection.dialect.name]
    for row in rows("columns"):
        table = row["table_name"]
        columns[table][row["name"]] = describe(row)
        sizes[table] = int(row.get("rows") or 0)
        facts[table] = row
        if row["key_position"]:
            keys[table][int(row["key_position"])] = row["name"]
    unique: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    null_once: dict[str, set[str]] = defaultdict(set)
    for row in rows("unique_sets"):
        unique[row["table_name"]][str(row["set_name"])].append(row["column_name"])
        if row.get("null_once"):
            null_once[row["table_name"]].add(row["column_name"])
    checks: dict[str, list[Check]] = defaultdict(list)
    for row in rows("checks"):
        for expression in _expressions(connection.dialect.name, row["expression"]):
            checks[row["table_name"]].append(Check(row["name"], expression))
    tables = {
        name: Table(
            name=name,
            columns=found,
            key=tuple(column for _, column in sorted(keys[name].items())),
            unique=tuple(tuple(dict.fromkeys(members)) for members in unique[name].values()),
            checks=tuple(checks[name]),
            null_once=frozenset(null_once[name]),
            transactional=bool(facts[name].get("transactional", True)),
            rows=sizes[name],
            schema=facts[name].get("schema_name") or "",
            stored_view=bool(facts[name].get("stored_view")),
            versioned=bool(facts[name].get("versioned")),
            inherited=bool(facts[name].get("inherited")),
        )
        for name, found in columns.items()
    }
    unread = {row["table_name"]: row["why"] for row in (rows("unread") if "unread" in queries else ())}
    if connection.dialect.name == "mysql" and not _sees_all(connection):
        unread["*"] = "Kept's account may read single tables, and does not see that there are others"
    return Catalogue(now, tables, tuple(_references(rows("foreign_keys"))), unread)


def _sees_all(connection: sa.Connection) -> bool:
    """MariaDB and MySQL hide tables from an account that may do nothing with them."""
    database = str(connection.execute(sa.text("SELECT database()")).scalar_one())
    for (grant,) in connection.execute(sa.text("SHOW GRANTS")):
        match = re.match(r"GRANT (.*) ON (?:\*|`([^`]+)`)\.\* TO ", str(grant))
        if match and re.search(r"\b(?:SELECT|ALL PRIVILEGES)\b", match.group(1)) and _is_like(database, match.group(2)):
            return True
    return False


def _is_like(name: str, pattern: str | None) -> bool:
    """Whether a database is meant by the pattern of a grant: shop\\_%; None: by all."""
    signs = {"%": ".*", "_": "."}
    parts = re.findall(r"\\?.", pattern or "%", re.DOTALL)
    return re.fullmatch("".join(signs.get(part) or re.escape(part[-1]) for part in parts), name) is not None


def _references(rows: Rows) -> Iterable[Reference]:
    sets: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        sets[(row["table_name"], str(row["set_name"]))].append(row)
    for (table, _), members in sets.items():
        yield Reference(
            table,
            tuple(row["column_name"] for row in members),
            members[0]["to_table"],
            tuple(row["to_column"] for row in members),
            str(members[0]["on_delete"]).upper(),
        )


def _expressions(dialect: str, text: str) -> list[str]:
    if dialect != "sqlite":
        return [text]
    found = []
    for match in re.finditer(r"\bcheck\s*\(", text, re.IGNORECASE):
        depth, end = 1, match.end()
        while end < len(text) and depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        found.append(text[match.end() : end - 1])
    return found


def _sqlite(row: Mapping[str, Any]) -> Column:
    native = row["native"] or ""
    size = re.search(r"\((\d+)\)", native)
    word = native.partition("(")[0].strip()
    type_ = _SQLITE.get(word) or next((found for part, found in _SQLITE_PARTS if part in word), Type.TEXT)
    # SQLite keeps any length; a declared one is the product's own rule, and products check it.
    length = int(size.group(1)) if size and type_ is Type.TEXT else None
    return Column(row["name"], type_, length, bool(row["nullable"]), bool(row["is_generated"]), native=native)


def _postgresql(row: Mapping[str, Any]) -> Column:
    native, category = row["native"], row["category"]
    type_ = _POSTGRESQL.get(native)
    if type_ is None:
        type_ = {"A": Type.ARRAY, "E": Type.ENUM, "S": Type.TEXT, "I": Type.IP}.get(category, Type.OTHER)
    if native == '"char"' or category == "A":
        type_ = Type.ARRAY if category == "A" else Type.OTHER
    labels = tuple(row["labels"] or ())
    return Column(
        *(row["name"], type_, row["length"], bool(row["nullable"]), bool(row["is_generated"])),
        ignores_case=bool(row["ignores_case"]),
        values=labels,
        native=native,
        made_from=row["made_from"] or "",
    )


def _mysql(row: Mapping[str, Any]) -> Column:
    native = row["native"]
    type_ = Type.BOOLEAN if row["column_type"] == "tinyint(1)" else _MYSQL.get(native, Type.OTHER)
    labels = re.findall(r"'((?:[^']|'')*)'", row["column_type"]) if native in ("enum", "set") else ()
    collation = row["collation"] or ""
    return Column(
        *(row["name"], type_, row["length"], bool(row["nullable"]), bool(row["is_generated"])),
        ignores_case=collation.endswith("_ci"),
        values=tuple(label.replace("''", "'") for label in labels),
        native=f"{row['charset']} {collation}" if row["charset"] else native,
        made_from=row["made_from"] or "",
        moves=bool(row["moves"]),
    )


_DESCRIBE = {"sqlite": _sqlite, "postgresql": _postgresql, "mysql": _mysql}

_SQLITE = {
    "boolean": Type.BOOLEAN,
    "bool": Type.BOOLEAN,
    "date": Type.DATE,
    "time": Type.TIME,
    "datetime": Type.INSTANT,
    "timestamp": Type.INSTANT,
    "json": Type.JSON,
    "blob": Type.BYTES,
    "decimal": Type.DECIMAL,
    "numeric": Type.DECIMAL,
}
_SQLITE_PARTS = (
    ("int", Type.INTEGER),
    ("char", Type.TEXT),
    ("clob", Type.TEXT),
    ("text", Type.TEXT),
    ("blob", Type.BYTES),
    ("real", Type.FLOAT),
    ("floa", Type.FLOAT),
    ("doub", Type.FLOAT),
)
_POSTGRESQL = {
    "boolean": Type.BOOLEAN,
    "smallint": Type.INTEGER,
    "integer": Type.INTEGER,
    "bigint": Type.INTEGER,
    "numeric": Type.DECIMAL,
    "money": Type.DECIMAL,
    "real": Type.FLOAT,
    "double precision": Type.FLOAT,
    "date": Type.DATE,
    "time without time zone": Type.TIME,
    "time with time zone": Type.TIME,
    "timestamp without time zone": Type.INSTANT,
    "timestamp with time zone": Type.INSTANT,
    "json": Type.JSON,
    "jsonb": Type.JSON,
    "uuid": Type.UUID,
    "bytea": Type.BYTES,
    "citext": Type.TEXT,
    "xml": Type.OTHER,
}
_MYSQL = {
    **dict.fromkeys(("char", "varchar", "tinytext", "text", "mediumtext", "longtext"), Type.TEXT),
    **dict.fromkeys(("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"), Type.BYTES),
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "bigint", "year", "bit"), Type.INTEGER),
    **dict.fromkeys(("enum", "set"), Type.ENUM),
    **dict.fromkeys(("datetime", "timestamp"), Type.INSTANT),
    **dict.fromkeys(("inet4", "inet6"), Type.IP),
    "decimal": Type.DECIMAL,
    "float": Type.FLOAT,
    "double": Type.FLOAT,
    "date": Type.DATE,
    "time": Type.TIME,
    "json": Type.JSON,
    "uuid": Type.UUID,
}
