"""Who changes what may be done with data waits for whoever has just been told that it may, and the other way round.

So nothing is sent by a decision that an objection has overtaken: a mail is queued in the transaction that asked, and
the objection is in force in the one after it. SQLite has one writer at a time, and needs nothing more.
"""

from __future__ import annotations

from django.db import connection

LOCK = 4_715_200_118  # of this house, in PostgreSQL's table of advisory locks


def asked() -> None:
    """Until this transaction ends, what may be done stays as it is. Outside a transaction it says nothing."""
    _lock("SELECT pg_advisory_xact_lock_shared(%s)")


def changes() -> None:
    """Until this transaction ends, nobody is told what may be done; whoever was told before has finished."""
    _lock("SELECT pg_advisory_xact_lock(%s)")


def _lock(statement: str) -> None:
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(statement, [LOCK])
