"""Whom an erasure or a correction is about, kept until it is done.

The first system that is changed forgets who the person is in the others, or what was wrong. Stopped there, nobody could
find the rest.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from kept.engine.subject import Subject
from kept.terms import Identifier, Kind

Entry = dict[str, Any]


class Unfinished:
    """A file beside the journal, for its owner only. It holds identifiers, and goes when all is done."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def remembered(self, subject: Subject) -> Subject:
        """The subject with all that an earlier run knew of the same person."""
        for entry in self.entries():
            if _is_of(subject, entry):
                known, settled = _identifiers(entry["identifiers"]), _identifiers(entry["settled"])
                subject = replace(subject, identifiers=subject.identifiers | known, settled=subject.settled | settled)
        return subject

    def wrong(self, subject: Subject) -> dict[str, frozenset[str]]:
        """Detail -> what an earlier run, that was stopped, knew to be wrong."""
        known: dict[str, set[str]] = defaultdict(set)
        for entry in self.entries():
            for detail, text in entry.get("wrong", ()) if _is_of(subject, entry) else ():
                known[detail].add(text)
        return {detail: frozenset(texts) for detail, texts in known.items()}

    def begin(self, subject: Subject, systems: Sequence[str], wrong: Sequence[tuple[str, str]] = ()) -> None:
        """Remember the subject, before the first system is changed, until all of these systems are done.

        `wrong`: (detail, what stands there) of a correction.
        """
        mine = [entry for entry in self.entries() if _is_of(subject, entry)]
        entry = {
            "systems": sorted({*systems, *(name for one in mine for name in one["systems"])}),
            "identifiers": _plain(subject.identifiers),
            "settled": _plain(subject.settled),
            "wrong": sorted({*wrong, *((detail, text) for one in mine for detail, text in one.get("wrong", ()))}),
        }
        self.write([*(one for one in self.entries() if one not in mine), entry])

    def finish(self, subject: Subject, system: str) -> None:
        """Forget the subject when its last system is done."""
        entries = self.entries()
        for entry in entries:
            if _is_of(subject, entry):
                entry["systems"] = [name for name in entry["systems"] if name != system]
        self.write([entry for entry in entries if entry["systems"]])

    def entries(self) -> list[Entry]:
        try:
            return cast("list[Entry]", json.loads(self.path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return []

    def write(self, entries: Sequence[Entry]) -> None:
        if not entries:
            self.path.unlink(missing_ok=True)
            return
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".part")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(entries, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)


def _is_of(subject: Subject, entry: Entry) -> bool:
    known = _identifiers(entry["identifiers"])
    return any(one.strong for one in subject.identifiers & known)


def _identifiers(plain: Collection[Sequence[str]]) -> frozenset[Identifier]:
    return frozenset(Identifier(cast(Kind, kind), value, scope) for kind, value, scope in plain)


def _plain(identifiers: Collection[Identifier]) -> list[list[str]]:
    return [[one.kind, one.value, one.scope] for one in sorted(identifiers)]
