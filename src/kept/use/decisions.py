"""May this be done with this person's data? Plain values in, a decision with its reasons out. Policy 5.10, 5.12.

Deny by default. What denies outweighs everything that allows: an objection, a restriction, a suppression, a purpose
that nobody named, a period that is over. No further fact turns such a denial into leave.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal, get_args

from kept.use.purposes import Purpose, Purposes

Outcome = Literal["allow", "deny", "cannot tell"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

# GDPR Art. 18(2): on which grounds restricted data may be used after all. Storing it needs none.
Despite = Literal["consent", "claims", "others", "public_interest"]
DESPITE: tuple[Despite, ...] = get_args(Despite)

Why = Literal[
    "unknown_purpose", "objection", "objection_pending", "restriction", "suppression", "period_over", "category",
    "recipient", "no_consent", "nobody", "unread", "restriction_asked", "basis", "consent", "despite",
]  # fmt: skip
# These deny whatever else is known.
OVERRIDES: frozenset[Why] = frozenset(
    {"unknown_purpose", "objection", "objection_pending", "restriction", "suppression", "period_over"}
)

WORDS: Mapping[Why, str] = {
    "unknown_purpose": "The policy names no such purpose.",
    "objection": "The person has objected to this use.",
    "objection_pending": "The person has objected, and nobody has decided it yet. Until then the use rests.",
    "restriction": "The use of this person’s data is restricted.",
    "suppression": "The address is on the list of those we leave alone.",
    "period_over": "The period for which the data may be used is over.",
    "category": "This purpose does not cover data of that sort.",
    "recipient": "This purpose does not cover that recipient.",
    "no_consent": "The purpose needs consent, and none is on record.",
    "nobody": "Nothing that was given names one person for sure.",
    "unread": "Something that must be looked at could not be read.",
    "restriction_asked": "The person asked for a restriction, and nobody has decided it yet.",
    "basis": "The purpose has a legal basis.",
    "consent": "The person has agreed to it.",
    "despite": "The use is restricted. A ground of the law was given to use the data all the same.",
}


@dataclass(frozen=True)
class Objected:
    purpose: str  # a purpose's name, or its class
    pending: bool  # nobody has weighed it yet: GDPR Art. 18(1)(d)
    id: str


@dataclass(frozen=True)
class Restricted:
    in_force: bool  # False: asked for, not decided
    id: str


@dataclass(frozen=True)
class Suppressed:
    purpose: str
    id: str


@dataclass(frozen=True)
class Agreed:
    """A consent that holds: given for that purpose, and not withdrawn. No register gives any yet."""

    purpose: str
    id: str


@dataclass(frozen=True)
class Facts:
    """What is known about one person."""

    known: bool = True  # False: no identifier names one person
    objections: frozenset[Objected] = frozenset()
    restrictions: frozenset[Restricted] = frozenset()
    suppressions: frozenset[Suppressed] = frozenset()
    consents: frozenset[Agreed] = frozenset()
    use_until: date | None = None  # the last day of the data's period; None: whoever asks knows of none
    unread: frozenset[str] = frozenset()  # what could not be looked at: "suppressions"

    def with_(self, **more: Any) -> Facts:
        return replace(self, **more)


@dataclass(frozen=True)
class Reason:
    why: Why
    evidence: str = ""  # the id of the row that says so

    @property
    def words(self) -> str:
        return WORDS[self.why]


@dataclass(frozen=True)
class Decision:
    outcome: Outcome
    basis: str  # "GDPR Art. 6(1)(b)"; "": the purpose is not known
    because: tuple[Reason, ...]

    @property
    def evidence(self) -> tuple[str, ...]:
        return tuple(sorted({one.evidence for one in self.because if one.evidence}))

    @property
    def overridden(self) -> bool:
        """Denied by something that nothing outweighs."""
        return any(one.why in OVERRIDES for one in self.because)


def decide(
    facts: Facts,
    purpose: str,
    category: str,
    recipient: str,
    at: datetime,
    *,
    purposes: Purposes,
    despite: Despite | None = None,
) -> Decision:
    """Whether data of that category may be used for that purpose, or given to that recipient, then.

    `despite`: the ground on which whoever asks would use restricted data. GDPR Art. 5(1)(b), 6(1), 18, 21.
    """
    meant = purposes.get(purpose)
    if meant is None:
        return Decision("deny", "", (Reason("unknown_purpose"),))
    denied = sorted(_denied(facts, meant, category, recipient, at.date(), despite), key=_order)
    if denied:
        return Decision("deny", meant.basis, tuple(denied))
    unsure = sorted(_unsure(facts, meant, despite), key=_order)
    if unsure:
        return Decision("cannot tell", meant.basis, tuple(unsure))
    return Decision("allow", meant.basis, tuple(sorted(_allowed(facts, meant), key=_order)))


def goes_on(meant: Purpose, despite: Despite | None) -> bool:
    """Whether a restriction leaves this use alone. GDPR Art. 18(2)."""
    return bool(meant.restricted) or despite is not None


def _denied(
    facts: Facts, meant: Purpose, category: str, recipient: str, on: date, despite: Despite | None
) -> Iterator[Reason]:
    for objection in facts.objections:
        if objection.purpose in meant.covered_by:
            yield Reason("objection_pending" if objection.pending else "objection", objection.id)
    for restriction in facts.restrictions:
        if restriction.in_force and not goes_on(meant, despite):
            yield Reason("restriction", restriction.id)
    for suppression in facts.suppressions:
        if suppression.purpose in meant.covered_by:
            yield Reason("suppression", suppression.id)
    if facts.use_until is not None and on > facts.use_until:
        yield Reason("period_over")
    if category not in meant.categories:
        yield Reason("category")
    if recipient not in meant.recipients:
        yield Reason("recipient")
    if meant.letter == "a" and not any(one.purpose == meant.name for one in facts.consents):
        yield Reason("no_consent")


def _unsure(facts: Facts, meant: Purpose, despite: Despite | None) -> Iterator[Reason]:
    if not facts.known:
        yield Reason("nobody")
    for source in facts.unread:
        yield Reason("unread", source)
    for restriction in facts.restrictions:
        if not restriction.in_force and not goes_on(meant, despite):
            yield Reason("restriction_asked", restriction.id)


def _allowed(facts: Facts, meant: Purpose) -> Iterator[Reason]:
    yield Reason("basis")
    for consent in facts.consents:
        if consent.purpose == meant.name:
            yield Reason("consent", consent.id)
    for restriction in facts.restrictions:
        if restriction.in_force:
            yield Reason("despite", restriction.id)


def _order(reason: Reason) -> tuple[int, str]:
    """What weighs most first."""
    return get_args(Why).index(reason.why), reason.evidence
