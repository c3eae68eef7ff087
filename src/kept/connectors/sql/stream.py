"""Results that are read a bounded number of rows at a time, and closed whatever happens to who reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from kept.connectors.sql.asking import Asking, now

FETCH = 1000  # rows held in memory at once
OPEN = "kept_open_results"


def stream(
    connection: sa.Connection,
    statement: sa.Select[Any],
    asking: Asking | None = None,
    compiled: sa.Compiled | None = None,
) -> Iterator[tuple[Any, ...]]:
    """The rows of one statement, a bounded number in memory at a time. Inside `no_result_left_open`.

    `asking`: whose values a shared statement takes; `compiled`: what `compile_for` made of it.
    """
    if connection.dialect.name == "postgresql":
        # A plain result would be held whole, and a server-side cursor takes three statements: libpq's chunks take one.
        compiled = compiled or compile_for(connection, statement)
        with now(asking):
            parameters: Mapping[str, Any] = compiled.params
        driver = connection.connection.driver_connection
        assert driver is not None  # noqa: S101 - inside a transaction there is one
        with driver.cursor() as cursor:
            rows = cursor.stream(str(compiled), parameters, size=FETCH)
            with open_result(connection, rows.close):
                yield from rows
        return
    with now(asking):
        result = connection.execution_options(yield_per=FETCH).execute(statement)
    with open_result(connection, result.close):
        for row in result:
            yield tuple(row)


def compile_for(connection: sa.Connection, statement: sa.Select[Any]) -> sa.Compiled:
    """For PostgreSQL; the other databases' statements SQLAlchemy remembers itself."""
    return statement.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})


@contextmanager
def open_result(connection: sa.Connection, close: Callable[[], None]) -> Iterator[None]:
    """`close` is called when reading ends in an error, and at the latest when the session ends."""
    there: list[Callable[[], None]] = connection.info.setdefault(OPEN, [])
    there.append(close)
    try:
        yield
    except BaseException:
        close()
        raise
    finally:
        if close in there:
            there.remove(close)


@contextmanager
def no_result_left_open(connection: sa.Connection) -> Iterator[None]:
    """An error keeps the frames it came through, and with them a result that nobody reads on. It holds the connection:
    whoever rolls back or asks the next thing would wait for ever."""
    there: list[Callable[[], None]] = connection.info.setdefault(OPEN, [])  # a lost connection tells nothing any more
    try:
        yield
    finally:
        while there:
            there.pop()()
