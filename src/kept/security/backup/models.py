"""What is known of backups, and what must be done again after one was restored."""

from __future__ import annotations

import uuid

from django.db import models


class Backup(models.Model):
    """A file that was made. Its days are counted from `made_at`; see `folder.KEPT_FOR`."""

    class What(models.TextChoices):
        DATA = "data", "data"
        KEYS = "keys", "keys"

    path = models.CharField(max_length=500, unique=True)
    what = models.CharField(max_length=4, choices=What.choices)
    made_at = models.DateTimeField()
    size = models.PositiveBigIntegerField()  # bytes
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["what", "made_at"])]

    def __str__(self) -> str:
        return f"{self.what} of {self.made_at:%Y-%m-%d %H:%M}"


class RestoreTest(models.Model):
    """A backup that was read back to see whether it can be."""

    class Outcome(models.TextChoices):
        WHOLE = "whole", "everything is there, and opens"
        READ = "read", "read to its end; it could not be restored beside the store"
        FAILED = "failed", "it cannot be restored"

    at = models.DateTimeField()
    backup_made_at = models.DateTimeField(null=True)  # None: there was no backup to be tested
    outcome = models.CharField(max_length=6, choices=Outcome.choices)
    tables = models.PositiveIntegerField(default=0)
    rows = models.PositiveBigIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0)  # sealed values that were opened with the keys of the backup
    problem = models.CharField(max_length=300, blank=True)  # no values

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.outcome} on {self.at:%Y-%m-%d}"


class Restore(models.Model):
    """A store that came out of a backup. Until it is over Kept does not serve."""

    begun_at = models.DateTimeField()
    backup_made_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True)
    replayed = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"restore of {self.backup_made_at:%Y-%m-%d %H:%M}"


class Replay(models.Model):
    """Something that a restore must do again, on its way into the replay list outside the store. No plain identifiers:
    keyed hashes, numbers, states."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20)  # as registered: replays.replays
    at = models.DateTimeField()
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
