"""What changes the list of the company's systems, each with its entry."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exc
from sqlalchemy.engine import make_url

from kept.engine.errors import Fault, PackError
from kept.engine.packs import load
from kept.information.access import OWN, OWN_NAME
from kept.information.models import System
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor
from kept.work.steps import queue


class SystemRejected(Exception):
    """The system cannot be added as it was given. Nothing was changed; the message says what to mend."""


class MayNotAddSystems(Exception):
    """Only an engineer, or whoever runs Kept on its machine, adds systems. Nothing was changed."""


@action
def add_system(
    name: str, title: str, url: str, pack: str, region: str, owner: str, *, by: Actor, at: datetime
) -> System:
    """Add a system, or change the one of that name; a second call with the same words changes nothing.

    `url`: a URL without a password, or `env:NAME` or `file:PATH` that hold one.
    Raises SystemRejected, MayNotAddSystems.
    """
    if by.role not in ("kept", "engineer"):
        raise MayNotAddSystems
    if name == OWN_NAME or not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name):
        raise SystemRejected(
            f"A system's name has lower-case letters, digits and hyphens; {OWN_NAME!r} is Kept's own database."
        )
    _check_address(url)
    try:
        load(pack)
    except PackError as problem:
        raise SystemRejected(str(problem)) from None
    given = {"title": title, "address": url, "pack": pack, "region": region, "owner": owner, "active": True}
    own_system(by=by, at=at)
    system, new = System.objects.select_for_update().get_or_create(name=name, defaults={**given, "added_at": at})
    if not new and all(getattr(system, field) == value for field, value in given.items()):
        unchanged()
        return system
    if not new:
        for field, value in given.items():
            setattr(system, field, value)
        system.save(update_fields=list(given))
    record("information.system_added" if new else "information.system_changed", system, by=by, at=at, system=name)
    queue("information.check", at=at, system=name)
    return system


@action
def own_system(*, by: Actor, at: datetime) -> System:
    """Kept's own database is a system like any other. Makes its row when it is not there."""
    words = {
        "title": "Privacy centre",
        "address": OWN,
        "pack": "kept",
        "region": "this site's own server",
        "owner": "Privacy office",
        "added_at": at,
    }
    system, new = System.objects.get_or_create(name=OWN_NAME, defaults=words)
    if new:
        record("information.system_added", system, by=by, at=at, system=OWN_NAME)
    else:
        unchanged()
    return system


@action
def system_checked(
    system: System, faults: Sequence[Fault], unknown: Sequence[Fault], problem: str, *, by: Actor, at: datetime
) -> System:
    """Keep what the comparison of pack and live catalogue found. `problem`: why there could be none."""
    system = System.objects.select_for_update().get(pk=system.pk)
    found = [{"table": one.table, "column": one.column, "why": one.why} for one in sorted([*faults, *unknown])]
    if not problem:  # an answer that did not come says nothing about the last one
        system.checked_at, system.faults = at, found
    system.problem = problem[:300]
    system.save(update_fields=["checked_at", "faults", "problem"])
    record("information.system_checked", system, by=by, at=at, faults=len(found), answered=not problem)
    return system


def _check_address(url: str) -> None:
    if url.startswith(("env:", "file:")):
        if not url.partition(":")[2]:
            raise SystemRejected("After env: comes the name of a variable, after file: a path.")
        return
    try:
        parts = make_url(url)
    except (exc.ArgumentError, ValueError):
        mend = "It looks like postgresql://name@host/database, or env:NAME or file:PATH that hold one."
        raise SystemRejected(f"The address is no URL. {mend}") from None
    if parts.password or any("pass" in key.lower() for key in parts.query):
        mend = "Put the URL into a variable or a file of its owner only, and write env:NAME or file:PATH."
        raise SystemRejected(f"The address holds a password, which would be stored in the clear. {mend}")
