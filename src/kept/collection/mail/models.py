"""Mail that came in: as it came, as it was read, and what it asks for."""

from __future__ import annotations

import uuid

from django.db import models

from kept.collection.mail.fields import SealedBytesField
from kept.vault.fields import KeyedIndexField, SealedJSONField, SealedTextField


class InboundMail(models.Model):
    """One mail. Everything in it is sealed under a key of its own, which goes when its words go."""

    class Door(models.TextChoices):
        SMTP = "smtp", "SMTP"
        LMTP = "lmtp", "LMTP"
        IMAP = "imap", "IMAP"
        HAND = "hand", "taken in by hand"

    class State(models.TextChoices):
        WAITING = "waiting", "not read yet"
        TO_DECIDE = "to_decide", "a person decides"
        SETTLED = "settled", "settled"
        AUTOMATIC = "automatic", "automatic, not answered"
        COPY = "copy", "a copy of another mail"
        FAILED = "failed", "could not be read"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.BigIntegerField(null=True)  # None: its words were forgotten
    sha256 = models.CharField(max_length=64, unique=True)  # of the mail as it came
    size = models.PositiveIntegerField()  # bytes
    received_at = models.DateTimeField()  # at our border: clocks begin here
    door = models.CharField(max_length=10, choices=Door.choices)
    mailboxes = models.JSONField(default=list)  # our own addresses that it came to
    envelope = SealedJSONField()  # {"sender": null or text, "peer": "", "helo": ""}
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    read_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    message_id = SealedTextField(index="message_id_index")
    message_id_index = KeyedIndexField(of="message_id", db_index=True)
    sender = SealedTextField(index="sender_index")
    sender_index = KeyedIndexField(of="sender", kind="email", db_index=True)
    sender_name = SealedTextField()
    subject = SealedTextField()
    text = SealedTextField()  # what is new in it
    quoted = SealedTextField()  # what it repeats, its signature, and mails inside it
    details = SealedJSONField()  # {"to": [address], "attachments": [{…}], "references": [id]}
    faults = models.JSONField(default=list)  # what was wrong with it, in our words
    automatic = models.CharField(max_length=80, blank=True)  # why nobody wrote it to us; "": somebody may have
    verdicts = models.JSONField(default=dict)  # {"dkim": "pass", …, "by": "own check"}: authentication.Verdicts
    thread = models.UUIDField(null=True, db_index=True)  # the first mail of the conversation
    copy_of = models.ForeignKey("self", models.SET_NULL, null=True)
    case = models.UUIDField(null=True, db_index=True)  # the request that it answers or names
    case_reference = models.CharField(max_length=20, blank=True)
    unclear = models.CharField(max_length=80, blank=True)  # why a person has to look
    problem = models.CharField(max_length=300, blank=True)  # why it could not be read; no values

    class Meta:
        ordering = ["-received_at", "id"]
        indexes = [models.Index(fields=["state", "received_at"]), models.Index(fields=["received_at"])]

    def __str__(self) -> str:
        return f"mail {self.pk} {self.state}"


class MailPiece(models.Model):
    """A piece of a mail as it came: no row is larger than 256 KiB, so that nobody who reads rows needs more memory."""

    mail = models.ForeignKey(InboundMail, models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    key = models.BigIntegerField(null=True)  # the mail's
    raw = SealedBytesField(bound_to=("mail_id", "number"))

    class Meta:
        ordering = ["mail_id", "number"]
        constraints = [models.UniqueConstraint(fields=["mail", "number"], name="piece_once")]

    def __str__(self) -> str:
        return f"piece {self.number} of {self.mail_id}"


NO_RIGHTS = frozenset({"stop_marketing", "opt_in", "complaint"})  # wishes that nobody needs a mandate for


class MailItem(models.Model):
    """One thing that a mail asks for, about one person."""

    class Wish(models.TextChoices):
        ACCESS = "access", "a copy of their data"
        ERASURE = "erasure", "erasure"
        RECTIFICATION = "rectification", "a correction"
        RESTRICTION = "restriction", "a restriction"
        OBJECTION = "objection", "an objection"
        PORTABILITY = "portability", "a copy to take elsewhere"
        STOP_MARKETING = "stop_marketing", "no more advertising"
        OPT_IN = "opt_in", "to get advertising"
        COMPLAINT = "complaint", "a complaint"
        AUTOMATED = "automated", "a computer’s decision explained"

    class Acting(models.TextChoices):
        """Who the sender is, where they ask for somebody else; as `rights.mandates` knows it."""

        AGENT = "agent", "as somebody they authorised"
        PARENT = "parent", "as a parent or guardian of a child"
        GUARDIAN = "guardian", "as a guardian or deputy of an adult"

    class State(models.TextChoices):
        PROPOSED = "proposed", "a person decides"
        DECIDED = "decided", "being opened"
        OPENED = "opened", "a request"
        DONE = "done", "done"
        DISMISSED = "dismissed", "no request"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mail = models.ForeignKey(InboundMail, models.CASCADE, related_name="items")
    key = models.BigIntegerField(null=True)  # the mail's
    wish = models.CharField(max_length=20, choices=Wish.choices)
    language = models.CharField(max_length=8, blank=True)  # of the rule
    rule = models.CharField(max_length=40, blank=True)  # which proposed it: "en-erasure-1"; "": a person
    person = SealedTextField(index="person_index")  # the address it is about
    person_index = KeyedIndexField(of="person", kind="email", db_index=True)
    acting = models.CharField(max_length=8, choices=Acting.choices, blank=True)  # "": the person asks themselves
    name = SealedTextField()  # of the person, where the sender asks for them
    state = models.CharField(max_length=12, choices=State.choices, default=State.PROPOSED)
    case = models.UUIDField(null=True, db_index=True)
    case_reference = models.CharField(max_length=20, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=64, blank=True)  # str(Actor)
    problem = models.CharField(max_length=300, blank=True)  # why it was not opened; no values

    class Meta:
        ordering = ["mail_id", "wish", "id"]

    def __str__(self) -> str:
        return f"{self.wish} {self.state}"
