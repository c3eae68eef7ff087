"""The company's own apps that may ask for people, and what each of them has asked."""

from __future__ import annotations

import uuid

from django.db import models

from kept.rights.models import Case


class Client(models.Model):
    """One app. Its token is known to it alone; a leaked store opens nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)  # for colleagues: "Customer app"
    scopes = models.JSONField(default=list)  # some of rights.api.scopes
    token_hash = models.CharField(max_length=64, unique=True)  # SHA-256; the token has 256 bits by chance
    token_hint = models.CharField(max_length=8)  # its last signs, so that people can tell two apart
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=64)  # str(Actor)
    used_at = models.DateTimeField(null=True)  # to the minute
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["made_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(revoked_at=None), name="one_app_in_use_of_each_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Opening(models.Model):
    """A request that an app has opened. The app knows it by this row's id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, models.PROTECT, related_name="openings")
    case = models.OneToOneField(Case, models.CASCADE, related_name="opening")
    # Hashes keyed with the app's token, which we do not have: nobody can find out by trying what was sent.
    key_hash = models.CharField(max_length=64, null=True)  # noqa: DJ001  (None: forgotten) of the Idempotency-Key
    body_hash = models.CharField(max_length=64, blank=True)  # of what was asked with it
    opened_at = models.DateTimeField()

    class Meta:
        ordering = ["opened_at", "id"]
        constraints = [models.UniqueConstraint(fields=["client", "key_hash"], name="one_request_for_each_key")]
        indexes = [models.Index(fields=["opened_at"])]

    def __str__(self) -> str:
        return f"request of {self.client_id}"
