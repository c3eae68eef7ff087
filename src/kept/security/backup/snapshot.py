"""The store as it was at one moment, without its keys, in a file; and a store made out of such a file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection

from kept.security.backup import postgresql
from kept.security.backup.errors import DumpFailed

# The keys have files of their own, which go sooner. Nobody is signed in after a restore.
WITHOUT = ("vault_key", "django_session")
Counts = Mapping[str, int]


def take(to: Path) -> Counts:
    """Write the store into a new file, while others write to it. Returns how many rows each table has in it.

    Raises ToolMissing, DumpFailed.
    """
    return _of_postgresql(to) if connection.vendor == "postgresql" else _of_sqlite(to)


def counts_of(path: Path) -> Counts:
    """Of a SQLite file."""
    with closing(sqlite3.connect(path)) as store:
        tables = [name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: store.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in _own(tables)}  # noqa: S608


def _of_sqlite(to: Path) -> Counts:
    place = str(connection.settings_dict["NAME"])
    try:
        with closing(_source(place)) as source, closing(sqlite3.connect(to)) as copy:
            source.backup(copy)  # one moment of the store, whoever writes meanwhile
            copy.execute("PRAGMA journal_mode = DELETE")
            copy.execute("PRAGMA secure_delete = ON")
            for table in WITHOUT:
                copy.execute(f'DELETE FROM "{table}"')  # noqa: S608 - our own names
            copy.commit()
            copy.execute("VACUUM")
    except sqlite3.Error as problem:
        raise DumpFailed(f"SQLite could not copy the store ({type(problem).__name__}).") from None
    return counts_of(to)


def _source(place: str) -> sqlite3.Connection:
    if place.startswith("file:"):  # the test suite's, in memory
        return sqlite3.connect(place, uri=True)
    return sqlite3.connect(Path(place).resolve().as_uri() + "?mode=ro", uri=True, timeout=30)


def _of_postgresql(to: Path) -> Counts:
    """The counts and the dump are of one exported snapshot, on a connection of their own."""
    with _reader() as reader:
        snapshot = reader("SELECT pg_export_snapshot()")[0][0]
        tables = [name for (name,) in reader("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")]
        counts = {name: int(reader(f'SELECT count(*) FROM "{name}"')[0][0]) for name in _own(tables)}  # noqa: S608
        with to.open("wb") as file:
            postgresql.dump(connection.settings_dict, file, str(snapshot), WITHOUT)
    return counts


@contextmanager
def _reader() -> Iterator[Callable[[str], list[tuple[Any, ...]]]]:
    other = connection.copy("backup")
    try:
        other.ensure_connection()
        with other.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

            def ask(statement: str) -> list[tuple[Any, ...]]:
                cursor.execute(statement)
                return list(cursor.fetchall())

            yield ask
            cursor.execute("ROLLBACK")
    except DatabaseError as problem:
        raise DumpFailed(f"The database did not answer ({type(problem).__name__}).") from None
    finally:
        other.close()


def _own(tables: list[str]) -> list[str]:
    return sorted(name for name in tables if name not in WITHOUT and not name.startswith("sqlite_"))
