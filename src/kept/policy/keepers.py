"""Keepers: functions in any room's `promises.py` that look at the running system and say whether a clause is kept.

    @keeper("12.1", counts="copies delivered")
    def packages_are_delivered(at: datetime) -> Evidence:
        \"\"\"Counts the access packages that were delivered, and those past their day.\"\"\"

What nobody looks at is not running yet: no other code may claim more.
"""

from __future__ import annotations

import inspect
import logging
from collections import defaultdict
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.urls import reverse

from kept.policy.rules import PERIOD
from kept.terms import Evidence, Keeper, State

MOST_SIGNS = {"figure": 200, "meaning": 300, "link": 200}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bound:
    """One keeper, bound to one clause."""

    clause_id: str
    look: Keeper
    period: timedelta = PERIOD  # how long a look is good for
    counts: str = ""  # what its number is, "accounts with a second factor, in %"; "": it gives none
    rows: str = ""  # the name of the page with the rows behind it; "": there is none, or each answer names its own

    @property
    def name(self) -> str:
        """ "people.accounts": the room, and what is looked at."""
        room = self.look.__module__.removeprefix("kept.").removesuffix(".promises")
        return f"{room}.{self.look.__name__}"

    @property
    def how(self) -> str:
        """What it reads, in its author's words."""
        return " ".join((inspect.getdoc(self.look) or "").split("\n\n")[0].split())


_keepers: dict[str, list[Bound]] = defaultdict(list)


def keeper(
    clause_id: str, *, period: timedelta = PERIOD, counts: str = "", rows: str = ""
) -> Callable[[Keeper], Keeper]:
    """Bind a function to a clause. A clause may have several keepers; the worst answer is the clause's.

    It looks three times in its period. A look older than the period turns to “cannot tell”.
    """

    def bind(look: Keeper) -> Keeper:
        _keepers[clause_id].append(Bound(clause_id, look, period, counts, rows))
        return look

    return bind


def all_keepers() -> list[Bound]:
    return [bound for keepers in list(_keepers.values()) for bound in keepers]


def keepers_of(clause_id: str) -> list[Bound]:
    return list(_keepers.get(clause_id, ()))


def look(bound: Bound, at: datetime) -> Evidence:
    """One look, now. Whatever goes wrong in it, the answer is “cannot tell”, never an exception."""
    # Inside a transaction a failed query would spoil it: a savepoint takes the fall. Outside, reading needs none.
    guard = transaction.atomic() if connection.in_atomic_block else nullcontext()
    facts = {"task": bound.name}
    try:
        with guard:
            evidence = bound.look(at)
        link = reverse(bound.rows) if bound.rows else ""
    except Exception:  # whatever breaks a keeper, its clause must say so and the others must be looked at
        log.exception("A keeper could not look.", extra=facts | {"event": "policy.keeper_failed"})
        return _cannot_tell("The check itself failed, so nobody knows.", bound, at)
    if not isinstance(evidence, Evidence) or evidence.state is State.NOT_RUNNING:
        log.error("A keeper gave no answer.", extra=facts | {"event": "policy.keeper_without_answer"})
        return _cannot_tell("The check gave no answer.", bound, at)
    if "@" in evidence.figure + evidence.meaning or not isinstance(evidence.number, int | float | None):
        log.error("A keeper could name somebody.", extra=facts | {"event": "policy.keeper_names_somebody"})
        return _cannot_tell("The check gave an answer that cannot be shown.", bound, at)
    evidence = replace(evidence, link=evidence.link or link)
    short = {name: getattr(evidence, name)[:most] for name, most in MOST_SIGNS.items()}
    return replace(evidence, at=at, keeper=bound.name, since=None, **short)


def _cannot_tell(meaning: str, bound: Bound, at: datetime) -> Evidence:
    return Evidence(State.CANNOT_TELL, "", meaning, at, keeper=bound.name)
