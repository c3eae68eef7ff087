"""Who gets a receipt: the person for each step of their request, the officer and auditors for every entry."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from house import house, store

from kept.post.models import Message
from kept.rights.actions.reading import case_looked_at
from kept.rights.receipts import STEPS, told_of
from kept.security import verifier
from kept.security.actions import erase_payloads
from kept.security.ledger import sequence_entries
from kept.security.models import Entry, Log, Tile

__all__ = ["house", "store"]
pytestmark = pytest.mark.store

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def client_of(house, name):
    client = Client()
    client.force_login(house.people[name])
    return client


def shown(answer):
    """What the file shows, by the program that knows nothing of us but the key."""
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    text = verifier.text_of(answer.content)
    return verifier.check(text, [verifier.key_of(key) for key in Log.objects.get().keys])


def links_in(page, way):
    return re.findall(rf'href="({way})"', page.content.decode())


def test_a_person_saves_a_receipt_of_each_step_and_checks_it_without_us(house):
    (case,) = house.confirmed("alice@example.com")
    house.work()
    case_looked_at(house.now(case), by=house.officer, at=NOW)
    sequence_entries()
    mail = Message.objects.filter(about=case.pk).order_by("written_at", "id").last().text
    assert "a receipt for each step" in mail
    alice, key = Client(), re.search("/requests/([^/]+)/", mail)[1]  # her account is closed: by the link from the mail
    links = links_in(alice.get(f"/requests/{key}/"), rf"/requests/{key}/receipts/[0-9]+/")
    told = told_of(house.now(case))
    assert len(links) == len(told) > 6
    kinds = [shown(alice.get(link))["says"]["kind"] for link in links]
    assert kinds[:2] == ["rights.case_opened", "rights.case_proven"]
    assert kinds.count("rights.system_erased") == len(house.answers(case))
    assert set(kinds) <= set(STEPS)
    says = [shown(alice.get(link))["says"] for link in links]
    assert {one["about"] for one in says} == {f"rights.case:{case.pk}"}
    assert "Help desk" in " ".join(one.words for one in told)
    answer = alice.get(links[0])
    assert f"receipt-{case.reference}-" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_nobody_gets_the_receipt_of_anothers_request_or_of_what_is_not_theirs_to_see(house):
    case = house.proven("access", "alice@example.com")
    case_looked_at(case, by=house.officer, at=NOW)
    sequence_entries()
    own = Entry.objects.get(kind="rights.case_opened").index
    looked = Entry.objects.get(kind="rights.case_looked_at").index
    alice, bob = client_of(house, "alice"), client_of(house, "bob")
    assert alice.get(f"/requests/{case.pk}/receipts/{own}/").status_code == 200
    for client, number in ((bob, own), (Client(), own), (alice, looked), (alice, 10**17), (alice, 10**30)):
        assert client.get(f"/requests/{case.pk}/receipts/{number}/").status_code == 404
    assert bob.get(f"/desk/{case.pk}/receipts/{own}/").status_code == 404
    other = Entry.objects.exclude(about=f"rights.case:{case.pk}").exclude(index=None).first().index
    assert client_of(house, "olga").get(f"/desk/{case.pk}/receipts/{other}/").status_code == 404


def test_an_entry_that_waits_for_its_signature_has_no_link_yet(house):
    case = house.proven("access", "alice@example.com")
    page = client_of(house, "alice").get(f"/requests/{case.pk}/")
    assert page.content.decode().count("Signed in a moment") == len(told_of(case))
    assert links_in(page, '[^"]+/receipts/[^"]+') == []
    assert "soon" in client_of(house, "olga").get(f"/desk/{case.pk}/").content.decode()


def test_officer_and_auditor_get_a_receipt_from_the_case_and_from_any_entry(house):
    case = house.reviewed("access", "alice@example.com")
    sequence_entries()
    for name in ("olga", "aino"):
        client = client_of(house, name)
        links = links_in(client.get(f"/desk/{case.pk}/"), rf"/desk/{case.pk}/receipts/[0-9]+/")
        assert {shown(client.get(link))["says"]["about"] for link in links} == {f"rights.case:{case.pk}"}
        sequence_entries()
        page = client.get("/security/entries/")
        assert "Entries" in client.get("/security/").content.decode()
        size = Log.objects.get().size
        numbers = [int(one) for one in re.findall("/security/entries/([0-9]+)/", page.content.decode())]
        assert numbers == list(range(size - 1, max(size - 51, -1), -1))
        assert shown(client.get(f"/security/entries/{numbers[-1]}/"))["entry"] == numbers[-1]
        assert client.get(f"/security/entries/{size}/").status_code == 404
        assert client.get(f"/security/entries/{10**30}/").status_code == 404


def test_entries_are_looked_up_by_their_number(house):
    house.reviewed("access", "alice@example.com")
    sequence_entries()
    olga, size = client_of(house, "olga"), Log.objects.get().size
    page = olga.get("/security/entries/?from=3").content.decode()
    assert re.findall("/security/entries/([0-9]+)/", page) == ["3", "2", "1", "0"]
    assert f"?from={min(53, size - 1)}" in page
    for word in ("x", "-1", str(size), "9" * 40, "\u0663", "1.0"):
        page = olga.get("/security/entries/", {"from": word}).content.decode()
        assert f"The numbers go from 0 to {size - 1}." in page


def test_what_an_erased_entry_said_is_not_given_but_its_place_is(house):
    case = house.proven("access", "alice@example.com")
    sequence_entries()
    entry = Entry.objects.get(kind="rights.case_opened")
    erase_payloads([entry], "erasure", by=house.officer, at=NOW)
    sequence_entries()
    assert client_of(house, "alice").get(f"/requests/{case.pk}/receipts/{entry.index}/").status_code == 404
    olga = client_of(house, "olga")
    assert "Proof" in olga.get("/security/entries/").content.decode()
    assert shown(olga.get(f"/security/entries/{entry.index}/"))["what"] == "proof"


def test_while_the_ledger_is_damaged_no_receipt_is_given_and_the_page_says_so(house):
    case = house.proven("access", "alice@example.com")
    sequence_entries()
    number = Entry.objects.get(kind="rights.case_opened").index
    Tile.objects.update(hashes=bytes(32))
    alice, olga = client_of(house, "alice"), client_of(house, "olga")
    answer = alice.get(f"/requests/{case.pk}/receipts/{number}/", follow=True)
    assert "cannot be made just now" in answer.content.decode()
    assert "kept ledger verify" in olga.get(f"/security/entries/{number}/", follow=True).content.decode()
