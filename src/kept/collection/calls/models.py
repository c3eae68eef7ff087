"""The register of calls and visits."""

from __future__ import annotations

import uuid

from django.db import models

from kept.vault.fields import SealedTextField


class Call(models.Model):
    """One call, or one visit. Who it was and what they said is sealed under a key of its own, which goes with it."""

    class Door(models.TextChoices):
        TELEPHONE = "telephone", "telephone"
        COUNTER = "counter", "at the counter"

    class State(models.TextChoices):
        TO_DECIDE = "to_decide", "a person decides"
        SETTLED = "settled", "settled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.BigIntegerField(null=True)  # None: its words were forgotten
    door = models.CharField(max_length=12, choices=Door.choices)
    came_at = models.DateTimeField()  # as staff say: clocks begin here
    registered_at = models.DateTimeField()
    registered_by = models.CharField(max_length=64)  # str(Actor)
    caller = SealedTextField()  # the name they gave
    number = SealedTextField()  # to call back; E.164
    says = SealedTextField()  # what they want, as staff noted it
    call_back_at = models.DateTimeField(null=True)  # the appointment
    called_back_at = models.DateTimeField(null=True)
    called_back_by = models.CharField(max_length=64, blank=True)
    called_back_says = SealedTextField()  # what came of it
    state = models.CharField(max_length=12, choices=State.choices, default=State.TO_DECIDE)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=64, blank=True)
    settled_how = SealedTextField()  # what was done, where it became no request
    case = models.UUIDField(null=True, db_index=True)  # the first request that it became
    requests = models.JSONField(default=list)  # [{"case": id, "reference": "HC-2026-4F7K2"}]: all that it became

    class Meta:
        ordering = ["-came_at", "id"]
        indexes = [models.Index(fields=["state", "came_at"])]

    def __str__(self) -> str:
        return f"call {self.pk} {self.state}"
