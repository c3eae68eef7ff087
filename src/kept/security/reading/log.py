"""The one function that writes down a look at somebody's data."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models.functions import Coalesce

from kept.security.models.reads import Read
from kept.security.reading.rules import REASONS, Limits, flags_of, slot_of
from kept.terms import Actor
from kept.work.steps import key_of, queue

TELL = "site.tell_of_unusual_looks"  # those who judge unusual looks, by mail
MARGIN = timedelta(minutes=1)


class NoReason(Exception):
    """Nobody's data is shown without one of the known reasons. Nothing was shown or changed."""


class OutsideTransaction(Exception):
    """A look is written in the transaction of an action. Nothing was written; the code is wrong."""


def log_read(
    what: str,
    reason: str,
    *,
    person: UUID | None = None,
    case: UUID | None = None,
    case_open: bool | None = None,
    place: str = "",
    by: Actor,
    at: datetime,
) -> Read:
    """Write down one look, inside the action that records it, before anything is shown.

    `what`: one of `Read.What`. `person`: the account of whose data it is, where there is one. `place`: "system/table".
    Raises NoReason. What is unusual about it is worked out here, stays with the look, and is told to those who judge it
    within a quarter of an hour: one mail for all of one reader's in ten minutes.
    """
    if reason not in REASONS:
        raise NoReason(reason)
    if not connection.in_atomic_block:
        raise OutsideTransaction(what)
    limits = Limits(settings.READS_MANY, timedelta(minutes=settings.READS_MINUTES))
    reader = UUID(by.id) if by.id else None
    lately = 0
    if reader is not None and what != Read.What.LOG:
        lately = _people_lately(reader, at - limits.span, case or person)
    flags = flags_of(what, case_open, reader is not None and reader == person, lately, limits)
    if flags and reader is not None:
        begin, end = slot_of(at)
        key = key_of(TELL, reader, begin.isoformat())
        queue(TELL, at=at, key=key, due_at=end + MARGIN, reader=reader, begin=begin.isoformat())
    return Read.objects.create(
        at=at, by=str(by), reader=reader, person=person, case=case, case_open=case_open, what=what, place=place,
        reason=reason, flags=flags, flagged=bool(flags),
    )  # fmt: skip


def _people_lately(reader: UUID, since: datetime, this: UUID | None) -> int:
    """How many people the reader has looked at since then; a case is one person, also where nobody has an account."""
    looks = Read.objects.filter(reader=reader, at__gt=since).exclude(what=Read.What.LOG)
    seen = set(looks.annotate(whose=Coalesce("case", "person")).values_list("whose", flat=True).distinct()) - {None}
    return len(seen | ({this} if this else set()))
