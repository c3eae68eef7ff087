"""Objections: made, weighed, ended. GDPR Art. 21."""

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
from kept.use.actions.suppressing import suppress, unsuppress
from kept.use.errors import NotObjectable
from kept.use.models import Objection
from kept.use.purposes import purposes_on
from kept.use.rules import NAMES, OBJECTION

State = Objection.State
LAW_OF_MARKETING = "GDPR Art. 21(3): you asked for no advertising"
LAW_OF_SITUATION = "GDPR Art. 21(1), 5(2): you objected to this use"
PROOF = timedelta(days=3 * 366)
TIMES = ("since", "decided_at", "ended_at")


@action
def object_to(identifiers: Collection[Identifier], purpose: str, *, case: UUID, by: Actor, at: datetime) -> Objection:
    """The use rests from now on. Advertising: for good, and every address is suppressed. Others: until it is weighed.

    A second call only adds what the person is known by besides. Raises NotObjectable.
    """
    holding.changes()
    meant = purposes_on(at.date()).get(purpose)
    if meant is None or meant.objection == "none":
        raise NotObjectable(purpose if meant else "unknown")
    absolute = meant.objection == "absolute"
    law = LAW_OF_MARKETING if absolute else LAW_OF_SITUATION
    given = {
        "ground": Objection.Ground.MARKETING if absolute else Objection.Ground.SITUATION,
        "state": State.IN_FORCE if absolute else State.PENDING,
        "since": at,
        "decided_at": at if absolute else None,
        "law": law,
        "until": NO_END,
    }
    rows = Objection.objects.select_for_update()
    row, new = rows.get_or_create(case=case, purpose=purpose, ended_at=None, defaults=given)
    added = add_hashes(row, hashed(identifiers, OBJECTION))
    if absolute:
        for one in sorted(one for one in identifiers if one.kind in NAMES):
            suppress(one, purpose, law=law, until=NO_END, by=by, at=at)
    if not new and not added:
        unchanged()
        return row
    _note(row, at)
    record("use.objected", row, by=by, at=at, purpose=purpose, case=str(case), state=str(row.state))
    return row


@action
def objections_decided(case: UUID, *, by: Actor, at: datetime) -> int:
    """We have no compelling grounds: what was pending is in force. Returns how many were."""
    pending = list(Objection.objects.select_for_update().filter(case=case, state=State.PENDING))
    for row in pending:
        row.state, row.decided_at = State.IN_FORCE, at
        row.save(update_fields=["state", "decided_at"])
        _note(row, at)
        record("use.objection_in_force", row, by=by, at=at, purpose=row.purpose, case=str(case))
    if not pending:
        unchanged()
    return len(pending)


@action
def objection_ended(case: UUID, why: Literal["withdrawn", "refused"], *, by: Actor, at: datetime) -> int:
    """What was pending goes no further, and the use goes on. Returns how many ended.

    Refused: what is in force stays so. Withdrawn: only the end of advertising does, which needed no decision of ours.
    """
    holding.changes()
    open_ones = Objection.objects.select_for_update().filter(case=case).exclude(state=State.ENDED)
    weighed = open_ones.filter(ground=Objection.Ground.SITUATION)
    pending = list(weighed if why == "withdrawn" else weighed.filter(state=State.PENDING))
    for row in pending:
        _end(row, why, by, at)
    if not pending:
        unchanged()
    return len(pending)


@action
def take_back(row: Objection, identifiers: Collection[Identifier], *, by: Actor, at: datetime) -> Objection:
    """The person no longer objects. Whether the use may go on is decided anew: this says yes to nothing.

    `identifiers`: what is known of them, to lift the suppression. A second call changes nothing.
    """
    holding.changes()
    row = Objection.objects.select_for_update().get(pk=row.pk)
    if row.state == State.ENDED:
        unchanged()
        return row
    _end(row, Objection.Ended.TAKEN_BACK, by, at)
    if row.ground == Objection.Ground.MARKETING:
        for one in sorted(one for one in identifiers if one.kind in NAMES):
            unsuppress(one, row.purpose, by=by, at=at)
    return row


