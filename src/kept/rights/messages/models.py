"""Messages of a case, their files, and the code that opens them. Sealed with the case, and emptied when it ends."""

from __future__ import annotations

import uuid

from django.db import models

from kept.rights.models import Case
from kept.vault.fields import SealedTextField


class CaseMessage(models.Model):
    """One message, either way."""

    class Way(models.TextChoices):
        IN = "in", "from the person"
        OUT = "out", "to the person"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)  # from the form: sent twice, it is one
    case = models.ForeignKey(Case, models.CASCADE, related_name="messages")
    key = models.BigIntegerField(null=True)  # the case's; None: its words are gone
    way = models.CharField(max_length=3, choices=Way.choices)
    text = SealedTextField()
    language = models.CharField(max_length=8, default="en")  # it is written in
    files = models.BooleanField(default=False)  # out: the person may send files; in: they did
    by = models.CharField(max_length=64)  # str(Actor)
    at = models.DateTimeField()
    mail = models.UUIDField(null=True)  # out: the mail that carried it
    read_at = models.DateTimeField(null=True)  # in: when an officer read it; None: nobody has

    class Meta:
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["case", "at"]),
            models.Index(fields=["case"], name="case_message_unread", condition=models.Q(way="in", read_at=None)),
        ]

    def __str__(self) -> str:
        return f"message {self.way} of {self.case_id}"


class CaseFile(models.Model):
    """A file that the person sent with a message."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="files")
    message = models.ForeignKey(CaseMessage, models.CASCADE, related_name="sent")
    key = models.BigIntegerField(null=True)  # the case's; None: it is to be removed
    place = models.CharField(max_length=32, blank=True)  # security.uploads; "": removed
    name = SealedTextField()
    kind = models.CharField(max_length=10)  # "pdf"
    size = models.PositiveIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"file {self.pk}"


class MessagesCode(models.Model):
    """The mailed code that opens the messages of a case to whoever is not signed in."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="messages_code")
    code_hash = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField(null=True)
    code_attempts = models.PositiveSmallIntegerField(default=0)
    codes_sent = models.PositiveSmallIntegerField(default=0)  # on the day of the last one
    code_sent_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"code of {self.case_id}"
