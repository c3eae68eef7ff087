"""Preserving, disputing, destroying: what becomes of a copy of what was refused."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kept.clocks.counting import deadline
from kept.clocks.deadline import Question
from kept.engine.package import PackageFile
from kept.rights.models import Case
from kept.rights.preserved.access import is_over
from kept.rights.preserved.models import Dispute, PreservedCopy
from kept.security.ledger import action, record, unchanged
from kept.security.vault.actions import destroy_key
from kept.terms import Actor
from kept.vault.keys import make_key
from kept.work.models import Step
from kept.work.steps import drop, finish, queue, retry_later

PRESERVE = "rights.preserve"
RULE = "pdpa_preserve"

State = PreservedCopy.State


@action
def begin_preserving(case: Case, *, by: Actor, at: datetime) -> PreservedCopy:
    """Part of the refusal: from now on the copy is owed. It is made at once, and tried again until it is whole."""
    inputs = case.clock["inputs"]
    until = deadline(Question(RULE, at, inputs["calendar"], inputs["zone"]))
    copy = PreservedCopy.objects.create(
        case=case, key=make_key(), refused_at=at, keep_until=until.due_on, clock=until.as_dict()
    )
    queue(PRESERVE, at=at, batch="preserved", about=case.pk, copy=copy.pk)
    record("rights.copy_to_be_preserved", case, by=by, at=at, copy=str(copy.pk), until=until.due_on.isoformat())
    return copy


@action
def preserved(step: Step, copy: PreservedCopy, file: PackageFile | None, *, by: Actor, at: datetime) -> None:
    """The sealed copy is on the disk, whole. `file` None: its key went before, and nothing is left to keep."""
    copy = PreservedCopy.objects.select_for_update().get(pk=copy.pk)
    if copy.state != State.PENDING or file is None:
        drop(step, "Nothing is to be preserved any more.", at=at)
        unchanged()
        return
    copy.state, copy.made_at = State.SEALED, at
    copy.file, copy.sha256, copy.size, copy.rows = file.path.name, file.sha256, file.size, file.rows
    copy.save(update_fields=["state", "made_at", "file", "sha256", "size", "rows"])
    finish(step, {"rows": file.rows}, at=at)
    record("rights.copy_preserved", copy.case, by=by, at=at, copy=str(copy.pk), rows=file.rows, sha256=file.sha256)


@action
def not_preserved(step: Step, copy: PreservedCopy, problem: str, *, by: Actor, at: datetime) -> None:
    """A system did not answer: it is tried again by itself, and until then the copy is owed."""
    retry_later(step, problem.replace("@", " at ")[:300], at=at)
    record("rights.preserving_waits", copy.case, by=by, at=at, copy=str(copy.pk))


@action
def begin_dispute(copy: PreservedCopy, kind: str, *, of: UUID | None = None, by: Actor, at: datetime) -> Dispute | None:
    """The copy stays while it runs. A second call changes nothing; None: the copy is destroyed already."""
    copy = PreservedCopy.objects.select_for_update().get(pk=copy.pk)
    found = copy.disputes.filter(kind=kind, of=of, ended_at=None).first()
    if found is not None or copy.state == State.DESTROYED:
        unchanged()
        return found
    dispute = Dispute.objects.create(copy=copy, kind=kind, of=of, begun_at=at, begun_by=str(by))
    record("rights.dispute_begun", copy.case, by=by, at=at, copy=str(copy.pk), dispute=kind)
    return dispute


@action
def end_dispute(dispute: Dispute, *, by: Actor, at: datetime) -> None:
    """It is over; the copy goes when its own time is over too. A second call changes nothing."""
    if not Dispute.objects.filter(pk=dispute.pk, ended_at=None).update(ended_at=at, ended_by=str(by)):
        unchanged()
        return
    copy = dispute.copy
    record("rights.dispute_ended", copy.case, by=by, at=at, copy=str(copy.pk), dispute=dispute.kind)


@action
def preserved_destroyed(copy: PreservedCopy, *, by: Actor, at: datetime) -> bool:
    """Its time is over: the key goes, and with it the file in every backup. False: it has to stay after all."""
    copy = PreservedCopy.objects.select_for_update().get(pk=copy.pk)
    if copy.state == State.DESTROYED or not is_over(copy, at):
        unchanged()
        return False
    key, copy.key = copy.key, None
    copy.state, copy.destroyed_at, copy.file = State.DESTROYED, at, ""
    copy.save(update_fields=["key", "state", "destroyed_at", "file"])
    record("rights.preserved_copy_destroyed", copy.case, by=by, at=at, copy=str(copy.pk), rows=copy.rows)
    if key is not None:
        destroy_key(key, by=by, at=at)
    return True
