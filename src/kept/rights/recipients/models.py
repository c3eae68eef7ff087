"""The register of recipients, and what each was told of which request."""

from __future__ import annotations

import uuid

from django.db import models

from kept.rights.models import Case


class Recipient(models.Model):
    """Somebody outside the company who gets data, by the name that the packs give them, and how they are told.

    Nobody has said how: by hand.
    """

    class How(models.TextChoices):
        MAIL = "mail", "by e-mail"
        HAND = "hand", "by a person: letter, telephone, their own site"
        NOT = "not", "not at all"

    name = models.CharField(max_length=200, unique=True)
    how = models.CharField(max_length=4, choices=How.choices, default=How.HAND)
    email = models.CharField(max_length=254, blank=True)  # a mailbox of theirs for this
    because = models.CharField(max_length=300, blank=True)  # why not at all: an authority with an inquiry, Art. 4(9)
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=64)  # str(Actor)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(how="mail") | ~models.Q(email=""), name="who_is_told_by_mail_has_an_address"
            ),
            models.CheckConstraint(
                condition=~models.Q(how="not") | ~models.Q(because=""), name="who_is_not_told_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Telling(models.Model):
    """One recipient to be told of one request. It names tables and nobody: what is said is read from the case."""

    class State(models.TextChoices):
        WAITING = "waiting", "to be told"
        MAILED = "mailed", "mail on its way"
        TOLD = "told", "told"
        IMPOSSIBLE = "impossible", "cannot be told"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="tellings")
    recipient = models.CharField(max_length=200)  # the name in the packs
    places = models.JSONField(default=list)  # [[system, table]] where what they were given has changed
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    message = models.UUIDField(null=True)  # the mail in the outbox
    problem = models.CharField(max_length=200, blank=True)  # why the mail did not reach them, or why nothing can
    owed_at = models.DateTimeField()
    told_on = models.DateField(null=True)
    settled_by = models.CharField(max_length=64, blank=True)  # str(Actor)

    class Meta:
        ordering = ["owed_at", "recipient"]
        indexes = [models.Index(fields=["state", "owed_at"])]
        constraints = [models.UniqueConstraint(fields=["case", "recipient"], name="one_telling_per_case_and_recipient")]

    def __str__(self) -> str:
        return f"{self.recipient}: {self.state}"
