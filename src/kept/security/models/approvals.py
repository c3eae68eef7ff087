"""What one person asked for and another one has to approve."""

from __future__ import annotations

import uuid

from django.db import models

WAITING = "waiting"
GIVEN = ("approved", "done")


class Approval(models.Model):
    """One act that takes two persons. The store itself refuses that both are the same one."""

    class State(models.TextChoices):
        WAITING = "waiting", "waits for a second person"
        APPROVED = "approved", "approved"  # and about to be carried out, in the same transaction
        DONE = "done", "approved and done"
        REFUSED = "refused", "refused"
        WITHDRAWN = "withdrawn", "taken back"
        EXPIRED = "expired", "nobody answered in time"
        VOID = "void", "what it was about has changed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=64)  # a name of `approvals.KINDS`
    about = models.CharField(max_length=64)  # "rights.case:<uuid>"
    title = models.CharField(max_length=200)  # for the second person: no names, no values
    seen = models.CharField(
        max_length=64, blank=True
    )  # a digest of what the first person saw; "": nothing that changes
    facts = models.JSONField(default=dict)  # what the act needs: states and opaque ids
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    asked_by = models.CharField(max_length=64)  # str(Actor)
    asker = models.UUIDField(null=True)  # None: whoever runs Kept on its machine
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_by = models.CharField(max_length=64, blank=True)
    decider = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "security_approval"
        ordering = ["-asked_at"]
        indexes = [models.Index(fields=["state", "expires_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "about"], condition=models.Q(state=WAITING), name="one_waiting_approval_each"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=GIVEN)
                | (models.Q(decider__isnull=False) & ~models.Q(decider=models.F("asker")))
                | (models.Q(decider__isnull=False) & models.Q(asker__isnull=True)),
                name="approval_takes_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
