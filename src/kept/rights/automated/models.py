"""The register of rules, the log of what they decided, and what a person found who looked again. GDPR Art. 22."""

from __future__ import annotations

import uuid

from django.db import models

from kept.rights.models import Case
from kept.vault.fields import KeyedIndexField, SealedJSONField, SealedTextField


class Rule(models.Model):
    """One rule by which a computer decides about people. What it says stands in its versions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=60, unique=True)  # what systems call it: "order-check"
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # no longer in use

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Version(models.Model):
    """What a rule said from one moment to another. It is never changed: a change is the next version."""

    class Permission(models.TextChoices):
        CONTRACT = "contract", "needed for a contract with the person"
        LAW = "law", "a law authorises it"
        CONSENT = "consent", "the person has explicitly agreed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rule = models.ForeignKey(Rule, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=120)  # what people read: "Check of new orders"
    purpose = models.CharField(max_length=500)
    alone = models.BooleanField()  # no person takes part in the decision
    effect = models.BooleanField()  # legal, or similarly significant for the person
    permitted_by = models.CharField(max_length=10, choices=Permission.choices, blank=True)
    permission = models.CharField(max_length=500, blank=True)  # which law; why the contract needs it; how they agree
    logic = models.CharField(max_length=2000)  # in plain words
    significance = models.CharField(max_length=1000)  # why the decision matters to the person
    consequences = models.CharField(max_length=1000)  # what follows for them
    inputs = models.JSONField(default=list)  # rules.Input
    factors = models.JSONField(default=list)  # rules.Factor
    outcomes = models.JSONField(default=list)  # rules.Outcome
    days = models.PositiveIntegerField()  # for how long a decision is kept
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=64)  # str(Actor)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=64, blank=True)
    valid_from = models.DateTimeField(null=True)  # None: not approved yet
    valid_to = models.DateTimeField(null=True)  # the first moment at which it no longer holds

    class Meta:
        ordering = ["rule_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["rule"],
                condition=models.Q(valid_from__isnull=False, valid_to__isnull=True),
                name="one_version_in_force",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_from__isnull=True) | ~models.Q(approved_by=""),
                name="version_in_force_was_approved",
            ),
            models.CheckConstraint(condition=models.Q(days__gt=0), name="decisions_end_some_day"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} version {self.number}"

    @property
    def art_22(self) -> bool:
        """A decision that the law allows under conditions only: no person in it, and it weighs. Art. 22(1)."""
        return self.alone and self.effect


class Decision(models.Model):
    """One decision about one person, as the system that made it told us."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(Version, models.PROTECT, related_name="decisions")
    key = models.BigIntegerField(null=True)  # its own; None: destroyed when the person was erased
    system = models.CharField(max_length=40)  # which of the company's systems decided
    number = models.CharField(max_length=100)  # what that system calls this decision
    decided_at = models.DateTimeField()
    logged_at = models.DateTimeField()
    until = models.DateTimeField()  # then it is deleted
    inputs = SealedJSONField()  # name -> value
    outcome = models.CharField(max_length=40)  # one of the version's
    factors = models.JSONField(default=list)  # those that decided, by name
    explanation = SealedTextField()  # made from this record when it was logged: rules.explain
    fits = models.BooleanField(default=True)  # whether the points of its factors lead to its outcome
    digest = models.CharField(max_length=64)  # keyed, of all that was told: the same told twice is one decision

    class Meta:
        ordering = ["-decided_at", "id"]
        indexes = [models.Index(fields=["until"]), models.Index(fields=["decided_at"])]
        constraints = [models.UniqueConstraint(fields=["system", "number"], name="decision_once")]

    def __str__(self) -> str:
        return f"decision {self.pk}"


class DecisionIdentifier(models.Model):
    """By what the person of a decision is known: an address, or a number that one of the systems gave them."""

    decision = models.ForeignKey(Decision, models.CASCADE, related_name="identifiers")
    key = models.BigIntegerField(null=True)  # the decision's
    place = models.PositiveSmallIntegerField()  # the first, the second, …
    who = SealedTextField(bound_to=("decision_id", "place"), index="who_index")  # engine.identifiers.told
    who_index = KeyedIndexField(of="who", kind="identifier", db_index=True)

    class Meta:
        ordering = ["decision_id", "place"]
        constraints = [models.UniqueConstraint(fields=["decision", "place"], name="decision_identifier_once")]

    def __str__(self) -> str:
        return f"identifier {self.place} of {self.decision_id}"


class Review(models.Model):
    """What a person found who looked at one decision again. Art. 22(3)."""

    class Result(models.TextChoices):
        UPHELD = "upheld", "it stands"
        CHANGED = "changed", "it is changed"
        WITHDRAWN = "withdrawn", "it is withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="reviews")
    decision = models.ForeignKey(Decision, models.CASCADE, related_name="reviews")
    key = models.BigIntegerField(null=True)  # the decision's
    result = models.CharField(max_length=10, choices=Result.choices)
    outcome = models.CharField(max_length=40, blank=True)  # changed: to which of the version's
    reasons = SealedTextField()  # as the person reads them
    decided_at = models.DateTimeField()
    decided_by = models.CharField(max_length=64)
    told_at = models.DateTimeField(null=True)  # when the answer went out; from then on it is final
    released = models.PositiveBigIntegerField(null=True, unique=True)  # its number in the list that the systems fetch

    class Meta:
        ordering = ["decided_at", "id"]
        constraints = [models.UniqueConstraint(fields=["case", "decision"], name="one_review_per_case_and_decision")]

    def __str__(self) -> str:
        return f"{self.result} {self.decision_id}"
