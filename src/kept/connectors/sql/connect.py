"""Reaching one database: its address, its connection, and its errors without their values."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import sqlalchemy as sa
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.types.string import StrDumper
from sqlalchemy import event, exc, pool
from sqlalchemy.engine import URL, make_url

from kept.engine.errors import ChangeFailed, EngineError, SystemRefused, SystemUnreachable

CONNECT_SECONDS = 10
COMPILED = 1500  # statements of one system that are remembered
LOCK_SECONDS = 30  # how long a change waits for somebody else's lock before it gives up, to be tried again
DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
}
# Locks, deadlocks, serialisation: nothing was changed, and the next try may well succeed.
BUSY = {"55P03", "40P01", "40001", "1205", "1213", "SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED"}
# How PostgreSQL says no to a connection, and the state it would give.
TURNED_AWAY = (
    (r"password authentication failed", "28P01"),
    (r'role ".*" does not exist|no pg_hba\.conf entry|no password supplied', "28000"),
    (r'database ".*" does not exist', "3D000"),
    (r"permission denied for database", "42501"),
)
# Where MariaDB and MySQL name a constraint or column: after the value, which may look like a name as well.
NAMED = {
    "1062": re.compile(r"for key '([^']+)'"),
    "4025": re.compile(r"CONSTRAINT `([^`]+)` failed"),
    "3819": re.compile(r"constraint '([^']+)' is violated"),
    **dict.fromkeys(("1451", "1452"), re.compile(r"CONSTRAINT `([^`]+)` FOREIGN KEY")),
    **dict.fromkeys(("1048", "1364", "1406"), re.compile(r"(?:Column|Field|column) '([^']+)'")),
}
REFUSED = {"28P01", "28000", "42501", "3D000", "1044", "1045", "1049", "1142", "1143", "1227"}


def address(reference: str, name: str) -> URL:
    """A database URL as given, or `env:NAME` or `file:PATH` that hold it, so that no password shows.

    Raises SystemRefused with what is wrong; never repeats the URL.
    """
    text = reference
    if reference.startswith("env:"):
        text = os.environ.get(reference[4:], "")
        if not text:
            raise SystemRefused(name, f"the environment variable {reference[4:]} is empty")
    elif reference.startswith("file:"):
        try:
            text = Path(reference[5:]).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as problem:
            raise SystemRefused(name, f"the file {reference[5:]} cannot be read ({type(problem).__name__})") from None
    try:
        url = make_url(text)
    except (exc.ArgumentError, ValueError):
        raise SystemRefused(
            name, "the address is no URL; it looks like mariadb://name:password@host/database"
        ) from None
    family = url.drivername.partition("+")[0]
    if family not in DRIVERS:
        raise SystemRefused(name, f"Kept cannot speak {family!r}; it speaks {', '.join(sorted(DRIVERS))}")
    if not url.database:
        raise SystemRefused(name, "the address names no database")
    if family == "sqlite" and not Path(url.database).is_file():
        raise SystemUnreachable(name, "there is no such SQLite file")
    return url.set(drivername=DRIVERS[family])


def open_engine(url: URL) -> sa.Engine:
    """An engine that connects when first used; one connection at a time, closed after each run on MariaDB and MySQL."""
    if url.drivername == "sqlite":
        # Read and write only: a wrong path must not make a new, empty database.
        place = Path(str(url.database)).resolve().as_uri() + "?mode=rw"
        engine = sa.create_engine(
            "sqlite://",
            creator=lambda: sqlite3.connect(place, uri=True, timeout=30, check_same_thread=False, isolation_level=None),
            poolclass=pool.NullPool,
            query_cache_size=COMPILED,
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        return engine
    if url.drivername.startswith("postgresql"):
        given = url.query.get("options", "")
        options = f"{given if isinstance(given, str) else ' '.join(given)} -c lock_timeout={LOCK_SECONDS}s"
        # A policy that hides rows from Kept must stop it, not blind it.
        options += " -c row_security=off"
        engine = sa.create_engine(
            url.difference_update_query(["options"]),
            connect_args={
                "connect_timeout": CONNECT_SECONDS,
                "application_name": "kept",
                "prepare_threshold": None,
                "client_encoding": "utf8",
                "options": options.strip(),
            },
            poolclass=pool.QueuePool,
            pool_size=4,
            pool_pre_ping=False,
            pool_recycle=300,
            use_native_hstore=False,
            query_cache_size=COMPILED,
        )
        event.listen(engine, "connect", _prepare_postgresql)
        return engine
    return sa.create_engine(
        url,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "charset": "utf8mb4",
            "init_command": f"SET innodb_lock_wait_timeout={LOCK_SECONDS}, lock_wait_timeout={LOCK_SECONDS}",
        },
        poolclass=pool.NullPool,  # its temporary tables go with the connection
        query_cache_size=COMPILED,
    )


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    """Functions that the other databases have of their own."""

    def lower(text: str | bytes | int | float | None) -> str | bytes | int | float | None:
        if isinstance(text, bytes):  # the way in for what is no UTF-8: SQLite hands no broken text to a function
            return text.decode("utf-8", "replace").lower()
        return text.lower() if isinstance(text, str) else text

    def md5(text: object) -> str:
        return hashlib.md5(str(text).encode(), usedforsecurity=False).hexdigest()

    def unhex(text: object) -> bytes | None:
        return bytes.fromhex(text) if isinstance(text, str) else None

    connection.text_factory = _text
    connection.create_function("lower", 1, lower, deterministic=True)
    connection.create_function("md5", 1, md5, deterministic=True)
    connection.create_function("unhex", 1, unhex, deterministic=True)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA busy_timeout=30000")


def _text(raw: bytes) -> str:
    """SQLite checks no encoding: bytes that are no UTF-8 come through as they are and go back the same."""
    return raw.decode("utf-8", "surrogateescape")


class _AnyTextLoader(Loader):
    def load(self, data: Buffer) -> str:
        return _text(bytes(data))


class _AnyTextDumper(StrDumper):
    def dump(self, obj: str) -> bytes:
        return obj.encode("utf-8", "surrogateescape")


def _prepare_postgresql(connection: psycopg.Connection[Any], _: object) -> None:
    """A database without an encoding checks none either."""
    if connection.info.parameter_status("server_encoding") == "SQL_ASCII":
        for name in ("text", "varchar", "bpchar", "name"):
            connection.adapters.register_loader(name, _AnyTextLoader)
        connection.adapters.register_dumper(str, _AnyTextDumper)
        connection.execute("SET client_encoding TO 'SQL_ASCII'")  # or it would check what it sends
        connection.commit()


@contextmanager
def plain_errors(system: str, table: str = "") -> Iterator[None]:
    """Turn a driver's error into ours: what and where, without the values that drivers like to quote."""
    try:
        yield
    except exc.DBAPIError as problem:
        # `from None`: the driver's text may quote a whole row.
        raise _ours(system, table, problem.orig or problem, lost=problem.connection_invalidated) from None
    except (psycopg.Error, pymysql.Error, sqlite3.Error) as problem:
        raise _ours(system, table, problem) from None
    except exc.SQLAlchemyError as problem:
        raise ChangeFailed(system, table, f"the statement could not be made ({type(problem).__name__})") from None


