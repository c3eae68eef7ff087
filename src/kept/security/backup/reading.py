"""Reading a backup back, all of it, before anything is done with it."""

from __future__ import annotations

import base64
import binascii
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from kept.security.backup.errors import BackupDamaged, NotABackup
from kept.security.backup.making import FOLDERS, FORMAT, MANIFEST, STORE
from kept.security.backup.snapshot import Counts
from kept.security.backup.stream import Reader
from kept.vault.master import MasterKey

COPIED_AT_ONCE = 1 << 20
LONGEST_LINE = 1 << 22


@dataclass(frozen=True)
class Data:
    """A backup of data, unpacked: the store's file, and beside it the folders of files that belong to it."""

    made_at: datetime
    vendor: str  # "sqlite", "postgresql"
    rows: Counts
    folder: Path

    @property
    def store(self) -> Path:
        return self.folder / STORE


@dataclass(frozen=True)
class Keys:
    """A backup of keys: as they are stored, wrapped."""

    made_at: datetime
    files: dict[str, str] = field(repr=False)
    generations: list[tuple[int, bytes, datetime]] = field(repr=False)
    keys: list[tuple[int, int, bytes]] = field(repr=False)  # number, generation, wrapped


def read_data(path: Path, to: Path, master: MasterKey) -> Data:
    """Unpack a backup of data into an empty folder. Nothing of it counts before all of it was read.

    Raises NotABackup, BackupDamaged, MasterKeyProblem, OSError.
    """
    with path.open("rb") as file:
        reader = Reader(file, master)
        facts = _facts(reader, "data")
        for name in FOLDERS:
            (to / name).mkdir(mode=0o700)
        names: set[str] = set()
        try:
            with tarfile.open(fileobj=io.BufferedReader(reader, COPIED_AT_ONCE), mode="r|") as archive:
                for member in archive:
                    names.add(_unpack(archive, member, to))
            while reader.read(COPIED_AT_ONCE):  # to the last block: only then is it certain that nothing is missing
                continue
        except tarfile.TarError:
            raise BackupDamaged("What is in the file is no archive.") from None
    if not {MANIFEST, STORE} <= names:
        raise BackupDamaged("The archive lacks the store or its manifest.")
    manifest = json.loads((to / MANIFEST).read_text(encoding="utf-8"))
    made_at = datetime.fromisoformat(str(facts["made_at"]))
    return Data(made_at, str(facts["store"]), {str(name): int(count) for name, count in manifest["rows"].items()}, to)


def read_keys(path: Path, master: MasterKey) -> Keys:
    """Raises NotABackup, BackupDamaged, MasterKeyProblem, OSError."""
    with path.open("rb") as file:
        reader = Reader(file, master)
        facts = _facts(reader, "keys")
        found = Keys(datetime.fromisoformat(str(facts["made_at"])), {}, [], [])
        try:
            for said in _lines(reader):
                if "key" in said:
                    number, above, wrapped = said["key"]
                    found.keys.append((int(number), int(above), base64.b64decode(wrapped, validate=True)))
                elif "generation" in said:
                    number, wrapped, made = said["generation"]
                    raw = base64.b64decode(wrapped, validate=True)
                    found.generations.append((int(number), raw, datetime.fromisoformat(made)))
                elif "files" in said:
                    found.files.update({str(name): str(text) for name, text in said["files"].items()})
        except (ValueError, KeyError, TypeError, binascii.Error):
            raise BackupDamaged("A line in the file cannot be read.") from None
    if not found.generations:
        raise BackupDamaged("The file holds no generation of keys.")
    return found


def _lines(reader: Reader) -> Iterator[dict[str, Any]]:
    lines = io.BufferedReader(reader, COPIED_AT_ONCE)
    while line := lines.readline(LONGEST_LINE):
        said = json.loads(line)
        if not isinstance(said, dict):
            raise ValueError
        yield said


def _facts(reader: Reader, what: str) -> dict[str, object]:
    facts = reader.facts
    if facts.get("what") != what:
        raise NotABackup(f"This is a backup of {facts.get('what')!s:.10}, not of {what}.")
    if facts.get("format") != FORMAT:
        raise NotABackup("This backup was made by another version of Kept.")
    try:
        datetime.fromisoformat(str(facts["made_at"]))
    except (KeyError, ValueError):
        raise BackupDamaged("The head of the file cannot be read.") from None
    return facts


def _unpack(archive: tarfile.TarFile, member: tarfile.TarInfo, to: Path) -> str:
    """One file of the archive, under a name that stays in the folder."""
    place = PurePosixPath(member.name)
    ours = member.name in (MANIFEST, STORE) or (len(place.parts) == 2 and place.parts[0] in FOLDERS)
    source = archive.extractfile(member) if member.isfile() and ours and ".." not in place.parts else None
    if source is None:
        raise BackupDamaged("Something is in the archive that Kept does not put there.")
    path = to / place
    path.touch(mode=0o600, exist_ok=False)
    with path.open("wb") as file:
        while piece := source.read(COPIED_AT_ONCE):
            file.write(piece)
    return member.name
