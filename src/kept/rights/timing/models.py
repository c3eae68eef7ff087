"""What was asked of a person, where they live, a change of the law of a case, and what reminded the officers."""

from __future__ import annotations

import uuid

from django.db import models

from kept.rights.models import Case
from kept.vault.fields import SealedTextField

FEE = "rights.ask_fee"  # what takes two officers, where it is for us to show that a fee is allowed


class Wait(models.Model):
    """Something we asked of the person, with its evidence: what was asked and when, and when the answer came."""

    class Ground(models.TextChoices):
        IDENTITY = "identity", "who they are"
        PARTICULARS = "particulars", "which information or processing they mean"
        FEE = "fee", "a fee"

    class Effect(models.TextChoices):
        PAUSE = "pause", "the days in between do not count"
        START = "start", "the clock starts on the day of the answer"
        NONE = "none", "the clock runs on"

    class Outcome(models.TextChoices):
        OPEN = "", "not answered yet"
        ANSWERED = "answered", "answered"
        ACCEPTED = "accepted", "accepted"  # a fee
        DECLINED = "declined", "declined"  # a fee
        GIVEN_UP = "given_up", "given up: each day counts"
        ENDED = "ended", "the request ended first"

    class By(models.TextChoices):
        PAGE = "page", "on the page of the request"
        EMAIL = "email", "by e-mail"
        LETTER = "letter", "by letter"
        TELEPHONE = "telephone", "by telephone"
        COUNTER = "counter", "at the counter"
        BANK = "bank", "with the payment"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="waits")
    key = models.BigIntegerField(null=True)  # the case's
    ground = models.CharField(max_length=12, choices=Ground.choices)
    effect = models.CharField(max_length=6, choices=Effect.choices)
    law = models.CharField(max_length=12)  # of the case, when it was asked
    rule = models.CharField(max_length=24)  # of kept.clocks
    asked = SealedTextField()  # as the person was told
    why = SealedTextField()  # why it is needed: for whoever checks it
    basis = models.CharField(max_length=16, blank=True)  # of a fee: what allows it, of timing.toml
    amount = models.PositiveBigIntegerField(null=True)  # of a fee: minor units
    currency = models.CharField(max_length=3, blank=True)  # ISO 4217
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=64)  # str(Actor)
    message = models.UUIDField(null=True)  # the mail that asked
    answer = SealedTextField()  # what came, in the person's or the officer's words
    ended_at = models.DateTimeField(null=True)  # when the answer came; None: it is open
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True, default=Outcome.OPEN)
    came_by = models.CharField(max_length=10, choices=By.choices, blank=True)
    noted_at = models.DateTimeField(null=True)  # when the answer was written down here
    noted_by = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(ended_at__isnull=True), name="one_open_question_per_case"
            ),
            models.CheckConstraint(
                condition=models.Q(ground="fee", amount__gt=0) | (~models.Q(ground="fee") & models.Q(amount=None)),
                name="only_a_fee_has_an_amount",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ground} of {self.case_id}"


class LawChange(models.Model):
    """An officer found that another law's clock runs."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="law_changes")
    key = models.BigIntegerField(null=True)  # the case's
    before = models.CharField(max_length=12)
    law = models.CharField(max_length=12)
    because = SealedTextField()
    due_before = models.DateField()
    due_on = models.DateField()
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=64)

    class Meta:
        ordering = ["changed_at"]

    def __str__(self) -> str:
        return f"{self.before} to {self.law}"


class FeeProposal(models.Model):
    """A fee that an officer wants to ask for, until a second one has looked. The person is told nothing before."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "waits for a second officer"
        ASKED = "asked", "asked"
        VOID = "void", "not asked"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="fee_proposals")
    key = models.BigIntegerField(null=True)  # the case's
    law = models.CharField(max_length=12)
    basis = models.CharField(max_length=16)  # of timing.toml
    amount = models.PositiveBigIntegerField()  # minor units
    currency = models.CharField(max_length=3)  # ISO 4217
    asked = SealedTextField()  # as the person is to read it
    why = SealedTextField()  # what shows that the request is what we say it is
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_at = models.DateTimeField()
    proposed_by = models.CharField(max_length=64)  # str(Actor)
    ended_at = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=64, blank=True)  # the second officer

    class Meta:
        ordering = ["-proposed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(state="proposed"), name="one_fee_proposed_per_case"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="asked")
                | (~models.Q(approved_by="") & ~models.Q(approved_by=models.F("proposed_by"))),
                name="fee_takes_two",
            ),
        ]

    def __str__(self) -> str:
        return f"fee for {self.case_id}"


class Home(models.Model):
    """Where the person of a case lives, as far as it decided whose clock runs, and who said so."""

    class SaidBy(models.TextChoices):
        PERSON = "person", "the person"
        STAFF = "staff", "the address that staff wrote down"
        AGENT = "agent", "the agent"

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="home")
    key = models.BigIntegerField(null=True)  # the case's
    place = SealedTextField()  # ISO 3166: "SG", "US-CA"; or "EEA"
    said_by = models.CharField(max_length=8, choices=SaidBy.choices)
    law = models.CharField(max_length=12)  # that follows from it, for this right and that day
    said_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"home of {self.case_id}"


class Reminder(models.Model):
    """Officers were mailed that the last day of a case is near, or over. One row a step: nobody is told twice."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="reminders")
    due_on = models.DateField()  # of the case, when it was sent: another last day has its own steps
    step = models.IntegerField()  # days before that day, of timing.toml; below zero: on each day when it is late
    sent_at = models.DateTimeField()
    told = models.PositiveIntegerField(default=0)  # officers

    class Meta:
        ordering = ["sent_at"]
        constraints = [models.UniqueConstraint(fields=["case", "due_on", "step"], name="reminded_once_of_each_step")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.step}"
