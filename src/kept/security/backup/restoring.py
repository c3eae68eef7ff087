"""Putting a backup in the place of the store. Killed at any point it leaves the old store, or the new one that does not
serve before everything since was done again."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection, connections

from kept.security.backup import postgresql
from kept.security.backup.errors import RestoreRefused
from kept.security.backup.folder import sync
from kept.security.backup.making import FOLDERS, key_paths
from kept.security.backup.reading import Data, Keys

MARK = "restore-under-way"  # a file in the data folder, while store and files are being put in place


def mark() -> Path:
    return Path(settings.DATA) / MARK


def may_replace(data: Data, *, replace: bool) -> None:
    """Raises RestoreRefused where something would be lost that nobody said may go, or the stores do not fit."""
    if data.vendor != connection.vendor:
        mend = (
            "Set KEPT_DATABASE_URL to such a database." if data.vendor == "postgresql" else "Unset KEPT_DATABASE_URL."
        )
        raise RestoreRefused(f"The backup is of {data.vendor}, and the store here is {connection.vendor}. {mend}")
    try:
        filled = bool(connection.introspection.table_names())
    except DatabaseError as problem:
        raise RestoreRefused(f"The database does not answer ({type(problem).__name__}).") from None
    if filled and not replace and not mark().exists():
        raise RestoreRefused("There is a store here already. Say --replace to put the backup in its place.")
    if connection.vendor == "postgresql" and (others := _others()):
        raise RestoreRefused(f"{others} other connections use this database. Stop every `kept web` and `kept worker`.")


def put_in_place(data: Data, keys: Keys | None, at: datetime) -> None:
    """Store, keys and files as they were.

    Raises DumpFailed, ToolMissing, OSError: then the old store is there as it was, or the mark, and it is tried again.
    """
    _write_mark(data, at)
    if data.vendor == "postgresql":
        _postgresql(data, keys, at)
    else:
        _sqlite(data, keys, at)
    _files(data)
    if keys is not None:
        _key_files(keys)


def over() -> None:
    """The store may serve again."""
    mark().unlink(missing_ok=True)
    sync(Path(settings.DATA))


def _write_mark(data: Data, at: datetime) -> None:
    path = mark()
    path.touch(mode=0o600)
    path.write_text(f"{at.astimezone(UTC).isoformat()} from {data.made_at.isoformat()}\n")
    sync(path.parent)


def _sqlite(data: Data, keys: Keys | None, at: datetime) -> None:
    connections.close_all()
    with closing(sqlite3.connect(data.store)) as store, store:
        for statement, rows in _statements(keys, data.made_at, at):
            store.executemany(statement, rows)
        store.execute("DELETE FROM sqlite_sequence WHERE name = 'vault_key'")
        last = _last_number(keys, at)
        store.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('vault_key', ?)", [last])
    with data.store.open("rb") as file:
        os.fsync(file.fileno())
    place = Path(str(connection.settings_dict["NAME"]))
    for side in ("-wal", "-shm", "-journal"):  # of the old store: they must never be taken for the new one's
        place.with_name(place.name + side).unlink(missing_ok=True)
    data.store.replace(place)
    sync(place.parent)


def _postgresql(data: Data, keys: Keys | None, at: datetime) -> None:
    """All as one transaction: the tables that are there go, the backup's come, with the keys and the mark in it."""
    script = data.folder / "script.sql"
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    with script.open("wb") as file:
        for table in tables:
            file.write(f'DROP TABLE IF EXISTS "{table}" CASCADE;\n'.encode())
        file.flush()
        postgresql.as_sql(data.store, file)
        file.seek(0, os.SEEK_END)
        # pg_restore empties the search path.
        file.write(b"SELECT pg_catalog.set_config('search_path', '\"$user\", public', false);\n")
        for statement, rows in _statements(keys, data.made_at, at):
            for row in rows:
                file.write((statement.replace("?", "%s") % tuple(map(_literal, row)) + ";\n").encode())
        next_number = "SELECT setval(pg_get_serial_sequence('vault_key', 'number'), %d);\n"
        file.write((next_number % _last_number(keys, at)).encode())
    connections.close_all()
    postgresql.execute(connection.settings_dict, script)


def _statements(keys: Keys | None, made_at: datetime, at: datetime) -> list[tuple[str, list[tuple[object, ...]]]]:
    """The keys, and the mark in the store itself that it must not serve yet."""
    found: list[tuple[str, list[tuple[object, ...]]]] = [("DELETE FROM vault_key", [()])]
    if keys is not None:
        generations = [(number, wrapped, _moment(made)) for number, wrapped, made in keys.generations]
        found += [
            ("DELETE FROM vault_generation", [()]),
            ("INSERT INTO vault_generation (number, wrapped, made_at) VALUES (?, ?, ?)", list(generations)),
            ("INSERT INTO vault_key (number, generation_id, wrapped) VALUES (?, ?, ?)", list(keys.keys)),
        ]
    mark_in_store = "INSERT INTO backup_restore (begun_at, backup_made_at, replayed) VALUES (?, ?, 0)"
    return [*found, (mark_in_store, [(_moment(at), _moment(made_at))])]


def _last_number(keys: Keys | None, at: datetime) -> int:
    """No number is given twice, also not one that was given after the backup was made: numbers go on from the clock."""
    return max([int(at.timestamp()), *(number for number, _, _ in keys.keys)] if keys else [int(at.timestamp())])


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _literal(value: object) -> str:
    """Numbers, bytes and our own dates, for a script that takes no parameters."""
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'"
    return str(value) if isinstance(value, int) else f"'{value}+00'"


def _files(data: Data) -> None:
    """The files as they were: each is put in place whole."""
    for name in FOLDERS:
        folder = Path(settings.DATA) / name
        folder.mkdir(mode=0o700, exist_ok=True)
        for file in (data.folder / name).iterdir():
            shutil.move(file, folder / file.name)
        sync(folder)


def _key_files(keys: Keys) -> None:
    """The site's other keys, where they are missing. What is there is not touched."""
    for name, path in key_paths().items():
        if name in keys.files and not path.exists():
            path.touch(mode=0o600)
            path.write_text(keys.files[name], encoding="utf-8")


def _others() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])
