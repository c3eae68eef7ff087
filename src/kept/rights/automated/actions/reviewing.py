"""A person looks at a decision again, and the answer goes out with all of them decided. Art. 22(3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max

from kept.engine.package import PackageFile
from kept.rights.actions.answering import give_answer
from kept.rights.actions.reviewing import take_approval_back
from kept.rights.actions.steps import locked, must_be_able, must_decide
from kept.rights.automated.access import decision_in_case
from kept.rights.automated.errors import BadDecision, MadeTheRule, Settled
from kept.rights.automated.models import Decision, Review, Version
from kept.rights.automated.rules import declared
from kept.rights.errors import TooLong
from kept.rights.models import Case
from kept.rights.rules import plain
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor
from kept.work.models import Step
from kept.work.steps import drop, finish, retry_later

LONGEST_REASONS = 3000
LOGGED_MEANWHILE = "A decision about this person was logged after the approval. It has to be judged too."


@dataclass(frozen=True)
class Letter:
    """The answer to one case, on disk whole; None: the case is no longer to be answered."""

    step: Step
    file: PackageFile | None
    approved_at: datetime | None = None  # the approval that was answered: after another one, the file is an old one


@action
def review_decision(
    case: Case, decision: Decision, result: str, *, outcome: str = "", reasons: str, by: Actor, at: datetime
) -> Review:
    """Say what a person made of the decision: it stands, is changed to another outcome, or is withdrawn; and why.

    As long as the answer is not out, it may be said anew. Raises NotNow, MayNot, OwnCase, MadeTheRule, BadDecision,
    TooLong, Settled, and Http404 for a decision about somebody else.
    """
    case = locked(case)
    must_decide(case, by)
    must_be_able(case, "approve")
    decision = decision_in_case(case, decision.pk)
    if by.id in {made_by.partition(":")[2] for made_by in _writers(decision)}:
        raise MadeTheRule(by.role)
    said = declared(decision.version.inputs, decision.version.factors, decision.version.outcomes)
    if result not in Review.Result.values:
        raise BadDecision("A decision stands, is changed, or is withdrawn.")
    if result == Review.Result.CHANGED:
        if outcome == decision.outcome or outcome not in {one.name for one in said.outcomes}:
            raise BadDecision("Choose another of the outcomes that this rule has.")
    else:
        outcome = ""
    if not reasons.strip():
        raise BadDecision("Say why: the person has a right to the reasons.")
    if len(reasons) > LONGEST_REASONS:
        raise TooLong(f"The reasons have at most {LONGEST_REASONS:,} letters.")
    review = Review.objects.filter(case=case, decision=decision).first()
    if review is None:
        review = Review(case=case, decision=decision)
    elif review.told_at is not None:
        raise Settled
    review.key, review.result, review.outcome, review.reasons = decision.key, result, outcome, reasons.strip()
    review.decided_at, review.decided_by = at, str(by)
    review.save()
    record("rights.decision_reviewed", case, by=by, at=at, decision=str(decision.pk), result=result)
    return review


@action
def letters_written(letters: Sequence[Letter], *, by: Actor, at: datetime) -> None:
    """The answers are there: each person is told, and what was changed goes on the list that the systems fetch."""
    ids = [UUID(one.step.args["case"]) for one in letters]
    cases = Case.objects.select_for_update().filter(pk__in=ids).order_by("pk").in_bulk()
    for one in letters:
        case = cases.get(UUID(one.step.args["case"]))
        finish(one.step, {"letter": one.file is not None}, at=at)
        if case is None or case.state != Case.State.APPROVED or case.approved_at != one.approved_at:
            unchanged()
            continue
        if one.file is None:
            take_approval_back(case, Case.State.REVIEW, LOGGED_MEANWHILE)
            record("rights.case_returned", case, by=by, at=at)
            continue
        reviews = list(Review.objects.filter(case=case).order_by("decided_at", "pk"))
        for review in reviews:
            review.told_at = at
            _release(review)
        outcome = {"decisions": len(reviews)}
        outcome |= {result: sum(review.result == result for review in reviews) for result in Review.Result.values}
        give_answer(case, one.file, outcome, by, at)
    if not letters:
        unchanged()


@action
def letter_failed(steps: Sequence[Step], problem: str, *, by: Actor, at: datetime) -> None:
    """No answer was written; it is tried again by itself."""
    cases = Case.objects.in_bulk([UUID(step.args["case"]) for step in steps])
    for step in steps:
        case = cases.get(UUID(step.args["case"]))
        if case is None:
            drop(step, "The case is gone.", at=at)
            unchanged()
            continue
        retry_later(step, plain(problem), at=at)
        record("rights.answer_waits", case, by=by, at=at)


def _release(review: Review) -> None:
    """Give it its number in the list. Two at once cannot have the same, and a later number is never seen before an
    earlier one: whoever comes second waits for the first."""
    while True:
        last = Review.objects.aggregate(last=Max("released"))["last"] or 0
        review.released = last + 1
        try:
            with transaction.atomic():
                review.save(update_fields=["told_at", "released"])
        except IntegrityError:
            continue
        return


def _writers(decision: Decision) -> list[str]:
    """Who wrote the rule, in any of its versions."""
    return list(Version.objects.filter(rule=decision.version.rule_id).values_list("made_by", flat=True))
