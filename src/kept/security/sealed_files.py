"""Files sealed under one data key, as backups are under the master key: gone with the key, in every copy of them."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from kept.security.backup.errors import BackupError
from kept.security.backup.folder import whole
from kept.security.backup.stream import BLOCK, BLOCK_OVERHEAD, HEAD_BEFORE, Reader, Writer, read_head
from kept.vault.errors import MasterKeyProblem, Unreadable
from kept.vault.keys import cipher
from kept.vault.seal import bound_to, seal, unseal

PLACE = "file"


class FileUnreadable(Exception):
    """The file was changed, is cut off, belongs elsewhere, or its key was destroyed. Nothing was changed."""


@dataclass(frozen=True)
class DataKey:
    """One data key in the place of a master key: what it wraps is bound to one file's name."""

    number: int
    name: str

    def wrap(self, key: bytes) -> bytes:
        return seal(cipher(self.number), key, bound_to(self.number, PLACE, self.name))

    def unwrap(self, wrapped: bytes) -> bytes:
        try:
            return unseal(cipher(self.number), wrapped, bound_to(self.number, PLACE, self.name))
        except Unreadable as problem:
            raise MasterKeyProblem(str(problem)) from None


def seal_file(source: Path, to: Path, number: int) -> None:
    """Write `source` sealed to `to`, whole or not at all; `to` keeps its name for as long as it is to be opened.

    Raises KeyDestroyed, MasterKeyProblem, OSError.
    """
    with source.open("rb") as plain, whole(to) as file:
        writer = Writer(file, {"what": PLACE}, DataKey(number, to.name))
        while block := plain.read(BLOCK):
            writer.write(block)
        writer.finish()


def open_sealed(path: Path, number: int) -> BinaryIO:
    """What was sealed, from its beginning to its end. A file that was changed is found while it is read.

    Raises FileUnreadable, OSError.
    """
    file = path.open("rb")
    try:
        reader = Reader(file, DataKey(number, path.name))
    except (BackupError, MasterKeyProblem) as problem:
        file.close()
        raise FileUnreadable(str(problem)) from None
    return cast(BinaryIO, _Closing(reader, file))


class _Closing(io.BufferedReader):
    """Closes the file with its reader."""

    def __init__(self, reader: Reader, file: BinaryIO) -> None:
        super().__init__(reader, BLOCK)
        self.file = file

    def close(self) -> None:
        super().close()
        self.file.close()


def has_its_size(path: Path, size: int) -> bool:
    """Whether a sealed file of so many bytes is there to its end. Raises OSError."""
    with path.open("rb") as file:
        try:
            _, head = read_head(file)
        except BackupError:
            return False
    blocks = max(1, math.ceil(size / BLOCK))
    return path.stat().st_size == HEAD_BEFORE + len(head) + blocks * BLOCK_OVERHEAD + size
