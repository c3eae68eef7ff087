"""The search: every system is asked, in batches, until no system adds an identifier that another was not asked with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress

from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.engine.subject import Holding
from kept.information.access import active_systems, is_own
from kept.information.actions import own_system
from kept.information.models import System
from kept.rights.actions.alerting import tell_other_addresses
from kept.rights.actions.at_once import covers, is_decided_by_law
from kept.rights.alike.access import sharing_an_account
from kept.rights.flows import flow_of
from kept.rights.models import Case, CaseIdentifier, SystemAnswer
from kept.rights.righting.keeping import keep_stated
from kept.rights.rules import (
    MAY,
    UNDER_WAY,
    AnswerStanding,
    erasure_is_whole,
    holdings_json,
    own_comes_next,
    plain,
    state_after_search,
)
from kept.rights.standing import answers_of, standings_of
from kept.rights.subjects import Standing, as_identifier, identifiers_of, opened, strong_count
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor, Identifier
from kept.use.access import kept_accounts
from kept.work.models import Step
from kept.work.steps import drop, finish, queue, retry_later

Answer = SystemAnswer.State
NOBODY: tuple[None, None] = None, None


@dataclass(frozen=True)
class Searched:
    """What one system said to one case: whom it knows and what it holds, or why a person has to decide."""

    step: Step
    case_id: UUID
    identifiers: frozenset[Identifier] = field(default=frozenset(), repr=False)
    shared: frozenset[Identifier] = field(default=frozenset(), repr=False)  # name somebody else there as well
    conflict: str = ""
    candidates: tuple[Identifier, ...] = field(default=(), repr=False)
    holdings: Sequence[Holding] = ()
    drift: Sequence[Mapping[str, str]] = ()
    plan: Sequence[Mapping[str, Any]] = ()
    plan_id: str = ""
    problem: str = ""  # why no plan could be made
    stated: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)  # correction: what records say now


def start_search(case: Case, *, by: Actor, at: datetime) -> None:
    """Ask every active system. Part of the action that proved the case."""
    if case.account is not None:
        _add_proven_addresses(case, at)
    _add_kept_accounts(case, at)
    own_system(by=by, at=at)
    for system in active_systems():
        SystemAnswer.objects.create(case=case, system=system)
        queue_search(case.pk, system.name, at)


def search_anew(case: Case, at: datetime) -> None:
    """Inside an action, with the case locked: what the person has said since decides what a search looks for."""
    for answer in case.answers.filter(state=Answer.FOUND).select_related("system"):
        answer.state = Answer.WAITING
        answer.save(update_fields=["state"])
        queue_search(case.pk, answer.system.name, at)
        case.state = Case.State.SEARCHING
    case.save(update_fields=["state"])


def queue_search(case_id: UUID, system: str, at: datetime) -> None:
    queue("rights.search", batch=system, about=case_id, at=at, case=case_id, system=system)


def queue_change(case: Case, system: str, at: datetime) -> None:
    queue(flow_of(case.right).task, batch=system, about=case.pk, at=at, case=case.pk, system=system)


def queue_copy(case_id: UUID, at: datetime) -> None:
    queue("rights.package", batch="packages", about=case_id, at=at, case=case_id)


def queue_answer(case_id: UUID, at: datetime) -> None:
    queue("rights.answer", batch="answers", about=case_id, at=at, case=case_id)


@action
def begin_search(system: System, case_ids: Sequence[UUID], *, by: Actor, at: datetime) -> None:
    """Say that these cases are looked for now, so that whoever waits can see it."""
    waiting = SystemAnswer.objects.filter(system=system, case__in=list(case_ids), state=Answer.WAITING)
    if count := waiting.update(state=Answer.SEARCHING):
        record("rights.search_begun", system, by=by, at=at, cases=count)
    else:
        unchanged()


@action
def search_finished(system: System, found: Sequence[Searched], *, by: Actor, at: datetime) -> None:
    """Keep what one system said to a batch of cases, and decide for each what comes next."""
    known = cases_and_answers([one.case_id for one in found], system)
    for one in found:
        case, answer = known.get(one.case_id, NOBODY)
        if case is None or answer is None or case.state not in MAY["search"]:
            drop(one.step, "The case has ended.", at=at)
            unchanged()
            continue
        _keep_search(case, answer, one, at)
        finish(one.step, {"tables": len(one.holdings), "conflict": bool(one.conflict)}, at=at)
        tables, asks = len(one.holdings), bool(one.conflict)
        record("rights.system_searched", case, by=by, at=at, system=system.name, tables=tables, needs_person=asks)
        go_on(case, at)
        if case.state != Case.State.SEARCHING:
            tell_other_addresses(case, by=by, at=at)


@action
def systems_failed(
    system: System, steps: Sequence[Step], problem: str, *, by: Actor, at: datetime, alone: bool = False
) -> None:
    """The system could not be asked, or changed: say so, and try again by itself. It never counts as done."""
    known = cases_and_answers([UUID(step.args["case"]) for step in steps], system)
    for step in steps:
        case, answer = known.get(UUID(step.args["case"]), NOBODY)
        if case is None or answer is None or case.state not in MAY["search"]:
            drop(step, "The case has ended.", at=at)
            unchanged()
            continue
        retry_later(step, plain(problem), at=at, alone=alone)
        answer.state = Answer.NOT_DONE
        answer.problem = plain(problem)
        answer.attempts += 1
        answer.next_try_at = Step.objects.values_list("due_at", flat=True).get(pk=step.pk)
        answer.save(update_fields=["state", "problem", "attempts", "next_try_at"])
        record("rights.system_failed", case, by=by, at=at, system=system.name, tries=answer.attempts)
        go_on(case, at)


def go_on(case: Case, at: datetime) -> None:
    """What follows from the systems' answers as they are now: ask again, go to the desk, or change what is confirmed.

    Inside an action, with the case locked.
    """
    answers = answers_of(case)
    rows = identifiers_of([case.pk])[case.pk]
    for answer in answers:
        known = strong_count(rows, answer.system.name)
        if answer.state in (Answer.FOUND, Answer.DONE, Answer.CANNOT_TELL) and answer.asked_with < known:
            answer.state = Answer.WAITING
            answer.save(update_fields=["state"])
            queue_search(case.pk, answer.system.name, at)
    standings = standings_of(answers, rows)
    state = state_after_search(case.state, standings)
    if state != case.state:
        case.state = state
        case.save(update_fields=["state"])
        if state == Case.State.REVIEW and flow_of(case.right).ends == "copy":
            queue("rights.search_texts", about=case.pk, at=at, case=case.pk)
        if state == Case.State.REVIEW and sharing_an_account(case):
            queue("rights.join_same", about=case.pk, at=at, case=case.pk)
    if case.state == Case.State.REVIEW and is_decided_by_law(case):
        _approve_by_law(case, at)
    flow = flow_of(case.right)
    copy_waits = case.state == Case.State.APPROVED and flow.ends == "copy"
    if copy_waits and all(answer.state == Answer.FOUND for answer in answers):
        queue_copy(case.pk, at)  # for this system, until now
    if case.state in UNDER_WAY and flow.ends == "change":
        change_what_is_found(case, answers, standings, at)
        if erasure_is_whole(standings):
            queue_answer(case.pk, at)


def _approve_by_law(case: Case, at: datetime) -> None:
    """Against advertising the person's word is final, so that no officer has anything to weigh. GDPR Art. 21(3)."""
    kept = Actor.kept()
    case.state, case.approved_at, case.confirmed_at, case.problem = Case.State.CONFIRMED, at, at, ""
    case.approved_by = case.confirmed_by = str(kept)
    fields = ["state", "approved_at", "confirmed_at", "approved_by", "confirmed_by", "problem"]
    case.save(update_fields=fields)
    record("rights.case_approved", case, by=kept, at=at, right=case.right)
    covers(case, by=kept, at=at)


