"""The log of decisions: one row for one decision, sealed under a key of its own, and gone after its period."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from kept.rights.automated.errors import BadDecision, NoSuchRule, OtherDecision
from kept.rights.automated.models import Decision, DecisionIdentifier, Version
from kept.rights.automated.rules import declared, explain, faults_of_decision, outcome_of
from kept.security.ledger import action, record, unchanged
from kept.security.vault.actions import destroy_key
from kept.terms import Actor, Identifier
from kept.vault.index import key_for
from kept.vault.keys import make_key

MOST_IDENTIFIERS = 20
AHEAD = timedelta(minutes=5)  # the clocks of two systems may differ
AT_ONCE = 500


@action
def log_decision(
    rule: str,
    *,
    system: str,
    number: str,
    person: Sequence[Identifier],
    inputs: Mapping[str, Any],
    outcome: str,
    factors: Sequence[str] = (),
    decided_at: datetime,
    by: Actor,
    at: datetime,
) -> Decision:
    """Log what a computer decided about a person, under the version of the rule that was in force then.

    `number`: what the system calls this decision; the same told twice is one decision. `person`: strong identifiers in
    their normal form; an account number names its system as scope. `inputs`: name -> text, number, truth or None.
    Raises NoSuchRule, BadDecision, OtherDecision.
    """
    version = version_at(rule, decided_at)
    if version is None:
        raise NoSuchRule(f"No approved rule of that name was in force at {decided_at.isoformat(timespec='seconds')}.")
    said = declared(version.inputs, version.factors, version.outcomes)
    faults = faults_of_decision(said, inputs, outcome, factors)
    faults += _faults_of_record(system, number, person, decided_at, at)
    if faults:
        raise BadDecision(" ".join(faults))
    digest = _digest(version, person, inputs, outcome, factors, decided_at)
    known = Decision.objects.filter(system=system, number=number).first()
    if known is None:
        explanation = explain(
            said,
            title=version.title,
            number=version.number,
            alone=version.alone,
            logic=version.logic,
            significance=version.significance,
            consequences=version.consequences,
            inputs=inputs,
            outcome=outcome,
            factors=factors,
        )
        decision = Decision(
            version=version,
            key=make_key(),
            system=system,
            number=number,
            decided_at=decided_at,
            logged_at=at,
            until=decided_at + timedelta(days=version.days),
            inputs=dict(inputs),
            outcome=outcome,
            factors=list(factors),
            explanation=explanation.text(),
            fits=outcome_of(said, factors) in (None, outcome),
            digest=digest,
        )
        try:
            with transaction.atomic():
                decision.save(force_insert=True)
                for place, one in enumerate(sorted(set(person))):
                    DecisionIdentifier.objects.create(decision=decision, key=decision.key, place=place, who=one.written)
        except IntegrityError:  # the same was told twice at once
            known = Decision.objects.get(system=system, number=number)
        else:
            record("rights.decision_logged", decision, by=by, at=at, rule=rule, version=version.number, system=system)
            return decision
    if known.digest != digest:
        raise OtherDecision("This system has logged another decision under that number.")
    unchanged()
    return known


@action
def forget_decisions(*, by: Actor, at: datetime) -> int:
    """Delete the decisions whose period is over, and destroy the keys of those whose person was erased. Returns how
    many were deleted. Art. 5(1)(e)."""
    over = list(Decision.objects.select_for_update().filter(until__lte=at).order_by("pk")[:AT_ONCE])
    erased = Decision.objects.select_for_update().filter(explanation="", key__isnull=False)
    emptied = list(erased.order_by("pk")[:AT_ONCE])
    for number in {one.key for one in (*over, *emptied) if one.key is not None}:
        destroy_key(number, by=by, at=at)
    DecisionIdentifier.objects.filter(decision__in=[one.pk for one in emptied]).delete()
    Decision.objects.filter(pk__in=[one.pk for one in emptied]).update(key=None)
    Decision.objects.filter(pk__in=[one.pk for one in over]).delete()
    if over:
        record("rights.decisions_forgotten", "automated.decision", by=by, at=at, count=len(over))
    else:
        unchanged()
    return len(over)


def version_at(rule: str, moment: datetime) -> Version | None:
    """The version in force then."""
    held = Version.objects.filter(rule__name=rule, valid_from__lte=moment).order_by("-valid_from").first()
    return None if held is None or (held.valid_to is not None and moment >= held.valid_to) else held


def _faults_of_record(
    system: str, number: str, person: Sequence[Identifier], decided_at: datetime, at: datetime
) -> list[str]:
    found = []
    if not 0 < len(system) <= 40 or not 0 < len(number) <= 100 or "@" in system + number or "\0" in system + number:
        found.append("system has 1 to 40 signs and number 1 to 100, without @: a number, not an address.")
    if not 0 < len(person) <= MOST_IDENTIFIERS or not all(one.strong for one in person):
        found.append(f"person needs 1 to {MOST_IDENTIFIERS} identifiers that name one person alone.")
    if decided_at > at + AHEAD:
        found.append("decided_at lies in the future.")
    return found


def _digest(
    version: Version,
    person: Sequence[Identifier],
    inputs: Mapping[str, Any],
    outcome: str,
    factors: Sequence[str],
    decided_at: datetime,
) -> str:
    told = [
        str(version.pk), sorted({one.written for one in person}), dict(inputs), outcome, list(factors),
        decided_at.isoformat(),
    ]  # fmt: skip
    text = json.dumps(told, sort_keys=True).encode()
    return hmac.digest(key_for("automated decision"), text, "sha256").hex()
