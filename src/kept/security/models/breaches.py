"""The breach register: every personal data breach, its facts, its effects, what was done, and who was told when."""

from __future__ import annotations

import uuid

from django.db import models

from kept.vault.fields import SealedTextField


class Breach(models.Model):
    """GDPR Art. 33(5): every one is documented, notified or not. The texts are the officer's and name nobody."""

    class Answer(models.TextChoices):
        YES = "yes", "Yes"
        NO = "no", "No"
        UNKNOWN = "unknown", "Not known yet"

    class Counted(models.TextChoices):
        NOT = "not", "not counted yet"
        WAITING = "waiting", "being counted"
        DONE = "done", "counted"
        FAILED = "failed", "could not be counted"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=20, unique=True)  # "BR-2026-0001"
    key = models.BigIntegerField(null=True)  # seals what was typed here: it may name somebody after all
    title = SealedTextField()
    happened = SealedTextField()  # the nature of the breach
    confidentiality = models.BooleanField(default=False)  # read by who should not
    integrity = models.BooleanField(default=False)  # changed
    availability = models.BooleanField(default=False)  # lost or out of reach
    began_at = models.DateTimeField(null=True)  # None: not known
    ended_at = models.DateTimeField(null=True)  # None: not known, or it goes on
    aware_at = models.DateTimeField()  # from here the 72 hours run
    systems = models.JSONField(default=list)  # names of the systems concerned
    counted = models.CharField(max_length=10, choices=Counted.choices, default=Counted.NOT)
    counted_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=list)  # [{"system", "people", "records": {category: n}, "problem"}]
    people = models.PositiveBigIntegerField(null=True)  # as the officer states it; None: not known
    records = models.PositiveBigIntegerField(null=True)
    intelligible = models.CharField(max_length=10, choices=Answer.choices, default=Answer.UNKNOWN)
    risk = models.CharField(max_length=10, choices=Answer.choices, default=Answer.UNKNOWN)  # any risk: Art. 33(1)
    high_risk = models.CharField(max_length=10, choices=Answer.choices, default=Answer.UNKNOWN)  # Art. 34(1)
    singapore = models.BooleanField(default=True)  # data is stored there: the PDPA holds as well
    harm = models.CharField(max_length=10, choices=Answer.choices, default=Answer.UNKNOWN)  # significant: s.26B(1)(a)
    internal = models.BooleanField(default=False)  # only within the organisation: s.26B(4)
    assessed_at = models.DateTimeField(null=True)  # when it was found to be notifiable, or not: s.26C
    consequences = SealedTextField()
    measures = SealedTextField()
    late_because = SealedTextField()  # Art. 33(1): reasons for a late notice
    reported_by = models.CharField(max_length=64)
    reported_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "security_breach"
        verbose_name_plural = "breaches"
        ordering = ["-aware_at"]

    def __str__(self) -> str:
        return self.reference


class Notice(models.Model):
    """That somebody was told, and with which text."""

    class To(models.TextChoices):
        AUTHORITY = "authority", "the data protection authority (GDPR Art. 33)"
        PDPC = "pdpc", "the PDPC in Singapore (PDPA s.26D)"
        PEOPLE = "people", "the people concerned (GDPR Art. 34)"
        PDPC_PEOPLE = "pdpc_people", "the people concerned (PDPA s.26D(2))"

    breach = models.ForeignKey(Breach, models.CASCADE, related_name="notices")
    to = models.CharField(max_length=12, choices=To.choices)
    sent_at = models.DateTimeField()
    key = models.BigIntegerField(null=True)  # the breach's
    text = SealedTextField(bound_to=("breach_id", "to"))  # as it was sent
    receipt = SealedTextField(bound_to=("breach_id", "to"))  # the number the authority gave
    by = models.CharField(max_length=64)

    class Meta:
        db_table = "security_notice"
        ordering = ["sent_at"]

    def __str__(self) -> str:
        return f"{self.to} {self.breach_id}"
