"""Marks set and put back. The intent, with what stood there, is written before a system is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from kept.engine.marking import Marked, Unmarked, joined
from kept.information.models import System
from kept.rights.actions.searching import NOBODY, cases_and_answers, go_on, keep_identifiers
from kept.rights.actions.steps import locked
from kept.rights.errors import NotNow
from kept.rights.models import Case, SystemAnswer
from kept.rights.rules import UNDER_WAY, plain
from kept.rights.stopping.lifting import stood_in
from kept.rights.stopping.models import KeptMark
from kept.rights.stopping.rules import told
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor, Identifier
from kept.work.models import Step
from kept.work.steps import drop, finish

State = SystemAnswer.State
BEFORE_DECISION = ("searching", "needs_person", "review")
BY_HAND = "This system has no mark of its own for it. See to it there by hand."


@dataclass(frozen=True)
class ToMark:
    """One case about to be marked in one system, and whom the system knows by now."""

    step: Step
    case_id: UUID
    identifiers: frozenset[Identifier] = field(repr=False)
    shared: frozenset[Identifier] = field(repr=False)
    conflict: str
    candidates: tuple[Identifier, ...] = field(repr=False)
    looked: bool = True  # False: nobody was looked for, as in Kept's own database


@dataclass(frozen=True)
class Done:
    """What came of it. `marked`: what stood there, to be put back one day."""

    step: Step
    case_id: UUID
    marked: Sequence[Marked] = field(default=(), repr=False)
    by_hand: Sequence[str] = ()  # tables


@action
def begin_marking(system: System, batch: Sequence[ToMark], *, by: Actor, at: datetime) -> frozenset[UUID]:
    """Which of these cases go on. Left out: those that ended or were taken back, and those where a person decides."""
    going = []
    known = cases_and_answers([one.case_id for one in batch], system)
    for one in batch:
        case, answer = known.get(one.case_id, NOBODY)
        if case is None or answer is None or case.state not in UNDER_WAY:
            drop(one.step, "The case is not being carried out.", at=at)
            if answer is not None and answer.state in (State.CHANGING, State.NOT_DONE):
                answer.state = State.FOUND  # to be marked once the case is approved again
                answer.save(update_fields=["state"])
            unchanged()
            continue
        if one.looked:
            keep_identifiers(case, answer, one.identifiers, one.shared, one.candidates, at)
        if one.conflict:
            finish(one.step, {"conflict": True}, at=at)
            answer.state, answer.problem = State.NEEDS_PERSON, plain(one.conflict)
            answer.save(update_fields=["state", "problem", "asked_with"])
            record("rights.person_needed", case, by=by, at=at, system=system.name)
            continue
        answer.state = State.CHANGING
        answer.save(update_fields=["state", "asked_with"])
        if case.state == Case.State.CONFIRMED:
            case.state = Case.State.ANSWERING
            case.save(update_fields=["state"])
            record("rights.marking_begun", case, by=by, at=at, system=system.name)
        else:
            unchanged()
        going.append(one.case_id)
    if not batch:
        unchanged()
    return frozenset(going)


@action
def keep_before(system: System, name: str, found: Mapping[UUID, Sequence[Marked]], *, by: Actor, at: datetime) -> None:
    """Keep what stands there, before it is written over: whoever is killed in between loses nothing. Raises NotNow."""
    known = cases_and_answers(list(found), system)
    for case_id, marked in found.items():
        case, _ = known.get(case_id, NOBODY)
        if case is None or case.key is None or case.state not in UNDER_WAY:
            raise NotNow(case.state if case else "gone")
        mark = _mark_of(case, system.name, name)
        mark.stood = {"marked": [one.as_dict() for one in joined(stood_in(mark), marked)]}
        mark.save()
        record("rights.mark_intended", case, by=by, at=at, system=system.name, mark=name)
    if not found:
        unchanged()


@action
def systems_marked(system: System, name: str, batch: Sequence[Done], *, by: Actor, at: datetime) -> None:
    """Keep what was marked. Where the product knows no such mark and holds rows, an officer has to see to it."""
    known = cases_and_answers([one.case_id for one in batch], system)
    for one in batch:
        case, answer = known.get(one.case_id, NOBODY)
        if case is None or answer is None or case.key is None:
            drop(one.step, "The case has ended.", at=at)
            unchanged()
            continue
        mark = _mark_of(case, system.name, name)
        stood = joined(stood_in(mark), one.marked)
        rows = {held.table: held.rows + held.already for held in stood}
        mark.stood, mark.rows = {"marked": [held.as_dict() for held in stood]}, sum(rows.values())
        mark.by_hand, mark.set_at, mark.put_back_at = list(one.by_hand), at, None
        mark.save()
        answer.state = State.CANNOT_TELL if one.by_hand else State.DONE
        answer.problem = BY_HAND if one.by_hand else ""
        answer.changes, answer.finished_at, answer.attempts, answer.next_try_at = told(rows), at, 0, None
        answer.decided, answer.decided_at, answer.decided_by = "", None, ""
        answer.save()
        finish(one.step, {"rows": mark.rows, "by_hand": len(one.by_hand)}, at=at)
        left = len(one.by_hand)
        record("rights.system_marked", case, by=by, at=at, system=system.name, mark=name, rows=mark.rows, by_hand=left)
        go_on(case, at)
    if not batch:
        unchanged()


@action
def mark_handed_over(mark: KeptMark, to: Case, *, by: Actor, at: datetime) -> KeptMark:
    """Another restriction of the same person goes on: what stood there is put back when that one ends."""
    locked(to)
    mark = KeptMark.objects.select_for_update().get(pk=mark.pk)
    if mark.put_back_at is not None or to.key is None:
        unchanged()
        return mark
    theirs = _mark_of(to, mark.system, mark.name)
    theirs.stood = {"marked": [one.as_dict() for one in joined(stood_in(mark), stood_in(theirs))]}
    theirs.rows, theirs.set_at = max(theirs.rows, mark.rows), theirs.set_at or at
    theirs.save()
    _over(mark, {}, at)
    record("rights.mark_handed_over", mark.case, by=by, at=at, system=mark.system, to=str(to.pk))
    return mark


@action
def system_unmarked(mark: KeptMark, came: Sequence[Unmarked], *, by: Actor, at: datetime) -> KeptMark:
    """What stood there is there again. What somebody has written meanwhile was left. A second call changes nothing."""
    mark = KeptMark.objects.select_for_update().select_related("case").get(pk=mark.pk)
    if mark.put_back_at is not None:
        unchanged()
        return mark
    counts = {word: sum(getattr(one, word) for one in came) for word in ("put_back", "changed", "gone")}
    _over(mark, counts, at)
    record("rights.system_unmarked", mark.case, by=by, at=at, system=mark.system, **counts)
    return mark


def _over(mark: KeptMark, counts: dict[str, int], at: datetime) -> None:
    mark.stood, mark.put_back_at, mark.came_of = {}, at, counts
    mark.save(update_fields=["stood", "put_back_at", "came_of"])


def _mark_of(case: Case, system: str, name: str) -> KeptMark:
    mark = KeptMark.objects.select_for_update().filter(case=case, system=system, name=name).first()
    return mark or KeptMark(case=case, system=system, name=name, key=case.key)
