"""The ledger's rows: entries, the tree of hashes over them, and what was signed (design, idea 6; promise 1.2).

An entry's payload (kind, about, by, at, facts) is apart from what the tree holds. The tree holds its commitment only,
a keyed hash under the entry's own salt: once payload and salt are erased, nobody can tell what it was, and the tree
over all entries is as it was.
"""

from __future__ import annotations

import secrets

from django.db import models

SALT_BYTES = 16


def new_salt() -> bytes:
    return secrets.token_bytes(SALT_BYTES)


class Entry(models.Model):
    """What was done, by whom, when. Holds no personal data: facts are counts, states and opaque ids."""

    kind = models.CharField(max_length=64)  # "rights.case_opened"
    about = models.CharField(max_length=64)  # "rights.case:<uuid>"
    by = models.CharField(max_length=64)  # str(Actor)
    at = models.DateTimeField()
    facts = models.JSONField(default=dict)
    salt = models.BinaryField(default=new_salt, max_length=SALT_BYTES)  # empty: destroyed with the payload
    commitment = models.BinaryField(max_length=32)  # what the tree holds of it: `leaves.commitment_of`
    index = models.BigIntegerField(null=True)  # its place in the tree; None: waits for the sequencer
    erased_at = models.DateTimeField(null=True)  # since then `about`, `by` and `facts` are empty

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["index"], name="entry_index", condition=models.Q(index__isnull=False)),
        ]
        indexes = [
            models.Index(fields=["about", "id"]),
            models.Index(fields=["id"], name="entry_waiting", condition=models.Q(index=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"


class Log(models.Model):
    """One row: how far the tree reaches, and its latest checkpoint. Whoever holds its lock is the sequencer."""

    size = models.BigIntegerField(default=0)  # entries in the tree: the next index
    checkpoint = models.TextField(default="", blank=True)  # the latest signed note; "": none yet
    keys = models.JSONField(default=list)  # the keys it was ever signed with, as verifier keys; the last is the present

    def __str__(self) -> str:
        return str(self.size)


class Tile(models.Model):
    """Up to 256 hashes side by side. Level 0: of leaves; level n: of full tiles of level n-1. C2SP tlog-tiles."""

    level = models.PositiveSmallIntegerField()
    number = models.BigIntegerField()
    hashes = models.BinaryField(max_length=256 * 32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "number"], name="tile_place")]

    def __str__(self) -> str:
        return f"{self.level}/{self.number}"


class Checkpoint(models.Model):
    """One signed checkpoint for at least every 256 entries: says later where a changed log was still whole."""

    size = models.BigIntegerField(unique=True)
    note = models.TextField()  # the signed note, with the cosignatures of witnesses
    timestamp = models.BinaryField(null=True)  # an RFC 3161 token over the note without cosignatures; None: none asked

    def __str__(self) -> str:
        return str(self.size)
