"""What an authority asks of us, how its contact was shown to be genuine, and what we answered."""

from __future__ import annotations

import uuid

from django.db import models

from kept.vault.fields import SealedTextField


class Enquiry(models.Model):
    """One enquiry of an authority. GDPR Art. 31, 58(1); promise 17.2."""

    class State(models.TextChoices):
        RECEIVED = "received", "received"
        VERIFIED = "verified", "contact verified"
        ANSWERED = "answered", "answered"
        CLOSED = "closed", "closed"

    class Channel(models.TextChoices):
        EMAIL = "email", "e-mail"
        LETTER = "letter", "letter"
        TELEPHONE = "telephone", "telephone"
        COUNTER = "counter", "at the counter"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=20, unique=True)
    key = models.BigIntegerField(null=True)  # seals all of it; None: forgotten
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    channel = models.CharField(max_length=12, choices=Channel.choices)
    authority = SealedTextField()  # "The Information Commissioner’s Office"
    their_reference = SealedTextField()
    basis = SealedTextField()  # the law that they ask under
    asked = SealedTextField()  # what they want to know
    contact = SealedTextField()  # who asks, and how to reach them, as they say it
    received_at = models.DateTimeField()
    due_on = models.DateField()  # the day that they set
    due_said = SealedTextField()  # where that day comes from, in their words
    verified_at = models.DateTimeField(null=True)  # somebody called back and reached them
    verified_by = models.CharField(max_length=64, blank=True)  # str(Actor)
    verified_how = SealedTextField()  # where the number was found, and who answered
    recorded_by = models.CharField(max_length=64)  # str(Actor)
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_why = SealedTextField()  # closed without an answer: why

    class Meta:
        ordering = ["due_on", "received_at", "id"]
        indexes = [models.Index(fields=["state", "due_on"])]
        verbose_name_plural = "enquiries"

    def __str__(self) -> str:
        return self.reference


class EnquiryMatter(models.Model):
    """A request or complaint that an enquiry is about."""

    enquiry = models.ForeignKey(Enquiry, models.CASCADE, related_name="matters")
    about = models.CharField(max_length=80, db_index=True)  # "rights.case:…"
    by = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["enquiry", "about"], name="enquiry_about_once")]

    def __str__(self) -> str:
        return f"{self.enquiry_id} about {self.about}"


class EnquiryAnswer(models.Model):
    """What we tell an authority: written by one officer, released by another."""

    class State(models.TextChoices):
        WAITING = "waiting", "waits for a second officer"
        SENT = "sent", "released"
        TAKEN_BACK = "taken_back", "taken back"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    enquiry = models.ForeignKey(Enquiry, models.CASCADE, related_name="answers")
    key = models.BigIntegerField(null=True)  # the enquiry's
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    text = SealedTextField()  # what is told, as it goes out
    sha256 = models.CharField(max_length=64)  # of the text, UTF-8
    how = models.CharField(max_length=12, choices=Enquiry.Channel.choices)
    whole = models.BooleanField(default=True)  # nothing more is owed after it
    written_at = models.DateTimeField()
    written_by = models.CharField(max_length=64)  # str(Actor)
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=64, blank=True)  # str(Actor): another one

    class Meta:
        ordering = ["written_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="sent")
                | (~models.Q(released_by="") & ~models.Q(released_by=models.F("written_by"))),
                name="answer_is_released_by_somebody_else",
            )
        ]

    def __str__(self) -> str:
        return f"answer to {self.enquiry_id} {self.state}"
