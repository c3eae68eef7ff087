"""A refusal, and the statement that stands beside a record which was not corrected."""

from __future__ import annotations

import uuid

from django.db import models

from kept.people.models import Person
from kept.rights.models import Case
from kept.vault.fields import KeyedIndexField, SealedJSONField, SealedTextField


class Refusal(models.Model):
    """Ground, what shows it, and the reasons that the person reads. Its words go when the case ends."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "waits for a second officer"
        TOLD = "told", "told"
        VOID = "void", "not told"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="refusals")
    key = models.BigIntegerField(null=True)  # the case's
    right = models.CharField(max_length=16, choices=Case.Right.choices)
    law = models.CharField(max_length=12)
    ground = models.CharField(max_length=24)  # a name of rights/grounds.toml
    source = models.CharField(max_length=200)  # the place in the law, as it was told
    shown = SealedJSONField()  # what we have to show: name of rights/grounds.toml -> words
    because = SealedTextField()  # as the person reads it
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    tell_by = models.DateField()  # the last day of the first deadline: Art. 12(4)
    proposed_at = models.DateTimeField()
    proposed_by = models.CharField(max_length=64)  # str(Actor)
    told_at = models.DateTimeField(null=True)
    told_by = models.CharField(max_length=64, blank=True)  # the second officer
    message = models.UUIDField(null=True)  # the mail that told it

    class Meta:
        ordering = ["-proposed_at"]
        indexes = [models.Index(fields=["state", "ground"])]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(state="told"), name="one_refusal_told_per_case"
            ),
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(state="proposed"), name="one_refusal_proposed_per_case"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="told")
                | (
                    models.Q(told_at__isnull=False, message__isnull=False)
                    & ~models.Q(told_by="")
                    & ~models.Q(told_by=models.F("proposed_by"))
                ),
                name="refusal_takes_two_and_is_told",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ground} of {self.case_id}"


class Annotation(models.Model):
    """What the person says of a record that we did not correct. It stays as long as the record does, and is in every
    later copy. PDPA s.22(5), GDPR Art. 16."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="annotations")
    key = models.BigIntegerField(null=True)  # the person's, so that it goes with them; or one of its own
    email = SealedTextField(index="email_index")  # finds it again for a later copy, and when the person is erased
    email_index = KeyedIndexField(of="email", kind="email", null=True)
    reference = models.CharField(max_length=20)  # of the request: opens nothing
    statement = SealedTextField()  # in the person's words
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["made_at"]

    def __str__(self) -> str:
        return f"statement of {self.reference}"
