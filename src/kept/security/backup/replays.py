"""The replay list: what a restore must do again, kept outside the store, so that a store from before does it too.

It names nobody: keyed hashes, numbers and states. An action notes what it did in its own transaction; a moment later
the note is appended to the list, a file. One JSON object a line, with a keyed hash over it.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction

from kept.security.backup.errors import ReplayDamaged
from kept.security.backup.folder import folder, sync
from kept.security.backup.models import Replay
from kept.terms import Actor, Identifier
from kept.vault.index import index_of, key_for

FILE = "replays.jsonl"
KEPT_DAYS = 400  # longer than any backup of a company's system should live
AT_ONCE = 500
KEYS_GO = frozenset({"key", "person", "case", "complaint"})  # kinds that destroy keys
MAC, HIDDEN = "replay list", "replay hidden"  # what the keys are derived for


@dataclass(frozen=True)
class Note:
    """One line of the list."""

    id: str
    kind: str
    at: datetime
    facts: dict[str, Any] = field(repr=False)


Again = Callable[[Sequence[Note], Actor, datetime], int]
_again: dict[str, Again] = {}


def replays(kind: str) -> Callable[[Again], Again]:
    """Register how notes of a kind are done again, oldest first. It returns how many had something left to do; done
    twice, none has."""

    def register(again: Again) -> Again:
        _again[kind] = again
        return again

    return register


def note(kind: str, /, *, at: datetime, **facts: Any) -> None:
    """Note, in the caller's transaction, what a restore must do again. `facts` hold no plain identifiers."""
    Replay.objects.create(kind=kind, at=at, facts=facts)


def digest_of(identifier: Identifier, system: str, secret: bytes | None = None) -> str:
    """The keyed hash of an identifier for one system's list."""
    text = "\x1f".join((identifier.kind, identifier.scope, identifier.value))
    return index_of(place_of(system), text, secret).hex()


def place_of(system: str) -> str:
    return f"replay {system}"


def hidden(text: str) -> str:
    """A short text that doing it again needs, and that nobody else may read."""
    nonce = secrets.token_bytes(12)
    return base64.b64encode(nonce + AESGCM(key_for(HIDDEN)).encrypt(nonce, text.encode(), None)).decode()


def shown(text: str) -> str:
    """Raises ReplayDamaged."""
    try:
        raw = base64.b64decode(text, validate=True)
        return AESGCM(key_for(HIDDEN)).decrypt(raw[:12], raw[12:], None).decode()
    except (InvalidTag, ValueError):
        raise ReplayDamaged("A note on the replay list cannot be opened.") from None


def list_key(system: str) -> str:
    """What whoever matches a system's list needs: see docs/how-to/back-up-and-restore.md."""
    return base64.b64encode(key_for(place_of(system))).decode()


def write_out() -> int:
    """Append what waits to the list, and forget it here once it is on disk. Returns how many. Several at once, or one
    killed anywhere: a line may stand there twice, none is lost."""
    with transaction.atomic():
        waiting = list(Replay.objects.select_for_update(skip_locked=True).order_by("at", "id")[:AT_ONCE])
        if waiting:
            key = key_for(MAC)
            _append([_line(Note(str(one.pk), one.kind, one.at, one.facts), key) for one in waiting])
            Replay.objects.filter(pk__in=[one.pk for one in waiting]).delete()
    return len(waiting)


def notes_since(since: datetime, files: Iterable[Path] = (), secret: bytes | None = None) -> list[Note]:
    """What was noted from that moment on, oldest first, once each. Raises ReplayDamaged."""
    key = key_for(MAC, secret)
    found: dict[str, Note] = {}
    for path in [list_file(), *files]:
        for one in _read(path, key):
            if one.at >= since:
                found.setdefault(one.id, one)
    return sorted(found.values(), key=lambda one: (one.at, one.id))


def apply(found: Iterable[Note], *, by: Actor, at: datetime) -> int:
    """Do them again, kind by kind as they first stand there. Returns how many had something left to do.

    Call it outside a transaction: it changes the store as a system. Raises ReplayDamaged for a kind that no room knows.
    """
    kinds: dict[str, list[Note]] = defaultdict(list)
    for one in found:
        kinds[one.kind].append(one)
    for kind in kinds:
        if kind not in _again:
            raise ReplayDamaged(f"The replay list has something of the kind {kind!r}, which no room can do again.")
    # What is sealed can still be searched as long as its keys are there.
    return sum(_again[kind](kinds[kind], by, at) for kind in sorted(kinds, key=lambda one: one in KEYS_GO))


def drop_old(at: datetime) -> int:
    """Take lines out of the list that are too old to matter. Returns how many."""
    path, oldest = list_file(), at - timedelta(days=KEPT_DAYS)
    if not path.exists():
        return 0
    with _locked(path):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if _at(line) is None or (_at(line) or at) >= oldest]
        if len(kept) < len(lines):
            fresh = path.with_suffix(".fresh")
            _write(fresh, "".join(kept), os.O_TRUNC)
            fresh.replace(path)
            sync(path.parent)
    return len(lines) - len(kept)


def list_file() -> Path:
    return folder() / FILE


def _line(one: Note, key: bytes) -> str:
    said = {"id": one.id, "kind": one.kind, "at": one.at.isoformat(), "facts": one.facts}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return json.dumps({**said, "mac": _mac(text, key)}, sort_keys=True, separators=(",", ":")) + "\n"


def _mac(text: str, key: bytes) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]


def _append(lines: Iterable[str]) -> None:
    path = list_file()
    with _locked(path):
        _write(path, "".join(lines), os.O_APPEND)
        sync(path.parent)


def _write(path: Path, text: str, how: int) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | how, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        # A line that a killed process left half written was promised by nobody: its note still waits in the store.
        whole = file.read().rfind(b"\n") + 1 if how == os.O_APPEND else 0
        file.truncate(whole)
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())


class _locked:  # noqa: N801 - reads as a verb
    """The list is one process's at a time; the kernel gives the lock back however that ends."""

    def __init__(self, path: Path) -> None:
        self.file = path.with_name(f".{path.name}.lock").open("a")

    def __enter__(self) -> None:
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self.file.close()


def _read(path: Path, key: bytes) -> Iterator[Note]:
    """What stands behind the last line end was promised by nobody. Every other line must be as it was written."""
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return
    for number, line in enumerate(text[: text.rfind("\n") + 1].splitlines(), start=1):
        try:
            said = json.loads(line)
            mac = said.pop("mac")
            one = Note(said["id"], said["kind"], datetime.fromisoformat(said["at"]), said["facts"])
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ReplayDamaged(f"Line {number} of {path.name} cannot be read.") from None
        as_written = json.dumps(said, sort_keys=True, separators=(",", ":"))
        if not hmac.compare_digest(str(mac), _mac(as_written, key)):
            raise ReplayDamaged(f"Line {number} of {path.name} was changed, or is of another store.")
        yield one


def _at(line: str) -> datetime | None:
    try:
        return datetime.fromisoformat(json.loads(line)["at"])
    except (ValueError, KeyError, TypeError):
        return None
