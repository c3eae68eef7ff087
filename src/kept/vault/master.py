"""The master key: outside the database, in a file, in the environment, or in a key service that never gives it out."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import shlex
import subprocess
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from django.conf import settings

from kept.vault.errors import MasterKeyProblem

KEY_BYTES = 32
COMMAND_SECONDS = 30
LONGEST_ANSWER = 1024  # bytes of a wrapped key


class MasterKey(Hashable, Protocol):
    """Whoever can wrap a key of 32 bytes and unwrap it again. A key service needs no more than these two."""

    def wrap(self, key: bytes) -> bytes:
        """Raises MasterKeyProblem."""
        ...

    def unwrap(self, wrapped: bytes) -> bytes:
        """Raises MasterKeyProblem."""
        ...


@dataclass(frozen=True)
class LocalMasterKey:
    """One or more keys known to this process: the first wraps, each unwraps (RFC 3394)."""

    setting: str  # where they come from, for messages
    keys: Sequence[bytes] = field(repr=False)

    def wrap(self, key: bytes) -> bytes:
        return aes_key_wrap(self.keys[0], key)

    def unwrap(self, wrapped: bytes) -> bytes:
        for one in self.keys:
            try:
                return aes_key_unwrap(one, wrapped)
            except (InvalidUnwrap, ValueError):
                continue
        raise MasterKeyProblem(f"{self.setting} is not the master key of this store. Put the right one there.")


@dataclass(frozen=True)
class CommandMasterKey:
    """A key service behind a command: `COMMAND wrap` and `COMMAND unwrap` read base64 and answer with base64."""

    command: tuple[str, ...]

    def wrap(self, key: bytes) -> bytes:
        return self._ask("wrap", key)

    def unwrap(self, wrapped: bytes) -> bytes:
        key = self._ask("unwrap", wrapped)
        if len(key) != KEY_BYTES:
            raise MasterKeyProblem("KEPT_MASTER_KEY_COMMAND answered to unwrap with something that is no key.")
        return key

    def _ask(self, what: str, sent: bytes) -> bytes:
        name = "KEPT_MASTER_KEY_COMMAND"
        try:
            done = subprocess.run(  # noqa: S603 - the owner of this installation chose the command
                [*self.command, what], input=base64.b64encode(sent), capture_output=True, timeout=COMMAND_SECONDS,
                check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise MasterKeyProblem(f"{name} cannot be run ({type(problem).__name__}).") from None
        if done.returncode:
            raise MasterKeyProblem(f"{name} ended with {done.returncode} when asked to {what} a key.")
        try:
            answer = base64.b64decode(done.stdout.strip(), validate=True)
        except binascii.Error:
            raise MasterKeyProblem(f"{name} answered with something that is no base64.") from None
        if not 0 < len(answer) <= LONGEST_ANSWER:
            raise MasterKeyProblem(f"{name} answered with {len(answer)} bytes.")
        return answer


def master_key(*, make: bool = False) -> MasterKey:
    """The one that the settings name. `make`: write a new file where there is none. Raises MasterKeyProblem."""
    if settings.MASTER_KEY_COMMAND:
        return CommandMasterKey(tuple(shlex.split(settings.MASTER_KEY_COMMAND)))
    if settings.MASTER_KEY:
        return _local("KEPT_MASTER_KEY", settings.MASTER_KEY)
    path = Path(settings.MASTER_KEY_FILE)
    if make and not path.exists():
        _make(path)
    return _local("KEPT_MASTER_KEY_FILE", _read(path))


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


@lru_cache(maxsize=4)
def _local(setting: str, text: str) -> LocalMasterKey:
    try:
        keys = [base64.b64decode(one, validate=True) for one in text.replace(",", " ").split()]
    except binascii.Error:
        keys = []
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        mend = "It holds one key of 32 bytes in base64, or several, the newest first."
        raise MasterKeyProblem(f"{setting} cannot be read as a master key. {mend}")
    return LocalMasterKey(setting, tuple(keys))


def _read(path: Path) -> str:
    try:
        if path.stat().st_mode & 0o077:
            raise MasterKeyProblem(f"KEPT_MASTER_KEY_FILE: others can read {path.name}. chmod 600 it.")
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        mend = "Without it nothing sealed in this store can be read. Bring it back from where you keep it."
        raise MasterKeyProblem(f"KEPT_MASTER_KEY_FILE: {path.name} is not there. {mend}") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise MasterKeyProblem(f"KEPT_MASTER_KEY_FILE cannot be read ({type(problem).__name__}).") from None


def _make(path: Path) -> None:
    """Write a new key whole and on disk, or not at all. Two at once: one wins, and both read it."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(new_key()) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as problem:
        raise MasterKeyProblem(f"KEPT_MASTER_KEY_FILE cannot be made ({type(problem).__name__}).") from None
