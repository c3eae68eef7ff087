"""The keys. What they seal stands in other rooms' rows; the master key stands outside the database."""

from __future__ import annotations

from django.db import models


class Generation(models.Model):
    """A key that wraps the persons' keys, itself wrapped by the master key. The newest one wraps; all unwrap."""

    INDEX = 0  # this number's key wraps nothing: the keyed indexes are derived from it, and it never changes

    number = models.PositiveSmallIntegerField(primary_key=True)
    wrapped = models.BinaryField(max_length=1024)  # as long as the key service makes it
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"generation {self.number}"


class Key(models.Model):
    """One data key, wrapped: 40 bytes (RFC 3394). A person has one, and each request has one. Deleted: destroyed."""

    number = models.BigAutoField(primary_key=True)  # never given twice
    # No index and no constraint: they would cost each person more bytes than they are worth.
    generation = models.ForeignKey(Generation, models.DO_NOTHING, db_index=False, db_constraint=False)
    wrapped = models.BinaryField(max_length=40)

    def __str__(self) -> str:
        return f"key {self.number}"
