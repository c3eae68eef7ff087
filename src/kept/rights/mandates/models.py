"""Who asks for somebody else, and by what right. The case itself is about the person they ask for."""

from __future__ import annotations

from django.db import models

from kept.rights.models import Case
from kept.rights.with_case import goes_with_case
from kept.vault.fields import KeyedIndexField, SealedTextField


@goes_with_case
class Mandate(models.Model):
    """All of it was said by whoever asks. What they showed stands in the steps of the proof, as for everybody."""

    class Kind(models.TextChoices):
        AGENT = "agent", "somebody you authorised"
        PARENT = "parent", "a parent or guardian of a child"
        GUARDIAN = "guardian", "a guardian or deputy of an adult"

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="mandate")
    key = models.BigIntegerField(null=True)  # the case's
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = SealedTextField()
    email = SealedTextField(index="email_index")  # where we write; "": by post
    email_index = KeyedIndexField(of="email", kind="email", null=True)
    postal = SealedTextField()
    said_at = models.DateTimeField()
    said_by = models.CharField(max_length=64)  # str(Actor)
    answered_at = models.DateTimeField(null=True)  # from then on kept only for questions about the answer

    def __str__(self) -> str:
        return f"mandate of {self.case_id}"
