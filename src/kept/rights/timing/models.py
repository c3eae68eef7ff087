"""What was asked of a person, a change of the law of a case, and who wants the daily mail."""

from __future__ import annotations

import uuid

from django.db import models

from kept.people.models import Account
from kept.rights.models import Case
from kept.vault.fields import SealedTextField


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


class Reminding(models.Model):
    """Whether an officer wants the daily mail, and when the last one went."""

    class Wants(models.TextChoices):
        ALL = "all", "All requests that are due soon or late"
        MINE = "mine", "Only those assigned to me, or to nobody"
        NONE = "none", "No mail: I look at the desk"

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="reminding")
    wants = models.CharField(max_length=4, choices=Wants.choices, default=Wants.ALL)
    sent_on = models.DateField(null=True)  # the office's day of the last mail

    def __str__(self) -> str:
        return f"{self.account_id} {self.wants}"
