"""Doing again what a restore lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from kept.security.backup.replays import Note, replays, shown
from kept.terms import Actor
from kept.use.actions import (
    keep_account_by_hash,
    objection_replayed,
    restriction_replayed,
    suppress_by_hash,
    unsuppress_by_hash,
)


@replays("suppression")
def suppress_again(notes: Sequence[Note], by: Actor, at: datetime) -> int:
    done = 0
    for one in notes:
        purpose = str(one.facts["purpose"])
        if taken_back := one.facts.get("taken_back"):
            done += unsuppress_by_hash(purpose, taken_back, since=one.at, by=by, at=at)
            continue
        kind, hashed, law = (str(one.facts[name]) for name in ("kind", "digest", "law"))
        until, mark = date.fromisoformat(one.facts["until"]), str(one.facts.get("hashed_with", ""))
        done += suppress_by_hash(purpose, kind, hashed, mark, law=law, since=one.at, until=until, by=by, at=at)
    return done


@replays("objection")
def object_again(notes: Sequence[Note], by: Actor, at: datetime) -> int:
    return _newest(notes, objection_replayed, by, at)


@replays("restriction")
def restrict_again(notes: Sequence[Note], by: Actor, at: datetime) -> int:
    return _newest(notes, restriction_replayed, by, at)


def _newest(notes: Sequence[Note], again: Callable[..., bool], by: Actor, at: datetime) -> int:
    """Each row as its last note has it: two notes may be of the same instant."""
    told = sorted((one.facts for one in notes), key=lambda facts: int(facts["noted"]))
    last: dict[str, dict[str, Any]] = {str(facts["id"]): facts for facts in told}
    return sum(again(facts, by=by, at=at) for facts in last.values())


@replays("kept_account")
def keep_account_again(notes: Sequence[Note], by: Actor, at: datetime) -> int:
    done = 0
    for one in notes:
        kind, hashed, system, law = (str(one.facts[name]) for name in ("kind", "digest", "system", "law"))
        account, until = shown(one.facts["account"]), date.fromisoformat(one.facts["until"])
        done += keep_account_by_hash(kind, hashed, system, account, law=law, since=one.at, until=until, by=by, at=at)
    return done
