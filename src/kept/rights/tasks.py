"""The work behind a case: search, copy, erase, report. Each step may be killed anywhere and is then run again.

No transaction of Kept's own store is open while a system works: that store is a system too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from kept.collection.mail.models import InboundMail, MailItem
from kept.connectors.sql.connector import SqlConnector
from kept.engine.errors import EngineError, PlanRefused
from kept.engine.plan import Plan
from kept.engine.subject import Holding
from kept.information.access import active_systems, is_own, open_system, pack_of
from kept.information.models import System
from kept.rights import actions
from kept.rights.actions.answering import Written
from kept.rights.batches import KEPT, case_of, failed_in, must_be_outside_transaction, system_of
from kept.rights.correction_tasks import rectify
from kept.rights.exemptions.access import exemptions_of, left_out_in
from kept.rights.looking import Met, in_parts, meet
from kept.rights.mailed import link, open_item
from kept.rights.models import Case
from kept.rights.packages import REPORTS, remove_dead_files, seal_clear_files, write_copies
from kept.rights.righting.access import Stated, stated_in
from kept.rights.rules import plan_id, plan_lines, touched
from kept.rights.standing import changed_in
from kept.rights.subjects import identifiers_of
from kept.rights.text_tasks import search_texts
from kept.security.uploads import remove
from kept.work.models import Step
from kept.work.registry import task
from kept.work.steps import finish

__all__ = ["rectify", "search_texts"]


@task("rights.search", batch=100)
def search(steps: list[Step]) -> None:
    """Ask one system about a batch of cases."""
    if system := system_of(steps):
        actions.begin_search(system, [case_of(step) for step in steps], by=KEPT, at=timezone.now())
        in_parts(steps, partial(_search, system), partial(failed_in, system))


def _search(system: System, steps: Sequence[Step]) -> None:
    connector, now = open_system(system), timezone.now()
    cases = [case_of(step) for step in steps]
    erasures = set(Case.objects.filter(pk__in=cases, right=Case.Right.ERASURE).values_list("pk", flat=True))
    corrections = Case.objects.filter(pk__in=cases, right=Case.Right.RECTIFICATION).exclude(key=None).in_bulk()
    known, changed = identifiers_of(cases), changed_in(system, cases)
    with connector.held():
        met = meet(connector, cases, known, changed)
        clear = [one for one in met if not one.conflict]
        counted = connector.count([one.subject for one in clear], now.date())
        drift = [asdict(fault) for fault in connector.drift()]
        plan, problem = _plan(connector, now.date()) if erasures else (None, "")
    holdings = dict(zip([one.case_id for one in clear], counted, strict=True))
    found = []
    for step, one in zip(steps, met, strict=True):
        planned = plan if one.case_id in erasures else None
        held = holdings.get(one.case_id, [])
        stated = Stated()
        if one.case_id in corrections:
            stated = stated_in(connector, corrections[one.case_id], one, now.date())
        found.append(
            actions.Searched(
                step,
                one.case_id,
                one.asked,
                one.shared,
                one.conflict,
                one.candidates,
                held,
                drift,
                plan_lines(planned, held) if planned else [],
                plan_id(planned) if planned else stated.plan_id,
                problem if one.case_id in erasures else stated.problem,
                stated.says,
            )
        )
    actions.search_finished(system, found, by=KEPT, at=timezone.now())


def _plan(connector: SqlConnector, on: date) -> tuple[Plan | None, str]:
    """What an erasure would do; a plan that cannot be carried out is shown with its faults, and holds up no search."""
    try:
        return connector.plan(on), ""
    except PlanRefused as refused:
        return None, str(refused)


@task("rights.erase", batch=100)
def erase(steps: list[Step]) -> None:
    """Change one system for a batch of cases in one transaction of that system, and look again."""
    if system := system_of(steps):
        in_parts(steps, partial(_erase, system), partial(failed_in, system))


def _erase(system: System, steps: Sequence[Step]) -> None:
    connector, now = open_system(system), timezone.now()
    cases = [case_of(step) for step in steps]
    known, changed = identifiers_of(cases), changed_in(system, cases)
    with connector.held():
        plan = connector.plan(now.date())
        met = meet(connector, cases, known, changed)
    pairs = list(zip(steps, met, strict=True))
    unclear = [_begun(step, one, []) for step, one in pairs if one.conflict]
    if unclear:
        actions.begin_erasure(system, plan_id(plan), unclear, by=KEPT, at=timezone.now())
    if ready := [pair for pair in pairs if not pair[1].conflict]:
        in_parts(ready, partial(_change, system, connector, plan), partial(_change_failed, system))


def _change(system: System, connector: SqlConnector, plan: Plan, batch: Sequence[tuple[Step, Met]]) -> None:
    kept = exemptions_of([one.case_id for _, one in batch])
    subjects = [replace(one.subject, left_out=left_out_in(system, kept[one.case_id])) for _, one in batch]
    must_be_outside_transaction()
    intend = partial(_intend, system, plan, batch)
    try:
        if is_own(system):  # the intent is a row of the database that is about to be changed
            intend(connector.count(subjects, plan.on))
            changes = connector.erase(plan, subjects)
        else:
            changes = connector.erase(plan, subjects, intend)
    except _NotAll as left:
        if left.going:
            _change(system, connector, plan, left.going)
        return
    residues = connector.look(plan, subjects)
    erased = [
        actions.Erased(step, one.case_id, change, touched(plan), residue)
        for (step, one), change, residue in zip(batch, changes, residues, strict=True)
    ]
    actions.systems_erased(system, erased, by=KEPT, at=timezone.now())


class _NotAll(Exception):
    """Some cases of the batch are no longer to be carried out. Nothing was changed for any."""

    def __init__(self, going: Sequence[tuple[Step, Met]]) -> None:
        super().__init__(f"{len(going)} go on")
        self.going = going


def _intend(
    system: System, plan: Plan, batch: Sequence[tuple[Step, Met]], counted: Sequence[Sequence[Holding]]
) -> None:
    begun = [_begun(step, one, held) for (step, one), held in zip(batch, counted, strict=True)]
    going = actions.begin_erasure(system, plan_id(plan), begun, by=KEPT, at=timezone.now())
    if len(going) < len(batch):
        raise _NotAll([pair for pair in batch if pair[1].case_id in going])


def _begun(step: Step, one: Met, counted: Sequence[Holding]) -> actions.Begun:
    return actions.Begun(step, one.case_id, one.asked, one.shared, one.conflict, one.candidates, counted)


@task("rights.package", batch=100)
def package(steps: list[Step]) -> None:
    """Write the copies of a batch of cases: each system is read once for all of them."""
    going = actions.begin_packages(steps, by=KEPT, at=timezone.now())
    try:
        if going:
            in_parts(going, _package, _packages_failed)
    except OSError as problem:  # a full disk, most likely
        why = f"The file could not be written ({problem.strerror})."
        actions.packages_failed(going, why, by=KEPT, at=timezone.now())


def _package(steps: Sequence[Step]) -> None:
    cases = Case.objects.in_bulk([case_of(step) for step in steps])
    files = write_copies([cases[case_of(step)] for step in steps], active_systems(), timezone.now())
    written = [Written(step, case_of(step), files[case_of(step)]) for step in steps]
    actions.packages_written(written, by=KEPT, at=timezone.now())


@task("rights.answer", batch=100)
def answer(steps: list[Step]) -> None:
    """Write the reports of what was changed everywhere, and tell the people. Other rights end with a mail."""
    cases = Case.objects.in_bulk([case_of(step) for step in steps])
    reported = [step for step in steps if (case := cases.get(case_of(step))) and case.right in REPORTS]
    if told := [step for step in steps if step not in reported]:
        actions.answered_in_words(told, by=KEPT, at=timezone.now())
    packs = {one.name: pack_of(one) for one in System.objects.filter(answers__case__in=cases).distinct()}
    reports = []
    for step in reported:
        case = cases[case_of(step)]
        reports.append((step, REPORTS[case.right](case, packs, timezone.now())))
    if reports:
        actions.answered(reports, by=KEPT, at=timezone.now())


@task("rights.end_cases", every=timedelta(hours=1))
def end_cases(steps: list[Step]) -> None:
    """What time alone decides: unproven cases expire, answered ones are closed, old ones are forgotten."""
    now = timezone.now()
    with transaction.atomic():
        expired = actions.expire_unproven(by=KEPT, at=now)
        closed = actions.close_due_cases(by=KEPT, at=now)
        forgotten = actions.forget_old_cases(by=KEPT, at=now)
        persons = actions.forget_persons(by=KEPT, at=now)
        for step in steps:
            finish(step, {"expired": expired, "closed": closed, "forgotten": forgotten, "persons": persons}, at=now)


@task("rights.remove_packages", every=timedelta(hours=1))
def remove_packages(steps: list[Step]) -> None:
    """Remove the files that can no longer be fetched, and seal those that an older version wrote in clear."""
    removed = 0
    for clear, name in seal_clear_files():
        actions.package_sealed(clear, name, by=KEPT, at=timezone.now())
    for gone in remove_dead_files(timezone.now()):
        actions.package_removed(gone, by=KEPT, at=timezone.now())
        removed += 1
    with transaction.atomic():
        for step in steps:
            finish(step, {"removed": removed}, at=timezone.now())


def _change_failed(system: System, batch: Sequence[tuple[Step, Met]], problem: EngineError) -> None:
    failed_in(system, [step for step, _ in batch], problem)


def _packages_failed(steps: Sequence[Step], problem: EngineError) -> None:
    actions.packages_failed(steps, str(problem), by=KEPT, at=timezone.now(), alone=len(steps) == 1)


@task("rights.join_same", batch=20)
def join_same(steps: list[Step]) -> None:
    """Join the open requests that are certainly one person's, each with each."""
    for step in steps:
        at = timezone.now()
        joined = 0
        with transaction.atomic():
            case = actions.join_the_same(case_of(step), by=KEPT, at=at)
            while case is not None:
                joined += 1
                case = actions.join_the_same(case.pk, by=KEPT, at=at)
            finish(step, {"joined": joined}, at=at)


