"""Where allauth asks us how accounts are made, told and kept safe."""

from __future__ import annotations

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from kept.people.models import Account
from kept.vault.site_keys import site_keys

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


WAYS = {
    "reauthenticate": "Use your password",
    "mfa_reauthenticate": "Use a code from your app, or a recovery code",
    "mfa_reauthenticate:webauthn": "Use a passkey",
}


def has_second_factor(account: Account) -> bool:
    """Recovery codes alone are no factor: they only replace one that was lost."""
    return bool(Authenticator.objects.filter(user=account, type__in=SECOND_FACTORS).exists())


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account is closed.",
        "email_password_mismatch": "The e-mail address or the password is wrong.",
        "email_taken": "Another account uses this e-mail address.",
        "enter_current_password": "This is not your current password.",
        "incorrect_code": "This code is wrong. Look at the newest mail, and type it again.",
        "incorrect_password": "This is not your password.",
        "rate_limited": "Too many tries. Wait a minute, then try again.",
        "same_as_current": "This is already your address.",
        "too_many_login_attempts": "Too many tries. Wait five minutes, then try again.",
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        super().send_mail(
            template_prefix, email, {"company": settings.COMPANY, "site_url": settings.SITE_URL} | context
        )

    def get_reauthentication_methods(self, user: Account | AnonymousUser) -> list[dict[str, Any]]:
        """A passkey before the code of an app that the person does not have."""
        ways = [way | {"description": WAYS[way["id"]]} for way in super().get_reauthentication_methods(user)]
        has_app = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists()
        return ways if has_app else sorted(ways, key=lambda way: way["id"] == "mfa_reauthenticate")


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": "Staff need a second step to sign in. Add another one before you remove this.",
        "cannot_generate_recovery_codes": "Recovery codes replace a lost second step. Add a second step first.",
        "incorrect_code": "This code is wrong. Codes change every 30 seconds: type the one shown now.",
        "unverified_email": "Prove your e-mail address first. Then come back here.",
    }

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        if settings.DEMO or not authenticator.user.is_staff_member:
            return True
        others = Authenticator.objects.filter(user=authenticator.user, type__in=SECOND_FACTORS)
        return bool(others.exclude(pk=authenticator.pk).exists())

    def generate_authenticator_name(self, user: Account, type: Authenticator.Type) -> str:
        count = Authenticator.objects.filter(user=user, type=type).count()
        return f"My passkey {count + 1}" if count else "My passkey"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": settings.COMPANY}


def _cipher() -> MultiFernet:
    """Keys for the secrets of authenticator apps, one for each of the site's keys, the newest first."""
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in site_keys("second factor")])
