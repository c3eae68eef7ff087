"""The register of letters, and their scanned pages."""

from __future__ import annotations

import uuid

from django.db import models

from kept.vault.fields import SealedTextField


class Letter(models.Model):
    """One letter. Who wrote it and what it says is sealed under a key of its own, which goes when its words go."""

    class State(models.TextChoices):
        TO_DECIDE = "to_decide", "a person decides"
        SETTLED = "settled", "settled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.BigIntegerField(null=True)  # None: its words were forgotten
    received_on = models.DateField()  # as staff say: clocks begin here
    registered_at = models.DateTimeField()
    registered_by = models.CharField(max_length=64)  # str(Actor)
    sender = SealedTextField()  # name and address as they stand in it
    says = SealedTextField()  # what it is about, in a few words of ours
    state = models.CharField(max_length=12, choices=State.choices, default=State.TO_DECIDE)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=64, blank=True)
    settled_how = SealedTextField()  # what was done, where it became no request
    case = models.UUIDField(null=True, db_index=True)  # the first request that it became
    requests = models.JSONField(default=list)  # [{"case": id, "reference": "HC-2026-4F7K2"}]: all that it became

    class Meta:
        ordering = ["-received_on", "id"]
        indexes = [models.Index(fields=["state", "received_on"])]

    def __str__(self) -> str:
        return f"letter {self.pk} {self.state}"


class Scan(models.Model):
    """One scanned file of a letter. The file lies sealed in the uploads folder."""

    letter = models.ForeignKey(Letter, models.CASCADE, related_name="scans")
    number = models.PositiveSmallIntegerField()
    key = models.BigIntegerField(null=True)  # the letter's
    place = models.CharField(max_length=32)  # below the uploads folder; "": removed
    name = SealedTextField(bound_to=("letter_id", "number"))  # as it is called when it is saved
    kind = models.CharField(max_length=8)
    size = models.PositiveBigIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["letter_id", "number"]
        constraints = [models.UniqueConstraint(fields=["letter", "number"], name="scan_once")]

    def __str__(self) -> str:
        return f"scan {self.number} of {self.letter_id}"
