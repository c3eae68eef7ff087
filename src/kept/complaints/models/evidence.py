"""The bundles of evidence that were made: what stands in them says the file, and this row that there was one."""

from __future__ import annotations

import uuid

from django.db import models

from kept.vault.fields import SealedTextField


class Bundle(models.Model):
    """One bundle about one matter. With the person's own data it waits until a second officer allows it."""

    class State(models.TextChoices):
        WAITING = "waiting", "waits for a second officer"
        READY = "ready", "can be fetched"
        GONE = "gone", "removed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    matter = models.CharField(max_length=80, db_index=True)  # "rights.case:…"
    reference = models.CharField(max_length=20)
    key = models.BigIntegerField(null=True)  # seals file and reason; None: destroyed when it was removed
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    personal = models.BooleanField(default=False)  # with what names the person
    reason = SealedTextField()  # why that is needed
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=64)  # str(Actor)
    made_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=64, blank=True)  # str(Actor): with personal data, another one
    file = models.CharField(max_length=60, blank=True)  # below the evidence folder; "": none, or removed
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0)  # bytes
    entries = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField(null=True)
    downloads = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-asked_at"]
        indexes = [models.Index(fields=["expires_at"])]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="ready", personal=True) | ~models.Q(made_by=models.F("asked_by")),
                name="bundle_with_personal_data_takes_two",
            )
        ]

    def __str__(self) -> str:
        return f"bundle {self.pk} {self.state}"
