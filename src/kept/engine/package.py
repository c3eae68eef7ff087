"""What the person gets: a package with everything held (Art. 15), or with what they may take along (Art. 20).

Rows are streamed from the systems into the package; memory does not grow with what a person has.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import zipfile
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial
from importlib import resources
from itertools import count
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Protocol

from kept.engine import pages
from kept.engine.pack import Pack, TableRule
from kept.engine.shown import shown_to_person
from kept.engine.side_by_side import side_by_side
from kept.engine.subject import Batch, HeldRow

SPOOL = 64 * 1024  # bytes of one part kept in memory before it goes to disk
ROWS_ON_PAGE = 200  # rows of one table shown in index.html; the CSV has them all
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a spreadsheet starts a formula


class Source(Protocol):
    """One system as the package sees it."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def shipped(self) -> Pack: ...

    def rows(self, batch: Batch, only: Collection[str] | None = None) -> Generator[HeldRow, None, None]: ...


@dataclass(frozen=True)
class About:
    """What stands at the head of each package. `notes`: ref -> remarks on one copy: what is incomplete, and why."""

    company: str
    contact: str
    made_at: datetime
    references: Mapping[str, str] = field(default_factory=dict)  # ref -> the case's reference
    regions: Mapping[str, str] = field(default_factory=dict)  # system -> where it stands
    notes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sign: Callable[[bytes], str] | None = None  # what makes manifest.sig out of the manifest; None: nobody signs


@dataclass(frozen=True)
class Form:
    """One sort of package: its format, what goes into it, and what its page says."""

    format: str
    page: pages.Start
    portable: bool = False  # only what the person provided or made by using a service, and never anybody else's words
    schema: str = ""  # of data.json: it lies in the package and is told in full there

    def takes(self, row: HeldRow) -> bool:
        return not self.portable or (row.rule.portable and row.own)

    def columns(self, row: HeldRow) -> list[str]:
        """To take along: no secret, nothing that only the system can read, nothing that we wrote about the person, and
        nothing about somebody else. Art. 20(1), (4)."""
        names = list(row.values)
        if not self.portable:
            return names
        rules = row.rule.columns
        hidden = {name for name in names if rules[name].secret or rules[name].third_party or not rules[name].portable}
        return [name for name in names if name not in hidden and not _is_sealed(row, name)]

    def table(self, table: Mapping[str, Any], rule: TableRule, columns: Sequence[str]) -> dict[str, Any]:
        """How data.json begins a table."""
        head = {"system": table["system"], "table": table["table"], "title": table["title"]}
        if not self.portable:
            return head
        named = [{"name": name, "label": rule.columns[name].label or name} for name in columns]
        return {**head, "category": rule.category, "source": rule.source, "file": table["file"], "columns": named}


def _is_sealed(row: HeldRow, name: str) -> bool:
    """What Kept's own keys open comes as text; the rest only the system itself could open."""
    return row.rule.columns[name].sealed and not isinstance(row.values[name], str | None)


ACCESS = Form("kept-access/1", pages.ACCESS_START)
PORTABLE = Form("kept-portability/1", pages.PORTABLE_START, portable=True, schema="portability.schema.json")


@dataclass(frozen=True)
class PackageFile:
    """One finished package on disk."""

    ref: str
    path: Path
    sha256: str
    size: int  # bytes
    rows: int
    withheld: int  # values not shown because they are about somebody else


