"""Entries for what allauth changes, in the transaction of the change (`middleware.OneTransaction`)."""

from __future__ import annotations

from typing import Any

from allauth.account import signals
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from kept.people.actions import Change, record_sign_in_change, record_sign_up
from kept.people.browsers import forget
from kept.people.models import Account

ADDED: dict[str, Change] = {"totp": "app", "webauthn": "key", "recovery_codes": "codes"}
REMOVED: dict[str, Change] = {"totp": "app removed", "webauthn": "key removed", "recovery_codes": "codes removed"}


@receiver(signals.user_signed_up)
def signed_up(user: Account, **_: Any) -> None:
    record_sign_up(user, by=user.actor, at=timezone.now())


@receiver([signals.password_set, signals.password_changed, signals.password_reset])
def password_changed(user: Account, **_: Any) -> None:
    record_sign_in_change(user, "password", by=user.actor, at=timezone.now())
    forget(user)  # a new password signs every other browser out; this one is noted again on its next page


@receiver(user_logged_out)
def signed_out(request: HttpRequest, user: Account | None, **_: Any) -> None:
    if user is not None:
        forget(user, str(request.session.session_key))


@receiver(signals.email_changed)
def address_changed(user: Account, from_email_address: EmailAddress | None, **_: Any) -> None:
    if from_email_address is not None:
        record_sign_in_change(user, "address", by=user.actor, at=timezone.now())


@receiver(signals.email_confirmed)
def address_proven(email_address: EmailAddress, **_: Any) -> None:
    record_sign_in_change(email_address.user, "address proven", by=email_address.user.actor, at=timezone.now())


@receiver(post_save, sender=Authenticator)
def second_step_added(instance: Authenticator, created: bool, **_: Any) -> None:
    if created:
        record_sign_in_change(instance.user, ADDED[instance.type], by=instance.user.actor, at=timezone.now())


@receiver(post_delete, sender=Authenticator)
def second_step_removed(instance: Authenticator, **_: Any) -> None:
    record_sign_in_change(instance.user, REMOVED[instance.type], by=instance.user.actor, at=timezone.now())
