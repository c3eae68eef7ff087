"""One press signs in the demo's people, in the demo only."""

from __future__ import annotations

import pytest
from accounts import AT, carol, signed_in_as
from django.test import Client

from kept.people import actions
from kept.people.actions import CAST
from kept.people.models import Account
from kept.security.models import Entry
from kept.terms import Actor

__all__ = ["carol"]

pytestmark = [pytest.mark.django_db, pytest.mark.store, pytest.mark.pages]


def test_the_demo_signs_in_with_one_press(client, demo, cast):
    for email, name, _ in CAST:
        page = Client().post("/demo/sign-in/", {"email": email}, follow=True)
        assert f"You are signed in as {name}" in page.content.decode()
        assert name in client.get("/account/login/").content.decode()


def test_an_account_without_a_name_is_offered_by_its_address(client, demo, alice):
    Account.objects.filter(pk=alice.pk).update(name="")
    page = client.get("/account/login/").content.decode()
    assert f'<button class="plain">{alice.email}</button>' in page
    assert '<button class="plain"></button>' not in page


def test_outside_the_demo_nobody_signs_in_with_one_press(client, cast):
    for email, name, _ in CAST:
        assert client.post("/demo/sign-in/", {"email": email}).status_code == 404
        assert name not in client.get("/account/login/").content.decode()
    assert signed_in_as(client) is None


def test_one_press_signs_in_nobody_but_the_cast(client, demo, carol):
    assert client.post("/demo/sign-in/", {"email": carol.email}).status_code == 404
    assert signed_in_as(client) is None


def test_one_press_leads_back_but_not_to_another_site(client, demo, alice):
    page = client.post("/demo/sign-in/", {"email": alice.email, "next": "/account/name/"})
    assert page["Location"] == "/account/name/"
    page = client.post("/demo/sign-in/", {"email": alice.email, "next": "https://evil.example/"})
    assert page["Location"] == "/client-area/"


def test_one_press_cannot_be_pressed_by_another_site(demo, alice):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/demo/sign-in/", {"email": alice.email}).status_code == 403


def test_making_the_cast_twice_makes_it_once(cast):
    actions.make_demo_cast(by=Actor.kept(), at=AT)
    assert Account.objects.count() == len(CAST) == 6
    assert Entry.objects.filter(kind="people.account_made").count() == 6
