"""The steps by which somebody shows that a request is theirs, and what each of them showed."""

from __future__ import annotations

import uuid

from django.db import models

from kept.vault.fields import SealedJSONField, SealedTextField


class ProofStep(models.Model):
    """One step of one request. What was typed is stored nowhere; what it showed is sealed, and goes with the case."""

    class Method(models.TextChoices):
        SESSION = "session", "signed in with a proven address"
        MAIL_CODE = "mail_code", "code by mail"
        LETTER_CODE = "letter_code", "code by letter to the address on file"
        CALL_BACK = "call_back", "call back to the number on file"
        FACTS = "facts", "known facts by a second channel"
        AUTHORITY = "authority", "authority to ask for somebody else"
        DOCUMENT = "document", "identity document"

    class State(models.TextChoices):
        OPEN = "open", "under way"
        PASSED = "passed", "passed"
        FAILED = "failed", "not passed"
        OVER = "over", "no longer counts"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("rights.Case", models.CASCADE, related_name="proof_steps")
    key = models.BigIntegerField(null=True)  # the case's; None: the case has ended
    method = models.CharField(max_length=12, choices=Method.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    channel = models.CharField(max_length=12, blank=True)  # by which it was made: "telephone"
    shows = SealedJSONField()  # {"identifiers": [[kind, value, scope]], "contacts": ["email", "postal", "phone"]}
    code_hash = models.CharField(max_length=64, blank=True)  # "": no code belongs to it, or it was used
    code_expires_at = models.DateTimeField(null=True)
    code_attempts = models.PositiveSmallIntegerField(default=0)
    paper = models.UUIDField(null=True)  # the letter that carries the code: reach.PaperLetter
    seen_by = models.JSONField(default=list)  # the ids of the accounts that saw the code: they cannot type it
    asked = models.JSONField(default=list)  # known facts: the names of those that were asked
    right = models.PositiveSmallIntegerField(null=True)  # and how many were right
    doubt = SealedTextField()  # document: the reasonable doubt, as whoever checks it reads it. GDPR Art. 12(6)
    file_key = models.BigIntegerField(null=True)  # a key for the document alone; None: there is none, or it is gone
    place = models.CharField(max_length=32, blank=True)  # below the uploads folder; "": none, or removed
    name = SealedTextField(key="file_key")
    kind = models.CharField(max_length=8, blank=True)
    size = models.PositiveBigIntegerField(null=True)  # bytes
    kept_by = models.CharField(max_length=64, blank=True)  # str(Actor): who took the document in
    remove_at = models.DateTimeField(null=True)  # when its file goes at the latest
    begun_at = models.DateTimeField()
    begun_by = models.CharField(max_length=64)  # str(Actor)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["begun_at", "id"]
        indexes = [models.Index(fields=["remove_at"])]

    def __str__(self) -> str:
        return f"{self.method} {self.state}"
