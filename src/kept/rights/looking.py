"""Asking one system about a batch of cases: who is meant there, and what it holds. Changes nothing anywhere."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar
from uuid import UUID

from kept.connectors.sql.connector import SqlConnector
from kept.engine.errors import ChangeFailed, EngineError, NeedsPerson
from kept.engine.plan import TOKEN_LENGTH
from kept.engine.resolve import Resolved, join, resolve
from kept.engine.subject import Subject
from kept.rights.subjects import Known, as_identifier, not_theirs, set_aside, subject_for
from kept.terms import Identifier

T = TypeVar("T")
TOKEN = re.compile(rf"[0-9a-f]{{{TOKEN_LENGTH},32}}")


@dataclass(frozen=True)
class Met:
    """Whom one system knows as the person of one case."""

    case_id: UUID
    subject: Subject
    asked: frozenset[Identifier] = field(repr=False)  # all that this look had to go by, and what it added
    shared: frozenset[Identifier] = field(repr=False)  # in use there by somebody else too, so left out of `subject`
    conflict: str
    candidates: tuple[Identifier, ...] = field(repr=False)


def meet(connector: SqlConnector, cases: Sequence[UUID], known: Known, changed: Collection[UUID] = ()) -> list[Met]:
    """Widen each case's subject by what this system's own records say. Raises what the connector raises.

    `changed`: cases for which this system was changed before; what that left in their records names nobody.
    """
    given = [subject_for(case, known[case], connector.name) for case in cases]
    resolved = resolve([connector], given)
    clear = [number for number, one in enumerate(resolved) if not one.conflict]
    said = dict(zip(clear, connector.known_by([resolved[number].subject for number in clear]), strict=True))
    shared = _shared(connector, cases, known)
    met = []
    for number, (case, before, one) in enumerate(zip(cases, given, resolved, strict=True)):
        found = one.subject.identifiers.union(said.get(number, ())) - shared[case] - set_aside(known[case])
        if case in changed:
            found -= _tokens(found - {as_identifier(row) for row in known[case]})
        subject = replace(one.subject, identifiers=found)
        asked = before.identifiers | found
        met.append(Met(case, subject, asked, shared[case], one.conflict or "", one.candidates))
    return met


def _tokens(found: Iterable[Identifier]) -> frozenset[Identifier]:
    """What an erasure puts where values must differ. An account number is never replaced."""
    return frozenset(one for one in found if one.strong and one.kind != "account" and TOKEN.fullmatch(one.value))


def _shared(connector: SqlConnector, cases: Sequence[UUID], known: Known) -> dict[UUID, frozenset[Identifier]]:
    """What the accounts that are somebody else's carry: none of it can lead to the person's rows in this system."""
    strangers = [(case, account) for case in cases for account in not_theirs(known[case], connector.name)]
    shared: dict[UUID, frozenset[Identifier]] = defaultdict(frozenset)
    if strangers:
        records = connector.records([Subject("", frozenset({account})) for _, account in strangers])
        for (case, account), found in zip(strangers, records, strict=True):
            carried = join(Resolved(Subject("", frozenset({account}))), connector.name, found)
            shared[case] |= carried.subject.identifiers
    return shared


def in_parts(
    batch: Sequence[T], run: Callable[[Sequence[T]], None], failed: Callable[[Sequence[T], EngineError], None]
) -> None:
    """Run a batch as one. Where one member of it is refused, halve it until only that one is left to fail.

    What concerns the whole system fails all of them at once.
    """
    try:
        run(batch)
    except (ChangeFailed, NeedsPerson) as problem:
        if len(batch) == 1:
            failed(batch, problem)
            return
        for part in _halves(batch):
            in_parts(part, run, failed)
    except EngineError as problem:
        failed(batch, problem)


def _halves(batch: Sequence[T]) -> Iterator[Sequence[T]]:
    middle = len(batch) // 2
    yield batch[:middle]
    yield batch[middle:]
