"""Two real servers, and what they really hold: read from the servers' own dumps, with nothing of Kept's."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import servers
from psycopg import sql
from pymysql.constants import CLIENT
from sqlalchemy.engine import make_url

from kept.connectors.sql.connector import SqlConnector
from kept.engine.identifiers import normal
from kept.engine.package import About
from kept.engine.packs import parse
from kept.engine.resolve import resolve
from kept.engine.subject import Change, Residue, Subject
from kept.terms import Identifier

ON = date(2026, 11, 22)
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
ABOUT_US = About("Hansoken Cloud", "privacy@hansoken.example", AT)
ABOUT = 'category = "account"\npurpose = "P."\nsource = "S."\nperiod = "A year."'  # what each table has to say


@dataclass(frozen=True)
class Place:
    """One database on one server."""

    kind: str  # postgresql, mariadb
    url: str

    @property
    def mariadb(self) -> bool:
        return self.kind == "mariadb"

    def open(self, autocommit: bool = True) -> Any:
        """A connection of our own; closes at the end of `with`."""
        if self.kind == "postgresql":
            return psycopg.connect(self.url, autocommit=autocommit)
        place = make_url(self.url)
        return closing(
            pymysql.connect(
                host=place.host,
                port=place.port or 0,
                user=place.username,
                password=place.password or "",
                database=place.database,
                charset="utf8mb4",
                autocommit=autocommit,
                client_flag=CLIENT.MULTI_STATEMENTS,
                max_allowed_packet=1 << 26,
            )
        )

    def run(self, script: str) -> None:
        with self.open() as connection, closing(connection.cursor()) as cursor:
            cursor.execute(script)
            while cursor.nextset():
                pass

    def all(self, query: str) -> list[tuple[Any, ...]]:
        with self.open() as connection, closing(connection.cursor()) as cursor:
            cursor.execute(query)
            return [tuple(row) for row in cursor.fetchall()]

    def one(self, query: str) -> Any:
        rows = self.all(query)
        assert len(rows) == 1, rows
        return rows[0][0]

    def plant(self, table: str, *rows: Mapping[str, Any]) -> None:
        """Insert rows; all name the same columns."""
        with self.open(autocommit=False) as connection, closing(connection.cursor()) as cursor:
            for shape, some in _shapes(rows).items():
                cursor.executemany(self._insert(table, shape), some)
            connection.commit()

    def _insert(self, table: str, columns: Sequence[str]) -> Any:
        if self.kind == "postgresql":
            return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                sql.Identifier(table),
                sql.SQL(", ").join(sql.Identifier(name.replace("%", "%%")) for name in columns),
                sql.SQL(", ").join([sql.Placeholder()] * len(columns)),
            )
        names = ", ".join(f"`{name}`".replace("%", "%%") for name in columns)
        return f"INSERT INTO `{table}` ({names}) VALUES ({', '.join(['%s'] * len(columns))})".replace("%%s", "%s")

    def dump(self) -> Dump:
        return Dump.of(self)

    def connector(self, pack: str, name: str | None = None) -> SqlConnector:
        loaded = parse(pack, "adversary.toml")
        return SqlConnector(name or loaded.name, self.url, loaded)


def _shapes(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, ...], list[tuple[Any, ...]]]:
    found: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for row in rows:
        found.setdefault(tuple(row), []).append(tuple(row.values()))
    return found


@dataclass(frozen=True)
class Dump:
    """A raw dump: table -> its rows as the server wrote them, each with how often."""

    tables: Mapping[str, Counter[bytes]]

    @classmethod
    def of(cls, place: Place) -> Dump:
        url = make_url(place.url)
        where = ["-h", str(url.host), "-u" if place.mariadb else "-U", str(url.username)]
        if place.mariadb:
            command = [
                program("mariadb-dump"), "--no-defaults", *where, "-P", str(url.port), "--no-create-info",
                "--skip-extended-insert", "--hex-blob", "--compact", "--single-transaction", "--skip-triggers",
                "--default-character-set=utf8mb4", "--max-allowed-packet=64M", str(url.database),
            ]  # fmt: skip
        else:
            command = [
                program("pg_dump"), *where, "-p", str(url.port), "--data-only", "-E", "UTF8", str(url.database),
            ]  # fmt: skip
        secret = {"MYSQL_PWD": str(url.password), "PGPASSWORD": str(url.password)}
        done = subprocess.run(command, env={**os.environ, **secret}, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return cls(_inserted(done.stdout) if place.mariadb else _copied(done.stdout))

    def rows(self) -> Counter[tuple[str, bytes]]:
        return Counter({(table, row): n for table, rows in self.tables.items() for row, n in rows.items()})

    def holding(self, *words: str) -> dict[str, int]:
        """In how many rows of which tables one of these words stands: as text, or in the hexadecimal of bytes."""
        wanted = [form for word in words for form in _forms(word)]
        found = {
            table: sum(n for row, n in rows.items() if any(form in row.lower() for form in wanted))
            for table, rows in self.tables.items()
        }
        return {table: n for table, n in found.items() if n}

    def without(self, *words: str) -> Counter[tuple[str, bytes]]:
        """The rows in which none of these words stands."""
        wanted = [form for word in words for form in _forms(word)]
        return Counter({key: n for key, n in self.rows().items() if not any(form in key[1].lower() for form in wanted)})


def _forms(word: str) -> list[bytes]:
    raw = word.lower().encode()
    return [raw, raw.hex().encode()]


_NAME = rb'(?:"(?:[^"]|"")*"|[^\s."]+)'


def _copied(dump: bytes) -> dict[str, Counter[bytes]]:
    tables: dict[str, Counter[bytes]] = {}
    table = None
    for line in dump.split(b"\n"):
        if table is not None:
            if line == b"\\.":
                table = None
            else:
                tables[table][line] += 1
        elif match := re.match(rb"COPY (" + _NAME + rb")\.(" + _NAME + rb") ", line):
            schema, name = (part.decode().strip('"').replace('""', '"') for part in match.groups())
            table = name if schema == "public" else f"{schema}.{name}"
            tables.setdefault(table, Counter())
    return tables


def _inserted(dump: bytes) -> dict[str, Counter[bytes]]:
    tables: dict[str, Counter[bytes]] = {}
    for line in dump.split(b"\n"):
        if match := re.match(rb"INSERT INTO `((?:[^`]|``)+)` VALUES ", line):
            tables.setdefault(match.group(1).decode(), Counter())[line[match.end() :]] += 1
    return tables


def program(name: str) -> str:
    found = shutil.which(name) or next(map(str, sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))), None)
    assert found, f"{name} is not installed beside the server"
    return found


def place_on(kind: str) -> tuple[Place, servers.Server]:
    server = servers.server_or_skip(kind)
    return Place(kind, server.new_database()), server


def email(text: str) -> Identifier:
    return normal("email", text)


def asking(*identifiers: Identifier | str, ref: str = "case") -> Subject:
    return Subject(ref, frozenset(email(one) if isinstance(one, str) else one for one in identifiers))


def widened(connectors: Sequence[SqlConnector] | SqlConnector, *subjects: Subject) -> list[Subject]:
    """The subjects with all that the systems know of them; nobody has to decide."""
    systems = [connectors] if isinstance(connectors, SqlConnector) else connectors
    answers = resolve(systems, subjects)
    assert [answer.conflict for answer in answers] == [None] * len(subjects)
    return [answer.subject for answer in answers]


def answered(connector: SqlConnector, *people: Subject | str) -> list[tuple[list[Change], Residue]]:
    """A whole erasure of these people at once: widen, plan, change, look."""
    batch = widened(connector, *(one if isinstance(one, Subject) else asking(one) for one in people))
    plan = connector.plan(ON)
    changes = connector.erase(plan, batch)
    return list(zip(changes, connector.look(plan, batch), strict=True))


def pack(*tables: str, name: str = "shop", not_personal: Sequence[str] = ()) -> str:
    """The text of a pack."""
    top = f'format = 1\nname = "{name}"\ntitle = "{name.title()}"\nnot_personal = {_quoted_list(not_personal)}\n'
    return top + "\n".join(tables)


def table(name: str, links: str, columns: str, more: str = "") -> str:
    """One table of a pack: its links and its columns as TOML."""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    head = f'[table."{quoted}"]\ntitle = "{quoted}"\n{ABOUT}\nlinks = [{links}]\n{more}\n'
    return f'{head}[table."{quoted}".columns]\n{columns}\n'


def _quoted_list(names: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


MAIL = '{ column = "email", is = "email" }'
ACCOUNT = '{ column = "id", is = "account" }'
ERASED_MAIL = 'email = { do = "erase", is = "email" }'
ERASED_NAME = 'name = { do = "erase", is = "name" }'
