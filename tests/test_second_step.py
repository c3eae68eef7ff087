"""The second step: for everybody who wants it, and for all staff."""

from __future__ import annotations

import pytest
from accounts import (
    AT,
    PHRASE,
    carol,
    code_in,
    code_of,
    last_mail,
    real_outbox,
    sara,
    set_up_app,
    sign_in,
    sign_up,
    signed_in_as,
)
from allauth.mfa.models import Authenticator
from django.core.cache import caches
from django.test import Client

from kept.people import actions
from kept.people.actions import MayNotMakeStaff
from kept.people.models import Account
from kept.security.models import Entry
from kept.terms import Actor

__all__ = ["carol", "real_outbox", "sara"]

pytestmark = [pytest.mark.django_db, pytest.mark.store, pytest.mark.pages]


# The second step


def test_with_an_app_the_password_alone_opens_nothing(client, carol):
    sign_in(client, carol.email)
    secret = set_up_app(client)
    client.post("/account/logout/")
    page = sign_in(client, carol.email)
    assert page.redirect_chain[-1][0] == "/account/2fa/authenticate/"
    assert signed_in_as(client) is None
    client.post("/account/2fa/authenticate/", {"code": "000000"})
    assert signed_in_as(client) is None
    client.post("/account/2fa/authenticate/", {"code": code_of(secret)})
    assert signed_in_as(client) == str(carol.pk)


def test_one_code_opens_once(client, carol):
    sign_in(client, carol.email)
    secret = set_up_app(client)
    for number, opened in enumerate([True, False]):
        other = Client()
        sign_in(other, carol.email)
        other.post("/account/2fa/authenticate/", {"code": code_of(secret)})
        assert bool(signed_in_as(other)) is opened, number


def test_a_recovery_code_replaces_the_app_once(client, carol):
    sign_in(client, carol.email)
    set_up_app(client)
    codes = client.get("/account/2fa/recovery-codes/download/").content.decode().split()
    assert len(codes) == 10
    for opened in (True, False):
        other = Client()
        sign_in(other, carol.email)
        other.post("/account/2fa/authenticate/", {"code": codes[0]})
        assert bool(signed_in_as(other)) is opened


def test_the_secrets_of_the_second_step_are_not_readable_in_the_store(client, carol, settings):
    sign_in(client, carol.email)
    secret = set_up_app(client)
    stored = str([authenticator.data for authenticator in Authenticator.objects.all()])
    assert secret not in stored
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "x" * 60
    code = code_of(secret)
    assert Authenticator.objects.get(type="totp").wrap().validate_code(code)


@pytest.mark.django_db(transaction=True)
def test_setting_up_and_removing_the_second_step_leaves_entries_and_mails(client, carol):
    sign_in(client, carol.email)
    set_up_app(client)
    assert last_mail(carol.email).subject == "A second step was added"
    client.post("/account/2fa/totp/deactivate/")
    assert last_mail(carol.email).subject == "A second step was removed"
    changes = [entry.facts["change"] for entry in Entry.objects.filter(kind="people.sign_in_changed").order_by("id")]
    assert changes == ["app", "codes", "app removed", "codes removed"]


def test_the_second_step_cannot_be_removed_by_who_only_finds_the_browser_open(client, carol):
    client.force_login(carol)  # signed in, but not just now by password
    page = client.post("/account/2fa/totp/activate/", {"code": "123456"})
    assert page.status_code == 302
    assert page["Location"].startswith("/account/reauthenticate/")


# Staff


def test_staff_without_a_second_factor_can_only_set_one_up(client, sara):
    page = sign_in(client, sara.email)
    assert page.redirect_chain[-1][0] == "/account/2fa/"
    assert "you need a second step" in page.content.decode()
    for path in ("/", "/client-area/", "/account/name/", "/account/email/", "/account/password/change/"):
        assert client.get(path)["Location"] == "/account/2fa/", path
    assert client.post("/account/name/", {"name": "Sara"})["Location"] == "/account/2fa/"
    set_up_app(client)
    assert client.get("/client-area/").status_code == 200


def test_staff_without_a_second_factor_can_sign_out(client, sara):
    sign_in(client, sara.email)
    client.post("/account/logout/")
    assert signed_in_as(client) is None


def test_staff_cannot_remove_their_only_second_factor(client, sara):
    sign_in(client, sara.email)
    set_up_app(client)
    page = client.post("/account/2fa/totp/deactivate/")
    assert "Staff need a second step" in page.content.decode()
    assert Authenticator.objects.filter(type="totp").exists()


def test_the_demo_asks_its_staff_for_no_second_factor(client, demo, olga):
    client.force_login(olga)
    assert client.get("/client-area/").status_code == 200


@pytest.mark.parametrize("role", ["customer", "support", "privacy_officer", "auditor"])
def test_only_engineers_and_the_machine_make_staff(carol, role):
    with pytest.raises(MayNotMakeStaff):
        actions.make_staff(carol, "support", by=Actor(role, "1"), at=AT)
    carol.refresh_from_db()
    assert carol.role == "customer"


def test_making_staff_twice_leaves_one_entry(carol):
    for _ in range(2):
        actions.make_staff(carol, "support", by=Actor.kept(), at=AT)
    entry = Entry.objects.get(kind="people.made_staff")
    assert entry.facts == {"role": "support", "before": "customer"}
    assert Account.objects.get().role == "support"


def test_staff_added_by_the_machine_has_no_password_and_gets_one_by_the_mailed_code(client):
    account = actions.add_staff("Nora@example.com", "Nora North", "auditor", by=Actor.kept(), at=AT)
    assert account.email == "nora@example.com"
    assert not account.has_usable_password()
    client.post("/account/password/reset/", {"email": account.email})
    client.post("/account/password/reset/confirm/", {"code": code_in(last_mail(account.email))})
    client.post("/account/password/reset/complete/", {"password1": PHRASE})
    assert sign_in(client, account.email).redirect_chain[-1][0] == "/account/2fa/"


def test_an_account_a_stranger_made_ahead_does_not_become_theirs_when_its_owner_joins_the_staff(client):
    """The stranger chose the password but never proved the address; promoting the account must not prove it."""
    sign_up(client, "nora@example.com")
    actions.add_staff("nora@example.com", "Nora North", "privacy_officer", by=Actor.kept(), at=AT)
    caches["default"].clear()  # the second code would come too soon after the first
    page = sign_in(Client(), "nora@example.com")
    assert page.redirect_chain[-1][0] == "/account/confirm-email/"


def test_the_database_itself_refuses_an_unknown_role_and_an_address_in_capitals(carol, django_db_blocker):
    from django.db import IntegrityError, transaction

    for change in ({"role": "emperor"}, {"email": "Carol@example.com"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Account.objects.update(**change)
