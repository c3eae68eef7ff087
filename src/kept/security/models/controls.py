"""The control register: what is done against loss, misuse and alteration, whose it is, and when it was looked at."""

from __future__ import annotations

import uuid

from django.db import models


class Control(models.Model):
    """One measure. GDPR Art. 24(1), 32(1)(d); promise 7.2: physical, electronic and managerial procedures."""

    class Kind(models.TextChoices):
        PHYSICAL = "physical", "physical"
        ELECTRONIC = "electronic", "electronic"
        MANAGERIAL = "managerial", "managerial"

    class Outcome(models.TextChoices):
        WORKS = "works", "It works"
        PARTLY = "partly", "It works in part"
        FAILS = "fails", "It does not work"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    does = models.CharField(max_length=500)  # what is done, in a sentence or two
    owner = models.CharField(max_length=120)  # the post that answers for it: "Head of operations"
    days = models.PositiveIntegerField()  # between two reviews
    added_at = models.DateTimeField()
    due_on = models.DateField()  # the next review
    ended_at = models.DateTimeField(null=True)  # no longer in use

    class Meta:
        db_table = "security_control"
        ordering = ["due_on", "title"]
        constraints = [
            models.UniqueConstraint(
                fields=["title"], condition=models.Q(ended_at=None), name="one_control_in_use_of_each_title"
            ),
            models.CheckConstraint(condition=models.Q(days__gt=0), name="control_is_reviewed_again"),
        ]

    def __str__(self) -> str:
        return self.title


class Review(models.Model):
    """One look at whether a control does what it says."""

    control = models.ForeignKey(Control, models.CASCADE, related_name="reviews")
    outcome = models.CharField(max_length=10, choices=Control.Outcome.choices)
    evidence = models.CharField(max_length=500)  # what was looked at, and where it can be found
    by = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        db_table = "security_review"
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.control_id} {self.outcome}"
