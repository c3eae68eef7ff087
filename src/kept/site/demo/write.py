"""Writing one new SQLite file: rows in chunks, indexes last, and the file appears whole or not at all."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path

CHUNK = 500  # rows held per table before they are written

Value = str | int | float | bytes | None


class Tables:
    """The tables of one database, and the rows on their way into it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.columns: dict[str, tuple[str, ...]] = {}
        self.rows_written: dict[str, int] = {}
        self._defaults: dict[str, dict[str, Value]] = {}
        self._numbered: dict[str, str] = {}  # tables whose rows we number: the column that takes the number
        self._next: dict[str, int] = {}
        self._waiting: dict[str, list[tuple[Value, ...]]] = {}
        self._last, self._again = "", 0
        for (table,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        ).fetchall():
            self._learn(table)

    def _learn(self, table: str) -> None:
        fields = self.connection.execute(
            "SELECT name, type, dflt_value, pk FROM pragma_table_info(?)", (table,)
        ).fetchall()
        self.columns[table] = tuple(name for name, _, _, _ in fields)
        self._defaults[table] = {
            name: self.connection.execute(f"SELECT {default}").fetchone()[0] if default is not None else None
            for name, _, default, _ in fields
        }
        key = [(name, kind) for name, kind, _, pk in fields if pk]
        if len(key) == 1 and key[0][1] == "INTEGER":
            self._numbered[table], self._next[table] = key[0][0], 1
        self._waiting[table], self.rows_written[table] = [], 0

    def start(self, table: str, number: int) -> None:
        """Number the rows of a table from here on, so that two systems' numbers do not agree by chance."""
        self._next[table] = number

    def upcoming(self, table: str) -> int:
        """The number the next row of a table will take."""
        return self._next[table]

    def again(self, name: str) -> str:
        """A name that is given several times in a row, made different after the first: web1, web1-2, web1-3."""
        self._again = self._again + 1 if name == self._last else 1
        self._last = name
        return name if self._again == 1 else f"{name}-{self._again}"

    def add(self, table: str, **values: Value) -> int:
        """One row; columns left out take the table's default. Returns its number, 0 where rows have none."""
        number = 0
        if (column := self._numbered.get(table)) and column not in values:
            number = values[column] = self._next[table]
            self._next[table] += 1
        row = {**self._defaults[table], **values}
        if len(row) != len(self.columns[table]):
            raise ValueError(f"{table} has no column {sorted(row.keys() - set(self.columns[table]))}")
        self._waiting[table].append(tuple(row.values()))
        if len(self._waiting[table]) >= CHUNK:
            self._write(table)
        return number

    def count(self, table: str) -> int:
        """Rows so far, written or waiting."""
        return self.rows_written[table] + len(self._waiting[table])

    def flush(self) -> None:
        for table in self._waiting:
            self._write(table)

    def _write(self, table: str) -> None:
        rows = self._waiting[table]
        if rows:
            names = ", ".join(f'"{name}"' for name in self.columns[table])
            marks = ", ".join("?" * len(self.columns[table]))
            self.connection.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)  # noqa: S608
            self.rows_written[table] += len(rows)
            rows.clear()


def write(file: Path, schema: str, fill: Callable[[Tables], None]) -> Mapping[str, int]:
    """Make `file` from the shipped `schema` (a .sql file beside this one) and what `fill` adds. Rows per table.

    The file is made under another name and renamed when it is complete and on disk: a killed run leaves no half file.
    """
    tables_sql, _, indexes_sql = (
        (resources.files("kept.site.demo") / schema).read_text(encoding="utf-8").partition("-- indexes --")
    )
    _clear_away(file)
    handle, made = tempfile.mkstemp(prefix=f".{file.stem}-", suffix=".part", dir=file.parent)
    part = Path(made)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)  # says that somebody is at work on it
        connection = sqlite3.connect(part)
        try:
            for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -16000"):
                connection.execute(f"PRAGMA {setting}")
            connection.executescript(tables_sql)
            tables = Tables(connection)
            fill(tables)
            tables.flush()
            connection.commit()
            connection.executescript(indexes_sql)
        finally:
            connection.close()
        os.fsync(handle)
        part.replace(file)
    finally:
        os.close(handle)
        part.unlink(missing_ok=True)
    return tables.rows_written


def _clear_away(file: Path) -> None:
    """Remove what killed runs left: parts that nobody holds."""
    for left in file.parent.glob(f".{file.stem}-*.part"):
        with left.open("rb") as open_part:
            try:
                fcntl.flock(open_part, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            left.unlink(missing_ok=True)
