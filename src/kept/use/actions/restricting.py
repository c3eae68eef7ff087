"""Restrictions: asked for, in force, announced to end, lifted. GDPR Art. 18."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from kept.security.backup.replays import note
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor, Identifier
from kept.use import holding
from kept.use.actions.covering import NO_END, add_hashes, hashed, hashes_of_row, known_by
from kept.use.errors import NoGround, NotNow, TooSoon
from kept.use.models import Restriction
from kept.use.rules import RESTRICTION

State = Restriction.State
GROUNDS = ("accuracy", "unlawful", "claims", "objection")  # GDPR Art. 18(1)(a) to (d)
LAW = "GDPR Art. 18, 5(2): you asked us to pause the use of your data"
PROOF = timedelta(days=3 * 366)
TIMES = ("since", "in_force_at", "announced_at", "lifted_at")


@action
def restrict(
    identifiers: Collection[Identifier], grounds: Sequence[str], *, case: UUID, by: Actor, at: datetime
) -> Restriction:
    """Note that it was asked for. Until an officer has looked, `decide` says “cannot tell” to every use.

    A second call only adds what the person is known by besides, and further grounds. Raises NoGround.
    """
    holding.changes()
    if not grounds or not set(grounds) <= set(GROUNDS):
        raise NoGround
    given = {"grounds": list(grounds), "since": at, "law": LAW, "until": NO_END}
    rows = Restriction.objects.select_for_update()
    row, new = rows.get_or_create(case=case, lifted_at=None, defaults=given)
    added = add_hashes(row, hashed(identifiers, RESTRICTION))
    more = [one for one in grounds if one not in row.grounds]
    if more:
        row.grounds = [*row.grounds, *more]
        row.save(update_fields=["grounds"])
    if not (new or added or more):
        unchanged()
        return row
    _note(row, at)
    record("use.restriction_asked", row, by=by, at=at, case=str(case), grounds=list(row.grounds))
    return row


@action
def restriction_begins(case: UUID, *, by: Actor, at: datetime) -> Restriction | None:
    """From now on the data are stored and not used. A second call changes nothing. None: nothing was asked for."""
    holding.changes()
    row = Restriction.objects.select_for_update().filter(case=case, lifted_at=None).first()
    if row is None or row.state != State.ASKED:
        unchanged()
        return row
    row.state, row.in_force_at = State.IN_FORCE, at
    row.save(update_fields=["state", "in_force_at"])
    _note(row, at)
    record("use.restricted", row, by=by, at=at, case=str(case))
    return row


@action
def restriction_not_begun(case: UUID, why: Literal["withdrawn", "refused"], *, by: Actor, at: datetime) -> bool:
    """It was refused before it was in force, or withdrawn by the person, who need not be told of it then.

    Returns whether there was one.
    """
    holding.changes()
    states = (State.ASKED,) if why == "refused" else (State.ASKED, State.IN_FORCE, State.ANNOUNCED)
    row = Restriction.objects.select_for_update().filter(case=case, state__in=states).first()
    if row is None:
        unchanged()
        return False
    row.state, row.lifted_at = State.NOT_BEGUN, at
    row.save(update_fields=["state", "lifted_at"])
    _note(row, at)
    record("use.restriction_not_begun", row, by=by, at=at, case=str(case), why=why)
    return True


@action
def cover_restriction(case: UUID, identifiers: Collection[Identifier], *, by: Actor, at: datetime) -> int:
    """The search has shown what else the person is known by: it holds for that too. Returns how many were added."""
    row = Restriction.objects.select_for_update().filter(case=case, lifted_at=None).first()
    added = add_hashes(row, hashed(identifiers, RESTRICTION)) if row else 0
    if row is None or not added:
        unchanged()
        return 0
    _note(row, at)
    record("use.restriction_covers_more", row, by=by, at=at, count=added)
    return added


@action
def announce_lifting(
    row: Restriction, lift_on: date, mail: UUID, *, today: date, days: int, by: Actor, at: datetime
) -> Restriction:
    """The person has been written to: it ends on that day. Until then it stays in force. Art. 18(3).

    `mail`: the one that tells them. `days`: how many must lie between. Raises NotNow, TooSoon.
    """
    row = Restriction.objects.select_for_update().get(pk=row.pk)
    if row.state != State.IN_FORCE:
        raise NotNow(row.state)
    first = today + timedelta(days=days)
    if lift_on < first:
        raise TooSoon(f"It can end from {first.isoformat()} on: the person must know {days} days before.")
    row.state, row.announced_at, row.announced_by, row.lift_on, row.mail = State.ANNOUNCED, at, str(by), lift_on, mail
    row.save(update_fields=["state", "announced_at", "announced_by", "lift_on", "mail"])
    _note(row, at)
    record("use.lifting_announced", row, by=by, at=at, case=str(row.case), on=lift_on.isoformat())
    return row


@action
def call_off_lifting(row: Restriction, *, by: Actor, at: datetime) -> Restriction:
    """It stays in force after all. A second call changes nothing. Raises NotNow."""
    row = Restriction.objects.select_for_update().get(pk=row.pk)
    if row.state == State.IN_FORCE:
        unchanged()
        return row
    if row.state != State.ANNOUNCED:
        raise NotNow(row.state)
    row.state, row.announced_at, row.announced_by, row.lift_on, row.mail = State.IN_FORCE, None, "", None, None
    row.save(update_fields=["state", "announced_at", "announced_by", "lift_on", "mail"])
    _note(row, at)
    record("use.lifting_called_off", row, by=by, at=at, case=str(row.case))
    return row


@action
def lift(row: Restriction, *, today: date, by: Actor, at: datetime) -> Restriction:
    """The announced day has come. A second call changes nothing. Raises NotNow before, or where nobody was told."""
    holding.changes()
    row = Restriction.objects.select_for_update().get(pk=row.pk)
    if row.state == State.LIFTED:
        unchanged()
        return row
    if row.state != State.ANNOUNCED or row.lift_on is None or row.lift_on > today:
        raise NotNow(row.state)
    row.state, row.lifted_at = State.LIFTED, at
    row.save(update_fields=["state", "lifted_at"])
    _note(row, at)
    record("use.restriction_lifted", row, by=by, at=at, case=str(row.case))
    return row


@action
def limit_restrictions(identifiers: Collection[Identifier], until: date, *, by: Actor, at: datetime) -> int:
    """Their person was erased, and nobody is left to be told of its end: it lasts until that day."""
    rows = Restriction.objects.select_for_update().filter(until__gt=until)
    theirs = list(rows.filter(pk__in=known_by(identifiers, RESTRICTION).values("restriction")))
    for row in theirs:
        row.until = until
        row.save(update_fields=["until"])
        _note(row, at)
        record("use.restriction_limited", row, by=by, at=at, until=until.isoformat())
    if not theirs:
        unchanged()
    return len(theirs)


@action
def restriction_replayed(facts: dict[str, Any], *, by: Actor, at: datetime) -> bool:
    """As the replay list has it. Returns whether anything was changed."""
    holding.changes()
    said: dict[str, Any] = {name: facts[name] for name in ("grounds", "state", "announced_by", "law")}
    said |= {name: facts[name] and datetime.fromisoformat(facts[name]) for name in TIMES}
    said |= {"case": UUID(facts["case"]), "mail": facts["mail"] and UUID(facts["mail"])}
    said |= {name: facts[name] and date.fromisoformat(facts[name]) for name in ("lift_on", "until")}
    said["noted"] = int(facts["noted"])
    row, new = Restriction.objects.get_or_create(pk=UUID(facts["id"]), defaults=said)
    if not new and row.noted >= said["noted"]:
        unchanged()
        return False
    add_hashes(row, facts["hashes"])
    for name, value in said.items():
        setattr(row, name, value)
    row.save()
    record("use.restriction_replayed", row, by=by, at=at, state=str(row.state))
    return True


@action
def forget_restrictions(*, by: Actor, at: datetime) -> int:
    """Those whose last day is over, and those that were lifted three years ago. Returns how many."""
    over = Restriction.objects.filter(until__lt=at.date()) | Restriction.objects.filter(lifted_at__lt=at - PROOF)
    gone = list(over.values_list("pk", flat=True))
    if not gone:
        unchanged()
        return 0
    Restriction.objects.filter(pk__in=gone).delete()
    record("use.restrictions_forgotten", "use.restriction", by=by, at=at, count=len(gone))
    return len(gone)


def _note(row: Restriction, at: datetime) -> None:
    """As it is now: the newest note of a row is the one that counts."""
    row.noted += 1
    row.save(update_fields=["noted"])
    times = {name: _iso(getattr(row, name)) for name in (*TIMES, "lift_on", "until")}
    words = {"state": str(row.state), "announced_by": row.announced_by, "law": row.law, "grounds": list(row.grounds)}
    hashes: list[Any] = [dict(one) for one in hashes_of_row(row)]
    mail = str(row.mail) if row.mail else None
    whose = {"id": str(row.pk), "case": str(row.case), "hashes": hashes}
    note("restriction", at=at, mail=mail, noted=row.noted, **whose, **words, **times)


def _iso(when: date | None) -> str | None:
    return when.isoformat() if when else None
