"""Whether anything that should be sealed lies in clear.

A secret word is planted in every sealed field, and looked for in the raw pages of the database, in its log, in a backup
and in a dump. An open word is planted beside it and must be found: a search that cannot see would find nothing either.
Then some of what people really wrote is looked for as well, and every sealed value must have the form of one.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import connection

from kept.security.backup import postgresql, snapshot
from kept.security.backup.errors import BackupError
from kept.security.backup.folder import alone, folder
from kept.security.backup.making import working_folder
from kept.security.backup.stream import Writer
from kept.security.vault.actions import looked_for_clear_text, plant_canaries, pull_canaries
from kept.security.vault.samples import samples, unsealed_forms, whereabouts
from kept.security.vault.words import BLOCK, Seen, SeenOf, Word, read_file, stands_in, stands_in_store
from kept.terms import Actor
from kept.vault.canaries import without_canary
from kept.vault.fields import sealed_models
from kept.vault.master import master_key
from kept.vault.open import undecided

WAIT = 60  # seconds for a backup that is being made


@dataclass(frozen=True)
class Place:
    """One place that was searched."""

    name: str  # "pages", "log", "backup", "encrypted backup", "dump"
    clear: bool | None  # None: it could not be searched
    why: str = ""  # it could not
    copies: Sequence[str] = ()  # "notes.words holds post_message.text": what people wrote, found there


@dataclass(frozen=True)
class Look:
    """What one look found."""

    fields: int  # sealed fields that held a canary
    values: int  # sealed values in the store
    sampled: int  # pieces of them that were looked for
    unsealed: Sequence[str]  # fields with a value that has not the form of a sealed one
    undecided: Sequence[str]  # fields that can hold text, and that nobody has said may be open
    unplanted: Sequence[str]  # sealed fields that nobody plants anything in
    places: Sequence[Place]

    @property
    def in_clear(self) -> list[str]:
        """What was found that should not be there."""
        copies = [copy for place in self.places for copy in place.copies]
        return [*self.unsealed, *self.undecided, *(one.name for one in self.places if one.clear), *copies]

    @property
    def unsure(self) -> list[str]:
        return [*self.unplanted, *(one.name for one in self.places if one.clear is None)]


def look_for_clear_text(*, by: Actor, at: datetime) -> Look:
    """Plant, search, pull, and write down what was found. Call it outside a transaction: the words must reach the disk.

    Raises MasterKeyProblem, OSError.
    """
    secret, open_word = (secrets.token_hex(12) for _ in range(2))
    pull_canaries(by=by, at=at)  # what a look left that was killed
    pieces = samples()
    key = plant_canaries(secret, open_word, by=by, at=at)
    unplanted = without_canary()
    planted = sum(len(fields) for _, fields in sealed_models()) - len(unplanted)
    try:
        values, unsealed = unsealed_forms()
        values -= planted
        places = list(_places(Word(secret), Word(open_word), pieces))
    finally:
        pull_canaries([key], by=by, at=at)
    look = Look(planted, values, len(pieces), unsealed, undecided(), unplanted, places)
    looked_for_clear_text(
        planted, values, len(pieces), look.in_clear, look.unsure, [place.name for place in places], by=by, at=at
    )
    return look


def _places(secret: Word, open_word: Word, pieces: Mapping[bytes, str]) -> Iterator[Place]:
    if connection.vendor == "postgresql":
        yield _dump(secret, open_word, pieces)
    else:
        yield from _pages(secret, open_word)
    yield from _backup(secret, open_word, pieces)


def _pages(secret: Word, open_word: Word) -> Iterator[Place]:
    """SQLite's file and its write-ahead log, read as bytes."""
    store = Path(str(connection.settings_dict["NAME"]))
    log = store.with_name(f"{store.name}-wal")
    if not store.is_file():
        yield Place("pages", None, "the store is in memory")
        return
    seen, clear = stands_in_store(open_word, store), stands_in_store(secret, store)
    if log.exists():
        seen |= stands_in_store(open_word, log)
        yield Place("log", stands_in_store(secret, log))
    with connection.cursor() as cursor:  # and what comes into the pages out of the log
        cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
    seen |= stands_in_store(open_word, store)
    clear |= stands_in_store(secret, store)
    blind = Place("pages", None, "the open word was not found: this is not the store")
    yield Place("pages", clear) if seen or clear else blind


def _dump(secret: Word, open_word: Word, pieces: Mapping[bytes, str]) -> Place:
    """PostgreSQL: its files are its server's, so a dump is read as it comes."""
    try:
        running = postgresql.plain_dump(connection.settings_dict)
    except BackupError as problem:
        return Place("dump", None, str(problem))
    seen, clear, real = Seen(open_word), Seen(secret), SeenOf(pieces)
    with running:
        assert running.stdout is not None  # noqa: S101 - a pipe was asked for
        read_file(running.stdout, seen, clear, real)
    copies = _copies(real, pieces)
    if (running.returncode or not seen.found) and not clear.found:
        return Place("dump", None, "pg_dump did not give the whole store", copies)
    return Place("dump", clear.found, "", copies)


def _backup(secret: Word, open_word: Word, pieces: Mapping[bytes, str]) -> Iterator[Place]:
    """What goes into a backup, and what comes out."""
    try:
        with alone(folder(), wait=WAIT), working_folder(folder()) as work:
            inside, outside = work / "inside", work / "outside"
            snapshot.take(inside)
            with inside.open("rb") as source, outside.open("wb") as file:
                writer = Writer(file, {"what": "look"}, master_key())
                while block := source.read(BLOCK):
                    writer.write(block)
                writer.finish()
            if connection.vendor == "sqlite":  # PostgreSQL's own form is compressed: the dump was read instead
                seen, clear, real = Seen(open_word), Seen(secret), SeenOf(pieces)
                with inside.open("rb") as source:
                    read_file(source, seen, clear, real)
                blind = Place("backup", None, "the open word was not found in it", _copies(real, pieces))
                yield Place("backup", clear.found, "", _copies(real, pieces)) if seen.found else blind
            yield Place("encrypted backup", any(stands_in(one, outside) for one in (secret, open_word)))
    except BackupError as problem:
        yield Place("backup", None, str(problem))


def _copies(real: SeenOf, pieces: Mapping[bytes, str]) -> list[str]:
    """Without a word of what was found: where it stands, and which field it is from."""
    return sorted({f"{where} holds {pieces[piece]}" for piece in real.found for where in whereabouts(piece)})


def said(look: Look) -> list[str]:
    """One line for each thing found, for a screen."""
    lines = [f"{copy} in clear." for place in look.places for copy in place.copies]
    lines += [f"{name}: a value in it is not sealed." for name in look.unsealed]
    lines += [f"{name}: neither sealed nor named in kept/vault/open.toml." for name in look.undecided]
    lines += [f"{place.name}: a planted secret lies there in clear." for place in look.places if place.clear]
    lines += [f"{name}: nobody looked whether it lies in clear." for name in look.unplanted]
    lines += [f"{place.name}: cannot tell, {place.why}" for place in look.places if place.clear is None]
    return lines
