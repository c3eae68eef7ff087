"""Requests, complaints, enquiries: what is open with somebody, as far as rooms beside each other may know it.

Rooms of one layer do not import each other. Each registers in its `matters.py` how its own are found and what may be
told of them: numbers, states, dates and opaque ids, never a name, an address or somebody's words.

    register(Kind("rights.case", "request", get=…, find=…, …))

    @holds("complaints.is_open_about")
    def is_open_about(name: str) -> bool: …
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Matter:
    label: str  # as entries name its rows: "rights.case"
    id: UUID
    reference: str  # "HC-2026-4F7K2"
    what: str  # "request for a copy of your data"
    state: str  # in the words of its own pages
    is_open: bool
    received_at: datetime
    account: UUID | None = None  # in whose client area it stands
    deciders: frozenset[str] = NOBODY  # accounts of staff who decided in it, or have it in hand

    @property
    def name(self) -> str:
        """ "rights.case:…", as entries say what they are about."""
        return f"{self.label}:{self.id}"


@dataclass(frozen=True)
class FileKept:
    """A file or letter that went to somebody, or came: what shows later that it is the same."""

    what: str  # "package", "letter to the person", "mail received"
    sha256: str
    size: int  # bytes
    at: datetime
    state: str = ""


@dataclass(frozen=True)
class Dossier:
    """What can be shown of one matter to an authority or a court. Nobody is named in it but by role and opaque id."""

    matter: Matter
    facts: Mapping[str, str]  # "right" -> "access"
    names: Sequence[str]  # what its entries are about: itself, its packages
    clocks: Sequence[tuple[str, Mapping[str, Any]]]  # what is due, and the stored deadline with rule and inputs
    files: Sequence[FileKept]
    words: Mapping[str, str]  # kind of an entry -> what was done, in words
    linked: Sequence[str] = ()  # the matters that this one is about


@dataclass(frozen=True)
class Kind:
    """One kind of matter. `word` is the kind in addresses and on the command line."""

    label: str
    word: str
    page: str  # the name of its page for staff
    own_page: str  # and of its page for the person; "": it has none
    decisions: frozenset[str]  # kinds of entries in which somebody decided
    get: Callable[[UUID], Matter | None]
    find: Callable[[str], Matter | None]  # by its number
    is_theirs: Callable[[UUID, str], bool]  # whether it was shown to belong to that e-mail address
    about: Callable[[str], Sequence[Matter]]  # those of this kind that are about the matter of that name
    dossier: Callable[[UUID], Dossier]
    personal: Callable[[UUID], Mapping[str, str]] = field(repr=False)  # what names the person: two people allow it
    person: Callable[[UUID], UUID | None]  # the account of whose data it is, where there is one: for the access log


Hold = Callable[[str], bool]
_kinds: dict[str, Kind] = {}
_holds: dict[str, Hold] = {}


def register(kind: Kind) -> None:
    _kinds[kind.label] = kind


def holds(name: str) -> Callable[[Hold], Hold]:
    """Register a reason why nothing of a matter may be destroyed yet. It gets the matter's name, "rights.case:…"."""

    def keep(hold: Hold) -> Hold:
        _holds[name] = hold
        return hold

    return keep


def held_by(name: str) -> list[str]:
    """Which reasons hold that matter now: ["complaints.is_open_about"]. Nothing: its period may end."""
    return [reason for reason, hold in sorted(_holds.items()) if hold(name)]


def kinds() -> tuple[Kind, ...]:
    return tuple(_kinds[label] for label in sorted(_kinds))


def kind_of(label: str) -> Kind | None:
    """By its label, or by its word: "rights.case" or "request"."""
    return _kinds.get(label) or next((one for one in kinds() if one.word == label), None)


def matter_of(name: str) -> Matter | None:
    """ "rights.case:…" -> what may be told of it; None: gone, or no room knows it."""
    label, _, key = name.partition(":")
    try:
        found = _kinds.get(label)
        return found.get(UUID(key)) if found else None
    except ValueError:
        return None


def person_of(name: str) -> UUID | None:
    """ "rights.case:…" -> the account of whose data it is; None: they have none, or nobody's."""
    label, _, key = name.partition(":")
    found = _kinds.get(label)
    return found.person(UUID(key)) if found else None


def matter_with(key: UUID) -> Matter | None:
    """The one of that id, whatever kind it is."""
    return next((found for kind in kinds() if (found := kind.get(key))), None)


def numbered(reference: str) -> Matter | None:
    """The one of that number, as somebody typed it."""
    plain = reference.strip().upper()
    return next((found for kind in kinds() if (found := kind.find(plain))), None) if plain else None


def concerning(name: str) -> Iterator[Matter]:
    """What is about that matter, in any room: the complaints about a request, the enquiries about a complaint."""
    for kind in kinds():
        yield from kind.about(name)
