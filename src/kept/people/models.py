"""Accounts: who can sign in, and as what."""

from __future__ import annotations

import unicodedata
import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from kept.people.person import Person
from kept.terms import Actor, Role

__all__ = ["Account", "AccountManager", "Person"]


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Account:
        account = self.model(email=self.normalize_email(email).lower(), **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """One person's way in. A customer, or staff in one role."""

    class Roles(models.TextChoices):
        CUSTOMER = "customer", "customer"
        SUPPORT = "support", "support"
        PRIVACY_OFFICER = "privacy_officer", "privacy officer"
        ENGINEER = "engineer", "engineer"
        AUDITOR = "auditor", "auditor"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True, max_length=254)
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=20, choices=Roles.choices, default=Roles.CUSTOMER)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    details_confirmed_at = models.DateTimeField(null=True)  # when its owner last said that they still hold
    details_asked_at = models.DateTimeField(null=True)  # when we last asked

    objects = AccountManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="account_email_is_lower_case"),
            models.CheckConstraint(
                condition=models.Q(role__in=["customer", "support", "privacy_officer", "engineer", "auditor"]),
                name="account_role_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.pk}"

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(_normal(raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        return super().check_password(_normal(raw_password) or "")

    @property
    def is_staff_member(self) -> bool:
        return self.role != self.Roles.CUSTOMER

    @property
    def actor(self) -> Actor:
        role: Role = self.role  # type: ignore[assignment]
        return Actor(role, str(self.pk))


class Browser(models.Model):
    """One signed-in browser of an account, as coarse as its owner needs to tell it from a stranger's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="browsers")
    key_hash = models.CharField(max_length=64, unique=True)  # SHA-256 of the session's key, which opens nothing
    device = models.CharField(max_length=60)  # "Firefox on Linux"
    place = models.CharField(max_length=50)  # the range of its network address: "203.0.113.0/24"
    signed_in_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()  # to five minutes
    ends_at = models.DateTimeField(db_index=True)  # when it is signed out by itself

    class Meta:
        ordering = ["-last_seen_at"]

    def __str__(self) -> str:
        return self.device


def _normal(password: str | None) -> str | None:
    """One password typed on two keyboards is one password: NIST SP 800-63B, normalisation before hashing."""
    return None if password is None else unicodedata.normalize("NFC", password)
