"""What can be refused, how it stands, and what the person is told. Plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

MARKETING = ("marketing", "advertising", "direct_marketing")


def may_object_to(asked: Mapping[str, Any]) -> bool:
    """Whether grounds of ours can outweigh this objection at all: never against advertising. Art. 21(2), (3)."""
    return not any(word.startswith(MARKETING) for value in asked.values() for word in _words(value))


def _words(value: object) -> Iterable[str]:
    if isinstance(value, str):
        return [value.casefold()]
    return [str(one).casefold() for one in value] if isinstance(value, list) else []


@dataclass(frozen=True)
class Told:
    """A refusal as a keeper looks at it."""

    ground: str
    two: bool  # a second officer, who is another one than the first
    reasons: bool  # the person can read why; True also once its words were forgotten with the case
    noticed: bool  # a mail was written, or its words were forgotten with the case
    told_on: date
    tell_by: date
    copy_owed: bool = False  # a law wants a copy preserved, and there is none

    @property
    def faults(self) -> list[str]:
        found = [
            words
            for wrong, words in (
                (not self.two, "without a second officer"),
                (not self.reasons, "without reasons"),
                (not self.noticed, "not told"),
                (self.told_on > self.tell_by, "told late"),
                (self.copy_owed, "without its preserved copy"),
            )
            if wrong
        ]
        return found


def by_ground(told: Iterable[Told]) -> dict[str, int]:
    """How many on each ground, the most first."""
    counted: dict[str, int] = {}
    for one in told:
        counted[one.ground] = counted.get(one.ground, 0) + 1
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))
