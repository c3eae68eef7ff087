"""The answer: a copy of everything held, or the report of an erasure that was looked at again everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from uuid import UUID

from django.db.models import QuerySet

from kept.engine.identifiers import normal
from kept.engine.package import PackageFile
from kept.information.access import OWN_NAME, is_own, pack_of
from kept.people.actions import forget_person
from kept.people.persons import persons_of
from kept.rights.actions.at_once import covers, is_erased
from kept.rights.actions.steps import contact_answered
from kept.rights.exemptions.models import Exemption
from kept.rights.grounds import ground_of
from kept.rights.models import Case, Package, SystemAnswer
from kept.rights.recipients.actions import owe_telling
from kept.rights.righting.access import new_address_of
from kept.rights.rules import (
    DOWNLOAD_LIFE,
    LAW_OF_SUPPRESSION,
    SUPPRESSED_PURPOSES,
    changes_from,
    erased_count,
    kept_count,
    law_and_end,
    plain,
    proof_ends,
)
from kept.rights.standing import is_whole
from kept.rights.subjects import Standing, as_identifier, opened
from kept.rights.telling import tell
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor, Identifier
from kept.use.actions import follow_address, remember_kept_account, suppress
from kept.work.models import Step
from kept.work.steps import drop, finish, queue, retry_later

NOT_SEARCHED = "A system was not searched yet: the copy would be incomplete. It is made as soon as that is done."
NOT_LOOKED_THROUGH = "The texts are still being looked through for what they say about others."


# An erasure's step, and its report; None: the case turned out not to be ready, and nothing is said.
Reported = tuple[Step, PackageFile | None]


@dataclass(frozen=True)
class Written:
    """A file for one case, on disk whole."""

    step: Step
    case_id: UUID
    file: PackageFile


@action
def begin_packages(steps: Sequence[Step], *, by: Actor, at: datetime) -> list[Step]:
    """Which of these cases can have their copy made now: every system was searched, and nobody has to be asked.

    The others wait, or have ended.
    """
    going = []
    cases = _locked(step.args["case"] for step in steps)
    for step in steps:
        case = cases.get(UUID(step.args["case"]))
        if case is None or case.state not in (Case.State.APPROVED, Case.State.ANSWERING):
            drop(step, "The case is not approved.", at=at)
            unchanged()
        elif _has_elder(step, at):
            drop(step, "An earlier step makes this copy.", at=at)
            unchanged()
        elif case.answers.exclude(state=SystemAnswer.State.FOUND).exists():
            retry_later(step, NOT_SEARCHED, at=at)
            _say(case, NOT_SEARCHED, by, at)
        elif _looks_through_texts(case, at):
            retry_later(step, NOT_LOOKED_THROUGH, at=at)
            _say(case, NOT_LOOKED_THROUGH, by, at)
        else:
            going.append(step)
            if case.state == Case.State.APPROVED:
                case.state, case.problem = Case.State.ANSWERING, ""
                case.save(update_fields=["state", "problem"])
                record("rights.answer_begun", case, by=by, at=at)
            else:
                unchanged()
    if not steps:
        unchanged()
    return going


def _has_elder(step: Step, at: datetime) -> bool:
    """Whether a copy of this case is made already: two at once would write one file."""
    return _is_under_way(Step.objects.filter(name=step.name, about=step.about, pk__lt=step.pk), at)


def _looks_through_texts(case: Case, at: datetime) -> bool:
    """Whether nobody knows yet what the texts say about others. GDPR Art. 15(4). Once it is
    done, the copy comes next: see `texts.keep_suggestions`."""
    return _is_under_way(Step.objects.filter(name="rights.search_texts", about=case.pk), at)


def _is_under_way(steps: QuerySet[Step], at: datetime) -> bool:
    """Whether one of them is still to be done. One that waits for its next try is due now."""
    steps.filter(state=Step.State.WAITING, due_at__gt=at).update(due_at=at)
    return steps.filter(state__in=[Step.State.WAITING, Step.State.RUNNING]).exists()


@action
def packages_failed(steps: Sequence[Step], problem: str, *, by: Actor, at: datetime, alone: bool = False) -> None:
    """No copy was written; it is tried again by itself."""
    cases = _locked(step.args["case"] for step in steps)
    for step in steps:
        retry_later(step, plain(problem), at=at, alone=alone)
        _say(cases[UUID(step.args["case"])], plain(problem), by, at)


@action
def packages_written(batch: Sequence[Written], *, by: Actor, at: datetime) -> None:
    """The copies are ready: each person is told where theirs is."""
    cases = _locked(one.case_id for one in batch)
    for one in batch:
        case = cases[one.case_id]
        finish(one.step, {"rows": one.file.rows}, at=at)
        if case.state != Case.State.ANSWERING:
            unchanged()
            continue
        outcome = {"rows": one.file.rows, "withheld": one.file.withheld}
        give_answer(case, one.file, outcome, by, at)
        if any(_is_preserved(one) for one in case.exemptions.all()):
            queue("rights.owe_copy", at=at, about=case.pk)  # what the law wants kept of what was left out


@action
def answered(batch: Sequence[Reported], *, by: Actor, at: datetime) -> None:
    """These are carried out in every system, and their reports are written. Only that makes a case answered."""
    cases = _locked([step.args["case"] for step, _ in batch])
    for step, file in batch:
        case = cases.get(UUID(step.args["case"]))
        finish(step, {"report": file is not None}, at=at)
        if case is None or file is None or case.state != Case.State.ANSWERING or not is_whole(case):
            unchanged()
            continue
        changes = [change for answer in case.answers.only("changes") for change in changes_from(answer.changes)]
        if case.right == Case.Right.ERASURE:
            _forget_whom_it_was_about(case, by, at)
            outcome = {"erased": erased_count(changes), "kept": kept_count(changes)}
        else:
            _leave_the_new_address_alone_too(case, by, at)
            outcome = {"changed": sum(change.rows for change in changes), "kept": kept_count(changes)}
        owe_telling(case, by=by, at=at)
        give_answer(case, file, outcome, by, at)
    if not batch:
        unchanged()


@action
def answered_in_words(steps: Sequence[Step], *, by: Actor, at: datetime) -> None:
    """What ends with a mail, and no file, once every system is settled."""
    cases = _locked([step.args["case"] for step in steps])
    for step in steps:
        case = cases.get(UUID(step.args["case"]))
        finish(step, {"right": case.right if case else ""}, at=at)
        if case is None or case.state != Case.State.ANSWERING or not is_whole(case):
            unchanged()
            continue
        covers(case, by=by, at=at)
        if case.right == Case.Right.RESTRICTION:
            owe_telling(case, by=by, at=at)
        outcome = {"systems": case.answers.count(), "changed": sum(map(_changed, case.answers.only("changes")))}
        case.state, case.answered_at, case.outcome, case.problem = Case.State.ANSWERED, at, outcome, ""
        case.save(update_fields=["state", "answered_at", "outcome", "problem"])
        contact_answered(case, at)
        record("rights.case_answered", case, by=by, at=at, right=case.right, **outcome)
        tell(case, f"answered_{case.right}", at=at)
    if not steps:
        unchanged()


def _changed(answer: SystemAnswer) -> int:
    return sum(one.rows for one in changes_from(answer.changes))


def _forget_whom_it_was_about(case: Case, by: Actor, at: datetime) -> None:
    """An erasure: nobody writes to them again, what a law keeps can be found again, and their key goes."""
    rows = opened(case.identifiers.filter(standing__in=[Standing.USED, Standing.CHOSEN]))
    theirs = [as_identifier(row) for row in rows]
    for identifier in (one for one in theirs if one.kind == "email"):
        for purpose in SUPPRESSED_PURPOSES:
            suppress(identifier, purpose, law=LAW_OF_SUPPRESSION, until=proof_ends(at), by=by, at=at)
    is_erased(theirs, proof_ends(at), by=by, at=at)
    _remember_what_is_kept(case, theirs, by, at)
    _forget_persons(case, theirs, by, at)


def _leave_the_new_address_alone_too(case: Case, by: Actor, at: datetime) -> None:
    """A correction of the address: who asked for no advertising at the old one gets none at the new one. Art. 21(3)."""
    address = new_address_of(case)
    if address is None or address.proven_at is None:
        return
    rows = opened(case.identifiers.filter(kind="email", standing__in=[Standing.USED, Standing.CHOSEN]))
    new = normal("email", address.email)
    follow_address([one for one in map(as_identifier, rows) if one != new], new, by=by, at=at)


def _remember_what_is_kept(case: Case, theirs: Sequence[Identifier], by: Actor, at: datetime) -> None:
    """So that the person's next request finds what a law kept, although no record there has the address any more."""
    emails = [one for one in theirs if one.kind == "email"]
    for answer in case.answers.select_related("system"):
        if is_own(answer.system):  # our own rows have the address until they go
            continue
        left = law_and_end(changes_from(answer.changes), pack_of(answer.system), at.date())
        stays = [left] if left else []
        stays += [(one.source, one.until) for one in case.exemptions.filter(system=answer.system) if one.until]
        if not stays:
            continue
        law, until = "; ".join(sorted({name for name, _ in stays}))[:300], max(day for _, day in stays)
        accounts = [one for one in theirs if one.kind == "account" and one.scope == answer.system.name]
        for email, account in product(emails, accounts):
            remember_kept_account(email, account, law=law, until=until, by=by, at=at)


