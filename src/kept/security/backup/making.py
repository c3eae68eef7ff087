"""Making a backup: the store and the files beside it into one, the keys into another that goes sooner."""

from __future__ import annotations

import base64
import json
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from kept.security.backup import snapshot
from kept.security.backup.folder import PART, alone, new_name, whole
from kept.security.backup.replays import list_file
from kept.security.backup.stream import Writer
from kept.security.signing import key_file
from kept.vault.master import master_key
from kept.vault.models import Generation, Key

FORMAT = 1
STORE, MANIFEST = "store", "manifest.json"
FOLDERS = ("packages", "preserved", "uploads")  # of the data folder: files that rows of the store speak of
ROWS = 10_000


@dataclass(frozen=True)
class Made:
    """The two files of one backup."""

    data: Path
    keys: Path
    tables: int
    rows: int


def make(place: Path, at: datetime) -> Made:
    """Back up the store that runs, into a folder. Each file is there whole, or not at all.

    Raises BackupError, MasterKeyProblem, OSError (a full disk, most likely).
    """
    list_file().touch(mode=0o600, exist_ok=True)  # from now on: where it is missing at a restore, it was lost
    with alone(place), working_folder(place) as work:
        counts = snapshot.take(work / STORE)
        data = place / new_name("data", at)
        _write_data(data, work / STORE, counts, at)
        # After the data: a key that is in use there is in here too, unless it was destroyed meanwhile.
        keys = place / new_name("keys", at)
        write_keys(keys, at)
    return Made(data, keys, len(counts), sum(counts.values()))


@contextmanager
def working_folder(place: Path) -> Iterator[Path]:
    """For what is not encrypted yet: its owner's alone, and removed at the end, or by the next one after a kill."""
    with tempfile.TemporaryDirectory(prefix=".work", suffix=PART, dir=place) as work:
        yield Path(work)


def _write_data(path: Path, store: Path, counts: snapshot.Counts, at: datetime) -> None:
    facts = {"format": FORMAT, "what": "data", "made_at": at.isoformat(), "store": connection.vendor}
    with whole(path) as file:
        writer = Writer(file, facts, master_key())
        with tarfile.open(fileobj=writer, mode="w|", bufsize=1 << 16) as archive:
            manifest = store.parent / MANIFEST
            manifest.write_text(json.dumps({**facts, "rows": counts}))
            archive.add(manifest, MANIFEST)
            archive.add(store, STORE)
            for name in FOLDERS:
                _add_folder(archive, Path(settings.DATA) / name)
        writer.finish()


def _add_folder(archive: tarfile.TarFile, folder: Path) -> None:
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        if file.is_file() and not file.name.endswith(PART):
            try:
                archive.add(file, f"{folder.name}/{file.name}")
            except FileNotFoundError:  # its time was over a moment ago
                continue


def write_keys(path: Path, at: datetime) -> None:
    """Every key as it is stored, wrapped, and the site's own key files: without the master key they open nothing."""
    facts = {"format": FORMAT, "what": "keys", "made_at": at.isoformat()}
    with whole(path) as file:
        writer = Writer(file, facts, master_key())
        _say(writer, {"files": dict(_key_files())})
        said: set[int] = set()
        for generation in Generation.objects.order_by("number"):
            _say_generation(writer, said, generation.number, generation.wrapped, generation.made_at)
        # One statement, so of one moment: a rotation may be under way, and each key comes with its own generation.
        above = ("generation_id", "generation__wrapped", "generation__made_at")
        rows = Key.objects.order_by("number").values_list("number", "wrapped", *above)
        for number, wrapped, generation, wrapping, made_at in rows.iterator(chunk_size=ROWS):
            _say_generation(writer, said, generation, wrapping, made_at)
            _say(writer, {"key": [number, generation, _text(wrapped)]})
        writer.finish()


def _say_generation(
    writer: Writer, said: set[int], number: int, wrapped: bytes | memoryview, made_at: datetime
) -> None:
    if number not in said:
        said.add(number)
        _say(writer, {"generation": [number, _text(wrapped), made_at.isoformat()]})


def key_paths() -> dict[str, Path]:
    """The site's other keys, by name: what they sign or hash is in the store."""
    return {"secret-key": Path(settings.SECRET_KEY_FILE), "ledger-key": key_file()}


def _key_files() -> Iterator[tuple[str, str]]:
    for name, path in key_paths().items():
        if path.is_file():
            yield name, path.read_text(encoding="utf-8")


def _say(writer: Writer, said: object) -> None:
    writer.write(json.dumps(said, separators=(",", ":")).encode() + b"\n")


def _text(raw: bytes | memoryview) -> str:
    return base64.b64encode(bytes(raw)).decode()