@action
def cover_objections(case: UUID, identifiers: Collection[Identifier], *, by: Actor, at: datetime) -> int:
    """The search has shown what else the person is known by: it holds for that too. Returns how many were added."""
    added = 0
    for row in Objection.objects.filter(case=case).exclude(state=State.ENDED):
        before = row.whose.count()
        object_to(identifiers, row.purpose, case=case, by=by, at=at)
        added += row.whose.count() - before
    if not added:
        unchanged()
    return added


@action
def limit_objections(identifiers: Collection[Identifier], until: date, *, by: Actor, at: datetime) -> int:
    """Their person was erased: what is left to show is shown until that day. No to advertising has no such day."""
    rows = Objection.objects.select_for_update().filter(pk__in=known_by(identifiers, OBJECTION).values("objection"))
    theirs = list(rows.filter(ground=Objection.Ground.SITUATION, until__gt=until))
    for row in theirs:
        row.until = until
        row.save(update_fields=["until"])
        _note(row, at)
        record("use.objection_limited", row, by=by, at=at, until=until.isoformat())
    if not theirs:
        unchanged()
    return len(theirs)


@action
def objection_replayed(facts: dict[str, Any], *, by: Actor, at: datetime) -> bool:
    """As the replay list has it. Returns whether anything was changed."""
    holding.changes()
    said = {name: facts[name] for name in ("purpose", "case", "ground", "state", "ended_why", "law")}
    said["case"] = UUID(said["case"])
    said |= {name: facts[name] and datetime.fromisoformat(facts[name]) for name in TIMES}
    said["until"] = date.fromisoformat(facts["until"])
    said["noted"] = int(facts["noted"])
    row, new = Objection.objects.get_or_create(pk=UUID(facts["id"]), defaults=said)
    if not new and row.noted >= said["noted"]:
        unchanged()
        return False
    add_hashes(row, facts["hashes"])
    for name, value in said.items():
        setattr(row, name, value)
    row.save()
    record("use.objection_replayed", row, by=by, at=at, state=str(row.state))
    return True


@action
def forget_objections(*, by: Actor, at: datetime) -> int:
    """Those whose last day is over, and those that ended three years ago. Returns how many."""
    over = Objection.objects.filter(until__lt=at.date()) | Objection.objects.filter(ended_at__lt=at - PROOF)
    gone = list(over.values_list("pk", flat=True))
    if not gone:
        unchanged()
        return 0
    Objection.objects.filter(pk__in=gone).delete()
    record("use.objections_forgotten", "use.objection", by=by, at=at, count=len(gone))
    return len(gone)


def _end(row: Objection, why: str, by: Actor, at: datetime) -> None:
    row.state, row.ended_at, row.ended_why = State.ENDED, at, why
    row.save(update_fields=["state", "ended_at", "ended_why"])
    _note(row, at)
    record("use.objection_ended", row, by=by, at=at, purpose=row.purpose, case=str(row.case), why=str(why))


def _note(row: Objection, at: datetime) -> None:
    """As it is now: the newest note of a row is the one that counts."""
    row.noted += 1
    row.save(update_fields=["noted"])
    times = {name: value.isoformat() if (value := getattr(row, name)) else None for name in TIMES}
    hashes: Sequence[Any] = [dict(one) for one in hashes_of_row(row)]
    facts = {"ground": str(row.ground), "state": str(row.state), "ended_why": str(row.ended_why), "law": row.law}
    until = row.until.isoformat()
    whose = {"id": str(row.pk), "case": str(row.case), "purpose": row.purpose, "hashes": hashes}
    note("objection", at=at, until=until, noted=row.noted, **whose, **facts, **times)
