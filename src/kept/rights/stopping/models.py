"""What a mark wrote over in a company's system, sealed until it is put back."""

from __future__ import annotations

import uuid

from django.db import models

from kept.rights.models import Case
from kept.vault.fields import SealedJSONField


class KeptMark(models.Model):
    """One mark of one case in one system. Counts stand in the open; what stood in the rows before is sealed."""

    class Name(models.TextChoices):
        OBJECTION = "objection", "objection"
        RESTRICTION = "restriction", "restriction"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="marks")
    system = models.CharField(max_length=40)  # its name
    name = models.CharField(max_length=12, choices=Name.choices)
    key = models.BigIntegerField(null=True)  # the case's; None: nothing can be put back any more
    stood = SealedJSONField()  # {"marked": [engine.marking.Marked.as_dict]}
    rows = models.PositiveIntegerField(default=0)  # that hold the mark
    by_hand = models.JSONField(default=list)  # tables that hold rows of the person and know no such mark
    set_at = models.DateTimeField(null=True)  # None: intended, and not known to be done
    put_back_at = models.DateTimeField(null=True)
    came_of = models.JSONField(default=dict)  # {"put_back", "changed", "gone"}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "system", "name"], name="one_mark_per_case_and_system")]

    def __str__(self) -> str:
        return f"{self.name} in {self.system}"
