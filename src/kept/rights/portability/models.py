"""What is sent to another provider, and what another provider's site has sent us."""

from __future__ import annotations

import uuid

from django.db import models

from kept.collection.mail.fields import SealedBytesField
from kept.rights.models import Package
from kept.vault.fields import KeyedIndexField, SealedJSONField, SealedTextField


class Transfer(models.Model):
    """One package on its way to the site that the person chose."""

    class State(models.TextChoices):
        WAITING = "waiting", "waits for its turn"
        SENDING = "sending", "being sent"
        CHECKING = "checking", "being checked there"
        ACCEPTED = "accepted", "taken in there"
        FAILED = "failed", "not sent"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    package = models.ForeignKey(Package, models.CASCADE, related_name="transfers")
    key = models.BigIntegerField(null=True)  # the case's
    to = SealedTextField()  # the site: "https://other.example"
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    confirmed_at = models.DateTimeField()  # by the person, a second time
    sent = models.PositiveBigIntegerField(default=0)  # bytes that are there
    attempts = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)  # why it is not sent yet, or not at all; no values
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-confirmed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["package"], condition=~models.Q(state="failed"), name="one_transfer_per_package"
            ),
        ]

    def __str__(self) -> str:
        return f"transfer {self.pk} {self.state}"


class Import(models.Model):
    """One package that came from another site. Nobody reads it before its person has confirmed it."""

    class State(models.TextChoices):
        RECEIVING = "receiving", "being received"
        CHECKING = "checking", "being checked"
        WAITING = "waiting", "waits for the person"
        CONFIRMED = "confirmed", "confirmed by the person"
        REFUSED = "refused", "refused"  # not as the format says, or not from whom it says
        ENDED = "ended", "deleted"

    OPEN = (State.RECEIVING, State.CHECKING, State.WAITING, State.CONFIRMED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.BigIntegerField(null=True)  # its own; None: destroyed when it ended
    sha256 = models.CharField(max_length=64)  # of the package
    size = models.PositiveBigIntegerField()  # bytes, as announced
    received = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=12, choices=State.choices, default=State.RECEIVING)
    problem = models.CharField(max_length=40, blank=True)  # why it was refused: one word
    sender = SealedTextField()  # the site it came from: "https://other.example"
    email = SealedTextField(index="email_index")  # of the person, as the sender has proven it
    email_index = KeyedIndexField(of="email", kind="email", db_index=True)
    signature = SealedTextField()  # of the announcement
    language = models.CharField(max_length=8, default="en")  # of what we write to the person, as the sender says
    summary = SealedJSONField()  # {"company": "", "made_at": "", "tables": [{"title": "", "records": 0}]}
    records = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=20, blank=True)  # "not_confirmed", "declined", "over", …
    token_hash = models.CharField(max_length=64, unique=True)  # of the link in the mail
    code_hash = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField(null=True)
    code_attempts = models.PositiveSmallIntegerField(default=0)
    codes_sent = models.PositiveSmallIntegerField(default=0)
    code_sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-begun_at"]
        indexes = [models.Index(fields=["state", "begun_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["sha256"],
                condition=models.Q(state__in=["receiving", "checking", "waiting", "confirmed"]),
                name="one_open_import_per_package",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["refused", "ended"]) | models.Q(email=b""),
                name="import_that_ended_names_nobody",
            ),
        ]

    def __str__(self) -> str:
        return f"import {self.pk} {self.state}"


class ImportPiece(models.Model):
    """A piece of a package as it came."""

    taken = models.ForeignKey(Import, models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    key = models.BigIntegerField(null=True)  # the import's
    raw = SealedBytesField(bound_to=("taken_id", "number"))

    class Meta:
        ordering = ["taken_id", "number"]
        constraints = [models.UniqueConstraint(fields=["taken", "number"], name="import_piece_once")]

    def __str__(self) -> str:
        return f"piece {self.number} of {self.taken_id}"
