"""On which grounds a request can be refused, whole or in part: dated data with its law, out of `grounds.toml`."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Literal

Part = Literal["", "copy", "erasure"]
LEAST_WORDS = 4  # of a reason: fewer say nothing


@dataclass(frozen=True)
class Prove:
    """One thing that we have to show."""

    name: str
    asks: str


@dataclass(frozen=True)
class Ground:
    name: str
    law: str
    rights: tuple[str, ...]
    title: str
    says: str  # for the person
    source: str
    valid_from: date
    valid_to: date | None = None
    whole: bool = False  # the request as such can be refused on it
    part: Part = ""  # what a record can be left out of, or kept from
    prove: tuple[Prove, ...] = ()
    cases: str = ""  # decisions of courts
    annotate: bool = False  # the person's statement then stands beside the record
    keep: bool = False  # a copy of what was refused is preserved

    @property
    def law_words(self) -> str:
        return f"{self.source}; {self.cases}" if self.cases else self.source


@dataclass(frozen=True)
class NoGround:
    """What people take for a ground, and the law does not."""

    name: str
    title: str
    why: str
    source: str


@dataclass(frozen=True)
class Authority:
    name: str
    address: str

    @property
    def words(self) -> str:
        return f"{self.name}, {self.address}"


def grounds_for(law: str, right: str, on: date) -> tuple[Ground, ...]:
    """On which such a request can be refused whole, on that day."""
    return tuple(one for one in _known(law, right, on) if one.whole)


def grounds_in_part(law: str, right: str, on: date) -> tuple[Ground, ...]:
    """On which single records can be left out of a copy, or kept from an erasure."""
    part: Part = "erasure" if right == "erasure" else "copy"
    return tuple(one for one in _known(law, right, on) if one.part == part)


def ground_of(law: str, right: str, name: str) -> Ground | None:
    """That ground, also one that is no longer in force."""
    return next((one for one in _grounds() if (one.law, one.name) == (law, name) and right in one.rights), None)


def no_grounds() -> tuple[NoGround, ...]:
    return tuple(NoGround(**row) for row in _table()["no_ground"])


def authority_of(law: str) -> Authority:
    return Authority(**_table()["authority"][law])


def unproven(ground: Ground, shown: Mapping[str, str]) -> list[Prove]:
    """What has still to be shown: each in some words of its own, and none may stand for another."""
    said: set[str] = set()
    missing = []
    for one in ground.prove:
        words = " ".join(shown.get(one.name, "").split()).casefold()
        if not says_something(words) or words in said:
            missing.append(one)
        said.add(words)
    return missing


def says_something(text: str) -> bool:
    """Some words; or as much in a script that sets no blanks between them."""
    unspaced = sum(unicodedata.category(sign) == "Lo" for sign in text)
    return len(text.split()) >= LEAST_WORDS or unspaced >= 2 * LEAST_WORDS


def _known(law: str, right: str, on: date) -> Sequence[Ground]:
    return [
        one
        for one in _grounds()
        if one.law == law
        and right in one.rights
        and one.valid_from <= on
        and (one.valid_to is None or on <= one.valid_to)
    ]


@cache
def _grounds() -> tuple[Ground, ...]:
    return tuple(
        Ground(
            **{
                **row,
                "rights": tuple(row["rights"]),
                "prove": tuple(Prove(**one) for one in row.get("prove", ())),
            }
        )
        for row in _table()["ground"]
    )


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((resources.files("kept.rights") / "grounds.toml").read_text(encoding="utf-8"))
