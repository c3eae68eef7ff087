"""Where backups lie, how they are called, and when they go."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Literal

from django.conf import settings

from kept.security.backup.errors import RestoreRefused

What = Literal["data", "keys"]
KEPT_FOR: dict[What, timedelta] = {"data": timedelta(days=35), "keys": timedelta(days=7)}
NAME = re.compile(r"kept-(data|keys)-(\d{8}T\d{6})Z-[0-9a-f]{8}\.kept")
STAMP = "%Y%m%dT%H%M%S"
PART = ".part"
OVERLAP = timedelta(minutes=5)  # what was noted shortly before a backup is done again as well


@dataclass(frozen=True)
class BackupFile:
    path: Path
    what: What
    made_at: datetime


def folder() -> Path:
    """Kept's own; made when it is first needed, readable by its owner only."""
    place = Path(settings.BACKUPS)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def new_name(what: What, at: datetime) -> str:
    return f"kept-{what}-{at.astimezone(UTC):{STAMP}}Z-{secrets.token_hex(4)}.kept"


def backups_in(place: Path) -> list[BackupFile]:
    """The newest first. Other files are none of our business."""
    found = []
    for path in place.glob("kept-*.kept") if place.is_dir() else ():
        if match := NAME.fullmatch(path.name):
            made_at = datetime.strptime(match[2], STAMP).replace(tzinfo=UTC)
            found.append(BackupFile(path, "data" if match[1] == "data" else "keys", made_at))
    return sorted(found, key=lambda one: (one.made_at, one.path.name), reverse=True)


def remove_old(place: Path, at: datetime) -> list[BackupFile]:
    """Remove what is past its days, and what a backup that was killed left half written. Returns the whole ones.

    Call it alone in the folder: `alone`.
    """
    gone = [one for one in backups_in(place) if at - one.made_at > KEPT_FOR[one.what]]
    for one in gone:
        one.path.unlink(missing_ok=True)
    for half in (*place.glob(f".*{PART}"), *place.glob(f"*{PART}")) if place.is_dir() else ():
        if half.is_dir():
            shutil.rmtree(half, ignore_errors=True)
        else:
            half.unlink(missing_ok=True)
    return gone


@contextmanager
def alone(place: Path, wait: float = 0) -> Iterator[None]:
    """One backup, restore or removal at a time in a folder. The kernel gives the lock back however a process ends.

    `wait`: seconds for whoever is in there. Raises RestoreRefused, with what to do.
    """
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    until = time.monotonic() + wait
    with (place / ".lock").open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() < until:
                    time.sleep(0.2)
                    continue
                raise RestoreRefused(f"Another backup or restore is at work in {place}. Wait for its end.") from None
        yield


@contextmanager
def whole(path: Path) -> Iterator[IO[bytes]]:
    """A file that is there whole and on disk, or not at all."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}{PART}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        sync(path.parent)
    finally:
        fresh.unlink(missing_ok=True)


def sync(place: Path) -> None:
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
