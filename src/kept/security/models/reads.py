"""Who read whose data: one row for one look, written in the transaction of the look."""

from __future__ import annotations

import uuid

from django.db import models


class Read(models.Model):
    """Opaque ids and chosen words only: what was read is not in it. GDPR Art. 5(1)(f), 32; promises 1.1, 7.1."""

    class What(models.TextChoices):
        CASE = "case", "the page of a request"
        ACCOUNTS = "accounts", "accounts to choose from"
        ROWS = "rows", "records, with their values"
        PACKAGE = "package", "a file made for a person"
        ACCOUNT = "account", "an account"
        MAIL = "mail", "a mail"
        USE = "use", "what data may be used for"
        LOG = "log", "the access log"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)  # str(Actor): the role at that time, and the account's id
    reader = models.UUIDField(null=True)  # the account that read; None: the program itself
    person = models.UUIDField(null=True)  # the account of whose data it was; None: has none, or a whole list was read
    case = models.UUIDField(null=True)  # for which request
    case_open = models.BooleanField(null=True)  # whether that was still open; None: no request
    what = models.CharField(max_length=10, choices=What.choices)
    place = models.CharField(max_length=140, blank=True)  # "billing/invoice": a system and a table
    reason = models.CharField(max_length=40)  # one of the words of `reading.REASONS`
    flags = models.JSONField(default=list)  # what is unusual about it: `reading.Flag`
    flagged = models.BooleanField(default=False)
    settled_at = models.DateTimeField(null=True)  # when somebody else looked into what was unusual
    settled_by = models.CharField(max_length=64, blank=True)
    settled_how = models.CharField(max_length=12, blank=True)  # "explained", or "misuse"

    class Meta:
        db_table = "security_read"
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["person", "-at"]),
            models.Index(fields=["case", "-at"]),
            models.Index(fields=["reader", "-at"]),
            models.Index(fields=["-at"]),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="read_has_a_reason"),
            models.CheckConstraint(
                condition=models.Q(settled_by="") | ~models.Q(settled_by=models.F("by")),
                name="read_is_settled_by_somebody_else",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} by {self.by}"
