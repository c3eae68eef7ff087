"""Erasing again what a restored system brought back, from a list that names nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from kept.engine.resolve import resolve
from kept.engine.subject import LeftOut, Residue, Subject
from kept.information.access import OWN_NAME, is_own, open_system
from kept.information.models import System
from kept.people.actions import close_accounts
from kept.rights.actions.replaying import erasure_replayed, named
from kept.security.backup.replays import Note, digest_of
from kept.terms import Actor, Identifier, Verdict
from kept.vault.keys import secret_of_indexes

BATCH = 100


@dataclass(frozen=True)
class Replayed:
    """One erasure of the list, done again. `residue` None: none of its identifiers is in the system."""

    note: str
    residue: Residue | None
    erased: int

    @property
    def verdict(self) -> Verdict:
        return self.residue.verdict if self.residue else Verdict.DONE


def erase_again_in(system: System, notes: Sequence[Note], *, by: Actor, at: datetime) -> list[Replayed]:
    """Find out whom the list means by hashing what the system holds, and erase them. Raises EngineError.

    Doing it twice is harmless: what is gone is not found again.
    """
    meant = [one for one in notes if one.kind == "erasure" and one.facts.get("system") == system.name]
    found = _people_of(system, meant)
    done = []
    for start in range(0, len(meant), BATCH):
        done += _erase(system, [(one, found[one.id]) for one in meant[start : start + BATCH]], by, at)
    return done


def _people_of(system: System, notes: Iterable[Note]) -> dict[str, set[Identifier]]:
    """Note -> the identifiers of its person that the system holds, in clear, here and now only."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for one in notes:
        for said in one.facts.get("identifiers", ()):
            wanted[said["digest"]].add(one.id)
    found: dict[str, set[Identifier]] = defaultdict(set)
    secret = secret_of_indexes()
    for identifier in open_system(system).everybody() if wanted else ():
        for note_id in wanted.get(digest_of(identifier, system.name, secret), ()):
            found[note_id].add(identifier)
    return found


def _erase(system: System, batch: Sequence[tuple[Note, set[Identifier]]], by: Actor, at: datetime) -> list[Replayed]:
    connector = open_system(system)
    there = [(one, identifiers) for one, identifiers in batch if identifiers]
    results = {one.id: Replayed(one.id, None, 0) for one, _ in batch}
    if there:
        subjects = [
            Subject(one.id, frozenset(identifiers), _accounts(identifiers), frozenset({system.name}))
            for one, identifiers in there
        ]
        # What is meant was decided when they were erased first: an account that is not on the list is somebody else's.
        resolved = [
            replace(one.subject, left_out=_left_out(system, one.subject, of, at))
            for one, (of, _) in zip(resolve([connector], subjects), there, strict=True)
        ]
        if is_own(system):
            close_accounts([UUID(one.value) for each in resolved for one in _own(each)], by=by, at=at)
        plan = connector.plan(at.date())
        changes = connector.erase(plan, resolved)
        residues = connector.look(plan, resolved)
        for (one, _), changed, residue in zip(there, changes, residues, strict=True):
            erased = sum(change.rows + change.deleted for change in changed)
            results[one.id] = Replayed(one.id, residue, erased)
    for one, _ in batch:
        result = results[one.id]
        erasure_replayed(system, one.id, result.residue, result.erased, by=by, at=at)
    return [results[one.id] for one, _ in batch]


def _left_out(system: System, subject: Subject, of: Note, at: datetime) -> tuple[LeftOut, ...]:
    """What an officer had kept from that erasure, as long as its reason lasts. The list names records by hash."""
    found: list[LeftOut] = []
    secret = secret_of_indexes()
    for said in of.facts.get("left_out", ()):
        table, until = str(said["table"]), date.fromisoformat(said["until"])
        if until < at.date():
            continue
        if said["record"] == digest_of(named(table, None), system.name, secret):
            found.append(LeftOut(table, None, until=until))
            continue
        with closing(open_system(system).rows([subject], only=[table])) as rows:
            keys = [row.key for row in rows if digest_of(named(table, row.key), system.name, secret) == said["record"]]
        found += [LeftOut(table, key, until=until) for key in keys]
    return tuple(found)


def _accounts(identifiers: Iterable[Identifier]) -> frozenset[Identifier]:
    return frozenset(one for one in identifiers if one.kind == "account")


def _own(subject: Subject) -> list[Identifier]:
    return [one for one in subject.identifiers if one.kind == "account" and one.scope == OWN_NAME]