def _ours(system: str, table: str, problem: BaseException, *, lost: bool = False) -> EngineError:
    code, constraint = _code(problem)
    if code in BUSY:
        return SystemUnreachable(system, f"somebody else holds what has to be changed ({code})")
    if lost or _unreachable(problem, code):
        return SystemUnreachable(system, f"the database does not answer ({code or 'no connection'})")
    if code in REFUSED:
        return SystemRefused(system, f"the database refuses: {_refusal(code)} ({code})")
    details = " ".join(filter(None, (type(problem).__name__, code)))
    return ChangeFailed(
        system, table, f"the database refused the statement ({', '.join(filter(None, (details, constraint)))})"
    )


def _code(problem: object) -> tuple[str, str]:
    """The database's own error code and the name of the constraint, if it gives one."""
    state = getattr(problem, "sqlstate", None) or _state_in_words(problem)
    diagnosis = getattr(problem, "diag", None)
    if state and not isinstance(problem, pymysql.Error):  # MariaDB's numbers say more than its states
        return str(state), str(
            getattr(diagnosis, "constraint_name", None) or getattr(diagnosis, "column_name", None) or ""
        )
    name = getattr(problem, "sqlite_errorname", None)
    if name:
        return str(name), ""
    arguments: tuple[object, ...] = getattr(problem, "args", ())
    number = str(arguments[0]) if arguments and isinstance(arguments[0], int) else ""
    named = NAMED[number].findall(str(arguments[1])) if number in NAMED and len(arguments) > 1 else []
    return number, named[-1] if named else ""


def _state_in_words(problem: object) -> str:
    """PostgreSQL's state when it let nobody in: libpq then gives words alone."""
    if not isinstance(problem, psycopg.OperationalError):
        return ""
    return next((state for words, state in TURNED_AWAY if re.search(words, str(problem))), "")


def _unreachable(problem: BaseException, code: str) -> bool:
    operational = (psycopg.OperationalError, pymysql.OperationalError, sqlite3.OperationalError)
    if not isinstance(problem, (*operational, psycopg.InterfaceError, pymysql.InterfaceError)):
        return False
    return code in ("", "2002", "2003", "2006", "2013", "0", "SQLITE_CANTOPEN") or code.startswith(("08", "57P"))


def _refusal(code: str) -> str:
    if code in ("28P01", "28000", "1045"):
        return "wrong name or password"
    return "no such database" if code in ("3D000", "1049") else "Kept's account may not do this"
