"""Whose clock runs follows from where a person lives, at each door, and never makes the last day a later one."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from house import PERSON, house, own_dump, store
from hypothesis import given
from hypothesis import strategies as st
from test_rights_pages import signed_in, words

from kept.collection.calls.actions import register_call
from kept.rights import actions
from kept.rights.clocks import again, due_date, first_clock, law_of, laws_for
from kept.rights.drp.asking import read
from kept.rights.homes import code_of, homes, words_of
from kept.rights.models import Case
from kept.rights.timing.models import Home
from kept.security.models import Entry

__all__ = ["house", "store"]

ALICE = "alice@example.com"
CODES = [code for code, _ in homes()]


def opened_from(home, right="access", received=None, by_whom="person"):
    at = received or timezone.now()
    return actions.open_case(
        right, ALICE, home=home, home_by=by_whom, channel="web", received_at=at, by=PERSON, at=at
    ).case  # fmt: skip


@given(
    home=st.sampled_from(["", *CODES, "DE", "JP"]),
    right=st.sampled_from(Case.Right.values),
    day=st.integers(0, 3000),
)
def test_living_elsewhere_never_makes_the_last_day_later_and_never_takes_a_right(home, right, day):
    received = datetime(2019, 1, 1, 12, tzinfo=UTC) + timedelta(days=day)
    law, clock = first_clock(received, right, home=home)
    assert law in laws_for(right)
    assert clock.due_on <= due_date(received, right).due_on
    assert again(clock.stored) == clock.due_on


def test_a_law_that_was_not_in_force_yet_is_nobodys():
    assert law_of("US-CA", "access", date(2020, 8, 13)) == "eu-gdpr"
    assert law_of("US-CA", "access", date(2020, 8, 14)) == "us-ccpa"
    assert law_of("GB", "access", date(2020, 12, 31)) == "eu-gdpr"


def test_the_shorter_time_counts_in_singapore_and_in_california():
    july = datetime(2026, 7, 5, 12, tzinfo=UTC)
    assert first_clock(july, "access", home="SG")[1].due_on == date(2026, 8, 4), "30 days, and not a month"
    february = datetime(2026, 2, 2, 12, tzinfo=UTC)
    law, clock = first_clock(february, "access", home="SG")
    assert (law, clock.due_on, clock.stored["no_later_than"]) == ("sg-pdpa", date(2026, 3, 2), "2026-03-02")
    assert first_clock(february, "access", home="US-CA")[1].due_on == date(2026, 3, 2), "a month, and not 45 days"
    assert first_clock(february, "access", law="us-ccpa")[1].due_on == date(2026, 3, 18), "asked under that law"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Germany", "DE"), ("deutschland", "DE"), (" United  Kingdom ", "GB"), ("Scotland", "GB"), ("新加坡", "SG"),
        ("de", "DE"), ("California, USA", "US-CA"), ("us-ca", "US-CA"), ("Utopia", ""), ("", ""), ("?" * 90, ""),
    ],
)  # fmt: skip
def test_a_country_is_read_as_people_write_it(text, code):
    assert code_of(text) == code


def test_the_form_offers_no_place_of_which_nothing_follows_twice():
    assert [law_of(code, "access") for code in CODES] == ["eu-gdpr", "uk-gdpr", "sg-pdpa", "us-ccpa", "eu-gdpr"]
    assert words_of("SG") == "In Singapore"
    assert words_of("JP") == "JP"


# At the doors


@pytest.mark.store
def test_who_says_on_the_form_where_they_live_sees_the_day_and_is_counted_by_their_law(house, client):
    client.get("/privacy/ask/?right=access")
    page = words(client.get("/privacy/ask/you/"))
    assert "Where do you live?" in page
    assert "Choose one of these." in words(client.post("/privacy/ask/you/", {"email": ALICE, "home": "XX"}))
    client.post("/privacy/ask/you/", {"email": ALICE, "name": "", "home": "SG"})
    check = client.get("/privacy/ask/check/")
    today = timezone.now()
    due = first_clock(today, "access", home="SG")[1].due_on
    assert "In Singapore" in words(check)
    assert f"{due.day} {due:%B %Y}" in words(check).partition("We answer by")[2]
    shown = re.search(r'name="shown" value="(\w+)"', check.content.decode()).group(1)
    client.post("/privacy/ask/you/", {"email": ALICE, "name": "", "home": ""})
    client.post("/privacy/ask/check/", {"shown": shown})
    assert not Case.objects.exists(), "in another window something else was said"
    client.post("/privacy/ask/you/", {"email": ALICE, "name": "", "home": "SG"})
    client.post("/privacy/ask/check/", {"shown": shown})
    case = Case.objects.get()
    assert (case.law, case.due_on) == ("sg-pdpa", due)
    assert actions.prove(case, house.code(case), by=PERSON, at=timezone.now())
    page = words(signed_in(house, "olga").get(f"/desk/{case.pk}/"))
    assert "The law: PDPA (Singapore), because the person lives there, says the person." in page
    facts = str(list(Entry.objects.filter(about=f"rights.case:{case.pk}").values_list("facts", flat=True)))
    assert "In Singapore" not in facts


@pytest.mark.store
def test_who_says_nothing_is_counted_by_the_law_of_the_office_and_the_desk_says_so(house):
    case = house.proven("access", ALICE)
    assert case.law == "eu-gdpr"
    assert not Home.objects.exists()
    olga = signed_in(house, "olga")
    page = words(olga.get(f"/desk/{case.pk}/"))
    assert "our own: nobody said where the person lives" in page
    actions.change_law(case, "uk-gdpr", "The bill goes to Leeds.", by=house.officer, at=timezone.now())
    assert "UK GDPR, because an officer found that it is theirs" in words(olga.get(f"/desk/{case.pk}/"))


@pytest.mark.store
def test_the_country_below_a_postal_address_counts_for_who_calls(house):
    sam = house.people["sam"].actor
    at = timezone.now()
    call = register_call("telephone", at, "Alice", "", "Wants a copy.", by=sam, at=at)
    told = actions.Said(name="Alice", email=ALICE, postal="1 Road\nSingapore 1", country="Singapore")
    case = actions.register(call, "access", told, by=sam, at=at).case
    assert case.law == "sg-pdpa"
    home = Home.objects.get(case=case)
    assert (home.place, home.said_by) == ("SG", "staff")


def test_an_agents_address_says_the_country_and_nothing_else_of_it_is_kept():
    claims = {"exercise": "access", "email": ALICE, "address": {"country": "USA", "region": "CA", "locality": "Eureka"}}
    asked = read(claims)
    assert asked.home == "US-CA"
    assert "Eureka" not in str(asked.said)
    assert [read(claims | {"address": one}).home for one in ("SG", None, {}, {"country": ["x"]})] == [""] * 4
    assert read(claims | {"address": {"country": "Germany"}}).home == "DE"


@pytest.mark.store
def test_where_they_live_is_sealed_and_goes_when_the_case_ends(house):
    case = opened_from("US-CA")
    assert "US-CA" not in own_dump()
    actions.withdraw_case(case, by=PERSON, at=timezone.now())
    home = Home.objects.get()
    assert (home.key, home.place, home.law) == (None, "", "us-ccpa")
