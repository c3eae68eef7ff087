"""Reading entries for an audit: each row's leaf hash, worked out anew. Rows may hold anything by now."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kept.security.leaves import COMMITMENT_BYTES, commitment_of, payload_of
from kept.security.merkle import leaf_hash
from kept.security.models import Entry
from kept.security.models.ledger import SALT_BYTES

UNREADABLE = b""  # there is a row, and nobody can work out its hash
ERASED = "security.payloads_erased"
STAMPED, WITNESSED = "security.checkpoint_stamped", "security.checkpoint_witnessed"
VERIFIED = "security.ledger_verified"
COLUMNS = ("index", "kind", "about", "by", "at", "facts", "salt", "commitment", "erased_at")


@dataclass
class Read:
    """What was met on the way."""

    entries: int = 0
    erased: set[int] = field(default_factory=set)  # payload gone
    named: set[int] = field(default_factory=set)  # an entry says that their payload was erased
    vouched: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)  # what entries say of checkpoints
    twice: set[int] = field(default_factory=set)  # numbers that several rows have
    broken: set[int] = field(default_factory=set)  # do not fit their own commitment, or cannot be read


def leaves_between(first: int, end: int, read: Read) -> dict[int, bytes]:
    """The leaf hash of each row with a number in the span, or UNREADABLE."""
    rows = Entry.objects.filter(index__gte=first, index__lt=end).order_by("index").values_list(*COLUMNS)
    try:
        found: Iterable[tuple[Any, ...]] = list(rows)
    except (ValueError, TypeError):  # a value that the database took and nobody can read, as SQLite takes
        found = _one_by_one(first, end)
    leaves: dict[int, bytes] = {}
    for row in found:
        if row[0] in leaves:
            read.twice.add(row[0])
        leaves[row[0]] = _leaf(row, read)
    return leaves


def _one_by_one(first: int, end: int) -> Iterable[tuple[Any, ...]]:
    for index in range(first, end):
        try:
            yield from Entry.objects.filter(index=index).values_list(*COLUMNS)
        except (ValueError, TypeError):
            yield index, None, None, None, None, None, None, None, None


def _leaf(row: tuple[Any, ...], read: Read) -> bytes:
    index, kind, about, by, at, facts, salt, commitment, erased_at = row
    read.entries += 1
    try:
        stored = bytes(commitment)
        if erased_at is not None and not salt:
            read.erased.add(index)
            return leaf_hash(stored) if len(stored) == COMMITMENT_BYTES else UNREADABLE
        if len(salt) != SALT_BYTES:
            raise ValueError
        found = commitment_of(bytes(salt), payload_of(kind, about, by, at, facts))
    except (TypeError, ValueError, AttributeError):
        read.broken.add(index)
        return UNREADABLE
    if found != stored:
        read.broken.add(index)
    if kind == ERASED:
        read.named.update(places_of(facts.get("entries")))
    if kind in (STAMPED, WITNESSED, VERIFIED):
        read.vouched.append((kind, facts))
    return leaf_hash(found)


def places_of(ranges: object) -> Iterable[int]:
    """The indexes that an entry of an erasure names: ["3", "7-9"]."""
    for word in ranges if isinstance(ranges, list) else []:
        if isinstance(word, str) and re.fullmatch(r"\d{1,18}(-\d{1,18})?", word, re.ASCII):
            first, _, last = word.partition("-")
            if int(last or first) - int(first) < 1_000_000:
                yield from range(int(first), int(last or first) + 1)
