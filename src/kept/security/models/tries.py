"""How often somebody tried, in the store: all processes and hosts count together, and a restart forgets nothing."""

from __future__ import annotations

from django.db import models


class Try(models.Model):
    """One thing that is counted. Its key is a keyed hash: no address and no account can be read from it."""

    key = models.CharField(max_length=64, primary_key=True)
    value = models.JSONField(null=True)  # what allauth remembers; None: only the time counts
    until = models.DateTimeField(db_index=True)  # of no use after this instant

    class Meta:
        db_table = "security_try"
        verbose_name_plural = "tries"

    def __str__(self) -> str:
        return self.key[:8]