def change_what_is_found(
    case: Case, answers: Iterable[SystemAnswer], standings: Sequence[AnswerStanding], at: datetime
) -> None:
    """Queue the change of each system that was searched; Kept's own database only when all others are settled."""
    own_too = own_comes_next(standings)
    for answer in answers:
        if answer.state == Answer.FOUND and (own_too or not is_own(answer.system)):
            answer.state = Answer.CHANGING
            answer.save(update_fields=["state"])
            queue_change(case, answer.system.name, at)


def cases_and_answers(case_ids: Collection[UUID], system: System) -> Mapping[UUID, tuple[Case, SystemAnswer | None]]:
    """The cases, locked, each with this system's answer. All lock in one order, so that no two wait for each other."""
    cases = Case.objects.select_for_update().filter(pk__in=list(case_ids)).order_by("pk").in_bulk()
    answers = {one.case_id: one for one in SystemAnswer.objects.filter(case__in=cases, system=system)}
    for one in answers.values():
        one.system = system
    return {pk: (case, answers.get(pk)) for pk, case in cases.items()}


def _keep_search(case: Case, answer: SystemAnswer, one: Searched, at: datetime) -> None:
    keep_identifiers(case, answer, one.identifiers, one.shared, one.candidates, at)
    answer.state = Answer.NEEDS_PERSON if one.conflict else Answer.FOUND
    answer.searched_at = at
    answer.holdings, answer.drift = holdings_json(one.holdings), list(one.drift)
    answer.plan, answer.plan_id = list(one.plan), one.plan_id
    answer.problem = plain(one.conflict or one.problem)
    answer.attempts, answer.next_try_at = 0, None
    answer.decided, answer.decided_at, answer.decided_by = "", None, ""
    answer.save()
    if one.stated:
        keep_stated(case, answer.system.name, one.stated)


