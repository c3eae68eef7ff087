"""An encrypted file of any size, written and read in one go, with memory for one block.

    KEPTBAK1 │ length of the head, 4 bytes │ head, JSON │ block │ block │ … │ last block

A block is its length (4 bytes), and AES-256-GCM of at most 1 MiB. The nonce is the block's number and whether it is the
last one; the head's hash is authenticated with each. So no block can be changed, moved, left out or added, and no end
cut off. Each file has a key of its own, wrapped by the master key, which is not in it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
import struct
from collections.abc import Mapping
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kept.security.backup.errors import BackupDamaged, NotABackup
from kept.vault.errors import MasterKeyProblem
from kept.vault.master import KEY_BYTES, MasterKey, new_key

MAGIC = b"KEPTBAK1"
BLOCK = 1 << 20
TAG = 16
LONGEST_HEAD = 1 << 20
_length = struct.Struct(">I")
HEAD_BEFORE = len(MAGIC) + _length.size
BLOCK_OVERHEAD = _length.size + TAG


class Writer(io.RawIOBase):
    """Encrypts what is written to it. Only `finish` makes the file whole."""

    def __init__(self, file: IO[bytes], facts: Mapping[str, Any], master: MasterKey) -> None:
        key = new_key()
        head = json.dumps({**facts, "key": base64.b64encode(master.wrap(key)).decode()}).encode()
        file.write(MAGIC + _length.pack(len(head)) + head)
        self.file, self.cipher, self.bound = file, AESGCM(key), hashlib.sha256(MAGIC + head).digest()
        self.waiting, self.number = bytearray(), 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.waiting += data
        while len(self.waiting) > BLOCK:  # the last block is only known at the end
            self._block(bytes(self.waiting[:BLOCK]), last=False)
            del self.waiting[:BLOCK]
        return len(data)

    def finish(self) -> None:
        self._block(bytes(self.waiting), last=True)
        self.waiting.clear()

    def _block(self, plain: bytes, *, last: bool) -> None:
        sealed = self.cipher.encrypt(_nonce(self.number, last), plain, self.bound)
        self.file.write(_length.pack(len(sealed)) + sealed)
        self.number += 1


class Reader(io.RawIOBase):
    """Decrypts a file. What `read` gives is authentic; that it is all of it is certain at the end.

    Raises NotABackup, BackupDamaged, MasterKeyProblem.
    """

    def __init__(self, file: IO[bytes], master: MasterKey) -> None:
        self.facts, head = read_head(file)
        try:
            wrapped = base64.b64decode(str(self.facts.get("key", "")), validate=True)
        except binascii.Error:
            raise BackupDamaged("The head of the file names no key.") from None
        try:
            key = master.unwrap(wrapped)
        except MasterKeyProblem as problem:
            raise MasterKeyProblem(f"The backup does not open. {problem}") from None
        if len(key) != KEY_BYTES:
            raise BackupDamaged("The head of the file names no key.")
        self.file, self.cipher, self.bound = file, AESGCM(key), hashlib.sha256(MAGIC + head).digest()
        self.ready, self.number, self.ended = b"", 0, False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self.ready and not self.ended:
            self._next()
        size = min(len(buffer), len(self.ready))
        buffer[:size], self.ready = self.ready[:size], self.ready[size:]
        return size

    def _next(self) -> None:
        size = _length.unpack(self._exactly(_length.size))[0]
        if not TAG <= size <= BLOCK + TAG:
            raise BackupDamaged(f"Block {self.number} has a length that no block has.")
        sealed = self._exactly(size)
        for last in (False, True):
            try:
                self.ready = self.cipher.decrypt(_nonce(self.number, last), sealed, self.bound)
            except InvalidTag:
                continue
            self.number, self.ended = self.number + 1, last
            if last and self.file.read(1):
                raise BackupDamaged("Something stands behind the last block.")
            return
        raise BackupDamaged(f"Block {self.number} was changed, or belongs elsewhere.")

    def _exactly(self, size: int) -> bytes:
        data = self.file.read(size)
        if len(data) < size:
            raise BackupDamaged(f"The file ends in block {self.number}, before its last one.")
        return data


def read_head(file: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """What a backup says of itself in clear, and those bytes; authentic once a block was read.

    Raises NotABackup, BackupDamaged.
    """
    if file.read(len(MAGIC)) != MAGIC:
        raise NotABackup("This is no backup of Kept.")
    length = file.read(_length.size)
    size = _length.unpack(length)[0] if len(length) == _length.size else 0
    head = file.read(size) if 0 < size <= LONGEST_HEAD else b""
    try:
        facts = json.loads(head)
    except ValueError:
        raise BackupDamaged("The head of the file cannot be read.") from None
    if len(head) != size or not isinstance(facts, dict):
        raise BackupDamaged("The head of the file cannot be read.")
    return facts, head


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
