"""The register: an engineer writes a rule down, the privacy officer approves it, and a change is a new version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from kept.rights.automated.errors import BadRule, MayNotKeep, RuleEnded
from kept.rights.automated.models import Rule, Version
from kept.rights.automated.rules import RULE_NAME, Declared, declared, faults_of
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor

MAY_WRITE = ("engineer",)
MAY_APPROVE = ("privacy_officer",)
MAY_END = (*MAY_WRITE, *MAY_APPROVE)
LONGEST_LIFE = 3660  # days


@dataclass(frozen=True)
class Said:
    """All that an engineer says about a rule."""

    title: str
    purpose: str
    alone: bool
    effect: bool
    permitted_by: str
    permission: str
    logic: str
    significance: str
    consequences: str
    days: int
    declared: Declared

    def faults(self) -> list[str]:
        found = faults_of(
            self.declared,
            art_22=self.alone and self.effect,
            permitted_by=self.permitted_by,
            permission=self.permission,
            logic=self.logic,
        )
        if not 1 <= self.days <= LONGEST_LIFE:
            found.append(f"A decision is kept from 1 to {LONGEST_LIFE:,} days.")
        for what in ("title", "purpose", "significance", "consequences"):
            if not getattr(self, what).strip():
                found.append(f"The {what} is missing.")
        for field in Version._meta.local_concrete_fields:
            said = getattr(self, field.name, None)
            if isinstance(said, str) and field.max_length and len(said) > field.max_length:
                found.append(f"The {field.name} has at most {field.max_length:,} letters.")
        return found


@action
def write_rule(name: str, said: Said, *, by: Actor, at: datetime) -> Version:
    """Write down a new rule, or what a known one says from its approval on: its next version. One that waits for its
    approval and says the same is given back. Raises MayNotKeep, BadRule, RuleEnded.
    """
    _must_be(by, MAY_WRITE)
    faults = said.faults()
    if not RULE_NAME.fullmatch(name):
        faults.insert(0, "The name has small letters, digits and hyphens, and begins with a letter: order-check.")
    if faults:
        raise BadRule(faults)
    rule, new = Rule.objects.get_or_create(name=name, defaults={"added_at": at})
    rule = Rule.objects.select_for_update().get(pk=rule.pk)
    if rule.ended_at is not None:
        raise RuleEnded(name)
    newest = rule.versions.order_by("-number").first()
    fields = {word: getattr(said, word) for word in Said.__annotations__ if word != "declared"}
    fields |= said.declared.as_dict()
    if newest is not None and newest.valid_from is None and all(getattr(newest, key) == fields[key] for key in fields):
        unchanged()
        return newest
    number = (rule.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    version = Version.objects.create(rule=rule, number=number, made_at=at, made_by=str(by), **fields)
    if new:
        record("rights.rule_added", rule, by=by, at=at, name=name)
    record("rights.rule_written", version, by=by, at=at, name=name, version=number)
    return version


@action
def approve_version(version: Version, *, by: Actor, at: datetime) -> Version:
    """From now on the rule decides as this version says, and the one before no longer holds. A second call changes
    nothing. Only the newest can be approved, and not by whoever wrote it. Raises MayNotKeep, BadRule, RuleEnded.
    """
    _must_be(by, MAY_APPROVE)
    rule = Rule.objects.select_for_update().get(pk=version.rule_id)
    version = Version.objects.select_for_update().get(pk=version.pk)
    if version.valid_from is not None:
        unchanged()
        return version
    if rule.ended_at is not None:
        raise RuleEnded(rule.name)
    faults = said_of(version).faults()
    if version.number != rule.versions.aggregate(last=Max("number"))["last"]:
        faults.append("A newer version was written meanwhile: look at that one.")
    if by.id is not None and by.id == version.made_by.partition(":")[2]:
        faults.append("You wrote this version yourself: somebody else has to approve it.")
    if faults:
        raise BadRule(faults)
    rule.versions.filter(valid_from__isnull=False, valid_to=None).update(valid_to=at)
    version.approved_at = version.valid_from = at
    version.approved_by = str(by)
    version.save(update_fields=["approved_at", "approved_by", "valid_from"])
    record("rights.rule_approved", version, by=by, at=at, name=rule.name, version=version.number)
    return version


@action
def end_rule(rule: Rule, *, by: Actor, at: datetime) -> Rule:
    """No computer decides by it any more; what it decided stays for its period. A second call changes nothing.

    Raises MayNotKeep.
    """
    _must_be(by, MAY_END)
    rule = Rule.objects.select_for_update().get(pk=rule.pk)
    if rule.ended_at is not None:
        unchanged()
        return rule
    rule.ended_at = at
    rule.save(update_fields=["ended_at"])
    rule.versions.filter(valid_from__isnull=False, valid_to=None).update(valid_to=at)
    record("rights.rule_ended", rule, by=by, at=at, name=rule.name)
    return rule


def said_of(version: Version) -> Said:
    """What a stored version says."""
    words = {word: getattr(version, word) for word in Said.__annotations__ if word != "declared"}
    return Said(**words, declared=declared(version.inputs, version.factors, version.outcomes))


def _must_be(by: Actor, roles: tuple[str, ...]) -> None:
    if by.role not in (*roles, "kept"):
        raise MayNotKeep(by.role)
