"""Whether the newest backup can be restored: it is, beside the store, and looked at."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import DatabaseError, connection

from kept.security.backup import postgresql
from kept.security.backup.errors import BackupError
from kept.security.backup.folder import alone, backups_in, folder
from kept.security.backup.making import working_folder
from kept.security.backup.models import RestoreTest
from kept.security.backup.reading import Data, Keys, read_data, read_keys
from kept.security.backup.snapshot import counts_of
from kept.vault.errors import MasterKeyProblem, Unreadable
from kept.vault.fields import SealedTextField, sealed_models
from kept.vault.keys import cipher_from
from kept.vault.master import master_key
from kept.vault.seal import bound_to, unseal

SOME = 50  # sealed values of each column that are opened

Outcome = RestoreTest.Outcome


def try_restore(at: datetime) -> RestoreTest:
    """Restore the newest backup into something that is thrown away, and say what came of it. Changes nothing.

    Raises RestoreRefused while another backup or restore is at work.
    """
    found = backups_in(folder())
    newest = next((one for one in found if one.what == "data"), None)
    keys = next((one for one in found if one.what == "keys"), None)
    if newest is None or keys is None:
        return RestoreTest(at=at, outcome=Outcome.FAILED, problem="There is no backup of both data and keys.")
    test = RestoreTest(at=at, backup_made_at=newest.made_at, outcome=Outcome.FAILED)
    with alone(folder()), working_folder(folder()) as work:
        try:
            data = read_data(newest.path, work, master_key())
            known = read_keys(keys.path, master_key())
            if data.vendor == "sqlite":
                _in_sqlite(data, known, test)
            else:
                _in_postgresql(data, known, test)
        except (BackupError, MasterKeyProblem, OSError, sqlite3.Error, DatabaseError, _NotRight) as problem:
            told = str(problem) if isinstance(problem, BackupError | MasterKeyProblem | _NotRight) else ""
            test.outcome = Outcome.FAILED
            test.problem = (told or f"It could not be read back ({type(problem).__name__}).")[:300]
    return test


class _NotRight(Exception):
    """The restored store is not what the backup says."""


def _in_sqlite(data: Data, keys: Keys, test: RestoreTest) -> None:
    counts = counts_of(data.store)
    with closing(sqlite3.connect(data.store)) as store:
        if store.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise _NotRight("SQLite finds the restored store damaged.")
        _judge(data, counts, test)
        test.opened = _opened(keys, lambda statement: store.execute(statement).fetchall())


def _in_postgresql(data: Data, keys: Keys, test: RestoreTest) -> None:
    """In a database of its own on the same server; where Kept may not make one, the dump is read to its end."""
    script = data.folder / "script.sql"
    with script.open("wb") as file:
        postgresql.as_sql(data.store, file)
    try:
        with _database_of_its_own() as name:
            postgresql.execute(connection.settings_dict, script, name)
            other = connection.copy("restore test")
            other.settings_dict = {**connection.settings_dict, "NAME": name}
            try:
                with other.cursor() as cursor:

                    def ask(statement: str) -> list[tuple[Any, ...]]:
                        cursor.execute(statement)
                        return list(cursor.fetchall())

                    _judge(data, {name: ask(f'SELECT count(*) FROM "{name}"')[0][0] for name in data.rows}, test)  # noqa: S608
                    test.opened = _opened(keys, ask)
            finally:
                other.close()
    except _MayNot:
        test.outcome, test.tables, test.rows = Outcome.READ, len(data.rows), sum(data.rows.values())
        test.problem = "Kept's account may not make a database (CREATEDB), so the backup was only read."


class _MayNot(Exception):
    """Kept's account may not make databases."""


@contextmanager
def _database_of_its_own() -> Iterator[str]:
    name = f"kept_restore_test_{uuid4().hex[:8]}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            raise _MayNot
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        yield name
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')


def _judge(data: Data, counts: Mapping[str, int], test: RestoreTest) -> None:
    wrong = [table for table, count in data.rows.items() if counts.get(table) != count]
    if wrong:
        raise _NotRight(f"The restored store lacks rows in {', '.join(wrong)[:200]}.")
    test.outcome, test.tables, test.rows = Outcome.WHOLE, len(data.rows), sum(data.rows.values())


def _opened(keys: Keys, ask: Any) -> int:
    """Open some sealed values of each column with the keys of the backup. Returns how many.

    A value whose key was destroyed between the two files is passed over; one that its key does not open is told.
    """
    above = {number: wrapped for number, wrapped, _ in keys.generations}
    wrapped = {number: (above[generation], key) for number, generation, key in keys.keys}
    count = 0
    for model, fields in sealed_models():
        for field in fields:
            names = [str(name) for name in (field.column, field.key, *(one.column for one in field.bound_fields()))]
            listed = ", ".join(f'"{name}"' for name in names)
            table = model._meta.db_table
            rows = ask(f'SELECT {listed} FROM "{table}" WHERE length("{field.column}") > 0 LIMIT {SOME}')  # noqa: S608
            for row in rows:
                if row[1] in wrapped:
                    _open(field, dict(zip(names, row, strict=True)), cipher_from(*wrapped[row[1]]))
                    count += 1
    return count


def _open(field: SealedTextField, cells: Mapping[str, Any], cipher: AESGCM) -> None:
    row = "\0".join(str(one.to_python(cells[str(one.column)])) for one in field.bound_fields())
    try:
        unseal(cipher, bytes(cells[str(field.column)]), bound_to(cells[field.key], field.place, row))
    except Unreadable:
        raise _NotRight(f"A sealed value of {field.place} does not open with the keys of the backup.") from None
