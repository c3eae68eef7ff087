"""The step: one piece of waiting work. Its row is the truth; everything else only wakes it."""

from __future__ import annotations

import uuid

from django.db import models


class Step(models.Model):
    """Work to be done once. `args` and `outcome` hold opaque ids and counts, never personal data."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        RUNNING = "running", "running"
        DONE = "done", "done"
        DROPPED = "dropped", "dropped"  # no longer wanted, or tried in vain until somebody gave up

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=64)  # the registered task: "rights.search"
    batch = models.CharField(max_length=128, default="", blank=True)  # steps with equal name and batch may run as one
    about = models.UUIDField(null=True, db_index=True)  # the case or other thing it serves
    key = models.UUIDField(unique=True, default=uuid.uuid4)  # a second queueing with the same key changes nothing
    args = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    due_at = models.DateTimeField()
    attempt = models.PositiveIntegerField(default=0)
    alone = models.BooleanField(default=False)  # failed unforeseen: runs without its batch, so as to fail none with it
    lease = models.CharField(max_length=80, default="", blank=True)  # who holds it: see `life.new_lease`
    lease_until = models.DateTimeField(null=True)
    queued_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    outcome = models.JSONField(default=dict)
    problem = models.CharField(max_length=300, default="", blank=True)  # why the last try failed; no raw values

    class Meta:
        indexes = [
            models.Index(fields=["due_at", "id"], name="step_due", condition=models.Q(state="waiting")),
            models.Index(fields=["lease_until"], name="step_leased", condition=models.Q(state="running")),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.pk} {self.state}"
