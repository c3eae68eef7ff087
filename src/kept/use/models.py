"""What use rests on. So far: whom not to approach again."""

from __future__ import annotations

from django.db import models


class Suppression(models.Model):
    """An identifier that a purpose may no longer use, as a keyed hash: enough to know it again, not to read it."""

    purpose = models.CharField(max_length=40)  # "marketing.own"
    kind = models.CharField(max_length=20)  # of the identifier
    digest = models.CharField(max_length=64)  # use.rules.digest
    law = models.CharField(max_length=200)  # why it may be kept
    since = models.DateTimeField()
    until = models.DateField()  # its last day

    class Meta:
        constraints = [models.UniqueConstraint(fields=["purpose", "kind", "digest"], name="suppressed_once")]
        indexes = [models.Index(fields=["until"])]

    def __str__(self) -> str:
        return f"{self.purpose} {self.kind}"


class KeptAccount(models.Model):
    """An account whose records a law keeps after an erasure: without it, nobody would find them by the address again.

    The address is a keyed hash; the number of the account says nothing outside its system.
    """

    kind = models.CharField(max_length=20)  # of the identifier
    digest = models.CharField(max_length=64)  # use.rules.digest
    system = models.CharField(max_length=64)
    account = models.CharField(max_length=320)
    law = models.CharField(max_length=300)
    since = models.DateTimeField()
    until = models.DateField()  # its last day

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest", "system", "account"], name="kept_account_once")]
        indexes = [models.Index(fields=["until"])]

    def __str__(self) -> str:
        return self.system