def write_packages(
    folder: Path, batch: Batch, systems: Sequence[Source], about: About, form: Form = ACCESS
) -> list[PackageFile]:
    """One zip per subject, named `<ref>.zip`, readable by the owner only. An existing one is replaced whole.

    Whatever a system raises leaves no package behind.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as stack:
        writers = [stack.enter_context(_Writer(subject.ref, folder, about, form)) for subject in batch]
        addresses = [subject.emails() for subject in batch]
        read = stack.enter_context(closing(side_by_side([partial(system.rows, batch) for system in systems])))
        for system, rows in zip(systems, read, strict=True):
            for writer in writers:
                writer.start_system(system)
            for row in rows:
                writers[row.subject].add(row, addresses[row.subject])
        return [writer.finish() for writer in writers]


class _Writer:
    """One subject's package while it is written."""

    def __init__(self, ref: str, folder: Path, about: About, form: Form) -> None:
        self.ref, self.folder, self.about, self.form = ref, folder, about, form
        self.parts = ExitStack()
        self.page = self.part()
        self.data = self.part()
        self.tables: list[dict[str, Any]] = []
        self.csv_files: list[tuple[str, IO[bytes]]] = []
        self.system: Source | None = None
        self.table: TableRule | None = None
        self.columns: list[str] = []
        self.sheet: IO[bytes] | None = None
        self.rows = self.withheld = 0

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *problem: object) -> None:
        self.parts.close()

    def part(self) -> IO[bytes]:
        return self.parts.enter_context(SpooledTemporaryFile(max_size=SPOOL))

    def start_system(self, system: Source) -> None:
        self.end_table()
        self.system = system

    def add(self, row: HeldRow, addresses: frozenset[str]) -> None:
        if not self.form.takes(row):
            return
        if row.rule is not self.table:
            self.end_table()
            self.start_table(row.rule, self.form.columns(row))
        cells = {name: shown_to_person(row, name, row.values[name], addresses) for name in self.columns}
        self.withheld += row.withheld + sum(cell.withheld for cell in cells.values())
        shown = {name: cell.value for name, cell in cells.items()}
        if self.form.portable:
            shown = {name: None if _is_sealed(row, name) else value for name, value in shown.items()}
        assert self.sheet is not None  # noqa: S101 - start_table opened it
        self.sheet.write(_csv_line([_csv_cell(value) for value in shown.values()]))
        here = self.tables[-1]
        self.data.write(
            (",\n" if here["rows"] else "").encode() + json.dumps(shown, ensure_ascii=False).encode("utf-8", "replace")
        )
        if here["rows"] < ROWS_ON_PAGE:
            self.page.write(pages.row(shown.values()).encode("utf-8", "replace"))
        here["rows"] += 1
        self.rows += 1

    def start_table(self, rule: TableRule, columns: list[str]) -> None:
        assert self.system is not None  # noqa: S101
        first = not self.tables or self.tables[-1]["system"] != self.system.name
        self.table, self.columns = rule, columns
        self.tables.append(
            {
                "system": self.system.name,
                "system_title": self.system.title,
                "region": self.about.regions.get(self.system.name, ""),
                "table": rule.name,
                "title": rule.title,
                "category": rule.category,
                "purpose": rule.purpose,
                "source": rule.source,
                "period": rule.period,
                "recipients": list(rule.recipients),
                "rows": 0,
                "file": self.fresh_name(f"csv/{_safe(self.system.name)}/{_safe(rule.name)}"),
            }
        )
        self.sheet = self.part()
        self.sheet.write(_csv_line(columns))
        self.csv_files.append((self.tables[-1]["file"], self.sheet))
        opening = self.form.table(self.tables[-1], rule, columns)
        head = json.dumps(opening, ensure_ascii=False)[:-1]
        self.data.write(((",\n" if len(self.tables) > 1 else "") + head + ', "records": [\n').encode())
        heads = [rule.columns[name].label or name for name in columns]
        if first:
            self.page.write(pages.system(self.system.title, self.tables[-1]["region"]).encode())
        self.page.write(pages.table_start(self.tables[-1], heads).encode())

    def fresh_name(self, path: str) -> str:
        """A sheet's name that no other has, on file systems that know no case either."""
        used = {name.lower() for name, _ in self.csv_files}
        names = (f"{path}{f'-{number}' if number > 1 else ''}.csv" for number in count(1))
        return next(name for name in names if name.lower() not in used)

    def end_table(self) -> None:
        if self.table is not None:
            self.data.write(b"\n]}")
            self.page.write(pages.table_end(self.tables[-1], ROWS_ON_PAGE).encode())
        self.table = None

    def finish(self) -> PackageFile:
        self.end_table()
        target = self.folder / file_name(self.ref)
        fresh = target.with_suffix(f".{os.getpid()}.part")
        reference = self.about.references.get(self.ref, self.ref)
        made_at = self.about.made_at.isoformat(timespec="seconds")
        notes = list(self.about.notes.get(self.ref, ()))
        facts = {
            "format": self.form.format,
            "company": self.about.company,
            "contact": self.about.contact,
            "reference": reference,
            "made_at": made_at,
            "notes": notes,
        }
        rights = {"rights": [asdict(right) for right in pages.RIGHTS]}
        head = json.dumps(facts if self.form.portable else facts | rights, ensure_ascii=False)[:-1] + ', "tables": [\n'
        files: list[dict[str, Any]] = []
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as raw:
                with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                    start = self.form.page(
                        self.about.company, self.about.contact, reference, made_at, notes, self.tables
                    )
                    store(archive, "index.html", [start.encode(), self.page, pages.end().encode()], files)
                    store(archive, "data.json", [head.encode(), self.data, b"\n]}\n"], files)
                    for name, sheet in self.csv_files:
                        store(archive, name, [sheet], files)
                    if self.form.schema:
                        store(archive, "schema.json", [schema_of(self.form)], files)
                    manifest = {
                        **facts,
                        **rights,
                        "records": self.rows,
                        "withheld": self.withheld,
                        "tables": self.tables,
                        "files": files,
                    }
                    listed = json.dumps(manifest, ensure_ascii=False, indent=1).encode("utf-8", "replace")
                    archive.writestr("manifest.json", listed)
                    if self.about.sign is not None:
                        archive.writestr("manifest.sig", self.about.sign(listed))
                raw.flush()
                os.fsync(raw.fileno())
            digest = sha256_of(fresh)
            size = fresh.stat().st_size
            fresh.replace(target)
        finally:
            fresh.unlink(missing_ok=True)
        return PackageFile(self.ref, target, digest, size, self.rows, self.withheld)


