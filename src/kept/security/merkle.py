"""The tree of hashes over all entries, as RFC 6962 section 2.1 and RFC 9162 section 2.1 define it with SHA-256.

Plain functions on bytes. Proofs are checked as the RFC says, and refused where its text alone would let nonsense pass:
an index outside the tree, an empty tree, hashes of another length (standards 13).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

Span = tuple[int, int]  # leaves from the first number up to, but without, the second


class BadProof(Exception):
    """A proof does not show what it should. The message says why."""


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def full_root(hashes: Sequence[bytes]) -> bytes:
    """The root over 1, 2, 4, 8 … hashes."""
    row = list(hashes)
    while len(row) > 1:
        row = [sha256(b"\x01" + row[place] + row[place + 1]).digest() for place in range(0, len(row), 2)]
    return row[0]


def peaks(hashes: Sequence[bytes]) -> list[bytes]:
    """The roots of the full trees that any number of hashes falls into, the largest first."""
    found, begin = [], 0
    while begin < len(hashes):
        width = 1 << ((len(hashes) - begin).bit_length() - 1)
        found.append(full_root(hashes[begin : begin + width]))
        begin += width
    return found


def root_of_peaks(found: Sequence[bytes]) -> bytes:
    """The root over full trees of falling size; of none: the root of the empty tree."""
    if not found:
        return EMPTY_ROOT
    root = found[-1]
    for left in reversed(found[:-1]):
        root = node_hash(left, root)
    return root


def spans_of(span: Span) -> Iterator[Span]:
    """The full trees that a span falls into, the largest first. The span begins where a full tree may begin."""
    begin, end = span
    while begin < end:
        width = 1 << ((end - begin).bit_length() - 1)
        yield begin, begin + width
        begin += width


def inclusion_spans(index: int, size: int) -> list[Span]:
    """Whose roots prove that a leaf is in the tree, its sibling first. RFC 9162 2.1.3.1. 0 ≤ index < size."""
    begin, end, found = 0, size, []
    while end - begin > 1:
        split = begin + _split(end - begin)
        if index < split:
            found.append((split, end))
            end = split
        else:
            found.append((begin, split))
            begin = split
    return found[::-1]


def consistency_spans(first: int, second: int) -> list[Span]:
    """Whose roots prove that the tree of `second` leaves begins with the tree of `first`. RFC 9162 2.1.4.1.

    0 < first ≤ second; equal sizes need no proof.
    """
    begin, end, whole, found = 0, second, True, []
    while first < end:
        split = begin + _split(end - begin)
        if first <= split:
            found.append((split, end))
            end = split
        else:
            found.append((begin, split))
            begin, whole = split, False
    if not whole:
        found.append((begin, end))
    return found[::-1]


def _split(width: int) -> int:
    """The largest power of two below it."""
    return 1 << ((width - 1).bit_length() - 1)


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """RFC 9162 2.1.3.2. Raises BadProof."""
    _lengths([leaf, *proof, root])
    if not 0 <= index < size:
        raise BadProof(f"The tree has {size} entries, so none has the number {index}.")
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise BadProof("The proof has more hashes than this place in the tree needs.")
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise BadProof("The proof has fewer hashes than this place in the tree needs.")
    if found != root:
        raise BadProof("The proof leads to another root: this entry is not in the tree at this place.")


def check_consistency(first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]) -> None:
    """RFC 9162 2.1.4.2. Raises BadProof."""
    _lengths([first_root, second_root, *proof])
    if first < 1:
        raise BadProof("An empty tree is the beginning of every tree: that shows nothing.")
    if first > second:
        raise BadProof(f"A tree of {second} entries cannot begin with one of {first}.")
    if first == second:
        if proof:
            raise BadProof("Between trees of one size there is nothing to prove, and yet there are hashes.")
        if first_root != second_root:
            raise BadProof("Two trees of one size have different roots.")
        return
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    if not path:
        raise BadProof("The proof has fewer hashes than these sizes need.")
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise BadProof("The proof has more hashes than these sizes need.")
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise BadProof("The proof has fewer hashes than these sizes need.")
    if old != first_root:
        raise BadProof("The proof does not lead to the earlier root: the earlier entries are not those of today.")
    if new != second_root:
        raise BadProof("The proof does not lead to the later root.")


def _lengths(hashes: Sequence[bytes]) -> None:
    if any(len(one) != HASH_BYTES for one in hashes):
        raise BadProof("A hash does not have 32 bytes.")


class Peaks:
    """The roots of the full trees over what was pushed so far: enough to know the root at any moment."""

    def __init__(self) -> None:
        self._found: list[tuple[int, bytes]] = []  # (how many were merged into it, root), the largest first

    def push(self, root: bytes) -> None:
        width = 1
        while self._found and self._found[-1][0] == width:
            root = node_hash(self._found.pop()[1], root)
            width *= 2
        self._found.append((width, root))

    def root(self, more: Sequence[bytes] = ()) -> bytes:
        """The root, with further leaves behind it, no more than each of the pushed trees has."""
        return root_of_peaks([*(root for _, root in self._found), *peaks(more)])
