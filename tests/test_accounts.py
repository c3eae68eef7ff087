"""Making an account, signing in, changing how one signs in, and being forgotten."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta

import pytest
from accounts import AT, OTHER_PHRASE, PHRASE, carol, code_in, last_mail, real_outbox, sign_in, sign_up, signed_in_as
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from kept.people import actions
from kept.people.models import Account
from kept.post.models import Message
from kept.security.models import Entry
from kept.terms import Actor
from kept.work.run import work_off
from kept.work.steps import queue

__all__ = ["carol", "real_outbox"]

pytestmark = [pytest.mark.django_db, pytest.mark.store, pytest.mark.pages]


# An account of one's own


def test_a_customer_makes_an_account_with_the_mailed_code(client):
    page = sign_up(client)
    assert page.redirect_chain[-1][0] == "/account/confirm-email/"
    assert signed_in_as(client) is None
    page = client.post("/account/confirm-email/", {"code": code_in(last_mail("dora@example.com"))}, follow=True)
    dora = Account.objects.get(email="dora@example.com")
    assert page.redirect_chain[-1][0] == "/client-area/"
    assert signed_in_as(client) == str(dora.pk)
    assert dora.role == "customer"
    assert [entry.kind for entry in Entry.objects.filter(about=f"people.account:{dora.pk}")] == [
        "people.signed_up",
        "people.sign_in_changed",
    ]


def test_the_code_may_be_typed_without_its_dash(client):
    sign_up(client)
    code = code_in(last_mail("dora@example.com")).replace("-", " ")
    client.post("/account/confirm-email/", {"code": code})
    assert signed_in_as(client)


def test_three_wrong_codes_end_the_sign_up(client):
    sign_up(client)
    for _ in range(3):
        client.post("/account/confirm-email/", {"code": "0000-0000"})
    client.post("/account/confirm-email/", {"code": code_in(last_mail("dora@example.com"))})
    assert signed_in_as(client) is None


def test_a_sign_up_form_cannot_ask_for_a_role(client):
    sign_up(client, role="privacy_officer", is_active="1", is_staff="1")
    assert Account.objects.get(email="dora@example.com").role == "customer"


def test_the_page_does_not_tell_who_has_an_account_but_the_owner_learns_of_the_try(client, carol):
    known = sign_up(client, "carol@example.com")
    unknown = sign_up(Client(), "dora@example.com")
    assert [url for url, _ in known.redirect_chain] == [url for url, _ in unknown.redirect_chain]
    changing = re.compile(r'carol@example\.com|dora@example\.com|csrfmiddlewaretoken" value="\w+"')
    assert changing.sub("", known.content.decode()) == changing.sub("", unknown.content.decode())
    assert "You have one already" in last_mail("carol@example.com").text
    assert Account.objects.filter(email="carol@example.com").count() == 1


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "passwordpassword",
        "123456789012345",
        "qwertyuiopasdfg",
        "aaaaaaaaaaaaaaab",
        "zyxwvutsrqponml",
        "dora@example.com",
        "ab ab ab ab ab ab ab ab",
    ],
)
def test_a_weak_password_is_refused_with_words(client, password):
    page = client.post("/account/signup/", {"email": "dora@example.com", "password1": password})
    assert page.status_code == 200
    assert "There is a problem" in page.content.decode()
    assert not Account.objects.exists()


def test_a_password_may_be_long_and_in_any_script(client):
    sign_up(client, password1="пять тихих цапель бродят " * 8)
    assert Account.objects.get(email="dora@example.com").check_password("пять тихих цапель бродят " * 8)


def test_one_password_typed_on_two_keyboards_is_one_password(carol):
    carol.set_password(unicodedata.normalize("NFD", "Übergröße für Käfer"))
    assert carol.check_password(unicodedata.normalize("NFC", "Übergröße für Käfer"))


def test_passwords_are_stored_as_argon2id(carol):
    assert carol.password.startswith("argon2$argon2id$")


def test_an_account_without_a_password_opens_to_no_password(client, alice):
    for password in ("", "!", alice.password):
        sign_in(client, alice.email, password)
        assert signed_in_as(client) is None


def test_a_sign_up_whose_entry_cannot_be_written_leaves_no_account(client, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("kept.people.signals.record_sign_up", refuse)
    client.raise_request_exception = False
    assert sign_up(client).status_code == 500
    assert not Account.objects.exists()
    assert not Message.objects.exists()


# Signing in


def test_a_customer_signs_in_and_out(client, carol):
    assert sign_in(client, "Carol@Example.com").redirect_chain[-1][0] == "/client-area/"
    assert signed_in_as(client) == str(carol.pk)
    client.post("/account/logout/")
    assert signed_in_as(client) is None


def test_signing_out_needs_a_press_and_not_only_a_link(client, carol):
    sign_in(client, carol.email)
    assert "Sign out?" in client.get("/account/logout/").content.decode()
    assert signed_in_as(client)


def test_a_wrong_password_and_a_wrong_address_are_told_alike(client, carol):
    wrong = sign_in(client, carol.email, "not the right phrase")
    absent = sign_in(Client(), "nobody@example.com", "not the right phrase")
    assert (wrong.status_code, wrong.redirect_chain) == (absent.status_code, absent.redirect_chain)
    varying = {"Content-Length": "", "Expires": ""}  # what was typed is shown again, and a second may pass between
    assert {**wrong.headers, **varying} == {**absent.headers, **varying}
    pages = [
        re.sub(r'nonce-[^\']+|name="csrfmiddlewaretoken" value="\w+"', "", page.content.decode()).replace(typed, "")
        for page, typed in ((wrong, carol.email), (absent, "nobody@example.com"))
    ]
    assert "The e-mail address or the password is wrong." in pages[0]
    assert pages[0] == pages[1]


def test_after_five_wrong_passwords_even_the_right_one_has_to_wait(client, carol):
    for _ in range(5):
        sign_in(client, carol.email, "not the right phrase")
    page = sign_in(client, carol.email)
    assert "Wait five minutes" in page.content.decode()
    assert signed_in_as(client) is None


def test_a_closed_account_says_so_only_to_who_knows_its_password(client, carol):
    Account.objects.update(is_active=False)
    assert "is wrong" in sign_in(client, carol.email, "not the right phrase").content.decode()
    assert "This account is closed" in sign_in(client, carol.email).content.decode()
    assert signed_in_as(client) is None


def test_after_signing_in_one_is_back_where_one_was(client, carol):
    page = client.get("/account/name/", follow=True)
    where, _ = page.redirect_chain[-1]
    page = client.post(where, {"login": carol.email, "password": PHRASE, "next": "/account/name/"}, follow=True)
    assert page.redirect_chain[-1][0] == "/account/name/"


def test_nobody_is_led_to_another_site(client, carol):
    page = client.post("/account/login/?next=https://evil.example/", {"login": carol.email, "password": PHRASE})
    assert page["Location"] == "/client-area/"


# Password, address, name


def test_a_forgotten_password_is_replaced_with_the_mailed_code_and_old_sessions_end(client, carol):
    elsewhere = Client()
    sign_in(elsewhere, carol.email)
    client.post("/account/password/reset/", {"email": carol.email})
    mail = last_mail(carol.email)
    assert PHRASE not in mail.text
    client.post("/account/password/reset/confirm/", {"code": code_in(mail)})
    page = client.post("/account/password/reset/complete/", {"password1": OTHER_PHRASE}, follow=True)
    assert "Your password is changed" in page.content.decode()
    assert elsewhere.get("/client-area/").status_code == 302
    carol.refresh_from_db()
    assert carol.check_password(OTHER_PHRASE)
    assert last_mail(carol.email).subject == "Your password was changed"
    entry = Entry.objects.filter(kind="people.sign_in_changed").latest("id")
    assert entry.facts == {"change": "password"}


def test_a_reset_answers_the_same_for_an_address_nobody_has(client, carol):
    known = client.post("/account/password/reset/", {"email": carol.email})
    unknown = Client().post("/account/password/reset/", {"email": "nobody@example.com"})
    assert known["Location"] == unknown["Location"]
    assert "There is no account with it" in last_mail("nobody@example.com").text


def test_changing_the_password_asks_for_the_current_one(client, carol):
    sign_in(client, carol.email)
    client.post("/account/password/change/", {"oldpassword": "not the right phrase", "password1": OTHER_PHRASE})
    assert Account.objects.get().check_password(PHRASE)
    client.post("/account/password/change/", {"oldpassword": PHRASE, "password1": OTHER_PHRASE})
    assert Account.objects.get().check_password(OTHER_PHRASE)


def test_the_old_address_stays_until_the_new_one_is_proven_and_is_told(client, carol):
    sign_in(client, carol.email)
    page = client.post("/account/email/", {"email": "carol@new.example.com", "action_add": ""}, follow=True)
    if "/reauthenticate/" in page.redirect_chain[-1][0]:
        page = client.post(page.redirect_chain[-1][0], {"password": PHRASE}, follow=True)
    assert Account.objects.get().email == "carol@example.com"
    client.post("/account/confirm-email/", {"code": code_in(last_mail("carol@new.example.com"))})
    assert Account.objects.get().email == "carol@new.example.com"
    assert "from carol@example.com to carol@new.example.com" in last_mail("carol@example.com").text
    assert [address.email for address in EmailAddress.objects.all()] == ["carol@new.example.com"]


def test_a_name_is_changed_with_an_entry_that_does_not_hold_it(client, carol):
    client.force_login(carol)
    client.post("/account/name/", {"name": "Carol Coast"})
    assert Account.objects.get().name == "Carol Coast"
    entry = Entry.objects.get(kind="people.name_changed")
    assert entry.facts == {}
    assert entry.by == f"customer:{carol.pk}"


@pytest.mark.parametrize("name", ["", "x" * 201, "a\0b"])
def test_a_name_that_cannot_be_kept_is_refused_with_words(client, carol, name):
    client.force_login(carol)
    page = client.post("/account/name/", {"name": name})
    assert "There is a problem" in page.content.decode()
    assert Account.objects.get().name == "Carol Castle"


# Forgetting


def test_an_address_that_nobody_proved_is_forgotten_after_a_week(client, carol, alice):
    sign_up(client)
    for days, left in ((6, True), (8, False)):
        Account.objects.update(joined_at=AT - timedelta(days=days))
        actions.forget_unproven(by=Actor.kept(), at=AT)
        assert Account.objects.filter(email="dora@example.com").exists() is left
    assert not EmailAddress.objects.filter(email="dora@example.com").exists()
    assert set(Account.objects.values_list("email", flat=True)) >= {carol.email, alice.email}
    assert Entry.objects.filter(kind="people.unproven_forgotten").count() == 1
    assert actions.forget_unproven(by=Actor.kept(), at=AT) == 0


def test_the_schedule_forgets_unproven_accounts_and_sessions_that_are_over(client, carol):
    sign_up(client)
    now = timezone.now()
    Account.objects.update(joined_at=now - timedelta(days=8))
    Session.objects.update(expire_date=now - timedelta(days=1))
    for name in ("people.forget_sessions", "people.forget_unproven"):
        queue(name, at=now)
        work_off(now, names=[name])
    assert not Session.objects.exists()
    assert [account.email for account in Account.objects.all()] == [carol.email]
