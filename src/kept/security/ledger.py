"""`action` and `record`: nothing is changed without an entry that commits with it. The sequencer numbers them."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import connection, models, transaction

from kept.security.leaves import commitment_of, payload_of, written
from kept.security.ledger_errors import LedgerError, NothingRecorded, OutsideAction, PersonalDataInEntry
from kept.security.models import Entry, new_salt
from kept.security.sequencer import sequence_entries
from kept.terms import Actor

__all__ = [
    "Fact",
    "LedgerError",
    "NothingRecorded",
    "OutsideAction",
    "PersonalDataInEntry",
    "action",
    "record",
    "sequence_entries",
    "unchanged",
]

P = ParamSpec("P")
R = TypeVar("R")

INSERT = """
    INSERT INTO security_entry (kind, about, "by", at, facts, salt, commitment)
    VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id
"""

NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*")  # of a fact: read and put in order alike by everybody
MOST_NUMBER = 10**18  # what a receipt may hold
NO_LETTER = re.compile("[\0\ud800-\udfff]")  # NUL, and half a surrogate pair: what no store can hold

_entries_made: ContextVar[int] = ContextVar("entries_made", default=0)
_in_action: ContextVar[bool] = ContextVar("in_action", default=False)

Fact = str | int | bool | None | list[str]


def action(function: Callable[P, R]) -> Callable[P, R]:
    """One transaction that ends with at least one entry, or leaves nothing behind.

    An action that finds its work already done records that as well, or calls `unchanged()`.
    """

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic():
            before = _entries_made.get()
            token = _in_action.set(True)
            try:
                result = function(*args, **kwargs)
            finally:
                _in_action.reset(token)
            if _entries_made.get() == before:
                raise NothingRecorded(function.__qualname__)
            return result

    run.__is_action__ = True  # type: ignore[attr-defined]
    return run


def unchanged() -> None:
    """Say that the action found its work done before and changed nothing, so that no entry is due."""
    _entries_made.set(_entries_made.get() + 1)


def record(kind: str, about: models.Model | str, *, by: Actor, at: datetime, **facts: Fact) -> Entry:
    """Write the entry of what the calling action does. `facts` are counts, states and opaque ids.

    Raises OutsideAction, and PersonalDataInEntry for a fact that could carry somebody's data.
    """
    if not _in_action.get():
        raise OutsideAction(kind)
    name_of = about if isinstance(about, str) else f"{about._meta.label_lower}:{about.pk}"
    for name, fact in {"about": name_of, **facts}.items():
        if not NAME.fullmatch(name) or not all(map(_is_plain, fact if isinstance(fact, list) else [fact])):
            raise PersonalDataInEntry(f"{kind}: {name}")
    salt, who = new_salt(), str(by)
    commitment = commitment_of(salt, payload_of(kind, name_of, who, at, facts))
    entry = Entry(kind=kind, about=name_of, by=who, at=at, facts=facts, salt=salt, commitment=commitment)
    _insert(entry)
    _entries_made.set(_entries_made.get() + 1)
    return entry


def _is_plain(word: object) -> bool:
    if isinstance(word, str):
        return "@" not in word and len(word) <= 200 and not NO_LETTER.search(word)
    return word is None or (isinstance(word, int) and abs(word) < MOST_NUMBER)


def _insert(entry: Entry) -> None:
    """What `entry.save()` does, in half the time: every action of the house waits for this statement."""
    instant = connection.ops.adapt_datetimefield_value(entry.at)
    values: list[Any] = [entry.kind, entry.about, entry.by, instant, written(entry.facts), entry.salt, entry.commitment]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, values)
        (entry.pk,) = cursor.fetchone()
    entry._state.adding, entry._state.db = False, connection.alias
