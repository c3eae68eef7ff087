"""The ledger's own key, and the latest checkpoint that this machine has seen. Both are files beside the store.

The key is apart from the site's: who can make sessions cannot sign for the ledger. The checkpoint outside the store
shows a store that went back in time, be it by a restore or by somebody's hand.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Collection
from functools import partial
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings
from django.db import transaction

from kept.security.ledger_errors import NoKey
from kept.security.notes import BadNote, Head, Key, key_of, read_head, read_note, signed_by

SEEN = "ledger-checkpoint-"
_read: dict[bytes, Ed25519PrivateKey] = {}  # what the file last held -> key. Inodes and times of change come again


def key_file() -> Path:
    return Path(settings.LEDGER_KEY_FILE or Path(settings.DATA) / "ledger-key")


def signing_key(*, make: bool = False) -> Ed25519PrivateKey:
    """The key in the file; with `make` a first one is made, readable by its owner only. Raises NoKey."""
    path = key_file()
    try:
        if make and not path.exists():
            _make(path)
        state, pem = path.stat(), path.read_bytes()
    except OSError as problem:
        raise NoKey(f"The ledger's key cannot be read: {path.name}: {problem.strerror}.") from problem
    if state.st_mode & 0o077:
        raise NoKey(f"The ledger's key can be read by others than its owner: chmod 600 {path.name}.")
    known = _read.get(pem)
    if known is not None:
        return known
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
        raise NoKey(f"The ledger's key cannot be read: {path.name} holds no key in PEM.") from problem
    if not isinstance(key, Ed25519PrivateKey):
        raise NoKey(f"The ledger's key cannot be used: {path.name} holds no Ed25519 key.")
    _read.clear()
    _read[pem] = key
    return key


def _make(path: Path) -> None:
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    try:
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)  # two first starts at once: one key wins, both read it
    finally:
        fresh.unlink()
    _sync_folder(path.parent)


def seen_file(origin: str) -> Path:
    return Path(settings.DATA) / f"{SEEN}{sha256(origin.encode()).hexdigest()[:12]}"


def last_seen(origin: str) -> Head | None:
    """The latest checkpoint of this log that this machine has seen; None: none yet, or a file that cannot be read."""
    try:
        return read_head(read_note(seen_file(origin).read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, BadNote):
        return None


def forgotten_logs(known: Collection[Key], key: Ed25519PrivateKey) -> list[Head]:
    """Logs that this machine has seen, signed by its own key, and that the store does not name: the longest first.

    The store is another one, or somebody emptied it and would let a new log begin as if there had been none.
    """
    names, found = {one.name for one in known}, []
    for path in Path(settings.DATA).glob(f"{SEEN}*"):
        try:
            note = read_note(path.read_text(encoding="utf-8"))
            head = read_head(note)
            if head.origin not in names:
                signed_by(note, [key_of(head.origin, key)])
                found.append(head)
        except (OSError, UnicodeDecodeError, BadNote):  # another key's, or damaged: it shows nothing
            continue
    return sorted(found, key=lambda head: (-head.size, head.origin))


def remember_on_commit(origin: str, checkpoint: str) -> None:
    """Keep a checkpoint outside the store, once the store has it for certain."""
    transaction.on_commit(partial(remember, origin, checkpoint))


def remember(origin: str, checkpoint: str) -> None:
    """Keep a committed checkpoint outside the store, unless a later one is there."""
    path = seen_file(origin)
    before = last_seen(origin)
    if before is not None and before.size >= read_head(read_note(checkpoint)).size:
        return
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        file.write(checkpoint)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
