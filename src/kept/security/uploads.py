"""Files from strangers: looked at by content, bounded, given a name of ours, and kept outside the web root.

    kept = keep(file, file.name, kinds=("pdf", "png", "jpeg"), most=10_000_000, key=case.key)
    with open_kept(kept.place, case.key) as file: …

A name and a content type sent along are claims. What a file is, is read from its first bytes and must agree with its
name; packed files are unpacked into nothing, bounded, before they are accepted. No file is ever served from a web
address: whoever hands one out sends it as a download. It lies sealed under the key of what it belongs to.

UploadRefused
├── TooLarge     more bytes than allowed
├── WrongKind    not one of the kinds asked for, or its name says another one
└── Dangerous    packed to burst, hides a path, holds what runs
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from kept.security.backup.folder import PART
from kept.security.sealed_files import open_sealed, seal_file
from kept.security.upload_kinds import ENDINGS, Dangerous, Kind, TooLarge, UploadRefused, WrongKind, kind_of, look_into

__all__ = [
    "Dangerous", "Kept", "Kind", "TooLarge", "UploadRefused", "WrongKind", "keep", "open_kept", "plain_name", "remove",
]  # fmt: skip

LONGEST_NAME = 100
PIECE = 65_536


@dataclass(frozen=True)
class Kept:
    """A file that was accepted. `place` is below the uploads folder and says nothing about who sent it."""

    place: str
    name: str  # as it may be shown and written into a download
    kind: Kind
    size: int
    sha256: str


def keep(file: BinaryIO, name: str, *, kinds: Collection[Kind], most: int, key: int) -> Kept:
    """Check a file and keep it: sealed, and readable by Kept's own account only.

    What is refused leaves nothing behind. `name` is what the browser said; `most` is bytes; `key` is the number of the
    data key that seals it. Raises TooLarge, WrongKind, Dangerous, KeyDestroyed.
    """
    root = folder()
    place = secrets.token_hex(16)
    path = root / f".{place}{PART}"
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            while piece := file.read(PIECE):
                size += len(piece)
                if size > most:
                    raise TooLarge(f"This file is larger than {_in_words(most)}.")
                digest.update(piece)
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())
        kind = checked(path, name, kinds)
        seal_file(path, root / place, key)
    finally:
        path.unlink(missing_ok=True)
    return Kept(place, plain_name(name, kind), kind, size, digest.hexdigest())


def checked(path: Path, name: str, kinds: Collection[Kind]) -> Kind:
    """What the file is. Raises WrongKind, Dangerous."""
    kind = kind_of(path)
    if kind is None or kind not in kinds:
        raise WrongKind(f"Send one of these: {', '.join(sorted(one.upper() for one in kinds))}.")
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending and ending not in ENDINGS[kind]:
        raise WrongKind(
            f"The name ends in .{ending[:10]}, and the file is {kind.upper()}. Save it again as what it is."
        )
    look_into(path, kind)
    return kind


def plain_name(name: str, kind: Kind) -> str:
    """A name that can be shown and saved anywhere: no path, no control or direction marks, bounded, its ending ours."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    letters = "".join(letter for letter in last if unicodedata.category(letter)[0] not in "C")
    stem = letters.rpartition(".")[0] if "." in letters else letters
    stem = re.sub(r'[<>:"|?*\s]+', " ", stem).strip(" .")[:LONGEST_NAME] or "file"
    return f"{stem}.{ENDINGS[kind][0]}"


def folder() -> Path:
    """Where uploads lie: in the data folder, which no web address reaches."""
    path = Path(settings.DATA) / "uploads"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def open_kept(place: str, key: int) -> BinaryIO:
    """What was kept there. Raises UploadRefused, FileUnreadable, OSError."""
    return open_sealed(path_of(place), key)


def path_of(place: str) -> Path:
    """Raises UploadRefused for what is no place of ours."""
    if not re.fullmatch(r"[0-9a-f]{32}", place):
        raise UploadRefused("There is no such file.")
    return folder() / place


def remove(place: str) -> None:
    """A second call changes nothing."""
    path_of(place).unlink(missing_ok=True)


def _in_words(size: int) -> str:
    return f"{size / 1_000_000:.0f} MB" if size >= 1_000_000 else f"{size / 1_000:.0f} kB"
