"""One thing left out of one answer."""

from __future__ import annotations

import uuid

from django.db import models

from kept.information.models import System
from kept.rights.models import Case
from kept.vault.fields import KeyedIndexField, SealedJSONField, SealedTextField


class Exemption(models.Model):
    class Of(models.TextChoices):
        COPY = "copy", "left out of the copy"
        ERASURE = "erasure", "kept from the erasure"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="exemptions")
    key = models.BigIntegerField(null=True)  # the case's
    system = models.ForeignKey(System, models.PROTECT, related_name="exemptions")
    table = models.CharField(max_length=200)
    record = SealedTextField(index="record_index")  # its key as JSON: ["17"]; "": all of the person's in the table
    record_index = KeyedIndexField(of="record")
    of = models.CharField(max_length=8, choices=Of.choices)
    law = models.CharField(max_length=12)
    ground = models.CharField(max_length=24)  # a name of rights/grounds.toml
    source = models.CharField(max_length=200)  # the place in the law
    shown = SealedJSONField()  # what we have to show: name of rights/grounds.toml -> words
    because = SealedTextField()  # as the person reads it
    until = models.DateField(null=True)  # of an erasure: the last day on which it stays
    records = models.PositiveIntegerField()  # how many there were
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=64)  # str(Actor)

    class Meta:
        ordering = ["made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "system", "table", "record_index"],
                condition=models.Q(key__isnull=False),  # once forgotten, they are all alike
                name="one_exemption_each",
            ),
            models.CheckConstraint(
                condition=models.Q(of="copy") | models.Q(until__isnull=False), name="what_stays_has_an_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.table} of {self.case_id}"
