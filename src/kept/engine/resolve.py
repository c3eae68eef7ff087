"""Who is meant: from the identifiers a person gave to all that are known, across systems.

Only strong identifiers widen the search. Where records contradict each other, or more turn up than one person is likely
to have, a person decides: nothing is guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Protocol

from kept.engine.catalogue import Type
from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.engine.plan import NEUTRAL, TOKEN_HOST
from kept.engine.subject import Batch, Subject
from kept.terms import Identifier, Kind

MOST_ACCOUNTS = 20  # in one system; more is no longer one person
MOST_IDENTIFIERS = 200
MOST_ROUNDS = 6


@dataclass(frozen=True)
class Record:
    """One person's own record in one system, as far as it says who it is."""

    table: str
    values: tuple[tuple[Kind, str, str], ...] = field(repr=False)  # kind, scope, text as stored


class Widener(Protocol):
    """A system that can be asked whose records carry given identifiers, and what else the rows of those say."""

    @property
    def name(self) -> str: ...

    def records(self, batch: Batch) -> list[list[Record]]:
        """For each subject of the batch, its own records."""
        ...

    def known_by(self, batch: Batch) -> list[frozenset[Identifier]]:
        """For each subject, what else its own rows say of it."""
        ...


@dataclass(frozen=True)
class Resolved:
    """One subject after the search was widened."""

    subject: Subject
    conflict: str | None = None  # why a person has to decide, in words without values
    candidates: tuple[Identifier, ...] = field(default=(), repr=False)  # the accounts to decide between


def resolve(systems: Sequence[Widener], batch: Batch, *, region: str | None = None) -> list[Resolved]:
    """Widen until nothing new is found. A system is asked for all subjects together, and of each only what is new."""
    answers = [Resolved(subject) for subject in batch]
    asked: dict[tuple[str, int], frozenset[Identifier]] = defaultdict(frozenset)
    found: dict[tuple[str, int], dict[Record, None]] = defaultdict(dict)
    for _ in range(MOST_ROUNDS):
        grown = False
        for system in systems:
            new = {
                number: unasked
                for number, answer in enumerate(answers)
                if answer.conflict is None
                if (unasked := _strong(answer.subject) - asked[system.name, number])
            }
            if not new:
                continue
            grown = True
            asking = [replace(answers[number].subject, identifiers=unasked) for number, unasked in new.items()]
            for (number, unasked), records in zip(new.items(), system.records(asking), strict=True):
                here = (system.name, number)
                asked[here] |= unasked
                found[here] |= dict.fromkeys(records)
                answers[number] = join(answers[number], system.name, found[here], region=region)
        if not grown:
            break
    else:
        answers = [_unfinished(answer, systems, asked, number) for number, answer in enumerate(answers)]
    return [replace(answer, subject=replace(answer.subject, widened=True)) for answer in answers]


def resolve_whole(systems: Sequence[Widener], subject: Subject, *, region: str | None = None) -> Resolved:
    """Widen, then take in what else the person's own rows say, and widen again where that is something new."""
    answer = resolve(systems, [subject], region=region)[0]
    while not answer.conflict:
        said = frozenset[Identifier]().union(*(system.known_by([answer.subject])[0] for system in systems))
        new = said - answer.subject.identifiers
        if not new:
            break
        more = replace(answer.subject, identifiers=answer.subject.identifiers | new)
        asks_again = any(one.strong and one.kind != "username" for one in new)
        answer = resolve(systems, [more], region=region)[0] if asks_again else Resolved(more)
    return answer


def _unfinished(
    answer: Resolved, systems: Sequence[Widener], asked: Mapping[tuple[str, int], frozenset[Identifier]], number: int
) -> Resolved:
    """Where each round found somebody new, it is no longer clear that they are one person."""
    if answer.conflict or not any(_strong(answer.subject) - asked[system.name, number] for system in systems):
        return answer
    why = f"after {MOST_ROUNDS} rounds the search still finds new identifiers"
    accounts = _accounts(answer.subject.identifiers)
    return replace(answer, conflict=why, candidates=tuple(sorted(accounts)[:MOST_ACCOUNTS]))


def join(answer: Resolved, system: str, records: Iterable[Record], *, region: str | None = None) -> Resolved:
    """Take one system's records into the subject, or say why they cannot all be the same person's."""
    subject = answer.subject
    readable = [(record, _identifiers(record, region)) for record in records]
    settled, decided = subject.settled_in(system), subject.is_decided_in(system)
    if decided:
        readable = [(record, found) for record, found in readable if settled & found or not _accounts(found)]
    by_account: dict[Identifier, set[str]] = defaultdict(set)
    for _, found in readable:
        names = {_full_name(found)} - {""}
        for account in _accounts(found):
            by_account[account] |= names
    identifiers = subject.identifiers.union(*(found for _, found in readable)) if readable else subject.identifiers
    if not decided:
        contradicting = {name for names in by_account.values() for name in names}
        if len(by_account) > 1 and len(contradicting) > 1:
            why = f"{len(by_account)} accounts share an identifier under different names"
            return replace(answer, conflict=why, candidates=tuple(sorted(by_account)))
        if len(by_account) > MOST_ACCOUNTS:
            why = f"{len(by_account)} accounts, more than the {MOST_ACCOUNTS} one person is taken to have"
            return replace(answer, conflict=why, candidates=tuple(sorted(by_account)[:MOST_ACCOUNTS]))
        if len(identifiers) > MOST_IDENTIFIERS:
            why = f"more than {MOST_IDENTIFIERS} identifiers for one person"
            return replace(answer, conflict=why, candidates=tuple(sorted(by_account)))
    return replace(answer, subject=replace(subject, identifiers=identifiers))


def _identifiers(record: Record, region: str | None) -> frozenset[Identifier]:
    """What of a record can be read as identifiers; what cannot be read identifies nobody."""
    found = set()
    names = []
    for kind, scope, text in record.values:
        if _was_erased(kind, text):
            continue
        if kind == "name":
            names.append(text)
            continue
        try:
            found.add(normal(kind, text, scope=scope, region=region))
        except NotAnIdentifier:
            continue
    if names:
        with suppress(NotAnIdentifier):
            found.add(normal("name", " ".join(names)))
    return frozenset(found)


def _was_erased(kind: Kind, text: str) -> bool:
    """What an erasure leaves in place of a value (`plan.make_plan`) names nobody: a second run must not look for it."""
    if kind == "name":
        return text == "erased"
    if kind in ("birth_date", "ip"):
        return text in (NEUTRAL[Type.DATE], NEUTRAL[Type.IP])
    return text.endswith(TOKEN_HOST)


def _accounts(found: Iterable[Identifier]) -> frozenset[Identifier]:
    return frozenset(one for one in found if one.kind == "account")


def _full_name(found: Iterable[Identifier]) -> str:
    return " ".join(sorted(one.value for one in found if one.kind == "name"))


def _strong(subject: Subject) -> frozenset[Identifier]:
    return frozenset(one for one in subject.identifiers if one.strong)
