"""What an erasure leaves on the replay list, and what is written down when it is done again after a restore."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from kept.engine.subject import Residue
from kept.information.models import System
from kept.rights.actions.steps import end_without_contact, locked
from kept.rights.exemptions.access import Key, as_record, key_of, of_case
from kept.rights.models import Case
from kept.security.backup.replays import digest_of, note
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor, Identifier


def note_erasure(case: Case, system: System, theirs: Iterable[Identifier], at: datetime) -> None:
    """Inside an action: what the list is told of an erasure in one system. Keyed hashes, and no identifier."""
    strong = sorted({one for one in theirs if one.strong})
    hashes = [{"kind": one.kind, "digest": digest_of(one, system.name)} for one in strong]
    kept = [
        {"record": digest_of(named(one.table, key_of(one)), system.name), "table": one.table, "until": str(one.until)}
        for one in of_case(case)
        if one.system_id == system.pk
    ]
    facts = {"left_out": kept} if kept else {}
    note("erasure", at=at, case=str(case.pk), system=system.name, identifiers=hashes, **facts)


def named(table: str, key: Key | None) -> Identifier:
    """A record, or a table, so that the list can hold its keyed hash as it holds a person's."""
    return Identifier("account", as_record(key), f"record of {table}")


@action
def erasure_replayed(
    system: System, note_id: str, residue: Residue | None, erased: int, *, by: Actor, at: datetime
) -> None:
    """An erasure of the replay list was carried out once more. `residue` None: the person is not in that system."""
    verdict = str(residue.verdict) if residue else "not there"
    facts = {"system": system.name, "of": note_id, "verdict": verdict}
    record("rights.erasure_replayed", system, by=by, at=at, erased=erased, **facts)


@action
def end_again(case: Case, state: str, *, by: Actor, at: datetime) -> bool:
    """A case that had ended before a restore brought it back. Returns whether anything was left to be done."""
    case = locked(case)
    if case.key is None:
        unchanged()
        return False
    end_without_contact(case, state, by=by, at=at)
    record("rights.case_ended_again", case, by=by, at=at, state=state)
    return True
