"""What one system said and says of the details that are put right, and the proof of a new address."""

from __future__ import annotations

import uuid

from django.db import models

from kept.rights.models import Case
from kept.rights.with_case import goes_with_case
from kept.vault.fields import SealedJSONField, SealedTextField


@goes_with_case
class Righting(models.Model):
    """One correction in one system. All that holds values is sealed, and goes with name and address of the case."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="rightings")
    system = models.CharField(max_length=63)  # its name
    key = models.BigIntegerField(null=True)  # the case's
    stated = SealedJSONField()  # {detail: [what the person's own records said when they were searched]}
    wrong = SealedJSONField()  # {detail: [what an officer found to be wrong here as well]}
    told = SealedJSONField()  # {"lines": [what became of each value: rules.lines_json]}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "system"], name="one_righting_per_case_and_system")]

    def __str__(self) -> str:
        return f"correction in {self.system}"


@goes_with_case
class NewAddress(models.Model):
    """The address of mail that is to become the person's. Until a code from it was typed, nothing is changed to it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.OneToOneField(Case, models.CASCADE, related_name="new_address")
    key = models.BigIntegerField(null=True)  # the case's
    email = SealedTextField()
    code_hash = models.CharField(max_length=64, blank=True)  # of the code mailed last; "": none can be used
    code_expires_at = models.DateTimeField(null=True)
    code_attempts = models.PositiveSmallIntegerField(default=0)
    codes_sent = models.PositiveSmallIntegerField(default=0)
    code_sent_at = models.DateTimeField(null=True)
    proven_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return "proven" if self.proven_at else "to be proven"
