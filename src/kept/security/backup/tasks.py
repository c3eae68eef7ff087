"""What is done for backups by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kept.security.backup import replays
from kept.security.backup.actions import backup_made, backups_removed, lost_backups, restore_tested
from kept.security.backup.errors import BackupError
from kept.security.backup.folder import BackupFile, alone, folder, remove_old
from kept.security.backup.making import make
from kept.security.backup.models import Backup, Replay
from kept.security.backup.testing import try_restore
from kept.terms import Actor
from kept.vault.errors import MasterKeyProblem
from kept.work.models import Step
from kept.work.registry import pulse, task
from kept.work.steps import finish, retry_later

KEPT = Actor.kept()


@pulse(every=0.5)
def write_replays_out() -> None:
    """Within a second everything that a restore must do again stands outside the store."""
    while Replay.objects.exists() and replays.write_out():
        continue


@task("backup.make", every=timedelta(hours=1))
def make_backup(steps: list[Step]) -> None:
    """A backup, when the last one is as old as the settings say; and no file stays longer than its days."""
    at = timezone.now()
    try:
        removed = remove(at)  # first: a backup that fails, for want of room say, keeps no old one alive
        made = _make_when_due(at)
    except (BackupError, MasterKeyProblem) as problem:
        for step in steps:
            retry_later(step, str(problem).replace("@", " at ")[:300], at=at)
        return
    except OSError as problem:
        for step in steps:
            retry_later(step, f"The backup could not be written ({problem.strerror}).", at=at)
        return
    with transaction.atomic():
        for step in steps:
            finish(step, {"made": made, "removed": removed}, at=timezone.now())


@task("backup.test", every=timedelta(days=7))
def try_backup(steps: list[Step]) -> None:
    """Restore the newest backup beside the store, and write down whether it can be."""
    if not Backup.objects.filter(what=Backup.What.DATA, removed_at=None).exists():
        for step in steps:
            retry_later(step, "There is no backup yet.", at=timezone.now())
        return
    test = try_restore(timezone.now())
    with transaction.atomic():
        restore_tested(test, by=KEPT, at=timezone.now())
        for step in steps:
            finish(step, {"outcome": str(test.outcome)}, at=timezone.now())


def remove(at: datetime) -> int:
    """Remove what is past its days, wherever it was written, and what is too old on the replay list."""
    places = {Path(path).parent for path in Backup.objects.filter(removed_at=None).values_list("path", flat=True)}
    gone: list[BackupFile] = []
    for place in places | {folder()}:
        if place.is_dir():
            with alone(place):
                gone += remove_old(place, at)
    removed = backups_removed(gone, by=KEPT, at=at)
    there = Backup.objects.filter(removed_at=None).values_list("path", flat=True)
    lost_backups([Path(path) for path in there if not Path(path).exists()], by=KEPT, at=at)
    replays.drop_old(at)
    return removed


def _make_when_due(at: datetime) -> bool:
    newest = Backup.objects.filter(what=Backup.What.DATA).order_by("-made_at").first()
    every = timedelta(hours=settings.BACKUP_HOURS)
    # A little early rather than an hour late: this is asked once an hour.
    if not every or (newest is not None and at - newest.made_at < every - timedelta(minutes=30)):
        return False
    backup_made(make(folder(), at), by=KEPT, at=at)
    return True
