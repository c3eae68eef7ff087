"""The work behind a correction. Each step may be killed anywhere and is then run again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

from django.utils import timezone

from kept.connectors.sql.connector import SqlConnector
from kept.engine.details import Correction
from kept.engine.rectifying import Line
from kept.engine.subject import Holding
from kept.information.access import is_own, open_system
from kept.information.models import System
from kept.rights import actions
from kept.rights.actions import correcting
from kept.rights.batches import KEPT, case_of, failed_in, must_be_outside_transaction, system_of
from kept.rights.looking import Met, in_parts, meet
from kept.rights.models import Case
from kept.rights.righting.access import corrections_of, subject_with_new_address
from kept.rights.righting.rules import residue_of
from kept.rights.standing import changed_in
from kept.rights.subjects import identifiers_of
from kept.work.models import Step
from kept.work.registry import task


@task("rights.rectify", batch=20)
def rectify(steps: list[Step]) -> None:
    """Put right what is wrong in one system, and look again. Every person has their own values, so one by one."""
    if system := system_of(steps):
        for step in steps:
            in_parts([step], partial(_rectify, system), partial(failed_in, system))


def _rectify(system: System, steps: Sequence[Step]) -> None:
    [step] = steps
    case = Case.objects.filter(pk=case_of(step)).first()
    connector, today = open_system(system), timezone.now().date()
    corrections = corrections_of(case, system.name) if case is not None and case.key is not None else []
    known = identifiers_of([case_of(step)])
    met = meet(connector, [case_of(step)], known, changed_in(system, [case_of(step)]))[0]
    held = [] if met.conflict else connector.count([met.subject], today)[0]
    if met.conflict or not corrections:
        correcting.begin_righting(system, "", _begun(step, met, held), [], by=KEPT, at=timezone.now())
        return
    _change(system, connector, corrections, step, met, held, today)


def _change(
    system: System,
    connector: SqlConnector,
    corrections: Sequence[Correction],
    step: Step,
    met: Met,
    held: Sequence[Holding],
    today: date,
) -> None:
    plan = connector.plan_corrections(corrections, today)
    subject = subject_with_new_address(met.subject, corrections)
    must_be_outside_transaction()

    def intend(lines: Sequence[Line]) -> None:
        if not correcting.begin_righting(system, plan.id, _begun(step, met, held), lines, by=KEPT, at=timezone.now()):
            raise _NotNow

    try:
        if is_own(system):  # the intent is a row of the database that is about to be changed
            intend(connector.preview(plan, subject))
            lines = connector.rectify(plan, subject)
        else:
            lines = connector.rectify(plan, subject, intend)
    except _NotNow:
        return
    again = connector.preview(plan, subject)
    unknown = [fault.table for fault in connector.drift() if not fault.column]
    looked = residue_of(lines, again, len(connector.shipped.tables), unknown)
    correcting.system_righted(system, correcting.Righted(step, met.case_id, lines, looked), by=KEPT, at=timezone.now())


class _NotNow(Exception):
    """The case is no longer to be carried out. Nothing was changed."""


def _begun(step: Step, met: Met, held: Sequence[Holding]) -> actions.Begun:
    return actions.Begun(step, met.case_id, met.asked, met.shared, met.conflict, met.candidates, held)