def schema_of(form: Form) -> bytes:
    """The JSON Schema of that form's data.json."""
    return (resources.files(__package__) / form.schema).read_bytes()


def write_answer(folder: Path, ref: str, reference: str, files: Mapping[str, str], rows: int) -> PackageFile:
    """`<ref>.zip` with these few texts and a manifest of them: for an answer that is no copy of data. An existing one
    is replaced whole."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / file_name(ref)
    fresh = target.with_suffix(f".{os.getpid()}.part")
    listed: list[dict[str, Any]] = []
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as raw:
            with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, text in files.items():
                    store(archive, name, [text.encode("utf-8", "replace")], listed)
                archive.writestr("manifest.json", json.dumps({"reference": reference, "files": listed}, indent=1))
            raw.flush()
            os.fsync(raw.fileno())
        digest, size = sha256_of(fresh), fresh.stat().st_size
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
    return PackageFile(ref, target, digest, size, rows, 0)


def store(
    archive: zipfile.ZipFile, name: str, pieces: Iterable[bytes | IO[bytes]], files: list[dict[str, Any]]
) -> None:
    """Add one file to the archive, and its size and SHA-256 to the list."""
    digest, size = hashlib.sha256(), 0
    with archive.open(name, "w", force_zip64=True) as entry:
        for piece in pieces:
            source = io.BytesIO(piece) if isinstance(piece, bytes) else piece
            source.seek(0)
            while block := source.read(1 << 20):
                entry.write(block)
                digest.update(block)
                size += len(block)
    files.append({"path": name, "sha256": digest.hexdigest(), "size": size})


def _csv_line(cells: Sequence[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().encode("utf-8", "replace")


def _csv_cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # A cell that a spreadsheet would run as a formula is quoted with ', as spreadsheets themselves do.
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text.replace("\0", "")


def file_name(ref: str) -> str:
    return f"{_safe(ref)}.zip"


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)[:100] or "_"


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
