"""Where preserved copies lie, and how one is made: as the person's copy is, complete, under a key of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from kept.engine.package import PackageFile
from kept.information.access import active_systems
from kept.rights.models import Case
from kept.rights.packages import SEALED, write_copies
from kept.rights.preserved.models import PreservedCopy
from kept.security.sealed_files import FileUnreadable, open_sealed, seal_file

ORPHAN_AGE = timedelta(days=1)


def folder() -> Path:
    return Path(settings.DATA) / "preserved"


def write_preserved(copy: PreservedCopy, at: datetime) -> PackageFile:
    """The complete copy, with what was refused in it. Raises what a connector raises, KeyDestroyed, OSError."""
    place = folder()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = copy.key
    assert key is not None  # noqa: S101 - only a pending copy is written

    def seal(_: Case, file: PackageFile) -> PackageFile:
        path = place / f"{copy.pk}{SEALED}"
        seal_file(file.path, path, key)
        return replace(file, path=path)

    return write_copies([copy.case], active_systems(), at, seal, whole=True)[copy.case_id]


def open_preserved(copy: PreservedCopy) -> BinaryIO:
    """What was preserved. Raises FileUnreadable, OSError."""
    if copy.key is None or not copy.file:
        raise FileUnreadable("the copy or its key is gone")
    return open_sealed(folder() / copy.file, copy.key)


def is_there(copy: PreservedCopy) -> bool:
    return bool(copy.file) and (folder() / copy.file).is_file()


def remove_files_of_nothing(at: datetime) -> Iterator[Path]:
    """Files whose copy is destroyed, and what a killed worker left a day ago."""
    destroyed = PreservedCopy.objects.filter(state=PreservedCopy.State.DESTROYED)
    gone = {f"{pk}{SEALED}" for pk in destroyed.values_list("pk", flat=True)}
    known = {f"{pk}{SEALED}" for pk in PreservedCopy.objects.values_list("pk", flat=True)} - gone
    for path in folder().glob("*"):
        with suppress(FileNotFoundError):  # whoever made it has finished just now
            old = path.stat().st_mtime < (at - ORPHAN_AGE).timestamp()
            if path.is_file() and (path.name in gone or (old and path.name not in known)):
                path.unlink()
                yield path
