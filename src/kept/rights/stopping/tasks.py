"""The work behind an objection and a restriction: mark each system, and take the mark back when its time is over.

Each step may be killed anywhere and is then run again. No transaction of Kept's own store is open while a system works.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kept.engine.errors import EngineError
from kept.engine.marking import Marked
from kept.engine.pack import MarkName
from kept.information.access import is_own, open_system, pack_of
from kept.information.models import System
from kept.rights.batches import KEPT, case_of, failed_in, must_be_outside_transaction, system_of
from kept.rights.clocks import office_day
from kept.rights.errors import NotNow
from kept.rights.looking import Met, in_parts, meet
from kept.rights.stopping import actions, lifting
from kept.rights.stopping.models import KeptMark
from kept.rights.stopping.rules import Stop, by_hand
from kept.rights.subjects import identifiers_of
from kept.use.access import objections_of
from kept.use.actions import lift
from kept.use.models import Objection
from kept.use.purposes import purposes_on
from kept.work.models import Step
from kept.work.registry import task
from kept.work.steps import drop, finish, key_of, queue, retry_later


@task("rights.object", batch=100)
def mark_objection(steps: list[Step]) -> None:
    """Set the products' own mark against advertising, in one system for a batch of cases."""
    _run(steps, "objection")


@task("rights.restrict", batch=100)
def mark_restriction(steps: list[Step]) -> None:
    """Set the products' own mark of a restriction, in one system for a batch of cases."""
    _run(steps, "restriction")


def _run(steps: list[Step], name: MarkName) -> None:
    if system := system_of(steps):
        in_parts(steps, partial(_mark, system, name), partial(failed_in, system))


def _mark(system: System, name: MarkName, steps: Sequence[Step]) -> None:
    if is_own(system):  # what holds here stands in the room of use, and is asked there
        batch = [_to_mark(step, None) for step in steps]
        going = actions.begin_marking(system, batch, by=KEPT, at=timezone.now())
        ours = [actions.Done(step, case_of(step)) for step in steps if case_of(step) in going]
        actions.systems_marked(system, name, ours, by=KEPT, at=timezone.now())
        return
    connector, now = open_system(system), timezone.now()
    plan = connector.plan_marks()
    cases = [case_of(step) for step in steps]
    met = meet(connector, cases, identifiers_of(cases))
    batch = [_to_mark(step, one) for step, one in zip(steps, met, strict=True)]
    going = actions.begin_marking(system, batch, by=KEPT, at=now)
    pairs = [(step, one) for step, one in zip(steps, met, strict=True) if one.case_id in going]
    stops = {one.case_id: _stop(one.case_id, name) for _, one in pairs}
    held = connector.count([one.subject for _, one in pairs], now.date())
    wanted = [one for _, one in pairs if stops[one.case_id].marks]
    must_be_outside_transaction()
    marked: dict[UUID, list[Marked]] = {}
    if wanted and plan.of(name):
        ids = [one.case_id for one in wanted]

        def intend(found: list[list[Marked]]) -> None:
            kept = dict(zip(ids, found, strict=True))
            actions.keep_before(system, name, kept, by=KEPT, at=timezone.now())

        try:
            found = connector.mark(plan, [one.subject for one in wanted], name, intend)
        except NotNow:  # one of them went back to its officer a moment ago: nothing was changed for any
            _mark(system, name, [step for step, _ in pairs])
            return
        marked = dict(zip(ids, found, strict=True))
    pack, done = pack_of(system), []
    for (step, one), holdings in zip(pairs, held, strict=True):
        theirs = marked.get(one.case_id, [])
        tables = {each.table for each in theirs if each.rows + each.already}
        left = by_hand(stops[one.case_id], holdings, pack, tables)
        done.append(actions.Done(step, one.case_id, theirs, left))
    actions.systems_marked(system, name, done, by=KEPT, at=timezone.now())


def _stop(case_id: UUID, name: MarkName) -> Stop:
    """What is to end for one case."""
    if name == "restriction":
        return Stop(restriction=True)
    rows = list(objections_of(case_id).filter(state=Objection.State.IN_FORCE))
    purposes = purposes_on(office_day(timezone.now()))
    others = [one.purpose for one in rows if one.ground == Objection.Ground.SITUATION]
    categories = frozenset[str]().union(*(purposes[one].categories for one in others if one in purposes))
    return Stop(advertising=any(one.ground == Objection.Ground.MARKETING for one in rows), categories=categories)


def _to_mark(step: Step, met: Met | None) -> actions.ToMark:
    if met is None:
        return actions.ToMark(step, case_of(step), frozenset(), frozenset(), "", (), looked=False)
    return actions.ToMark(step, met.case_id, met.asked, met.shared, met.conflict, met.candidates)


# The end of a restriction


@task("rights.lift", every=timedelta(hours=1))
def lift_what_is_due(steps: list[Step]) -> None:
    """Of each restriction whose announced day has come: take its marks back, and lift it when none is left."""
    at = timezone.now()
    today, lifted = office_day(at), 0
    with transaction.atomic():
        for row in lifting.due(today):
            if not lifting.was_told(row):
                continue  # the desk says so; the restriction stays in force
            left = lifting.marks_left(row)
            for mark in left:
                _queue_unmark(mark, at)
            if not left:
                lift(row, today=today, by=KEPT, at=at)
                lifted += 1
        for step in steps:
            finish(step, {"lifted": lifted}, at=at)


def _queue_unmark(mark: KeptMark, at: datetime) -> None:
    key = key_of("rights.unmark", mark.pk, mark.set_at)
    queue("rights.unmark", key=key, batch=mark.system, about=mark.case_id, at=at, mark=mark.pk)


@task("rights.unmark")
def unmark(steps: list[Step]) -> None:
    """Put back in one system what stood there before the mark."""
    for step in steps:
        at = timezone.now()
        mark = KeptMark.objects.filter(pk=step.args["mark"]).select_related("case").first()
        if mark is None or mark.put_back_at is not None or mark.key is None:
            with transaction.atomic():
                drop(step, "Nothing is left to be put back.", at=at)
            continue
        system = System.objects.filter(name=mark.system, active=True).first()
        other = lifting.other_restriction(mark.case, office_day(at))
        try:
            came = [] if other or system is None else open_system(system).unmark([lifting.stood_in(mark)])[0]
        except EngineError as problem:
            retry_later(step, str(problem).replace("@", " at ")[:300], at=at)
            continue
        with transaction.atomic():
            if other:
                actions.mark_handed_over(mark, other, by=KEPT, at=at)
            else:
                actions.system_unmarked(mark, came, by=KEPT, at=at)
            finish(step, {"handed_over": other is not None}, at=at)
