"""Answering one request from the engine alone: no web, no store, a journal beside the answer."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from kept.engine.errors import EngineError, Fault
from kept.engine.package import About, PackageFile, Source, write_packages
from kept.engine.plan import Plan
from kept.engine.report import Outcome
from kept.engine.resolve import Resolved, Widener, resolve_whole
from kept.engine.subject import Batch, Change, Holding, Residue, Subject
from kept.terms import Verdict


class System(Source, Widener, Protocol):
    """One connected system; see `kept.connectors.sql.connector` for what each method promises."""

    @property
    def name(self) -> str: ...
    def held(self) -> AbstractContextManager[None]: ...
    def count(self, batch: Batch, on: date) -> list[list[Holding]]: ...
    def drift(self) -> list[Fault]: ...
    def plan(self, on: date) -> Plan: ...
    def erase(self, plan: Plan, batch: Batch) -> list[list[Change]]: ...
    def look(self, plan: Plan, batch: Batch) -> list[Residue]: ...


@dataclass(frozen=True)
class Found:
    """What one system holds about the subject."""

    system: str
    title: str
    holdings: Sequence[Holding]
    drift: Sequence[Fault]


def find(
    systems: Sequence[System], subject: Subject, at: datetime, region: str | None = None
) -> tuple[Resolved, list[Found]]:
    """Who is meant, and what there is. Nothing is searched further when a person has to decide who is meant."""
    with held(systems):
        resolved = resolve_whole(systems, subject, region=region)
        if resolved.conflict:
            return resolved, []
        batch = [resolved.subject]
        return resolved, [
            Found(system.name, system.title, system.count(batch, at.date())[0], system.drift()) for system in systems
        ]


def answer_access(
    systems: Sequence[System], subject: Subject, folder: Path, about: About, region: str | None = None
) -> tuple[Verdict, PackageFile | None, Resolved]:
    """Write the package. `cannot tell`: it is written and says what may be missing, or nobody knows who is meant."""
    with held(systems):
        resolved = resolve_whole(systems, subject, region=region)
        if resolved.conflict:
            return Verdict.CANNOT_TELL, None, resolved
        notes = [f"{system.title}: {fault}. This copy may lack it." for system in systems for fault in system.drift()]
        package = write_packages(folder, [resolved.subject], systems, replace(about, notes={subject.ref: notes}))[0]
    return Verdict.CANNOT_TELL if notes else Verdict.DONE, package, resolved


def erase_everywhere(
    systems: Sequence[System],
    subject: Subject,
    plans: Sequence[Plan],
    journal: Journal,
    now: Callable[[], datetime],
) -> Iterator[Outcome]:
    """Change each system in its own transaction and look again. One that fails is told as not done; the rest go on."""
    for system, plan in zip(systems, plans, strict=True):
        changes: list[Change] = []
        residue, problem = None, None
        journal.write("intent", system=system.name, plan=plan.id, at=now())
        try:
            changes = system.erase(plan, [subject])[0]
            residue = system.look(plan, [subject])[0]
        except EngineError as failed:
            problem = str(failed)
        outcome = Outcome(system.name, system.title, system.shipped, changes, residue, now(), problem)
        journal.write(
            "outcome",
            system=system.name,
            plan=plan.id,
            at=outcome.at,
            verdict=str(outcome.verdict),
            problem=problem,
            changes=[asdict(change) for change in changes],
            taken_out=[asdict(one) for one in residue.taken_out] if residue else [],
        )
        yield outcome


@contextmanager
def held(systems: Sequence[System]) -> Iterator[None]:
    """Read all systems at one moment each."""
    with ExitStack() as stack:
        for system in systems:
            stack.enter_context(system.held())
        yield


class Journal:
    """What was meant and what came of it, one JSON object a line, on disk before the next step. No personal data."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    def write(self, kind: str, **facts: object) -> None:
        line = json.dumps({"kind": kind, **facts}, default=str) + "\n"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, line.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        with suppress(OSError):  # some file systems cannot sync a folder
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def unfinished(self) -> list[str]:
        """Systems with an intent that no outcome followed: an earlier run was stopped there."""
        state: dict[str, str] = {}
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                with suppress(ValueError, KeyError):
                    entry = json.loads(line)
                    state[entry["system"]] = entry["kind"]
        return sorted(system for system, kind in state.items() if kind == "intent")


__all__ = ["Found", "Journal", "System", "answer_access", "erase_everywhere", "find"]
