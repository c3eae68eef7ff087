"""Reading a package of the format kept-portability/1 that somebody sent: nothing in it is believed unchecked.

BadPackage
├── NotAPackage    no zip file, or one that is made to harm: names, sizes, links, encryption
├── TooLarge       more than we take, packed or unpacked
├── Changed        a file is not as the manifest says, or one is missing, or there is one too many
└── NotTheFormat   the data is not as the schema says
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

FORMAT = "kept-portability/1"
MANIFEST, SIGNATURE, DATA, PAGE, SCHEMA = "manifest.json", "manifest.sig", "data.json", "index.html", "schema.json"
NAME = re.compile(r"csv/[A-Za-z0-9._-]{1,120}/[A-Za-z0-9._-]{1,130}\.csv")
SINGLE = frozenset({MANIFEST, SIGNATURE, DATA, PAGE, SCHEMA})
SIGNED = b"kept-portability/1 manifest\n"  # what stands before the manifest's hash when it is signed
PIECE = 1 << 16
END, LOCATOR, LONGEST_LIST = 22, 20, 1_000_000  # bytes: of a zip file's last record, of the one before, of its list


UNREADABLE = (
    zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError,
    zlib.error,
)  # fmt: skip


@dataclass(frozen=True)
class Bounds:
    """What is taken at most."""

    packed: int = 50_000_000  # bytes of the whole file
    unpacked: int = 200_000_000  # of everything in it
    data: int = 24_000_000  # of data.json, and of the manifest
    ratio: int = 200  # unpacked to packed, of each file above 1 MB
    files: int = 1_000
    records: int = 200_000
    depth: int = 12  # of lists and objects in one another


class BadPackage(Exception):
    """Base of what is wrong with a package. Nothing was taken in. The message repeats nothing out of it."""


class NotAPackage(BadPackage):
    """No zip file, or one that is made to harm. Sending the same again is of no use."""


class TooLarge(BadPackage):
    """More than we take, packed or unpacked. Sending the same again is of no use."""


class Changed(BadPackage):
    """A file is not as the manifest says, or one is missing or too many: sending it again may help."""


class NotTheFormat(BadPackage):
    """The data is not as the schema says. Sending the same again is of no use."""


@dataclass(frozen=True)
class Column:
    name: str
    label: str


@dataclass(frozen=True)
class Table:
    """Records of one sort, as they came."""

    system: str
    table: str
    title: str
    category: str
    source: str
    columns: tuple[Column, ...]
    records: Sequence[Mapping[str, Any]] = field(repr=False)


@dataclass(frozen=True)
class Portable:
    """A package that was checked to its end."""

    company: str
    contact: str
    reference: str
    made_at: str
    notes: tuple[str, ...]
    tables: tuple[Table, ...]
    manifest: bytes = field(repr=False)
    signature: str

    @property
    def records(self) -> int:
        return sum(len(one.records) for one in self.tables)


def signed_text(manifest: bytes) -> bytes:
    """What the sender's key signs."""
    return SIGNED + hashlib.sha256(manifest).hexdigest().encode() + b"\n"


def read_portable(file: BinaryIO, bounds: Bounds) -> Portable:
    """Raises NotAPackage, TooLarge, Changed, NotTheFormat."""
    file.seek(0, 2)
    if file.tell() > bounds.packed:
        raise TooLarge("The package is larger than we take.")
    _check_end(file)
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            infos = _listed(archive, bounds)
            manifest_bytes = _read(archive, infos[MANIFEST], bounds.data)
            manifest = _json(manifest_bytes, bounds, "manifest")
            _check_hashes(archive, infos, manifest, bounds)
            data = _json(_read(archive, infos[DATA], bounds.data), bounds, "data")
            signature = _read(archive, infos[SIGNATURE], 1_000).decode("ascii", "replace").strip()
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
        zlib.error,
    ):
        raise NotAPackage("This is no zip file that can be read to its end.") from None
    return _portable(data, manifest_bytes, signature, bounds)


def _check_end(file: BinaryIO) -> None:
    """The list of files at the end is read whole into memory, so it has to be a short one: no comment, no zip64."""
    size = file.seek(0, 2)
    file.seek(max(0, size - END - LOCATOR))
    tail = file.read()
    end = tail[-END:]
    if len(end) < END or not end.startswith(b"PK\5\6") or end[-2:] != b"\0\0":
        raise NotAPackage("This is no zip file.")
    if tail[:4] == b"PK\6\7" or int.from_bytes(end[12:16], "little") > LONGEST_LIST:
        raise TooLarge("The list of the files in it is longer than we take.")


