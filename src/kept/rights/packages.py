"""The files made for people: where they lie, how they are written, when they go."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from kept.connectors.sql.connector import SqlConnector
from kept.engine.pack import Pack
from kept.engine.package import About, PackageFile, write_packages
from kept.engine.report import Outcome, write_report
from kept.engine.subject import Batch, HeldRow
from kept.information.access import open_system
from kept.information.models import System
from kept.rights.models import Case, Package
from kept.rights.rules import as_decided, changes_from, residue_from
from kept.rights.standing import is_whole as is_done_everywhere
from kept.rights.subjects import identifiers_of, subject_for
from kept.security.sealed_files import FileUnreadable, has_its_size, open_sealed, seal_file
from kept.vault.errors import KeyDestroyed

SEALED = ".sealed"
ORPHAN_AGE = timedelta(days=1)  # a file without its row, or half a file: what a killed worker may leave


@dataclass(frozen=True)
class OwnSubjects:
    """A system that is read for its own view of each subject: what names somebody else there leads to nothing there."""

    connector: SqlConnector
    batch: Batch

    @property
    def name(self) -> str:
        return self.connector.name

    @property
    def title(self) -> str:
        return self.connector.title

    @property
    def shipped(self) -> Pack:
        return self.connector.shipped

    def rows(self, batch: Batch, only: str | None = None) -> Generator[HeldRow, None, None]:
        """The numbers of the subjects are those of `batch`."""
        return self.connector.rows(self.batch, only)


def folder() -> Path:
    """Readable by Kept alone."""
    return Path(settings.DATA) / "packages"


def is_there(package: Package, at: datetime) -> bool:
    """Whether it can be fetched now."""
    return bool(package.file) and package.revoked_at is None and at < package.expires_at


def write_copies(cases: Sequence[Case], systems: Sequence[System], at: datetime) -> dict[UUID, PackageFile]:
    """One package per case, sealed with the case's key; each system is read in one go for all of them.

    Raises what a connector raises.
    """
    known = identifiers_of([case.pk for case in cases])
    sources = [
        OwnSubjects(open_system(system), [subject_for(case.pk, known[case.pk], system.name) for case in cases])
        for system in systems
    ]
    batch = [subject_for(case.pk, known[case.pk], "") for case in cases]
    notes = {str(case.pk): _notes(case) for case in cases}
    by_ref = {str(case.pk): case for case in cases}
    with _workshop() as work:
        files = write_packages(work, batch, sources, _about(cases, systems, at, notes))
        return {UUID(one.ref): _sealed(by_ref[one.ref], one) for one in files}


def write_erasure_report(case: Case, packs: Mapping[str, Pack], at: datetime) -> PackageFile | None:
    """What was erased, what stays and why, system by system; None: the case is not ready for it."""
    if case.state != Case.State.ANSWERING or not is_done_everywhere(case):
        return None
    answers = list(case.answers.select_related("system"))
    outcomes = []
    for answer in answers:
        residue = residue_from(answer.residue)
        looked = as_decided(residue) if residue and answer.decided else residue
        outcomes.append(
            Outcome(
                answer.system.name,
                answer.system.title,
                packs[answer.system.name],
                changes_from(answer.changes),
                looked,
                answer.finished_at or at,
            )
        )
    about = _about([case], [answer.system for answer in answers], at, {})
    with _workshop() as work:
        return _sealed(case, write_report(work, str(case.pk), about, outcomes))


@contextmanager
def _workshop() -> Iterator[Path]:
    """For what is not sealed yet: its owner's alone, and gone at the end; a killed one's goes after a day."""
    place = folder()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".work", suffix=".part", dir=place) as work:
        yield Path(work)


def _sealed(case: Case, file: PackageFile) -> PackageFile:
    """The same file where it stays, sealed. `sha256` and `size` are of what the person gets."""
    path = folder() / f"{file.path.stem}{SEALED}"
    if case.key is not None:
        with suppress(KeyDestroyed):  # the case ended meanwhile, and nobody waits for the file
            seal_file(file.path, path, case.key)
    return replace(file, path=path)


def open_package(package: Package) -> BinaryIO:
    """What the person gets. Raises FileUnreadable, OSError."""
    path = folder() / package.file
    if not package.file or package.case.key is None:
        raise FileUnreadable("the file or its key is gone")
    if path.suffix != SEALED:
        return path.open("rb")  # of an older version: see `seal_clear_files`
    return open_sealed(path, package.case.key)


def is_whole(package: Package) -> bool:
    """Whether the file lies there to its end."""
    path = folder() / package.file
    try:
        if path.suffix != SEALED:
            return path.is_file() and path.stat().st_size == package.size
        return has_its_size(path, package.size)
    except OSError:
        return False


def seal_clear_files() -> Iterator[tuple[Package, str]]:
    """Seal what an older version wrote in clear, and give back each with the name of its file from now on; what was in
    clear goes once the caller has written that down. Killed, it is done again."""
    clear = Package.objects.exclude(file="").exclude(file__endswith=SEALED).select_related("case")
    for package in clear.exclude(case__key=None):
        source = folder() / package.file
        to = source.with_suffix(SEALED)
        with suppress(KeyDestroyed, FileNotFoundError):
            seal_file(source, to, package.case.key or 0)
            yield package, to.name
            source.unlink(missing_ok=True)


def remove_dead_files(at: datetime) -> Iterator[Package]:
    """Remove what can no longer be fetched, and give back its rows; clear away what belongs to no row."""
    for package in Package.objects.exclude(file="").filter(Q(revoked_at__isnull=False) | Q(expires_at__lte=at)):
        (folder() / package.file).unlink(missing_ok=True)
        yield package
    known = set(Package.objects.exclude(file="").values_list("file", flat=True))
    for path in folder().glob("*"):
        with suppress(FileNotFoundError):  # whoever made it has finished just now
            old = path.stat().st_mtime < (at - ORPHAN_AGE).timestamp()
            if old and path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif old and path.name not in known:
                path.unlink()


def _about(cases: Sequence[Case], systems: Sequence[System], at: datetime, notes: dict[str, list[str]]) -> About:
    return About(
        company=settings.COMPANY,
        contact=settings.CONTACT,
        made_at=at,
        references={str(case.pk): case.reference for case in cases},
        regions={system.name: system.region for system in systems},
        notes=notes,
    )


def _notes(case: Case) -> list[str]:
    """What may be missing in this copy, and why."""
    return [
        f"{answer.system.title}: nobody has decided yet what the table {fault['table']} is for. This copy lacks it."
        for answer in case.answers.select_related("system")
        for fault in answer.drift
        if not fault["column"]
    ]