def _is_preserved(exemption: Exemption) -> bool:
    ground = ground_of(exemption.law, exemption.case.right, exemption.ground)
    return bool(ground and ground.keep)


def _locked(case_ids: Iterable[object]) -> dict[UUID, Case]:
    """All lock in one order, so that no two wait for each other."""
    return Case.objects.select_for_update().filter(pk__in=list(case_ids)).order_by("pk").in_bulk()


def give_answer(case: Case, file: PackageFile, outcome: dict[str, int], by: Actor, at: datetime) -> None:
    """The file is there: the case is answered, and the person told. Part of the action that made it."""
    package = Package.objects.create(
        case=case,
        file=file.path.name,
        sha256=file.sha256,
        size=file.size,
        rows=file.rows,
        made_at=at,
        expires_at=at + DOWNLOAD_LIFE,
    )
    case.state, case.answered_at, case.outcome, case.problem = Case.State.ANSWERED, at, outcome, ""
    case.save(update_fields=["state", "answered_at", "outcome", "problem"])
    contact_answered(case, at)
    record("rights.case_answered", case, by=by, at=at, right=case.right, package=str(package.pk), **outcome)
    tell(case, f"answered_{case.right}", package=package, until=package.expires_at, at=at)


def _forget_persons(case: Case, theirs: Sequence[Identifier], by: Actor, at: datetime) -> None:
    """The whole person is gone: their key goes too, so that what backups hold of them can be read by nobody."""
    accounts = [UUID(one.value) for one in theirs if one.kind == "account" and one.scope == OWN_NAME]
    for person in persons_of([one.value for one in theirs if one.kind == "email"], accounts):
        forget_person(person, by=by, at=at)
    case.refresh_from_db(fields=["person"])


def _say(case: Case, problem: str, by: Actor, at: datetime) -> None:
    if case.problem == problem:
        unchanged()
        return
    case.problem = problem
    case.save(update_fields=["problem"])
    record("rights.answer_waits", case, by=by, at=at)
