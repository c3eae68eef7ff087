"""The files made for people: where they lie, how they are written, when they go."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
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
from kept.engine.correcting import Righted
from kept.engine.correction_report import write_correction_report
from kept.engine.pack import Pack
from kept.engine.package import ACCESS, PORTABLE, About, Form, PackageFile, write_packages
from kept.engine.report import LeftOutTold, Outcome, write_report
from kept.engine.subject import Batch, HeldRow
from kept.information.access import open_system, pack_of
from kept.information.models import System
from kept.rights.alerts.access import is_doubted
from kept.rights.exemptions.access import exemptions_of, left_out_in, of_case, reason
from kept.rights.exemptions.models import Exemption
from kept.rights.models import Case, Package, SystemAnswer
from kept.rights.recipients.access import for_report
from kept.rights.redaction.access import decisions_of
from kept.rights.redaction.copying import Redacting
from kept.rights.righting.access import told_in
from kept.rights.rules import as_decided, changes_from, residue_from
from kept.rights.signatures import sign_manifest
from kept.rights.standing import is_whole as is_done_everywhere
from kept.rights.subjects import identifiers_of, subject_for
from kept.security.sealed_files import FileUnreadable, has_its_size, open_sealed, seal_file
from kept.vault.errors import KeyDestroyed
from kept.vault.keys import secret_of_indexes

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

    def rows(self, batch: Batch, only: Collection[str] | None = None) -> Generator[HeldRow, None, None]:
        """The numbers of the subjects are those of `batch`."""
        return self.connector.rows(self.batch, only)


def folder() -> Path:
    """Readable by Kept alone."""
    return Path(settings.DATA) / "packages"


def is_there(package: Package, at: datetime) -> bool:
    """Whether it can be fetched now. Not while somebody at another address of the person says that it was not them."""
    there = bool(package.file) and package.revoked_at is None and at < package.expires_at
    return there and not is_doubted(package.case_id)


def write_copies(
    cases: Sequence[Case],
    systems: Sequence[System],
    at: datetime,
    seal: Callable[[Case, PackageFile], PackageFile] | None = None,
    *,
    whole: bool = False,
) -> dict[UUID, PackageFile]:
    """One package per case: everything held, or what the person may take along. Each system is read in one go for all
    the cases of a sort. `seal`: puts it where it stays, sealed; None: with the case's key, for the person to fetch.
    `whole`: also what an officer leaves out of the answer.

    Raises what a connector raises.
    """
    ids = [case.pk for case in cases]
    exempt: Mapping[UUID, Sequence[Exemption]] = dict.fromkeys(ids, ()) if whole else exemptions_of(ids)
    files: dict[UUID, PackageFile] = {}
    for form in (ACCESS, PORTABLE):
        of_this = [case for case in cases if (case.right == Case.Right.PORTABILITY) == form.portable]
        if of_this:
            files |= _write_copies(of_this, systems, at, form, seal or sealed, exempt)
    return files


def _write_copies(
    cases: Sequence[Case],
    systems: Sequence[System],
    at: datetime,
    form: Form,
    seal: Callable[[Case, PackageFile], PackageFile],
    exempt: Mapping[UUID, Sequence[Exemption]],
) -> dict[UUID, PackageFile]:
    known = identifiers_of([case.pk for case in cases])
    told = decisions_of(cases)
    decisions = [told[case.pk] for case in cases]
    sources, secret = [], secret_of_indexes()
    for system in systems:
        subjects = [
            replace(subject_for(case.pk, known[case.pk], system.name), left_out=left_out_in(system, exempt[case.pk]))
            for case in cases
        ]
        sources.append(Redacting(OwnSubjects(open_system(system), subjects), subjects, decisions, secret))
    batch = [subject_for(case.pk, known[case.pk], "") for case in cases]
    notes = {str(case.pk): [*_notes(case), *_left_out(exempt[case.pk])] for case in cases}
    by_ref = {str(case.pk): case for case in cases}
    about = replace(_about(cases, systems, at, notes), sign=sign_manifest if form.portable else None)
    with workshop() as work:
        files = write_packages(work, batch, sources, about, form)
        return {UUID(one.ref): seal(by_ref[one.ref], one) for one in files}


def write_erasure_report(case: Case, packs: Mapping[str, Pack], at: datetime) -> PackageFile | None:
    """What was erased, what stays and why, system by system; None: the case is not ready for it."""
    if case.state != Case.State.ANSWERING or not is_done_everywhere(case):
        return None
    answers = list(case.answers.select_related("system"))
    outcomes, exempt = [], of_case(case)
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
                left_out=told_of(exempt, answer),
            )
        )
    about = _about([case], [answer.system for answer in answers], at, {})
    with workshop() as work:
        return sealed(case, write_report(work, str(case.pk), about, outcomes, told=for_report(case)))


def write_rectification_report(case: Case, packs: Mapping[str, Pack], at: datetime) -> PackageFile | None:
    """What became what, what stays as it was and why, system by system; None: the case is not ready for it."""
    if case.state != Case.State.ANSWERING or not is_done_everywhere(case):
        return None
    answers, told = list(case.answers.select_related("system")), told_in(case)
    righted = [
        Righted(
            one.system.name,
            one.system.title,
            packs[one.system.name],
            told.get(one.system.name, []),
            one.finished_at or at,
            decided=bool(one.decided),
        )
        for one in answers
    ]
    about = _about([case], [one.system for one in answers], at, {})
    with workshop() as work:
        return sealed(case, write_correction_report(work, str(case.pk), about, righted, told=for_report(case)))


REPORTS = {"erasure": write_erasure_report, "rectification": write_rectification_report}


@contextmanager
def workshop() -> Iterator[Path]:
    """For what is not sealed yet: its owner's alone, and gone at the end; a killed one's goes after a day."""
    place = folder()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".work", suffix=".part", dir=place) as work:
        yield Path(work)


def sealed(case: Case, file: PackageFile) -> PackageFile:
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


def told_of(exemptions: Sequence[Exemption], answer: SystemAnswer) -> list[LeftOutTold]:
    """What stayed in one system because an officer decided so, as it was counted when the rest was erased."""
    here = [one for one in exemptions if one.system_id == answer.system_id]
    return [LeftOutTold(one.table, one.records, reason(one), one.until) for one in here]


def _left_out(exemptions: Sequence[Exemption]) -> list[str]:
    """What this copy lacks, and why."""
    lines = []
    for one in exemptions:
        rule = pack_of(one.system).tables.get(one.table)
        count = "1 record is" if one.records == 1 else f"{one.records:,} records are"
        lines.append(f"{one.system.title}, {rule.title if rule else one.table}: {count} left out. {reason(one)}")
    return lines


def _notes(case: Case) -> list[str]:
    """What may be missing in this copy, and why."""
    return [
        f"{answer.system.title}: nobody has decided yet what the table {fault['table']} is for. This copy lacks it."
        for answer in case.answers.select_related("system")
        for fault in answer.drift
        if not fault["column"]
    ]
