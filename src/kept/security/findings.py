"""What an audit of the ledger may find, and how it is told apart. Plain values: no database in here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "flipped",  # an entry says something else than when it was signed
    "dropped",  # an entry is gone
    "reordered",  # an entry stands at another place
    "duplicated",  # an entry stands there more than once
    "added",  # an entry has a number that was never given
    "emptied",  # a payload is gone, and no entry says that it was erased
    "rolled back",  # the log is shorter than it was
    "forked",  # the log has another past than the checkpoint
    "not signed",  # the checkpoint is not from the ledger's key
    "forgotten",  # a kept checkpoint, its time stamp or a witness's signature is gone
    "tree",  # the stored tree is damaged; the entries are whole
]

Row = tuple[int, bytes]  # index, leaf hash


@dataclass(frozen=True)
class Finding:
    kind: Kind
    what: str  # one sentence, without values of an entry
    first: int | None = None  # the entries concerned, from this index
    last: int | None = None  # to this one

    def __str__(self) -> str:
        return f"{self.kind}{self.where}: {self.what}"

    @property
    def where(self) -> str:
        if self.first is None or self.last is None:
            return ""
        return f", entry {self.first}" if self.first == self.last else f", entries {self.first} to {self.last}"


def tell_apart(found: Mapping[int, bytes | None], signed: Mapping[int, bytes]) -> list[Finding]:
    """Where rows are not as they were signed: what happened to each.

    `found` and `signed` have the same indexes: leaf hash of the row there (None: no row; empty: one that
    cannot be read), and leaf hash in the tree.
    """
    right_place = {leaf: index for index, leaf in signed.items()}
    there = {leaf for leaf in found.values() if leaf is not None}
    flipped: list[int] = []
    dropped: list[int] = []
    again: list[int] = []
    moved: dict[int, list[int]] = defaultdict(list)
    for index, leaf in sorted(found.items()):
        known = leaf is not None and leaf in right_place
        if leaf is not None and known:
            elsewhere = right_place[leaf]
            (again if found.get(elsewhere) == leaf else moved[elsewhere - index]).append(index)
        elif leaf is not None:
            flipped.append(index)
        if signed[index] not in there and (leaf is None or known):
            dropped.append(index)
    findings = [
        *_runs("flipped", flipped, "What is there now is not what was signed."),
        *_runs("dropped", dropped, "The entry is gone."),
        *_runs("duplicated", again, "Another entry stands there a second time."),
    ]
    for by, places in sorted(moved.items()):
        way = "later" if by > 0 else "earlier"
        findings += _runs("reordered", places, f"What stands there belongs {abs(by)} {way}.")
    return sorted(findings, key=lambda one: (one.first or 0, one.kind))


def _runs(kind: Kind, places: Iterable[int], what: str) -> list[Finding]:
    """One finding for each run of neighbours."""
    return [Finding(kind, what, first, last) for first, last in runs(places)]


def runs(places: Iterable[int]) -> list[tuple[int, int]]:
    """The first and last of each run of neighbouring numbers."""
    found: list[tuple[int, int]] = []
    for place in sorted(places):
        if found and found[-1][1] >= place - 1:
            found[-1] = (found[-1][0], place)
        else:
            found.append((place, place))
    return found
