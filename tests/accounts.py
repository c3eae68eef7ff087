"""What tests of accounts share: somebody with a password, and the ways in."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal import auth as totp
from django.http import HttpResponse
from django.test import Client

from kept.people.models import Account
from kept.post.models import Message

PHRASE = "seven quiet herons wade"
OTHER_PHRASE = "nine loud magpies argue"
AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def real_outbox(settings) -> None:
    settings.EMAIL_BACKEND = "kept.post.backend.OutboxBackend"


@pytest.fixture
def carol(db) -> Account:
    """A customer with a password, whose address is proven."""
    account = Account.objects.create_user("carol@example.com", PHRASE, name="Carol Castle")
    EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)
    return account


@pytest.fixture
def sara(db) -> Account:
    """In support, with a password."""
    account = Account.objects.create_user("sara@example.com", PHRASE, role="support")
    EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)
    return account


def last_mail(to: str) -> Message:
    mail = Message.objects.filter(to=to).order_by("written_at", "pk").last()
    assert mail is not None
    return mail


def code_in(mail: Message) -> str:
    found = re.search(r"\b\d{4}-\d{4}\b", mail.text)
    assert found, mail.text
    return found.group()


def sign_up(client: Client, email: str = "dora@example.com", **more: str) -> HttpResponse:
    return client.post("/account/signup/", {"email": email, "password1": PHRASE} | more, follow=True)


def sign_in(client: Client, email: str, password: str = PHRASE) -> HttpResponse:
    return client.post("/account/login/", {"login": email, "password": password}, follow=True)


def signed_in_as(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def set_up_app(client: Client) -> str:
    """Turn the codes on for whoever is signed in. Returns the app's secret."""
    page = client.get("/account/2fa/totp/activate/", follow=True)
    if page.redirect_chain:
        page = client.post(page.redirect_chain[-1][0], {"password": PHRASE}, follow=True)
    secret = page.context["form"].secret
    shown = code_of(secret)
    done = client.post("/account/2fa/totp/activate/", {"code": shown}, follow=True)
    assert done.status_code == 200
    return secret


def code_of(secret: str, steps_on: int = 0) -> str:
    now = next(iter(totp.yield_hotp_counters_from_time())) + 1  # the first lies one step back
    return totp.format_hotp_value(totp.hotp_value(secret, now + steps_on))
