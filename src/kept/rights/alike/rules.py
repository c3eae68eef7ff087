"""Whether two requests come from one person, by what was said. Plain functions on plain values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

Reason = Literal["account", "email", "customer number", "telephone number", "postal address", "letter"]


@dataclass(frozen=True)
class Said:
    """What somebody said about themselves with a request. An empty one: nothing was said of it."""

    name: frozenset[str] = field(default=frozenset(), repr=False)  # the words of it, folded
    email: str = field(default="", repr=False)  # in its normal form
    number: tuple[str, str] = field(default=("", ""), repr=False)  # system, number as a customer there
    phone: str = field(default="", repr=False)
    postal: frozenset[str] = field(default=frozenset(), repr=False)  # the words of it, folded
    source: str = ""  # the letter or the call that it came by: its id


Key = TypeVar("Key")


def is_another(one: Said, other: Said) -> bool:
    """Whether two requests with one address come from two people, as they say: another number as a customer of the
    same system, or another name. Who says neither is not another; a number counts for more than a name."""
    if all(one.number) and all(other.number) and one.number[0] == other.number[0]:
        return one.number[1] != other.number[1]
    return bool(one.name and other.name) and not (one.name <= other.name or other.name <= one.name)


def is_named_alike(one: Said, other: Said) -> bool:
    """Both say who they are, and it is the same: the same number, or the same name."""
    said = all(one.number) and one.number == other.number
    return said or (bool(one.name and other.name) and not is_another(one, other))


def whose(said: Said, waiting: Mapping[Key, Said]) -> Key | None:
    """Which of the open requests with the same address a new one repeats; None: it is another person's, or nobody can
    tell whose of several people's it is."""
    fit = [key for key, other in waiting.items() if not is_another(said, other)]
    named = [key for key in fit if is_named_alike(said, waiting[key])]
    return named[0] if len(named) == 1 else fit[0] if len(fit) == 1 else None


def place_beside(taken: Collection[int]) -> int:
    """The number by which one of several people at one address is told from the others: the lowest that is free."""
    return next(number for number in range(len(taken) + 1) if number not in taken)


def reasons(one: Said, other: Said) -> tuple[Reason, ...]:
    """Why two requests may be the same one, by what was said; (): nothing speaks for it."""
    found: Iterable[tuple[Reason, bool]] = (
        ("email", bool(one.email) and one.email == other.email),
        ("customer number", all(one.number) and one.number == other.number),
        ("telephone number", bool(one.phone) and one.phone == other.phone),
        ("postal address", bool(one.postal) and one.postal == other.postal and is_named_alike(one, other)),
        ("letter", bool(one.source) and one.source == other.source),
    )
    return tuple(reason for reason, holds in found if holds)


def joins_by_itself(one: Collection[object], other: Collection[object], *, another: bool) -> bool:
    """Whether no officer has to look: all by which the one is known is known of the other as well, and what was said
    does not tell two people. `one`, `other`: what names the person for certain."""
    return not another and bool(one) and bool(other) and (set(one) <= set(other) or set(other) <= set(one))
