"""What is done with the log itself: read it, settle what was unusual, forget what is old."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from django.conf import settings

from kept.post.outbox import send
from kept.security.ledger import action, record, unchanged
from kept.security.models.reads import Read
from kept.security.reading.log import log_read
from kept.security.reading.rules import FLAG_WORDS, slot_of
from kept.terms import Actor

KEPT_FOR = timedelta(days=2 * 365)
SAME_LOOK = timedelta(minutes=2)
SETTLE = ("privacy_officer", "auditor")


class MayNotRead(Exception):
    """The log is for the privacy officer and auditors. Nothing was shown or changed."""


class OwnRead(Exception):
    """Nobody settles what was unusual about their own looking. Nothing was changed; ask a colleague."""


@action
def log_looked_at(*, by: Actor, at: datetime) -> None:
    """Somebody reads the log, which is written into it; the same look is written once. Raises MayNotRead."""
    if by.role not in SETTLE:
        raise MayNotRead(by.role)
    if Read.objects.filter(by=str(by), what=Read.What.LOG, at__gt=at - SAME_LOOK).exists():
        unchanged()
        return
    look = log_read(Read.What.LOG, "audit", by=by, at=at)
    record("security.log_looked_at", look, by=by, at=at)


@action
def settle(read: Read, how: Literal["explained", "misuse"], *, by: Actor, at: datetime) -> Read:
    """Somebody else has looked into an unusual look. A second call changes nothing. Raises MayNotRead, OwnRead."""
    if by.role not in SETTLE:
        raise MayNotRead(by.role)
    read = Read.objects.select_for_update().get(pk=read.pk)
    if by.id is not None and by.id == str(read.reader):
        raise OwnRead
    if read.settled_at is not None or not read.flagged:
        unchanged()
        return read
    read.settled_at, read.settled_by, read.settled_how = at, str(by), how
    read.save(update_fields=["settled_at", "settled_by", "settled_how"])
    record("security.read_settled", read, by=by, at=at, how=how)
    return read


@action
def forget_reads(*, by: Actor, at: datetime) -> int:
    """Remove looks of more than two years ago. Returns how many."""
    gone, _ = Read.objects.filter(at__lt=at - KEPT_FOR).delete()
    if gone:
        record("security.reads_forgotten", "security.read", by=by, at=at, count=gone)
    else:
        unchanged()
    return gone


@action
def tell_of_unusual(reader: UUID, begin: datetime, to: Sequence[str], *, by: Actor, at: datetime) -> int:
    """Mail those who judge unusual looks about one reader's in the ten minutes that begin then. Returns how many looks.

    The mail names nobody, neither the reader nor whose data it was. What was judged meanwhile is not told.
    """
    mine = Read.objects.filter(reader=reader, flagged=True, settled_at=None, at__gte=begin, at__lt=slot_of(begin)[1])
    looks = list(mine)
    if not looks or not to:
        unchanged()
        return 0
    found = {flag for look in looks for flag in look.flags}
    context = {
        "count": len(looks),
        "begin": begin,
        "why": ", ".join(words for flag, words in FLAG_WORDS.items() if flag in found),
        "link": f"{settings.SITE_URL}/security/access-log/?show=unusual",
    }
    for address in to:
        send(address, "security/unusual_looks", context, at=at)
    record("security.unusual_told", "security.read", by=by, at=at, count=len(looks), told=len(to))
    return len(looks)
