"""The tree as it is stored: tiles of 256 hashes, so that a proof reads a few rows however long the log is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_

from django.db.models import Q

from kept.security.ledger_errors import TreeDamaged
from kept.security.merkle import (
    HASH_BYTES,
    Span,
    consistency_spans,
    full_root,
    inclusion_spans,
    peaks,
    root_of_peaks,
    spans_of,
)
from kept.security.models import Tile

HEIGHT = 8
WIDTH = 1 << HEIGHT

Place = tuple[int, int]  # level and number of a tile


class Edge:
    """The tiles at the right edge that are not full: all that is needed to go on, and to know the root."""

    def __init__(self, size: int) -> None:
        self.size = size
        counts = _counts(size)
        places = [(level, count // WIDTH) for level, count in enumerate(counts) if count % WIDTH]
        tiles = tiles_at(places)
        self._rows = [
            tiles[level, count // WIDTH][: count % WIDTH] if count % WIDTH else [] for level, count in enumerate(counts)
        ]
        for level, count in enumerate(counts):
            if len(self._rows[level]) != count % WIDTH:
                raise TreeDamaged(f"Tile {level}/{count // WIDTH} is too short.")

    def root(self) -> bytes:
        return root_of_peaks([peak for row in reversed(self._rows) for peak in peaks(row)])

    def grow(self, leaves: Sequence[bytes]) -> list[Tile]:
        """Append leaf hashes. Gives the tiles that are new or changed; the caller stores them."""
        changed: list[Tile] = []
        more, level = list(leaves), 0
        while more:
            if level == len(self._rows):
                self._rows.append([])
            first = (self.size >> HEIGHT * level) // WIDTH
            row, more = self._rows[level] + more, []
            for begin in range(0, len(row), WIDTH):
                hashes = row[begin : begin + WIDTH]
                changed.append(Tile(level=level, number=first + begin // WIDTH, hashes=b"".join(hashes)))
                if len(hashes) == WIDTH:
                    more.append(full_root(hashes))
            self._rows[level] = row[len(row) // WIDTH * WIDTH :]
            level += 1
        self.size += len(leaves)
        return changed


def store(tiles: Iterable[Tile]) -> None:
    """Write tiles, in the caller's transaction."""
    Tile.objects.bulk_create(
        tiles, batch_size=200, update_conflicts=True, unique_fields=["level", "number"], update_fields=["hashes"]
    )


def tiles_at(places: Iterable[Place]) -> dict[Place, list[bytes]]:
    """The hashes of these tiles, read at once. Raises TreeDamaged for one that is not there or cut off."""
    wanted = set(places)
    if not wanted:
        return {}
    where = reduce(or_, (Q(level=level, number=number) for level, number in wanted))
    found = {
        (level, number): split(bytes(hashes), (level, number))
        for level, number, hashes in Tile.objects.filter(where).values_list("level", "number", "hashes")
    }
    for level, number in sorted(wanted - set(found)):
        raise TreeDamaged(f"Tile {level}/{number} is not there.")
    return found


def split(hashes: bytes, place: Place) -> list[bytes]:
    if not hashes or len(hashes) % HASH_BYTES or len(hashes) > WIDTH * HASH_BYTES:
        raise TreeDamaged(f"Tile {place[0]}/{place[1]} is cut off.")
    return [hashes[begin : begin + HASH_BYTES] for begin in range(0, len(hashes), HASH_BYTES)]


def inclusion_proof(index: int, size: int) -> list[bytes]:
    """The hashes that prove one entry, its sibling's first. 0 ≤ index < size. Raises TreeDamaged."""
    return _roots(inclusion_spans(index, size))


def consistency_proof(first: int, second: int) -> list[bytes]:
    """The hashes that prove that the earlier tree is the beginning of the later one. Raises TreeDamaged."""
    return _roots(consistency_spans(first, second))


def root_at(size: int) -> bytes:
    """The root over the first `size` entries, by the stored tiles. Raises TreeDamaged."""
    return _roots([(0, size)])[0] if size else root_of_peaks([])


def _roots(spans: Sequence[Span]) -> list[bytes]:
    parts = [list(spans_of(span)) for span in spans]
    tiles = tiles_at(_tile_of(part)[0] for span in parts for part in span)
    return [root_of_peaks([_root(tiles, part) for part in span]) for span in parts]


def _root(tiles: dict[Place, list[bytes]], part: Span) -> bytes:
    place, begin, width = _tile_of(part)
    hashes = tiles[place][begin : begin + width]
    if len(hashes) != width:
        raise TreeDamaged(f"Tile {place[0]}/{place[1]} is too short.")
    return full_root(hashes)


def _tile_of(part: Span) -> tuple[Place, int, int]:
    """Where the hashes below a full tree stand: the tile, the first of them in it, and how many."""
    begin, end = part
    level = ((end - begin).bit_length() - 1) // HEIGHT
    first, width = begin >> HEIGHT * level, (end - begin) >> HEIGHT * level
    return (level, first // WIDTH), first % WIDTH, width


def _counts(size: int) -> list[int]:
    """How many hashes each level has."""
    counts = []
    while size:
        counts.append(size)
        size >>= HEIGHT
    return counts
