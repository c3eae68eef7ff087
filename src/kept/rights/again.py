"""Doing again what a restore lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kept.information.access import OWN_NAME
from kept.information.models import System
from kept.rights.actions.disowning import say_no
from kept.rights.actions.fetching import revoke_package
from kept.rights.actions.replaying import end_again
from kept.rights.alerts.models import Alert
from kept.rights.models import Case, Package
from kept.rights.replaying import erase_again_in
from kept.security.backup.errors import ReplayNotDone
from kept.security.backup.replays import Note, replays
from kept.terms import Actor, Verdict


@replays("erasure")
def erase_again(notes: Sequence[Note], by: Actor, at: datetime) -> int:
    """Kept's own database came back; the company's systems did not. What the second look says counts here too.

    Raises ReplayNotDone.
    """
    own = System.objects.filter(name=OWN_NAME).first()
    done = erase_again_in(own, notes, by=by, at=at) if own else []
    if left := [one.residue for one in done if one.residue and one.verdict is Verdict.NOT_DONE]:
        places = sorted({f"{remain.table}.{remain.column}" for residue in left for remain in residue.remains})
        raise ReplayNotDone(f"{len(left)} erased people are not gone again: {', '.join(places)[:200]}.")
    return sum(one.erased > 0 for one in done)


@replays("package")
def take_back_again(notes: Sequence[Note], by: Actor, at: datetime) -> int:
    """A file that somebody had taken back is nobody's to fetch."""
    there = list(Package.objects.filter(pk__in=[UUID(one.facts["package"]) for one in notes], revoked_at=None))
    for package in there:
        revoke_package(package, by=by, at=at)
    return len(there)


@replays("case")
def end_case_again(notes: Sequence[Note], by: Actor, at: datetime) -> int:
    states = {UUID(one.facts["case"]): str(one.facts["state"]) for one in notes}
    cases = Case.objects.filter(pk__in=states)
    return sum(end_again(case, states[case.pk], by=by, at=at) for case in cases)


@replays("disowned")
def stop_again(notes: Sequence[Note], by: Actor, at: datetime) -> int:
    """Of one that an officer had let go on since, somebody looks once more: that is the safe side."""
    rows = Alert.objects.filter(pk__in=[UUID(one.facts["alert"]) for one in notes]).exclude(state=Alert.State.NO)
    stopped = list(rows)
    for alert in stopped:
        say_no(alert, by=by, at=at)
    return len(stopped)
