"""Words looked for in bytes, whatever form a file gives them."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import IO

BLOCK = 1 << 22


class Word:
    """A word of ASCII letters, in every form in which a file may hold it."""

    def __init__(self, word: str) -> None:
        raw = word.encode()
        self.forms = {raw, raw.upper(), raw.hex().encode(), raw.hex().upper().encode()}
        self.forms |= {word.encode("utf-16-le"), word.encode("utf-16-be")}
        for shift in range(
            3
        ):  # base64, wherever the word begins in it; the signs at both ends depend on what is beside
            self.forms.add(base64.b64encode(b"\0" * shift + raw)[4 if shift else 0 : -4])
        self.longest = max(map(len, self.forms))


class Seen:
    """A word looked for in what comes piece by piece."""

    def __init__(self, word: Word) -> None:
        self.word, self.rest, self.found = word, b"", False

    def read(self, block: bytes) -> None:
        if not self.found:
            text = self.rest + block
            self.found = any(form in text for form in self.word.forms)
            self.rest = text[-self.word.longest :]


class SeenOf:
    """Which of many short texts come by: as they are, and as hexadecimal. Whoever stores a copy stores it like that."""

    def __init__(self, texts: Iterable[bytes]) -> None:
        self.wanted = {form: text for text in texts for form in (text, text.hex().encode())}
        self.longest = max(map(len, self.wanted), default=1)
        self.rest, self.found = b"", set[bytes]()

    def read(self, block: bytes) -> None:
        text = self.rest + block
        for form in [form for form in self.wanted if form in text]:
            self.found.add(self.wanted.pop(form))
        self.rest = text[-self.longest :]


def read_file(file: IO[bytes], *readers: Seen | SeenOf) -> None:
    """Let them all read it once. Raises OSError."""
    while block := file.read(BLOCK):
        for one in readers:
            one.read(block)


def stands_in(word: Word, path: Path) -> bool:
    """Whether a file holds the word. Raises OSError."""
    seen = Seen(word)
    with path.open("rb") as file:
        read_file(file, seen)
    return seen.found


def stands_in_store(word: Word, path: Path) -> bool:
    """The same for the file of a SQLite store in use, which another process reads.

    Whoever closes such a file gives up every lock on it that SQLite holds for the whole process. The next process that
    ends its work would then be the last one as far as it can see, and would remove the log that we still write to.
    Raises OSError.
    """
    seen = Seen(word)
    with subprocess.Popen(["cat", "--", path], stdout=subprocess.PIPE) as reader:  # noqa: S603, S607 - the system's own
        assert reader.stdout is not None  # noqa: S101 - a pipe was asked for
        read_file(reader.stdout, seen)
    if reader.returncode:
        raise OSError(f"{path.name} could not be read.")
    return seen.found
