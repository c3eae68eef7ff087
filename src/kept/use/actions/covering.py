"""By what the person of an objection or a restriction is known again. Each function here runs inside an action."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from django.db.models import QuerySet

from kept.terms import Identifier
from kept.use.access import hashes_of, keys
from kept.use.models import Objection, Restriction, Whose
from kept.use.rules import NAMES, digest, mark_of

NO_END = date(9999, 12, 31)  # until the person takes it back, or we lift it
Hash = Mapping[str, str]  # {"kind", "digest", "hashed_with"}


def hashed(identifiers: Iterable[Identifier], what: str) -> list[Hash]:
    """With the newest of the site's keys; only what names one person."""
    key = keys()[0]
    mark = mark_of(key)
    theirs = sorted({one for one in identifiers if one.kind in NAMES})
    return [{"kind": one.kind, "digest": digest(one, what, key), "hashed_with": mark} for one in theirs]


def known_by(identifiers: Iterable[Identifier], what: str) -> QuerySet[Whose]:
    """The rows by which one of these is known again, under any of the site's keys."""
    theirs = [one for one in identifiers if one.kind in NAMES]
    return Whose.objects.filter(digest__in=hashes_of(theirs, what))


def add_hashes(row: Objection | Restriction, hashes: Collection[Hash]) -> int:
    """Those that are not there yet. Returns how many."""
    known = set(row.whose.values_list("digest", flat=True))
    new = [one for one in hashes if one["digest"] not in known]
    whose = {"objection": row} if isinstance(row, Objection) else {"restriction": row}
    Whose.objects.bulk_create(Whose(**whose, **one) for one in new)
    return len(new)


def hashes_of_row(row: Objection | Restriction) -> Sequence[Hash]:
    return [
        {"kind": one.kind, "digest": one.digest, "hashed_with": one.hashed_with} for one in row.whose.order_by("digest")
    ]
