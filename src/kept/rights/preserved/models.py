"""A copy of what was refused, under a key of its own: it outlives the case, and goes with the key."""

from __future__ import annotations

import uuid

from django.db import models

from kept.rights.models import Case


class PreservedCopy(models.Model):
    class State(models.TextChoices):
        PENDING = "pending", "being made"
        SEALED = "sealed", "preserved"
        DESTROYED = "destroyed", "destroyed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="preserved")
    key = models.BigIntegerField(null=True)  # its own; None: destroyed
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    refused_at = models.DateTimeField()  # the notice of the refusal
    keep_until = models.DateField()  # the last day on which it must be there, were there no dispute
    clock = models.JSONField(default=dict)  # of that day: kept.clocks
    file = models.CharField(max_length=200, blank=True)  # below the folder of preserved copies; "": none, or destroyed
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0)  # bytes
    rows = models.PositiveBigIntegerField(default=0)
    made_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["refused_at"]
        constraints = [models.UniqueConstraint(fields=["case"], name="one_preserved_copy_per_case")]

    def __str__(self) -> str:
        return f"{self.state} copy of {self.case_id}"


class Dispute(models.Model):
    """A review or a complaint for which the copy has to stay."""

    class Kind(models.TextChoices):
        COMPLAINT = "complaint", "a complaint to us"
        REVIEW = "review", "a review by the authority"
        COURT = "court", "a court"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    copy = models.ForeignKey(PreservedCopy, models.CASCADE, related_name="disputes")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    of = models.UUIDField(null=True)  # the complaint's number; None: an officer wrote it down
    begun_at = models.DateTimeField()
    begun_by = models.CharField(max_length=64)  # str(Actor)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["begun_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["copy", "kind", "of"], condition=models.Q(ended_at__isnull=True), name="one_open_dispute_each"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} about {self.copy_id}"
