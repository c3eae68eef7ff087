"""What keepers found, now and before; and the wordings of the policy, with who had which before them."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from kept.terms import State

STATES = [(state.value, state.value) for state in State if state is not State.NOT_RUNNING]


class Standing(models.Model):
    """The latest look of one keeper at one clause: all that a page needs, in one small table."""

    clause = models.CharField(max_length=8)
    keeper = models.CharField(max_length=100)
    state = models.CharField(max_length=12, choices=STATES)
    figure = models.CharField(max_length=200, blank=True)
    meaning = models.CharField(max_length=300)
    link = models.CharField(max_length=200, blank=True)
    number = models.FloatField(null=True)
    at = models.DateTimeField()
    since = models.DateTimeField()  # from when on it stands so, without a gap
    took_ms = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clause", "keeper"], name="standing_once")]

    def __str__(self) -> str:
        return f"{self.clause} {self.keeper} {self.state}"


class Look(models.Model):
    """One look of the past. Thinned out with age; a look that changed the state stays."""

    clause = models.CharField(max_length=8)
    keeper = models.CharField(max_length=100)
    state = models.CharField(max_length=12, choices=STATES)
    figure = models.CharField(max_length=200, blank=True)
    number = models.FloatField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["clause", "keeper", "at"], name="look_series")]

    def __str__(self) -> str:
        return f"{self.clause} {self.keeper} {self.state}"


class Version(models.Model):
    """One wording of the policy, whole. Never changed once it is stored."""

    name = models.CharField(max_length=40)  # as policy.toml calls it: "1.0"
    title = models.CharField(max_length=200)
    effective = models.DateField()
    stored_at = models.DateTimeField()
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of all that follows, with name and day
    clauses = models.JSONField()  # [[clause id, [sentence, …]], …] in the order of the policy
    consents = models.JSONField(default=list)  # ids of clauses that rest on consent
    announced_at = models.DateTimeField(null=True)  # the notices stand in the queue; None: not yet, or nobody to tell

    class Meta:
        indexes = [models.Index(fields=["effective", "stored_at"], name="version_in_order")]

    def __str__(self) -> str:
        return self.name


class Seen(models.Model):
    """Which version an account was made under, or a request was sent under. GDPR Art. 5(2), 7(1), 12(1)."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    case = models.UUIDField(null=True)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="seen")
    at = models.DateTimeField()  # the first time

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "version"], name="seen_once_by_account"),
            models.UniqueConstraint(fields=["case", "version"], name="seen_once_for_case"),
            models.CheckConstraint(
                condition=models.Q(account=None) ^ models.Q(case=None), name="seen_by_an_account_or_for_a_case"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id or self.case} {self.version_id}"


class Notice(models.Model):
    """Somebody is to be told of a new version. Waits here until the notice channel sends it."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="notices")
    before = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")  # what they saw last
    ask_again = models.JSONField(default=list)  # clauses whose consent this person has to be asked for again
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "version"], name="notice_once")]
        indexes = [models.Index(fields=["queued_at"], name="notice_waiting", condition=models.Q(sent_at=None))]

    def __str__(self) -> str:
        return f"{self.account_id} {self.version_id}"
