"""Who may read what of the register, the decisions and the reviews. Absent and not yours are answered alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.http import Http404

from kept.rights.automated.models import Decision, DecisionIdentifier, Review, Rule, Version
from kept.rights.automated.rules import Declared, Explanation, declared, explain
from kept.rights.models import Case
from kept.rights.subjects import Standing, as_identifier, opened
from kept.terms import Identifier
from kept.vault.errors import VaultError
from kept.vault.fields import open_all

MOST_REVIEWS = 500  # in one answer to a system


@dataclass(frozen=True)
class Reviewed:
    """What a system learns about a decision of its own that a person has looked at again. No personal data in it."""

    cursor: int  # ask for what follows this one next time
    rule: str
    system: str
    number: str  # what that system calls the decision
    result: str  # upheld, changed, withdrawn
    outcome: str  # changed: the outcome that holds from now on
    decided_at: datetime
    told_at: datetime | None


@dataclass(frozen=True)
class Found:
    """One decision about the person of a case, and what was said of it so far."""

    decision: Decision
    explanation: Explanation | None  # None: its record was erased
    review: Review | None


def in_force() -> QuerySet[Version]:
    """What computers decide by now."""
    held = Version.objects.filter(valid_from__isnull=False, valid_to=None, rule__ended_at=None)
    return held.select_related("rule").order_by("title")


def rules() -> QuerySet[Rule]:
    """The whole register, what is no longer in use at the end."""
    return Rule.objects.prefetch_related("versions").order_by("ended_at", "name")


def rule_of(rule_id: UUID) -> Rule:
    found = Rule.objects.filter(pk=rule_id).first()
    if found is None:
        raise Http404
    return found


def version_of(rule: Rule, number: int) -> Version:
    found = rule.versions.filter(number=number).first()
    if found is None:
        raise Http404
    return found


def decided_by(rule: Rule) -> Mapping[UUID, int]:
    """Version -> how many of its decisions are kept."""
    counted = Decision.objects.filter(version__rule=rule).values_list("version").annotate(Count("pk"))
    return dict(counted)


def declared_in(version: Version) -> Declared:
    return declared(version.inputs, version.factors, version.outcomes)


def identifiers_for(case: Case) -> list[Identifier]:
    """The strong ones by which the person of a case is known: what they proved, and what the search added."""
    rows = opened(case.identifiers.filter(standing__in=[Standing.USED, Standing.CHOSEN]))
    return [one for one in map(as_identifier, rows) if one.strong]


def decisions_about(person: Iterable[Identifier]) -> QuerySet[Decision]:
    """The decisions about whoever these identifiers name, the newest first."""
    named = [one.written for one in person if one.strong]
    if not named:
        return Decision.objects.none()
    of_theirs = DecisionIdentifier.objects.filter(who__in=named).values("decision")
    return Decision.objects.filter(pk__in=of_theirs).select_related("version", "version__rule")


def decision_in_case(case: Case, decision_id: UUID) -> Decision:
    """A decision about the person of that case."""
    found = decisions_about(identifiers_for(case)).filter(pk=decision_id).first()
    if found is None:
        raise Http404
    return found


def review_of(case: Case, decision: Decision) -> Review | None:
    return case.reviews.filter(decision=decision).first()


def found_in(case: Case) -> list[Found]:
    """What a review of this case is about. Once it is answered: what the answer was about."""
    reviews = {one.decision_id: one for one in case.reviews.select_related("decision__version__rule")}
    if case.answered_at is not None:
        decisions: Sequence[Decision] = [one.decision for one in reviews.values()]
    else:
        decisions = list(decisions_about(identifiers_for(case)))
    open_all([*decisions, *reviews.values()])
    return [Found(one, explained(one), reviews.get(one.pk)) for one in decisions]


def explained(decision: Decision) -> Explanation | None:
    """From the stored record, by what its rule declared at that time; None: the record was erased."""
    if decision.key is None:
        return None
    try:
        inputs: Mapping[str, Any] = decision.inputs
        if not decision.explanation:
            return None
    except VaultError:
        return None
    version = decision.version
    return explain(
        declared_in(version),
        title=version.title,
        number=version.number,
        alone=version.alone,
        logic=version.logic,
        significance=version.significance,
        consequences=version.consequences,
        inputs=inputs,
        outcome=decision.outcome,
        factors=decision.factors,
    )


def reviews_since(cursor: int = 0, *, system: str = "", most: int = MOST_REVIEWS) -> list[Reviewed]:
    """What a person found, in the order in which it was released, from after `cursor` on; a system asks for its own.

    Only what the person was told is in it. Asking again with the same cursor gives the same.
    """
    rows = Review.objects.filter(released__gt=max(0, cursor)).select_related("decision__version__rule")
    if system:
        rows = rows.filter(decision__system=system)
    return [
        Reviewed(
            cursor=one.released or 0,
            rule=one.decision.version.rule.name,
            system=one.decision.system,
            number=one.decision.number,
            result=one.result,
            outcome=one.outcome,
            decided_at=one.decided_at,
            told_at=one.told_at,
        )
        for one in rows.order_by("released")[: max(1, min(most, MOST_REVIEWS))]
    ]


def without_approval() -> QuerySet[Version]:
    """Versions in force that should not be: without an approval, or without a word on how they decide."""
    return in_force().filter(Q(approved_by="") | Q(approved_at=None) | Q(logic=""))
