"""The pages of a correction: saying what is wrong, the new address, what becomes what, and what was left."""

from __future__ import annotations

import re
from html import unescape

import pytest
from corrections import PERSON, mailed_code, reviewed
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from house import house, store

from kept.people.models import Account
from kept.rights import actions
from kept.rights.actions.new_address import prove_new_address
from kept.rights.codes import token_of
from kept.rights.errors import NotReady
from kept.rights.models import Case
from kept.security.models import Entry, Read

__all__ = ["house", "store"]

pytestmark = [pytest.mark.store, pytest.mark.pages]


def signed_in(house, name):
    client = Client()
    client.force_login(house.people[name])
    return client


def words(answer):
    page = re.sub(r"<(head|style|script).*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    page = re.sub(r"</?(a|b|code|span|strong|time)\b[^>]*>", "", page)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def hidden(answer):
    return dict(re.findall(r'<input type="hidden" name="(seen|shown)" value="(\w+)">', answer.content.decode()))


def test_a_person_says_what_is_wrong_and_checks_it_before_it_is_sent(house):
    alice = signed_in(house, "alice")
    page = alice.post("/privacy/ask/", {"right": "rectification"}, follow=True)
    assert "What is wrong, and what is right?" in words(page)
    wrong = {"detail_1": "birth_date", "was_1": "", "now_1": "3.2.1980"}
    page = alice.post("/privacy/ask/more/", wrong)
    assert "Write the day as year-month-day" in words(page)
    assert 'value="3.2.1980"' in page.content.decode(), "what was typed is still there"
    right = {"detail_1": "last_name", "was_1": "Arden", "now_1": "Ardent", "detail_2": "city", "now_2": "Bonn"}
    page = alice.post("/privacy/ask/more/", right, follow=True)
    assert "It says: Arden Right is: Ardent" in words(page)
    assert "Right is: Bonn" in words(page)
    page = alice.post("/privacy/ask/check/", hidden(page), follow=True)
    assert page.status_code == 200
    case = Case.objects.get(right="rectification")
    assert case.state == Case.State.SEARCHING, "she is signed in, so it is proven"
    assert "Right is: Ardent" in words(page)
    again = alice.get("/privacy/ask/more/", follow=True)
    assert "Ardent" not in again.content.decode(), "what was sent is forgotten"


def test_an_officer_sees_what_becomes_what_and_approves_just_that(house):
    case = reviewed(house, "alice@example.com", ("last_name", "", "Ardent"))
    olga = signed_in(house, "olga")
    assert "See what would be put right" in words(olga.get(reverse("desk_case", args=[case.pk])))
    page = olga.get(reverse("desk_corrections", args=[case.pk]))
    for said in ("Arden", "Ardent", "Alice Ardent", "Commercial Code", "Newsletter reader"):
        assert said in words(page)
    assert Entry.objects.filter(kind="rights.corrections_looked_at", about=f"rights.case:{case.pk}").count() == 1
    assert Read.objects.filter(case=case.pk, what="rows").exists(), "the person can see that she looked"

    house.ask("newsletter", "UPDATE subscribers SET name = 'Alicia Arden' WHERE email = 'alice@example.com'")
    late = olga.post(reverse("desk_corrections", args=[case.pk]), hidden(page), follow=True)
    assert "What was found has changed since you opened that page" in words(late)
    assert house.now(case).state == Case.State.REVIEW
    assert "Alicia Ardent" in words(late)
    done = olga.post(reverse("desk_corrections", args=[case.pk]), hidden(late), follow=True)
    assert "Approved. Each system is put right now" in words(done)
    house.work()
    case = house.now(case)
    assert case.state == Case.State.ANSWERED, house.told(case)
    page = words(olga.get(reverse("desk_case", args=[case.pk])))
    assert "put right" in page
    assert "erased" not in page.replace("name and address are erased", "")

    theirs = Client().get(reverse("request", args=[token_of(case.pk, case.token_hash)]))
    said = words(theirs)
    assert "We put it right, and read it again" in said
    assert "values put right" in said or "value put right" in said
    assert "Get the report" in said
    assert "erase" not in said.lower().replace("nothing is sent or erased", "")


def test_a_correction_that_came_without_its_words_is_written_down_by_an_officer(house):
    """By mail, say: it is searched for anew, and a new address has to be shown to be theirs like any other."""
    case = house.reviewed("rectification", "alice@example.com")
    olga = signed_in(house, "olga")
    desk = reverse("desk_case", args=[case.pk])
    assert "does not say what exactly" in words(olga.get(desk))
    where = reverse("desk_write_down", args=[case.pk])
    assert where in olga.get(desk).content.decode()
    assert "Choose what is wrong." in words(olga.post(where, {"detail_1": "", "now_1": "Bonn"}))
    said = {"detail_1": "email", "now_1": "alice.new@example.org", "detail_2": "city", "now_2": "Bonn"}
    assert "Written down." in words(olga.post(where, said, follow=True))
    mail, code = mailed_code("alice.new@example.org")
    assert mail is not None
    house.work()
    case = house.now(case)
    assert case.state == Case.State.REVIEW, house.told(case)
    assert "City" in words(olga.get(reverse("desk_corrections", args=[case.pk])))
    with pytest.raises(NotReady):
        actions.approve(case, by=house.officer, at=timezone.now())
    assert prove_new_address(case, code, by=PERSON, at=timezone.now())
    actions.approve(house.now(case), by=house.officer, at=timezone.now())
    house.work()
    assert house.now(case).state == Case.State.ANSWERED
    assert house.ask("billing", "SELECT city, email FROM client WHERE id = 1001") == [("Bonn", "alice.new@example.org")]


def test_what_was_left_is_judged_by_an_officer_on_its_own_page(house):
    house.ask("billing", "UPDATE service_domain SET contact_city = 'Elsewhere' WHERE client_id = 1001")
    case = reviewed(house, "alice@example.com", ("city", "", "Bonn"))
    olga = signed_in(house, "olga")
    page = olga.get(reverse("desk_corrections", args=[case.pk]))
    olga.post(reverse("desk_corrections", args=[case.pk]), hidden(page))
    house.work()
    where = reverse("desk_left", args=[case.pk, "billing"])
    assert where in olga.get(reverse("desk_case", args=[case.pk])).content.decode()
    page = olga.get(where)
    assert "City: Elsewhere" in words(page)
    nothing = olga.post(where, {"do": "wrong"}, follow=True)
    assert "Choose at least one value" in words(nothing)
    olga.post(where, {"do": "wrong", "wrong": ["0", "7", "x", "-1"]})
    house.work()
    assert house.now(case).state == Case.State.ANSWERED, house.told(case)
    late = olga.post(where, {"do": "settle"}, follow=True)
    assert "Somebody else dealt with it" in words(late) or "gone on" in words(late)


def test_a_new_address_is_shown_to_be_theirs_on_the_page_of_the_request(house):
    case = reviewed(house, "alice@example.com", ("email", "", "alice.new@example.org"))
    key = token_of(case.pk, case.token_hash)
    alice, olga = Client(), signed_in(house, "olga")
    assert "We mailed a code to alice.new@example.org" in words(alice.get(reverse("request", args=[key])))
    waits = words(olga.get(reverse("desk_corrections", args=[case.pk])))
    assert "The new address was not shown to be theirs yet" in waits
    where = reverse("request_new_address", args=[key])
    soon = alice.post(reverse("request_new_address_again", args=[key]), follow=True)
    assert "a moment ago" in words(soon)
    _, code = mailed_code("alice.new@example.org")
    wrong = "000000" if code != "000 000" else "000001"
    assert "That is not the code in our newest mail" in words(alice.post(where, {"code": wrong}))
    page = alice.post(where, {"code": code}, follow=True)
    assert "You showed that alice.new@example.org is yours" in words(page)
    assert alice.get(where).status_code == 404
    bob = signed_in(house, "bob")
    assert bob.get(reverse("request_new_address", args=[str(case.pk)])).status_code == 404


def test_nobody_but_an_officer_sees_the_values_and_an_officer_not_their_own(house):
    case = reviewed(house, "alice@example.com", ("last_name", "", "Ardent"))
    for name in ("sam", "aino", "erik", "bob"):
        assert signed_in(house, name).get(reverse("desk_corrections", args=[case.pk])).status_code == 404
    Account.objects.filter(pk=house.people["alice"].pk).update(role="privacy_officer")
    own = signed_in(house, "alice").get(reverse("desk_corrections", args=[case.pk]), follow=True)
    assert "This request is your own" in words(own)
