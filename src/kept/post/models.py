"""The outbox: every mail Kept sends, written in the transaction of the action that sends it.

Whom a mail goes to and what it says is sealed under the key of its recipient.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models

from kept.vault.fields import KeyedIndexField, SealedTextField
from kept.vault.whose import key_of_address

FORGOTTEN: dict[str, Any] = {"key": None, "to": "", "to_index": b"", "subject": "", "text": "", "html": ""}  # update()


class Message(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        SENT = "sent", "sent"
        KEPT = "kept", "kept in the outbox"  # the demo sends nothing
        FAILED = "failed", "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.BigIntegerField(null=True, db_index=True)  # what seals it; None: nothing is left to be sealed
    to = SealedTextField(index="to_index")  # "": forgotten
    to_index = KeyedIndexField(of="to", kind="email", db_index=True)
    subject = SealedTextField()
    text = SealedTextField()
    html = SealedTextField()
    language = models.CharField(max_length=8, default="en")  # it is written in: `post.languages`
    about = models.UUIDField(null=True, db_index=True)  # the case it belongs to
    sha256 = models.CharField(max_length=64, blank=True)  # of subject, empty line and text, once those are forgotten
    size = models.PositiveIntegerField(default=0)  # bytes of the same
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["written_at"])]

    def __str__(self) -> str:
        return f"message {self.pk} {self.state}"

    def save(self, **how: Any) -> None:
        if self.key is None and self.to:
            self.key = key_of_address(self.to)
        super().save(**how)
