"""One address that was told of one request, and what was said there."""

from __future__ import annotations

import uuid

from django.db import models

from kept.rights.models import Case
from kept.rights.with_case import goes_with_case
from kept.vault.fields import KeyedIndexField, SealedTextField


@goes_with_case
class Alert(models.Model):
    """It says nothing of what is held, and goes with name and address of the case."""

    class State(models.TextChoices):
        TOLD = "told", "told, no answer yet"
        YES = "yes", "said it was them"
        NO = "no", "said it was not them"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="alerts")
    key = models.BigIntegerField(null=True)  # the case's
    email = SealedTextField(index="email_index")
    email_index = KeyedIndexField(of="email", kind="email", null=True)
    token_hash = models.CharField(max_length=64, unique=True)  # of the link in the mail
    state = models.CharField(max_length=4, choices=State.choices, default=State.TOLD)
    waits_until = models.DateField(null=True)  # the first day on which the act may be carried out; None: nothing waits
    told_at = models.DateTimeField()
    said_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)  # an officer has looked into a no
    settled_by = models.CharField(max_length=64, blank=True)  # str(Actor)
    settled_because = SealedTextField()

    class Meta:
        ordering = ["told_at", "id"]
        constraints = [models.UniqueConstraint(fields=["case", "email_index"], name="address_told_once_per_case")]

    def __str__(self) -> str:
        return f"{self.state} about {self.case_id}"
