"""What is written down of backups, each with its entry."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from kept.security.backup.folder import BackupFile
from kept.security.backup.making import Made
from kept.security.backup.models import Backup, Restore, RestoreTest
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor


@action
def backup_made(made: Made, *, by: Actor, at: datetime) -> None:
    """Both files are there, whole."""
    for path, what in ((made.data, Backup.What.DATA), (made.keys, Backup.What.KEYS)):
        Backup.objects.create(path=str(path), what=what, made_at=at, size=path.stat().st_size)
    record("backup.made", "backup", by=by, at=at, tables=made.tables, rows=made.rows, size=made.data.stat().st_size)


@action
def backups_removed(gone: Iterable[BackupFile], *, by: Actor, at: datetime) -> int:
    """These files were removed: their days were over. Returns how many the store knew."""
    known = Backup.objects.filter(path__in=[str(one.path) for one in gone], removed_at=None)
    count = known.update(removed_at=at)
    if count:
        record("backup.removed", "backup", by=by, at=at, count=count)
    else:
        unchanged()
    return count


@action
def lost_backups(paths: Iterable[Path], *, by: Actor, at: datetime) -> None:
    """These files are no longer where they were written: somebody moved or removed them."""
    count = Backup.objects.filter(path__in=[str(path) for path in paths], removed_at=None).update(removed_at=at)
    if count:
        record("backup.gone", "backup", by=by, at=at, count=count)
    else:
        unchanged()


@action
def restore_tested(test: RestoreTest, *, by: Actor, at: datetime) -> RestoreTest:
    """A backup was read back, or could not be."""
    test.at = at
    test.save(force_insert=True)
    record("backup.tested", test, by=by, at=at, outcome=test.outcome, tables=test.tables, rows=test.rows)
    return test


@action
def restore_over(replayed: int, *, by: Actor, at: datetime) -> Restore:
    """Everything since the backup was done again: the store may serve."""
    restore = Restore.objects.select_for_update().filter(over_at=None).latest("id")
    restore.over_at, restore.replayed = at, replayed
    restore.save(update_fields=["over_at", "replayed"])
    of = f"{restore.backup_made_at:%Y-%m-%dT%H:%MZ}"
    record("backup.restored", restore, by=by, at=at, replayed=replayed, of=of)
    return restore
