"""Rows of nobody, to find out whether something sealed lies somewhere in clear: each room plants its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from kept.vault.fields import sealed_models

Plant = Callable[[str, str, int, datetime], None]  # the secret word, the open word, the number of a key, when
Pull = Callable[[Collection[int]], int]
Left = Callable[[datetime], Iterable[int]]


@dataclass(frozen=True)
class Canary:
    """How one room plants rows, and takes them away again.

    `plant` writes rows under a key of their own. Each of their sealed fields holds the secret word; a clear field holds
    the open one, if there is such a field. `pull` takes away those under these keys. `left` tells the keys of those
    planted before some moment: whoever planted them was killed.
    """

    places: frozenset[str]  # "post_message.text"
    plant: Plant
    pull: Pull
    left: Left


_canaries: list[Canary] = []


def canary(places: Collection[str], plant: Plant, pull: Pull, left: Left) -> None:
    """Register a room's canary."""
    _canaries.append(Canary(frozenset(places), plant, pull, left))


def canaries() -> list[Canary]:
    return list(_canaries)


def without_canary() -> list[str]:
    """Sealed fields that no room plants anything in."""
    planted = frozenset[str]().union(*(one.places for one in _canaries))
    return sorted({field.place for _, fields in sealed_models() for field in fields} - planted)