def _listed(archive: zipfile.ZipFile, bounds: Bounds) -> dict[str, zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > bounds.files:
        raise TooLarge("There are more files in it than we take.")
    found: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        name = info.filename
        mode = info.external_attr >> 16
        if name not in SINGLE and not (NAME.fullmatch(name) and ".." not in name):
            raise NotAPackage("A file in it has a name that the format does not know.")
        if stat.S_ISLNK(mode) or info.is_dir() or info.flag_bits & 0x1:
            raise NotAPackage("There is a link, a folder or something encrypted in it.")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise NotAPackage("It is packed in a way that the format does not know.")
        if name.lower() in {known.lower() for known in found}:
            raise NotAPackage("Two files in it have one name.")
        if info.file_size > 1_000_000 and info.file_size > bounds.ratio * max(1, info.compress_size):
            raise TooLarge("A file in it unpacks to far more than it is.")
        found[name] = info
    if sum(info.file_size for info in infos) > bounds.unpacked:
        raise TooLarge("Unpacked it is larger than we take.")
    if missing := {MANIFEST, SIGNATURE, DATA} - set(found):
        raise Changed(f"{sorted(missing)[0]} is missing.")
    return found


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    """A small file whole. What it says of its size is not believed."""
    pieces, size = [], 0
    for piece in _pieces(archive, info):
        size += len(piece)
        if size > most:
            raise TooLarge("A file in it is larger than we take.")
        pieces.append(piece)
    return b"".join(pieces)


def _pieces(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(info) as source:
        while piece := source.read(PIECE):
            yield piece


def _check_hashes(
    archive: zipfile.ZipFile, infos: Mapping[str, zipfile.ZipInfo], manifest: object, bounds: Bounds
) -> None:
    """Every file but the manifest and its signature is listed with its size and hash, and no other is."""
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise NotTheFormat("The manifest is of another format.")
    files = manifest.get("files")
    listed: dict[str, tuple[str, int]] = {}
    for one in files if isinstance(files, list) else ():
        if not isinstance(one, dict) or not isinstance(one.get("path"), str) or not isinstance(one.get("size"), int):
            raise NotTheFormat("The manifest lists its files in another way.")
        listed[one["path"]] = (str(one.get("sha256")), one["size"])
    if set(listed) != set(infos) - {MANIFEST, SIGNATURE}:
        raise Changed("The manifest does not list the files that are there.")
    whole = 0
    for name, (wanted, size) in listed.items():
        digest, read = hashlib.sha256(), 0
        for piece in _pieces(archive, infos[name]):
            digest.update(piece)
            read += len(piece)
            whole += len(piece)
            if read > size:
                raise Changed("A file in it is longer than the manifest says.")
            if whole > bounds.unpacked:
                raise TooLarge("Unpacked it is larger than we take.")
        if read != size or digest.hexdigest() != wanted:
            raise Changed("A file in it is not as the manifest says.")


def _json(raw: bytes, bounds: Bounds, what: str) -> Any:
    def refuse(_: str) -> None:
        raise NotTheFormat(f"In the {what} stands a number that JSON does not know.")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise NotTheFormat(f"In the {what} a name stands twice in one object.")
        return found

    try:
        found = json.loads(raw.decode("utf-8"), parse_constant=refuse, object_pairs_hook=once)
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise NotTheFormat(f"The {what} is no JSON that can be read.") from None
    if _depth(found) > bounds.depth:
        raise NotTheFormat(f"The {what} is nested deeper than we read.")
    return found


def _depth(value: object) -> int:
    """How deep lists and objects stand in one another."""
    deepest, waiting = 0, [(value, 0)]
    while waiting:
        one, depth = waiting.pop()
        deepest = max(deepest, depth)
        inside = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        waiting += [(part, depth + 1) for part in inside]
    return deepest


def _portable(data: object, manifest: bytes, signature: str, bounds: Bounds) -> Portable:
    """As `portability.schema.json` says. Raises NotTheFormat, TooLarge."""
    top = _object(data, "data", ("format", "company", "contact", "reference", "made_at", "notes", "tables"))
    if top["format"] != FORMAT:
        raise NotTheFormat("The data is of another format.")
    tables = tuple(_table(one) for one in _list(top["tables"], "tables", 500))
    if sum(len(one.records) for one in tables) > bounds.records:
        raise TooLarge("There are more records in it than we take.")
    return Portable(
        company=_text(top["company"], "company", 200),
        contact=_text(top["contact"], "contact", 320),
        reference=_text(top["reference"], "reference", 100),
        made_at=_text(top["made_at"], "made_at", 40),
        notes=tuple(_text(one, "notes", 1_000) for one in _list(top["notes"], "notes", 200)),
        tables=tables,
        manifest=manifest,
        signature=signature,
    )


def _table(said: object) -> Table:
    words = ("system", "table", "title", "category", "source", "file", "columns", "records")
    body = _object(said, "a table", words)
    columns = tuple(_column(one) for one in _list(body["columns"], "columns", 500))
    names = {one.name for one in columns}
    if len(names) < len(columns):
        raise NotTheFormat("A table has two columns of one name.")
    records = _list(body["records"], "records", None)
    for record in records:
        if not isinstance(record, dict) or not record.keys() <= names:
            raise NotTheFormat("A record has a column that its table does not list.")
    _text(body["file"], "file", 300)
    return Table(
        _text(body["system"], "system", 100, least=1),
        _text(body["table"], "table", 200, least=1),
        _text(body["title"], "title", 300, least=1),
        _text(body["category"], "category", 100),
        _text(body["source"], "source", 1_000),
        columns,
        records,
    )


def _column(said: object) -> Column:
    body = _object(said, "a column", ("name", "label"))
    return Column(_text(body["name"], "name", 200, least=1), _text(body["label"], "label", 300, least=1))


def _object(said: object, what: str, words: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(said, dict) or set(said) != set(words):
        raise NotTheFormat(f"{what.capitalize()} must have exactly {', '.join(words)}.")
    return said


def _list(said: object, what: str, most: int | None) -> list[Any]:
    if not isinstance(said, list) or (most is not None and len(said) > most):
        raise NotTheFormat(f"{what} must be a list{f' of at most {most}' if most else ''}.")
    return said


def _text(said: object, what: str, most: int, least: int = 0) -> str:
    if not isinstance(said, str) or not least <= len(said) <= most:
        raise NotTheFormat(f"{what} must be a text of {least} to {most} letters.")
    return said