def keep_identifiers(
    case: Case,
    answer: SystemAnswer,
    found: Collection[Identifier],
    shared: Collection[Identifier],
    candidates: Collection[Identifier],
    at: datetime,
) -> None:
    """Add what a system's records say about who is meant. `shared` name somebody else there too: not used there."""
    name = answer.system.name
    known = {as_identifier(row): row for row in opened(case.identifiers.all())}
    for one in shared:
        if one in known and name not in known[one].not_in:
            known[one].not_in = [*known[one].not_in, name]
            known[one].save(update_fields=["not_in"])
    for one in candidates:
        if one in known and known[one].standing == Standing.USED:
            known[one].standing = Standing.CANDIDATE
            known[one].save(update_fields=["standing"])
    for standing, ones in ((Standing.CANDIDATE, set(candidates)), (Standing.USED, set(found) - set(candidates))):
        new = sorted(ones - known.keys() - set(shared))
        CaseIdentifier.objects.bulk_create(
            CaseIdentifier(
                case=case,
                key=case.key,
                kind=one.kind,
                value=one.value,
                scope=one.scope,
                origin=name,
                standing=standing,
                found_at=at,
            )
            for one in new
        )
    answer.asked_with = strong_count(opened(case.identifiers.all()), name, found)


def _add_kept_accounts(case: Case, at: datetime) -> None:
    """Where an erasure left what a law keeps, no record has the person's address any more."""
    theirs = {as_identifier(row) for row in opened(case.identifiers.all())}
    emails = [one for one in theirs if one.kind == "email"]
    for one in sorted(kept_accounts(emails, at.date()) - theirs):
        CaseIdentifier.objects.create(
            case=case,
            key=case.key,
            kind=one.kind,
            value=one.value,
            scope=one.scope,
            origin="earlier erasure",
            found_at=at,
        )


def _add_proven_addresses(case: Case, at: datetime) -> None:
    """Further addresses that the account's owner has proven. An unproven one may be somebody else's."""
    known = {(row.kind, row.value) for row in opened(case.identifiers.all())}
    for email in EmailAddress.objects.filter(user=case.account, verified=True).values_list("email", flat=True):
        try:
            one = normal("email", email)
        except NotAnIdentifier:
            continue
        if (one.kind, one.value) not in known:
            CaseIdentifier.objects.create(
                case=case, key=case.key, kind=one.kind, value=one.value, origin="given", found_at=at
            )
