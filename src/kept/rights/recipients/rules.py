"""Who was given what has changed, and what they are told. Plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from kept.engine.correction_report import NAMES
from kept.engine.pack import Pack
from kept.engine.rectifying import Line
from kept.engine.subject import Change
from kept.terms import Identifier

TOLD_WITHIN = timedelta(days=14)  # ours: Art. 19 names no time, and what is wrong elsewhere goes on being used


@dataclass(frozen=True, order=True)
class Place:
    """One table of one system, as a company calls it."""

    system: str
    table: str
    title: str = ""


def recipients_of(changed: Iterable[tuple[str, Pack, Sequence[Change]]]) -> dict[str, list[Place]]:
    """Recipient -> the places of which they were given data that were erased, put right or paused.

    `changed`: of each system its name, its pack, and what came of it. What a law keeps stays as it was given.
    """
    found: dict[str, set[Place]] = {}
    for system, pack, changes in changed:
        for change in changes:
            rule = pack.tables.get(change.table)
            if rule is not None and change.rows + change.deleted:
                for name in rule.recipients:
                    found.setdefault(name, set()).add(Place(system, change.table, rule.title))
    return {name: sorted(found[name]) for name in sorted(found)}


def called_in(known: Sequence[Identifier], systems: Iterable[str]) -> list[str]:
    """How the recipient knows the person: their number in the systems that the data came from; else their address.

    No more than that: who was given one number needs no address as well.
    """
    wanted = set(systems)
    accounts = sorted({one.value for one in known if one.kind == "account" and one.scope in wanted})
    return accounts or sorted({one.value for one in known if one.kind == "email"})


def put_right(places: Iterable[tuple[str, str]], lines: Mapping[str, Sequence[Line]]) -> list[tuple[str, str]]:
    """Detail and new value of what was corrected in these places."""
    found: dict[tuple[str, str], None] = {}
    for system, table in places:
        for line in lines.get(system, ()):
            if line.table == table and line.outcome == "changed":
                found[NAMES[line.detail], line.becomes or "nothing"] = None
    return list(found)


def key_of(name: str) -> str:
    """How an address of the site names a recipient."""
    return sha256(name.encode()).hexdigest()[:16]