@task("rights.open_case", batch=20)
def open_cases(steps: list[Step]) -> None:
    """Open the requests that mails ask for. Each is proven by its own code, like every other."""
    for step in steps:
        at = timezone.now()
        item = MailItem.objects.filter(pk=step.about).first() if step.about else None
        with transaction.atomic():
            case = open_item(item, by=KEPT, at=at) if item else None
            finish(step, {"case": case.pk if case else None}, at=at)


@task("rights.link_mail", batch=20)
def link_mails(steps: list[Step]) -> None:
    """Tell to which request a mail belongs."""
    for step in steps:
        at = timezone.now()
        mail = InboundMail.objects.filter(pk=step.about).first() if step.about else None
        with transaction.atomic():
            case = link(mail, by=KEPT, at=at) if mail else None
            finish(step, {"case": case.pk if case else None}, at=at)


@task("rights.remove_documents", every=timedelta(hours=1))
def remove_documents(steps: list[Step]) -> None:
    """Copies of identity documents go after their check, and after seven days at the latest. GDPR Art. 5(1)(e)."""
    places = actions.documents_due(by=KEPT, at=timezone.now())
    for place in places:
        remove(place)
        actions.document_removed(place, by=KEPT, at=timezone.now())
    with transaction.atomic():
        for step in steps:
            finish(step, {"removed": len(places)}, at=timezone.now())


@task("rights.remind", every=timedelta(hours=1))
def remind_officers(steps: list[Step]) -> None:
    """Mail the officers about last days that are near or over, and staff about letters that wait to be posted."""
    at = timezone.now()
    with transaction.atomic():
        told, letters = actions.remind(by=KEPT, at=at), actions.remind_of_post(by=KEPT, at=at)
        for step in steps:
            finish(step, {"cases": told, "letters": letters}, at=at)
