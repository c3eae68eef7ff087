"""The three databases as the engine meets them: a fixture that runs a test on SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pymysql
import pytest
import servers
from sqlalchemy.engine import make_url

from kept.connectors.sql.connector import SqlConnector
from kept.engine.packs import parse


@dataclass
class Database:
    """One empty database of a real server, and ways to look at it that owe nothing to Kept."""

    kind: str
    url: str
    opened: list[SqlConnector] = field(default_factory=list)

    def run(self, script: str) -> None:
        with self.open() as connection:
            for statement in filter(str.strip, script.split(";\n")):
                connection.cursor().execute(statement)
            connection.commit()

    def rows(self, query: str) -> list[tuple]:
        with self.open() as connection:
            cursor = connection.cursor()
            cursor.execute(query)
            return [tuple(row) for row in cursor.fetchall()]

    def open(self):
        url = make_url(self.url)
        if self.kind == "sqlite":
            return _Closing(sqlite3.connect(url.database))
        if self.kind == "postgresql":
            return psycopg.connect(self.url)
        parts = {"host": url.host, "port": url.port, "user": url.username, "password": url.password}
        return _Closing(pymysql.connect(database=url.database, charset="utf8mb4", **parts))

    def dump(self) -> str:
        """Every cell of every table, as text."""
        names = {
            "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
            "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
            "mariadb": "SELECT table_name FROM information_schema.tables WHERE table_schema = database()",
        }[self.kind]
        quote = "`" if self.kind == "mariadb" else '"'
        return "\n".join(
            sorted(
                f"{table}: {row!r}"
                for (table,) in self.rows(names)
                for row in self.rows(f"SELECT * FROM {quote}{table}{quote}")
            )
        )

    def connector(self, pack: str, name: str | None = None) -> SqlConnector:
        loaded = parse(pack, "test.toml")
        self.opened.append(SqlConnector(name or loaded.name, self.url, loaded))
        return self.opened[-1]

    def close(self) -> None:
        for connector in self.opened:
            connector.close()


class _Closing:
    """sqlite3 and PyMySQL connections do not close at the end of a `with`."""

    def __init__(self, connection) -> None:
        self.connection = connection

    def __enter__(self):
        return self.connection

    def __exit__(self, *problem) -> None:
        self.connection.close()


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        path = tmp_path / "system.sqlite3"
        sqlite3.connect(path).close()
        here = Database("sqlite", f"sqlite:///{path}")
        yield here
        here.close()
        return
    server = servers.server_or_skip(request.param)
    url = server.new_database()
    here = Database(request.param, url)
    try:
        yield here
    finally:
        here.close()
        server.drop_database(url)


def portable(script: str, kind: str) -> str:
    """Types that the databases spell differently."""
    words = {
        "sqlite": {"INSTANT": "datetime", "DOCUMENT": "json"},
        "postgresql": {"INSTANT": "timestamp", "DOCUMENT": "jsonb"},
        "mariadb": {"INSTANT": "datetime", "DOCUMENT": "json"},
    }[kind]
    return re.sub(r"\b(INSTANT|DOCUMENT)\b", lambda match: words[match.group()], script)
