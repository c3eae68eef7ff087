"""What use rests on: whom a purpose leaves alone, who objected, whose data are restricted. Keyed hashes, no names."""

from __future__ import annotations

import uuid

from django.db import models


class Suppression(models.Model):
    """An identifier that a purpose may no longer use, as a keyed hash: enough to know it again, not to read it."""

    purpose = models.CharField(max_length=40)  # "marketing.own"
    kind = models.CharField(max_length=20)  # of the identifier; rules.FOLDED: an address in all its usual spellings
    digest = models.CharField(max_length=64)  # use.rules.digest
    hashed_with = models.CharField(max_length=16, blank=True)  # use.rules.mark_of; "": of before this was kept
    law = models.CharField(max_length=200)  # why it may be kept
    since = models.DateTimeField()
    until = models.DateField()  # its last day

    class Meta:
        constraints = [models.UniqueConstraint(fields=["purpose", "kind", "digest"], name="suppressed_once")]
        indexes = [models.Index(fields=["until"])]

    def __str__(self) -> str:
        return f"{self.purpose} {self.kind}"


class KeptAccount(models.Model):
    """An account whose records a law keeps after an erasure: without it, nobody would find them by the address again.

    The address is a keyed hash; the number of the account says nothing outside its system.
    """

    kind = models.CharField(max_length=20)  # of the identifier
    digest = models.CharField(max_length=64)  # use.rules.digest
    system = models.CharField(max_length=64)
    account = models.CharField(max_length=320)
    law = models.CharField(max_length=300)
    since = models.DateTimeField()
    until = models.DateField()  # its last day

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest", "system", "account"], name="kept_account_once")]
        indexes = [models.Index(fields=["until"])]

    def __str__(self) -> str:
        return self.system


class Objection(models.Model):
    """A person's no to one purpose. While it is pending or in force, `use.decisions.decide` denies the use."""

    class State(models.TextChoices):
        PENDING = "pending", "waits to be weighed"  # the use rests meanwhile: GDPR Art. 18(1)(d)
        IN_FORCE = "in_force", "in force"
        ENDED = "ended", "ended"

    class Ground(models.TextChoices):
        MARKETING = "marketing", "advertising: no reason is needed"  # GDPR Art. 21(2), (3)
        SITUATION = "situation", "the person’s own situation"  # GDPR Art. 21(1)

    class Ended(models.TextChoices):
        NOT_YET = "", "not ended"
        WITHDRAWN = "withdrawn", "its request was withdrawn"
        REFUSED = "refused", "refused for compelling grounds"
        TAKEN_BACK = "taken_back", "taken back by the person"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=40)
    case = models.UUIDField(db_index=True)  # the request
    ground = models.CharField(max_length=12, choices=Ground.choices)
    state = models.CharField(max_length=10, choices=State.choices)
    since = models.DateTimeField()  # the use rests from then on
    decided_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=12, choices=Ended.choices, blank=True)
    law = models.CharField(max_length=200)  # why the hashes may be kept, also after an erasure
    until = models.DateField()  # their last day
    noted = models.PositiveIntegerField(default=0)  # how often it was noted for a restore: the last time counts

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "purpose"], condition=models.Q(ended_at=None), name="one_objection_per_case_and_purpose"
            ),
            models.CheckConstraint(
                condition=models.Q(state="ended", ended_at__isnull=False) | models.Q(ended_at=None),
                name="objection_ended_has_its_day",
            ),
        ]
        indexes = [models.Index(fields=["until"]), models.Index(fields=["state"])]

    def __str__(self) -> str:
        return f"{self.purpose} {self.state}"


class Restriction(models.Model):
    """A person's data are stored and not used. GDPR Art. 18. It is lifted on a day that the person was told before."""

    class State(models.TextChoices):
        ASKED = "asked", "asked for"
        IN_FORCE = "in_force", "in force"
        ANNOUNCED = "announced", "its end is announced"  # still in force
        LIFTED = "lifted", "lifted"
        NOT_BEGUN = "not_begun", "never began"  # refused; or withdrawn before any system was marked

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.UUIDField(db_index=True)
    grounds = models.JSONField(default=list)  # of GDPR Art. 18(1): "accuracy", "unlawful", "claims", "objection"
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    since = models.DateTimeField()  # when it was asked for, and proven
    in_force_at = models.DateTimeField(null=True)
    announced_at = models.DateTimeField(null=True)
    announced_by = models.CharField(max_length=64, blank=True)  # str(Actor)
    mail = models.UUIDField(null=True)  # which told the person that it ends: GDPR Art. 18(3)
    lift_on = models.DateField(null=True)  # the day it ends
    lifted_at = models.DateTimeField(null=True)  # or ended without having begun
    law = models.CharField(max_length=200)
    until = models.DateField()  # the last day of its hashes
    noted = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(lifted_at=None), name="one_restriction_per_case"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="announced") | models.Q(lift_on__isnull=False, mail__isnull=False),
                name="restriction_ends_on_a_day_that_was_told",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["lifted", "not_begun"], lifted_at__isnull=False)
                | models.Q(state__in=["asked", "in_force", "announced"], lifted_at=None),
                name="restriction_over_has_its_day",
            ),
        ]
        indexes = [models.Index(fields=["until"]), models.Index(fields=["state"])]

    def __str__(self) -> str:
        return f"restriction {self.state}"


class Whose(models.Model):
    """By what the person of an objection or a restriction is known again: a keyed hash for each identifier."""

    objection = models.ForeignKey(Objection, models.CASCADE, null=True, related_name="whose")
    restriction = models.ForeignKey(Restriction, models.CASCADE, null=True, related_name="whose")
    kind = models.CharField(max_length=20)
    digest = models.CharField(max_length=64, db_index=True)  # use.rules.digest
    hashed_with = models.CharField(max_length=16)  # use.rules.mark_of

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["objection", "digest"], name="whose_objection_once"),
            models.UniqueConstraint(fields=["restriction", "digest"], name="whose_restriction_once"),
            models.CheckConstraint(
                condition=models.Q(objection=None, restriction__isnull=False)
                | models.Q(objection__isnull=False, restriction=None),
                name="whose_is_of_one",
            ),
        ]

    def __str__(self) -> str:
        return self.kind


class Decided(models.Model):
    """How often a use was allowed, denied or left open on one day. It names nobody.

    Each decision adds a row, so that none waits for another; `use.add_up` makes one of them.
    """

    day = models.DateField()
    purpose = models.CharField(max_length=40)  # "unknown": one that the policy does not name
    outcome = models.CharField(max_length=12)  # decisions.Outcome
    count = models.PositiveBigIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["day", "purpose", "outcome"])]

    def __str__(self) -> str:
        return f"{self.day} {self.purpose} {self.outcome}"
