"""What the texts in a copy say about other people: what was suggested, and what an officer decided.

A mark is {"start", "end", "what", "why", "out"}: signs of a text that are about somebody else; out: they are taken out.
"""

from __future__ import annotations

import uuid

from django.db import models

from kept.rights.models import Case
from kept.rights.with_case import goes_with_case
from kept.vault.fields import KeyedIndexField, SealedJSONField, SealedTextField


@goes_with_case
class TextSearch(models.Model):
    """One look through the texts of a case, after its systems were searched."""

    case = models.OneToOneField(Case, models.CASCADE, related_name="text_search")
    key = models.BigIntegerField(null=True)  # the case's
    names = SealedJSONField(bound_to=("case_id",))  # {"names": [whom the records beside the texts name]}
    texts = models.PositiveIntegerField(default=0)  # looked at
    more = models.PositiveIntegerField(default=0)  # with suggestions, and too many to be listed
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"texts of {self.case_id}"


@goes_with_case
class TextReview(models.Model):
    """One text with suggestions. It is known again by its words: a text that has changed is looked at anew."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="text_reviews")
    key = models.BigIntegerField(null=True)  # the case's
    number = models.PositiveIntegerField()  # its place in the queue
    system = models.CharField(max_length=64)
    table = models.CharField(max_length=128)
    column = models.CharField(max_length=128)
    own = models.BooleanField()  # the person's own words
    text = SealedTextField(index="text_index")
    text_index = KeyedIndexField(of="text")
    spans = SealedJSONField()  # {"suggested": [mark], "spans": [mark]}: as the rules say, and as it is decided
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=64, blank=True)  # str(Actor)

    class Meta:
        ordering = ["case_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "system", "table", "column", "text_index"], name="text_once_per_case"
            )
        ]

    def __str__(self) -> str:
        return f"text {self.number} of {self.case_id}"
