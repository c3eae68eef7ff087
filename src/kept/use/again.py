"""Doing again what a restore lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from kept.security.backup.replays import Note, replays, shown
from kept.terms import Actor
from kept.use.actions import keep_account_by_hash, suppress_by_hash


@replays("suppression")
def suppress_again(notes: Sequence[Note], by: Actor, at: datetime) -> int:
    done = 0
    for one in notes:
        purpose, kind, hashed, law = (str(one.facts[name]) for name in ("purpose", "kind", "digest", "law"))
        until = date.fromisoformat(one.facts["until"])
        done += suppress_by_hash(purpose, kind, hashed, law=law, since=one.at, until=until, by=by, at=at)
    return done


@replays("kept_account")
def keep_account_again(notes: Sequence[Note], by: Actor, at: datetime) -> int:
    done = 0
    for one in notes:
        kind, hashed, system, law = (str(one.facts[name]) for name in ("kind", "digest", "system", "law"))
        account, until = shown(one.facts["account"]), date.fromisoformat(one.facts["until"])
        done += keep_account_by_hash(kind, hashed, system, account, law=law, since=one.at, until=until, by=by, at=at)
    return done
