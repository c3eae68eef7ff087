"""A complaint about how we treat somebody's data, what was said in it, and the files that came with it."""

from __future__ import annotations

import uuid

from django.db import models

from kept.people.models import Account
from kept.vault.fields import KeyedIndexField, SealedTextField


class Complaint(models.Model):
    """One complaint. It is taken from everybody; only what it discloses waits until the address was shown to be theirs.

    UK: Data Protection Act 2018 s.164A. EU: nothing keeps anybody from Art. 77 meanwhile.
    """

    class State(models.TextChoices):
        RECEIVED = "received", "received"
        ACKNOWLEDGED = "acknowledged", "acknowledged"
        INVESTIGATED = "investigated", "being looked into"
        DECIDED = "decided", "answered"
        CLOSED = "closed", "closed"  # name, address and words are erased
        WITHDRAWN = "withdrawn", "withdrawn"

    class Channel(models.TextChoices):
        WEB = "web", "web form"
        CLIENT_AREA = "client_area", "client area"
        EMAIL = "email", "e-mail"
        LETTER = "letter", "letter"
        TELEPHONE = "telephone", "telephone"
        COUNTER = "counter", "at the counter"

    class Outcome(models.TextChoices):
        UPHELD = "upheld", "upheld"
        PARTLY = "partly", "partly upheld"
        NOT_UPHELD = "not_upheld", "not upheld"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=20, unique=True)  # to speak of it; opens nothing
    key = models.BigIntegerField(null=True)  # seals all of it; None: destroyed when it ended
    state = models.CharField(max_length=14, choices=State.choices, default=State.RECEIVED)
    channel = models.CharField(max_length=12, choices=Channel.choices)
    law = models.CharField(max_length=12)  # whose clock runs, and where else one may go: clocks.toml, routes.toml
    language = models.CharField(max_length=8, default="en")  # of what we write to them
    account = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="complaints")
    form = models.UUIDField(null=True, unique=True)  # the form it was sent with: sent twice, it is one complaint
    name = SealedTextField()
    email = SealedTextField(index="email_index")  # "": by letter, or erased when it ended
    email_index = KeyedIndexField(of="email", kind="email", db_index=True)
    postal = SealedTextField()  # where letters go, if they came so
    words = SealedTextField()  # what they complain about
    wants = SealedTextField()  # what would put it right
    received_at = models.DateTimeField()
    about_named = SealedTextField()  # the number they wrote, as they wrote it
    about = models.CharField(max_length=80, blank=True, db_index=True)  # "rights.case:…"; "": nothing
    linked_by = models.CharField(max_length=64, blank=True)  # str(Actor)
    ack_due_on = models.DateField()
    ack_clock = models.JSONField(default=dict)  # the rule and its inputs
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_how = models.CharField(max_length=12, choices=Channel.choices, blank=True)
    ack_message = models.UUIDField(null=True)  # the mail that did it
    told_at = models.DateTimeField(null=True)  # our last word to them
    progress_due_on = models.DateField(null=True)
    progress_clock = models.JSONField(default=dict)
    unread = models.BooleanField(default=False)  # they said something that nobody has looked at
    assignee = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="complaints_in_hand")
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    findings = SealedTextField()  # what we found
    remedy = SealedTextField()  # what is done about it
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=64, blank=True)  # str(Actor)
    reopened = models.PositiveSmallIntegerField(default=0)  # how often
    token_hash = models.CharField(max_length=64, unique=True)  # of the status link's token
    code_hash = models.CharField(max_length=64, blank=True)  # of the code mailed last
    code_expires_at = models.DateTimeField(null=True)
    code_attempts = models.PositiveSmallIntegerField(default=0)
    codes_sent = models.PositiveSmallIntegerField(default=0)
    code_sent_at = models.DateTimeField(null=True)
    proven_at = models.DateTimeField(null=True)  # since when the address is known to be theirs
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["received_at", "id"]
        indexes = [models.Index(fields=["state", "received_at"]), models.Index(fields=["closed_at"])]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state__in=["closed", "withdrawn"])
                | models.Q(name="", email="", postal="", words="", findings="", key=None),
                name="complaint_that_ended_names_nobody",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="decided") | ~models.Q(outcome=""), name="decided_complaint_has_its_outcome"
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class ComplaintNote(models.Model):
    """Something that was said after the complaint came."""

    class Kind(models.TextChoices):
        TOLD = "told", "told to the person"
        SAID = "said", "said by the person"
        NOTE = "note", "note of the investigation"  # staff only, until somebody asks for a copy

    complaint = models.ForeignKey(Complaint, models.CASCADE, related_name="notes")
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.BigIntegerField(null=True)  # the complaint's
    kind = models.CharField(max_length=6, choices=Kind.choices)
    text = SealedTextField()
    how = models.CharField(max_length=12, choices=Complaint.Channel.choices, blank=True)  # by which way it was told
    at = models.DateTimeField()
    by = models.CharField(max_length=64)  # str(Actor)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.kind} of {self.complaint_id}"


class ComplaintFile(models.Model):
    """A file that came with it; it lies sealed outside the web root: `kept.security.uploads`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    complaint = models.ForeignKey(Complaint, models.CASCADE, related_name="files")
    key = models.BigIntegerField(null=True)  # the complaint's
    place = models.CharField(max_length=32)
    name = SealedTextField()
    kind = models.CharField(max_length=8)  # "pdf"
    size = models.PositiveIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)  # str(Actor)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"file of {self.complaint_id}"
