"""The pages of a request: asking without being asked twice, following it, deciding upon it, fetching the answer."""

from __future__ import annotations

import gzip
import json
import re
import threading
from dataclasses import replace
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.core.cache import caches
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from house import KEPT, PERSON, bytes_of, house, store, zip_of

from kept.post.models import Message
from kept.rights import actions
from kept.rights.clocks import office_day
from kept.rights.codes import status_link, token_of
from kept.rights.errors import CannotExtend, UnknownRight
from kept.rights.models import Case, CaseIdentifier, Package, SystemAnswer
from kept.rights.offered import NOT_YET, OFFERS, RUNNING
from kept.rights.rules import CODE_TRIES, LOOKS_BY_ITSELF, MOST_CODES
from kept.security.models import Entry

__all__ = ["house", "store"]

pytestmark = [pytest.mark.store, pytest.mark.pages]

ALICE, BOB = "alice@example.com", "bob@example.com"


@pytest.fixture
def visitor(house):
    return Client()


def signed_in(house, name):
    client = Client()
    client.force_login(house.people[name])
    return client


def words(answer):
    """What stands on a page, without its markup."""
    page = answer.content.decode()
    page = re.sub(r"<(head|style|script).*?</\1>", " ", page, flags=re.DOTALL)
    page = re.sub(r"</?(a|b|code|span|strong|time)\b[^>]*>", "", page)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def fill(client, right="access", email=ALICE, name=""):
    """Up to the page that shows what was answered."""
    client.post("/privacy/ask/", {"right": right})
    return client.post("/privacy/ask/you/", {"email": email, "name": name}, follow=True)


def shown_on(page):
    """What the form on a check page carries, as a browser sends it."""
    return dict(re.findall(r'<input type="hidden" name="(shown)" value="(\w+)">', page.content.decode()))


def sent(client, right="access", email=ALICE, name=""):
    return client.post("/privacy/ask/check/", shown_on(fill(client, right, email, name)), follow=True)


def link_of(case):
    return reverse("request", args=[token_of(case.pk, case.token_hash)])


# Asking


def test_only_what_runs_is_offered_and_the_rest_is_said_honestly(visitor):
    page = visitor.get("/privacy/")
    source = page.content.decode()
    assert re.findall(r"\?right=(\w+)", source) == [offer.name for offer in RUNNING]
    assert ("Not running yet" in words(page)) == bool(NOT_YET)
    assert {offer.name for offer in OFFERS} == set(Case.Right.values)
    for offer in OFFERS:
        assert offer.means in words(page)
        assert f'href="/policy/{offer.clause}/"' in source
        assert visitor.get(f"/policy/{offer.clause}/").status_code == 200
    for offer in NOT_YET:
        visitor.get(f"/privacy/ask/?right={offer.name}")
        assert "asking" not in visitor.session, "what does not run cannot be chosen"


def test_a_right_that_does_not_run_is_named_and_cannot_be_asked_for(visitor, monkeypatch):
    [off] = [replace(offer, runs=False) for offer in OFFERS if offer.name == "portability"]
    running = tuple(offer for offer in RUNNING if offer.name != off.name)
    for module in ("views.centre", "views.journey", "forms", "actions.asking"):
        monkeypatch.setattr(f"kept.rights.{module}.RUNNING", running)
    monkeypatch.setattr("kept.rights.views.centre.NOT_YET", (off,))
    page = visitor.get("/privacy/")
    assert f"?right={off.name}" not in page.content.decode()
    _, _, below = words(page).partition("Not running yet")
    assert f"{off.ask} {off.means}" in below
    visitor.get(f"/privacy/ask/?right={off.name}")
    refused = visitor.post("/privacy/ask/", {"right": off.name})
    assert "Choose one of these." in words(refused)
    assert "asking" not in visitor.session
    with pytest.raises(UnknownRight):
        actions.open_case(off.name, ALICE, channel="web", by=PERSON, at=timezone.now())


def test_a_person_asks_in_three_pages_and_nothing_of_it_stands_in_an_address(visitor, house):
    first = visitor.get("/privacy/ask/?right=access")
    assert first["Location"] == "/privacy/ask/you/"
    second = visitor.post("/privacy/ask/you/", {"email": ALICE, "name": "Alice"})
    assert second["Location"] == "/privacy/ask/check/"
    check = visitor.get("/privacy/ask/check/")
    assert ALICE in words(check)
    hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', check.content.decode())
    assert {name for name, _ in hidden} == {"csrfmiddlewaretoken", "shown"}
    assert ALICE not in dict(hidden)["shown"], "answers are in the session, not in the form"
    last = visitor.post("/privacy/ask/check/", shown_on(check))
    assert last["Location"] == "/privacy/ask/code/"
    case = Case.objects.get()
    page = words(visitor.get("/privacy/ask/code/"))
    assert case.reference in page
    assert f"{case.due_on:%A} {case.due_on.day} {case.due_on:%B %Y}" in page
    assert "It does not prove who you are" in page
    assert token_of(case.pk, case.token_hash) not in page, "the link is the mailbox owner's to have"


def test_a_change_leads_back_to_the_check_without_asking_the_rest_again(visitor):
    fill(visitor, "access", ALICE, "Alice")
    answer = visitor.post("/privacy/ask/", {"right": "erasure"})
    assert answer["Location"] == "/privacy/ask/check/"
    page = visitor.get("/privacy/ask/you/")
    assert f'value="{ALICE}"' in page.content.decode()
    check = words(visitor.get("/privacy/ask/check/"))
    assert "Have my data erased" in check
    assert "Alice" in check


def test_no_question_can_be_jumped(visitor):
    assert visitor.get("/privacy/ask/you/")["Location"] == "/privacy/ask/"
    assert visitor.get("/privacy/ask/check/")["Location"] == "/privacy/ask/"
    assert visitor.post("/privacy/ask/check/")["Location"] == "/privacy/ask/"
    visitor.post("/privacy/ask/", {"right": "access"})
    assert visitor.get("/privacy/ask/check/")["Location"] == "/privacy/ask/you/"
    assert visitor.get("/privacy/ask/code/")["Location"] == "/privacy/ask/"
    assert not Case.objects.exists()


def test_a_signed_in_customer_is_asked_for_nothing_and_needs_no_code(house):
    alice = signed_in(house, "alice")
    assert alice.get("/privacy/ask/?right=access")["Location"] == "/privacy/ask/check/"
    assert alice.get("/privacy/ask/you/")["Location"] == "/privacy/ask/check/"
    check = alice.get("/privacy/ask/check/")
    assert "Alice Arden, signed in as alice@example.com" in words(check)
    answer = alice.post("/privacy/ask/check/", shown_on(check), follow=True)
    case = Case.objects.get()
    assert (case.state, case.account) == (Case.State.SEARCHING, house.people["alice"])
    assert answer.redirect_chain == [(f"/requests/{case.pk}/", 302)]
    assert "We search our systems" in words(answer)
    assert case.reference in words(alice.get("/requests/"))


def test_the_same_form_sent_twice_is_one_request(visitor, house):
    check = shown_on(fill(visitor))
    visitor.post("/privacy/ask/check/", check)
    again = visitor.post("/privacy/ask/check/", check, follow=True)
    assert Case.objects.count() == 1
    assert Case.objects.get().reference in words(again)
    assert "Nothing was sent" not in words(again)
    alice = signed_in(house, "alice")
    check = shown_on(fill(alice))
    alice.post("/privacy/ask/check/", check)
    once = alice.post("/privacy/ask/check/", check)
    assert once["Location"] == f"/requests/{Case.objects.get(account=house.people['alice']).pk}/"
    assert Case.objects.count() == 2


def test_the_same_form_sent_twice_at_once_is_one_request_too(visitor, house):
    check = shown_on(fill(visitor))
    cookies = {name: morsel.value for name, morsel in visitor.cookies.items()}
    ready, answers = threading.Barrier(4), []

    def press():
        browser = Client()
        browser.cookies.load(cookies)
        ready.wait()
        answers.append(browser.post("/privacy/ask/check/", check))
        connections.close_all()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer["Location"] for answer in answers] == ["/privacy/ask/code/"] * 4
    case = Case.objects.get()
    assert Message.objects.count() == 1
    assert case.reference in words(visitor.get("/privacy/ask/code/"))


@pytest.mark.parametrize("name", ["alice", None], ids=["signed in", "signed out"])
def test_a_window_sends_what_it_shows_or_nothing(house, name):
    """Two windows of one browser: the first shows a copy, and the second has gone on to an erasure."""
    client = signed_in(house, name) if name else Client()
    first = shown_on(fill(client, "access"))
    second = shown_on(fill(client, "erasure"))
    answer = client.post("/privacy/ask/check/", first, follow=True)
    assert not Case.objects.exists()
    assert answer.redirect_chain == [("/privacy/ask/check/", 302)]
    assert "Nothing was sent. In another window you changed what you ask for." in words(answer)
    assert "Have my data erased" in words(answer), "the check page of what is asked now"
    client.post("/privacy/ask/check/", {})
    assert not Case.objects.exists(), "a form that says nothing of what it showed sends nothing"
    client.post("/privacy/ask/check/", second)
    assert Case.objects.get().right == "erasure"
    late = client.post("/privacy/ask/check/", first, follow=True)
    assert "Nothing was sent from that window" in words(late)
    assert Case.objects.count() == 1


def test_another_address_or_another_account_is_another_request(house):
    client = Client()
    first = shown_on(fill(client, email=ALICE))
    assert first != shown_on(fill(client, email=BOB))
    assert "Nothing was sent" in words(client.post("/privacy/ask/check/", first, follow=True))
    mine = shown_on(fill(signed_in(house, "alice")))
    bob = signed_in(house, "bob")
    assert mine != shown_on(fill(bob))
    assert "Nothing was sent" in words(bob.post("/privacy/ask/check/", mine, follow=True))
    assert not Case.objects.exists()


def test_back_to_what_a_window_shows_it_may_send_again(visitor):
    first = shown_on(fill(visitor, "access"))
    fill(visitor, "erasure")
    fill(visitor, "access")
    visitor.post("/privacy/ask/check/", first)
    assert Case.objects.get().right == "access"


# Bad input


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("email", "", "Type your e-mail address."),
        ("email", "alice", "It looks like name@example.com."),
        ("email", "a" * 300 + "@example.com", "Use at most 254."),
        ("email", "alice\0@example.com", "did not reach us as you typed them"),
        ("name", "Al\0ice", "did not reach us as you typed them"),
        ("name", "n" * 650, "This has 650 characters. Use at most 200."),
        ("name", "n" * 2_000_000, "This has 2,000,000 characters. Use at most 200."),
        ("name", "Zoë\x1b[2J", "did not reach us as you typed them"),
    ],
)
def test_what_cannot_be_used_is_named_and_what_can_is_kept(visitor, field, typed, said):
    visitor.post("/privacy/ask/", {"right": "access"})
    answer = visitor.post("/privacy/ask/you/", {"email": "carol@example.com", "name": "Carol"} | {field: typed})
    assert answer.status_code == 200
    assert said in words(answer)
    assert "<title>Error: " in answer.content.decode()
    assert len(answer.content) < 20_000
    kept = "Carol" if field == "email" else "carol@example.com"
    assert f'value="{kept}"' in answer.content.decode()
    assert visitor.session["asking"] == {"right": "access"}


def test_a_name_in_another_encoding_is_not_taken_broken(visitor):
    visitor.post("/privacy/ask/", {"right": "access"})
    body, kind = b"email=carol%40example.com&name=Zo%EB", "application/x-www-form-urlencoded"
    assert "did not reach us" in words(visitor.post("/privacy/ask/you/", body, content_type=kind))


def test_every_letter_people_have_in_their_names_is_taken(visitor):
    check = fill(visitor, "access", "zoë@exämple.org", "Zoë Åsa Müller-太田 O\u2019Neill")
    assert "Zoë Åsa Müller-太田 O\u2019Neill" in words(check)


def test_a_form_without_its_token_says_so_and_loses_nothing(house):
    browser = Client(enforce_csrf_checks=True)
    browser.get("/privacy/ask/?right=access")
    answer = browser.post("/privacy/ask/you/", {"email": ALICE})
    assert answer.status_code == 403
    assert "Nothing was changed" in words(answer)
    assert browser.session["asking"] == {"right": "access"}


def test_a_megabyte_too_many_is_refused_in_plain_words(visitor):
    visitor.post("/privacy/ask/", {"right": "access"})
    answer = visitor.post("/privacy/ask/you/", {"email": ALICE, "name": "n" * 3_000_000})
    assert answer.status_code == 400
    assert "Nothing was changed" in words(answer)


@pytest.mark.parametrize("address", ["/requests/%00/", "/requests/%FF%FE/", "/requests/..%2f..%2fetc/", "/requests/-/"])
def test_a_guessed_link_opens_nothing_whatever_it_is_made_of(visitor, address):
    assert visitor.get(address).status_code == 404


@pytest.mark.parametrize("query", ["show=%00", "show=nothing", "page=-1", "page=x%00", "page=99999999999999999999"])
def test_the_desk_takes_any_address_for_what_it_can_be(house, query):
    assert signed_in(house, "olga").get(f"/desk/?{query}").status_code == 200


# The code


def test_a_wrong_code_says_how_many_tries_are_left_and_the_right_one_opens_the_page(visitor, house):
    sent(visitor)
    case = Case.objects.get()
    code = house.code(case)
    wrong = "000 000" if code != "000 000" else "111 111"
    assert "You have 4 tries left." in words(visitor.post("/privacy/ask/code/", {"code": wrong}))
    assert "did not reach us" in words(visitor.post("/privacy/ask/code/", {"code": "12\x0045"}))
    assert "The code has 6 digits." in words(visitor.post("/privacy/ask/code/", {"code": "12345x"}))
    answer = visitor.post("/privacy/ask/code/", {"code": f" {code[:3]}-{code[4:]} "})
    assert answer["Location"] == link_of(case)
    assert "We search our systems" in words(visitor.get(answer["Location"]))


def test_five_wrong_codes_end_the_code_and_a_new_one_can_be_had_a_minute_later(visitor, house):
    sent(visitor)
    case = Case.objects.get()
    wrong = "000000" if house.code(case) != "000 000" else "111111"
    for _ in range(5):
        page = words(visitor.post("/privacy/ask/code/", {"code": wrong}))
    assert "The code was typed wrong too often, so it no longer works." in page
    assert "The code works until" not in page
    for drawn in (page, words(visitor.get("/privacy/ask/code/"))):
        assert "typed wrong too often" in drawn
        assert "Code from the mail" not in drawn, "a field that takes nothing is not offered"
    again = visitor.get("/privacy/ask/code/").content.decode()
    assert "<details" not in again.split("<main")[1]
    assert "<button>Mail me a new code</button>" in again
    assert "You can ask for another one at" in words(visitor.post("/privacy/ask/code/again/", follow=True))
    Case.objects.update(code_sent_at=timezone.now() - timedelta(minutes=2))
    assert "We mailed you a code" in words(visitor.post("/privacy/ask/code/again/", follow=True))
    answer = visitor.post("/privacy/ask/code/", {"code": house.code(case)})
    assert answer["Location"] == link_of(case)


def test_an_old_code_is_told_to_be_old(visitor, house):
    sent(visitor)
    case = Case.objects.get()
    Case.objects.update(code_expires_at=timezone.now() - timedelta(seconds=1))
    page = words(visitor.post("/privacy/ask/code/", {"code": house.code(case)}))
    assert "The code we mailed no longer works." in page
    assert "works until" not in page


def test_after_the_last_code_the_page_leads_to_a_new_request(visitor, house):
    sent(visitor)
    Case.objects.update(codes_sent=MOST_CODES, code_attempts=CODE_TRIES)
    page = visitor.get("/privacy/ask/code/")
    assert "We mailed as many codes as we send for one request. Make a new request." in words(page)
    assert "Mail me a new code" not in words(page)


def test_the_code_for_a_file_says_one_thing_too(visitor, house):
    case, package = answered(house)
    fetch = f"{link_of(case)}file/{package.pk}/"
    visitor.post(f"{fetch}code/")
    assert "The code works until" in words(visitor.get(fetch))
    wrong = "000000" if house.code(case) != "000 000" else "111111"
    for _ in range(CODE_TRIES):
        page = words(visitor.post(fetch, {"code": wrong}))
    assert "typed wrong too often" in page
    assert "The code works until" not in page
    assert "Mail me a new code" in page


def test_the_link_in_the_mail_takes_the_code_as_well(visitor, house):
    opened = house.open("access", ALICE)
    link = link_of(opened.case)
    assert "Type the code from the mail" in words(visitor.get(link))
    answer = visitor.post(link, {"code": house.code(opened.case)}, follow=True)
    assert "We search our systems" in words(answer)
    assert house.now(opened.case).state == Case.State.SEARCHING


def test_whoever_asked_in_alices_name_learns_nothing_when_alice_types_the_code(visitor, house):
    sent(visitor)
    case = Case.objects.get()
    assert Client().post(link_of(case), {"code": house.code(case)}).status_code == 302
    house.work()
    page = visitor.get("/privacy/ask/code/")
    assert "open the link in the mail" in words(page)
    assert case.reference not in words(page)
    assert token_of(case.pk, case.token_hash) not in page.content.decode()


def test_asking_again_leads_to_the_request_that_is_open(visitor, house):
    first = house.reviewed("access", ALICE)
    sent(visitor)
    second = Case.objects.exclude(pk=first.pk).get()
    page = words(visitor.get("/privacy/ask/code/"))
    assert second.reference in page
    assert first.reference not in page, "before the proof nobody is told that there is one"
    answer = visitor.post("/privacy/ask/code/", {"code": house.code(second)})
    assert answer["Location"] == link_of(first)


def test_too_many_requests_for_one_address_are_told_that_no_mail_went_out(house):
    for _ in range(5):
        house.open("access", ALICE)
    page = sent(Client())
    assert "We mailed no new code" in words(page)
    assert Message.objects.count() == 5


# Following


def test_the_page_shows_each_stage_with_its_day_and_the_date_in_words(visitor, house):
    case = house.reviewed("access", ALICE)
    page = words(visitor.get(link_of(case)))
    assert f"We answer by {case.due_on:%A} {case.due_on.day} {case.due_on:%B %Y}, in " in page
    assert "A privacy officer looks at what we found" in page
    assert "Billing Searched." in page
    assert "records found" not in page, "counts are told once an officer has seen whose they are"
    actions.approve(case, by=house.officer, at=timezone.now())
    house.work()
    page = words(visitor.get(link_of(case)))
    assert "You have our answer" in page
    assert re.search(r"Billing Searched\. \d+ records found\.", page)


@pytest.mark.parametrize("name", ["bob", "sam", "olga", "erik", "aino"])
def test_nobody_else_is_told_that_alices_case_exists(house, name):
    case = house.reviewed("access", ALICE)
    client = signed_in(house, name)
    assert client.get(f"/requests/{case.pk}/").status_code == 404
    guessed = client.get(f"/requests/{uuid4()}/")
    assert words(client.get(f"/requests/{case.pk}/")) == words(guessed)


def test_an_open_page_asks_for_what_changed_and_stops_when_nothing_more_will(visitor, house):
    case = house.proven("access", ALICE)
    page = visitor.get(link_of(case)).content.decode()
    asks = unescape(re.search(r'hx-get="([^"]+)" hx-trigger="every 3s"', page).group(1))
    assert visitor.get(asks).status_code == 204
    house.work()
    changed = visitor.get(asks)
    assert changed["HX-Refresh"] == "true"
    actions.withdraw_case(house.now(case), by=KEPT, at=timezone.now())
    page = visitor.get(link_of(case)).content.decode()
    assert "hx-get" not in page
    assert "htmx" not in page
    assert "Refresh" not in page


def test_a_page_that_opens_something_is_kept_by_nobody(visitor, house):
    answer = visitor.get(link_of(house.reviewed("access", ALICE)))
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Robots-Tag"] == "noindex"


def test_a_request_can_be_withdrawn_until_it_is_carried_out(visitor, house):
    case = house.reviewed("erasure", ALICE)
    link = link_of(case)
    assert "Withdraw it" in words(visitor.get(f"{link}withdraw/"))
    assert house.now(case).state == Case.State.REVIEW, "looking withdraws nothing"
    assert "Your request is withdrawn" in words(visitor.post(f"{link}withdraw/", follow=True))
    assert house.now(case).state == Case.State.WITHDRAWN
    assert "Your request is withdrawn" in words(visitor.post(f"{link}withdraw/", follow=True)), "pressed twice"
    assert "You have withdrawn this request already." in words(visitor.get(f"{link}withdraw/", follow=True))


@pytest.mark.parametrize(
    ("state", "right", "now"),
    [
        ("answering", "erasure", "We are erasing your data now, and mail you when it is done."),
        ("answering", "access", "We are putting your copy together now, and mail you when it is done."),
        ("answered", "erasure", "We have erased your data, and you have our answer."),
        ("answered", "access", "Your copy is ready, and you have our answer."),
        ("withdrawn", "access", "You have withdrawn this request already."),
        ("closed", "access", "This request has ended. Nothing more happens to it."),
        ("searching", "access", "Your request is under way, and this page shows how far it is."),
    ],
)
def test_a_button_pressed_too_late_says_so_and_what_happens_now(visitor, house, state, right, now):
    """Each of the person's buttons, pressed on a page that was drawn before the case went on."""
    case = house.proven(right, ALICE)
    Case.objects.filter(pk=case.pk).update(
        state=state,
        answered_at=timezone.now() if state == "answered" else None,
        **({"email": "", "name": ""} if state in ("withdrawn", "closed") else {}),
    )
    link = link_of(case)
    entries = Entry.objects.count()
    pressed = {
        "withdraw/": "It is too late to withdraw.",
        "code/": "No new code is needed.",
        "": "The code is not needed any more.",
    }
    for way, first in pressed.items():
        if way == "withdraw/" and state in ("searching", "withdrawn"):
            continue  # in time, and done already
        answer = visitor.post(f"{link}{way}", {"code": "123456"}, follow=True)
        assert answer.redirect_chain == [(link, 302)]
        assert now in words(answer), way
        assert first in words(answer) or state in ("withdrawn", "closed")
    assert house.now(case).state == state
    assert Entry.objects.count() == entries


def test_without_a_sign_in_every_address_by_id_says_how_to_get_there(house):
    """Nothing is told of whether there is such a request: before and after an erasure, or for a guess."""
    case = house.reviewed("erasure", ALICE)
    alice, nobody = signed_in(house, "alice"), Client()
    page = alice.get(f"/requests/{case.pk}/")
    asks = unescape(re.search(r'hx-get="([^"]+)"', page.content.decode()).group(1))
    told = nobody.get(f"/requests/{uuid4()}/")
    assert told.status_code == 404
    assert "Sign in to see this page" in words(told)
    assert "Open the link in the mail we sent about your request." in words(told)
    assert nobody.get(f"/requests/{case.pk}/").content == told.content
    house.confirm(case)
    house.work()
    assert house.now(case).state == Case.State.ANSWERED
    assert alice.get(asks, headers={"HX-Request": "true"})["HX-Refresh"] == "true", "the open page is drawn anew"
    after = alice.get(f"/requests/{case.pk}/")
    assert "When that is done, your account is closed too. The link in our last mail shows the report." in words(after)
    assert words(after) == words(told)
    for way in ("", "withdraw/", "code/", f"file/{uuid4()}/", f"file/{uuid4()}/code/", f"file/{uuid4()}/revoke/"):
        assert words(nobody.post(f"/requests/{case.pk}/{way}")) == words(told), way
    report = words(nobody.get(link_of(case)))
    assert "Get the report" in report


def test_an_erasure_with_a_system_that_does_not_answer_says_not_done_yet_and_never_complete(visitor, house):
    case = house.reviewed("erasure", ALICE)
    house.confirm(case)
    away = house.file("newsletter").rename(house.folder / "gone")
    house.work()
    page = words(visitor.get(link_of(case)))
    assert "Newsletter Not done yet" in page
    assert "Next try:" in page
    assert re.search(r"\d of 4 systems done\. One does not answer yet", page)
    assert "Get the report" not in page
    assert "You have our answer" not in page
    away.rename(house.file("newsletter"))
    house.work_later()
    page = words(visitor.get(link_of(case)))
    assert "You have our answer" in page
    assert "Get the report" in page


def test_what_stays_is_told_with_its_law_and_its_day(visitor, house):
    case = house.confirmed(ALICE)[0]
    house.work()
    page = words(visitor.get(link_of(case)))
    assert re.search(
        r"Invoices \d+ records in Billing\. Commercial Code s\.257, Tax Code s\.147\. Until \w+ 31 December", page
    )
    assert "A fingerprint of your address" in page
    assert "data protection authority" in page


# Fetching


def answered(house, right="access", email=ALICE):
    case = house.reviewed(right, email)
    if right == "erasure":
        house.confirm(case)
    else:
        actions.approve(case, by=house.officer, at=timezone.now())
    house.work()
    return house.now(case), Package.objects.get(case=case)


def test_alice_fetches_her_copy_signed_in_or_with_the_code_from_a_mail(visitor, house):
    case, package = answered(house)
    whole = bytes_of(package)
    alice = signed_in(house, "alice")
    file = alice.post(f"/requests/{case.pk}/file/{package.pk}/")
    assert b"".join(file.streaming_content) == whole
    assert file["Content-Type"] == "application/zip"
    assert file["Content-Disposition"] == f'attachment; filename="{case.reference}.zip"'
    assert file["Content-Length"] == str(package.size)
    assert file["Cache-Control"] == "private, no-store"
    assert file["X-Content-Type-Options"] == "nosniff"
    fetch = f"{link_of(case)}file/{package.pk}/"
    assert "Mail me the code" in words(visitor.get(fetch))
    visitor.post(f"{fetch}code/")
    wrong = visitor.post(fetch, {"code": "000000" if house.code(case) != "000 000" else "111111"})
    assert "You have 4 tries left" in words(wrong)
    file = visitor.post(fetch, {"code": house.code(case)})
    assert b"".join(file.streaming_content) == whole
    package.refresh_from_db()
    assert package.downloads == 2


def test_the_link_alone_gives_nobody_the_file(visitor, house):
    case, package = answered(house)
    for typed in ({}, {"code": "123456"}):
        answer = visitor.post(f"{link_of(case)}file/{package.pk}/", typed)
        assert not answer.streaming
        assert "Mail me the code" in words(answer)


def test_expired_taken_away_and_guessed_files_are_answered_alike(visitor, house):
    case, package = answered(house)
    other, others = answered(house, email=BOB)
    page, bobs = link_of(case), link_of(other)
    gone = "That file cannot be fetched here any more. Nothing was sent."

    def ways(page, file, client=visitor):
        """Everything that can be pressed about a file."""
        calls = (
            (client.get, ""),
            (client.post, ""),
            (client.post, "code/"),
            (client.get, "revoke/"),
            (client.post, "revoke/"),
        )
        for ask, way in calls:
            answer = ask(f"{page}file/{file}/{way}", follow=True)
            yield answer.redirect_chain == [(page, 302)] and gone in words(answer)

    for guessed in (others.pk, uuid4()):
        assert all(ways(page, guessed))
    Package.objects.filter(pk=package.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert all(ways(page, package.pk))
    assert "no longer be fetched" in words(visitor.get(page))
    assert "Nobody can fetch it any more" in words(visitor.post(f"{bobs}file/{others.pk}/revoke/", follow=True))
    assert all(ways(bobs, others.pk))
    assert all(ways(f"/requests/{other.pk}/", others.pk, signed_in(house, "bob")))
    assert Message.objects.filter(subject__contains="opens your file").count() == 0
    others.refresh_from_db()
    assert others.downloads == 0


def test_alice_cannot_take_bobs_file_away(house):
    case, package = answered(house, email=BOB)
    alice = signed_in(house, "alice")
    assert alice.post(f"/requests/{case.pk}/file/{package.pk}/revoke/").status_code == 404
    mine = house.reviewed("access", ALICE)
    alice.post(f"/requests/{mine.pk}/file/{package.pk}/revoke/")
    package.refresh_from_db()
    assert package.revoked_at is None


# The desk


def test_the_queue_tells_each_clock_by_words_and_puts_what_is_late_first(house):
    late, soon, calm = (house.reviewed("access", email) for email in (ALICE, BOB, "hugo@example.com"))
    today = office_day(timezone.now())
    for case, days in ((late, -2), (soon, 3), (calm, 20)):
        house.due(case, today + timedelta(days=days))
    page = signed_in(house, "olga").get("/desk/")
    rows = [unescape(" ".join(re.sub(r"<[^>]+>", " ", row).split())) for row in page.content.decode().split("<tr>")[2:]]
    assert [case.reference in row for case, row in zip((late, soon, calm), rows, strict=True)] == [True] * 3
    assert "late, 2 days over" in rows[0]
    assert "due soon, 3 days left" in rows[1]
    assert "on time, 20 days left" in rows[2]
    assert all("review" in row and "4 of 4 searched" in row for row in rows)
    assert 'data-state="late"' in page.content.decode()


def test_a_system_is_called_done_only_once_it_was_looked_at_again(house):
    case = house.reviewed("erasure", ALICE)
    olga = signed_in(house, "olga")

    def told():
        queue, page = words(olga.get("/desk/?show=open")), words(olga.get(f"/desk/{case.pk}/"))
        return re.search(r"(\d of 4 \w+)", queue).group(1), re.search(r"(\d of 4 systems \w+)", page).group(1)

    assert told() == ("4 of 4 searched", "4 of 4 systems searched")
    away = house.file("newsletter").rename(house.folder / "gone")
    house.confirm(case)
    house.work()
    assert told() == ("2 of 4 done", "2 of 4 systems done"), "Kept's own store comes last"
    away.rename(house.file("newsletter"))
    house.work_later()
    assert "4 of 4 done" in words(olga.get("/desk/?show=answered"))


def test_the_queue_is_asked_for_with_few_statements_however_long_it_is(house, django_assert_max_num_queries):
    olga = signed_in(house, "olga")
    for number in range(30):
        house.proven("access", f"person{number}@example.com")
    with django_assert_max_num_queries(16):
        page = olga.get("/desk/?show=open")
    assert page.content.decode().count('<th scope="row">') == 30


def test_from_one_case_a_link_leads_to_the_next_one_to_do(house):
    first, second = house.reviewed("access", ALICE), house.reviewed("erasure", BOB)
    olga = signed_in(house, "olga")
    assert f"Next to do: {second.reference}" in words(olga.get(f"/desk/{first.pk}/"))
    actions.withdraw_case(second, by=KEPT, at=timezone.now())
    assert "Next to do" not in words(olga.get(f"/desk/{first.pk}/"))


def test_a_case_with_its_style_and_script_is_lighter_than_30_kilobytes(house):
    case = house.reviewed("access", ALICE)
    olga = signed_in(house, "olga")
    for address in ("/desk/", f"/desk/{case.pk}/"):
        page = olga.get(address)
        files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.content.decode())
        assert 4 <= len(files) <= 5
        whole = [page.content, *(b"".join(olga.get(file).streaming_content) for file in files)]
        assert sum(len(gzip.compress(one, 9)) for one in whole) <= 30_000, address


def test_asking_needs_no_script_and_reading_sets_no_cookie(visitor):
    assert visitor.get("/privacy/").cookies == {}
    for address in ("/privacy/", "/privacy/ask/"):
        assert b"<script" not in visitor.get(address).content
    check = fill(visitor)
    assert b"<script" not in check.content
    assert b"<script" not in visitor.post("/privacy/ask/check/", shown_on(check), follow=True).content


def test_the_filters_count_and_an_empty_one_says_what_would_stand_there(house):
    olga = signed_in(house, "olga")
    assert "Nothing waits for you." in words(olga.get("/desk/"))
    house.reviewed("access", ALICE)
    page = words(olga.get("/desk/?show=answered"))
    assert "To do 1 All open 1 Answered 0" in page
    assert "No answer is out." in page


def test_a_case_shows_counts_third_parties_laws_and_its_history(house):
    case = house.reviewed("access", ALICE)
    page = words(signed_in(house, "olga").get(f"/desk/{case.pk}/"))
    assert re.search(
        r"Billing Invoices 13 . 11 Commercial Code s\.257, Tax Code s\.147, 10 years from the end of the year", page
    )
    assert "Messages about others too" in page
    assert "on time" in page
    assert "Shown to be theirs" in page
    assert ALICE in page
    read = words(signed_in(house, "aino").get(f"/desk/{case.pk}/"))
    assert ALICE not in read, "an auditor needs no address"
    assert "Approve" not in read
    assert "14 Garden Street" not in page


def test_olga_approves_and_the_second_officer_is_told(house):
    case = house.reviewed("access", ALICE)
    second = house.people["sam"]
    second.role = "privacy_officer"
    second.save()
    olga, sam = signed_in(house, "olga"), signed_in(house, "sam")
    pages = [client.get(f"/desk/{case.pk}/") for client in (olga, sam)]
    assert "Olga Orlova is looking at this case" in words(pages[1])
    read = signed_in(house, "aino").get(f"/desk/{case.pk}/")
    assert "is looking at this case" not in words(read), "an auditor decides nothing"
    assert "Aino" not in words(olga.get(f"/desk/{case.pk}/part/"))
    seen = [re.search(r'name="seen" value="(\w+)"', page.content.decode()).group(1) for page in pages]
    assert "Approved. The copy is made now" in words(
        olga.post(f"/desk/{case.pk}/approve/", {"seen": seen[0]}, follow=True)
    )
    told = words(sam.post(f"/desk/{case.pk}/approve/", {"seen": seen[1]}, follow=True))
    assert re.search(r"Olga Orlova approved it at \d\d:\d\d UTC, before you\. Nothing was done twice\.", told)
    house.work()
    told = words(sam.post(f"/desk/{case.pk}/approve/", {"seen": seen[1]}, follow=True))
    assert "Olga Orlova approved it" in told
    assert Package.objects.count() == 1
    assert Entry.objects.filter(kind="rights.case_approved").count() == 1
    assert "is looking at this case" not in words(olga.get(f"/desk/{case.pk}/")), "nothing is left to decide"


def test_a_decision_about_something_else_than_what_is_there_is_not_carried_out(house):
    case = house.reviewed("access", ALICE)
    olga = signed_in(house, "olga")
    seen = re.search(r'name="seen" value="(\w+)"', olga.get(f"/desk/{case.pk}/").content.decode()).group(1)
    SystemAnswer.objects.filter(case=case, system__name="billing").update(holdings=[])
    told = words(olga.post(f"/desk/{case.pk}/approve/", {"seen": seen}, follow=True))
    assert "What was found has changed" in told
    assert house.now(case).state == Case.State.REVIEW


def test_an_erasure_takes_the_dry_run_and_a_second_confirmation(house):
    case = house.reviewed("erasure", ALICE)
    olga = signed_in(house, "olga")
    assert "See what would be erased" in words(olga.get(f"/desk/{case.pk}/"))
    plan = olga.get(f"/desk/{case.pk}/dry-run/")
    assert re.search(r"Invoices: \d+ records changed, 11 kept by law", words(plan))
    assert "set to NULL" in words(plan)
    assert "In rows others wrote" in words(plan)
    before = {name: house.dump(name) for name in ("billing", "helpdesk", "newsletter")}
    seen = re.search(r'name="seen" value="(\w+)"', plan.content.decode()).group(1)
    confirm = olga.post(f"/desk/{case.pk}/approve/", {"seen": seen}, follow=True)
    assert "Erase for good?" in words(confirm)
    assert "Olga Orlova approved the plan" in words(confirm)
    unread = words(olga.post(f"/desk/{case.pk}/confirm/", {"seen": seen}))
    assert "what is erased cannot be brought back" in unread
    house.work()
    assert {name: house.dump(name) for name in before} == before, "nothing is changed before the second confirmation"
    done = olga.post(f"/desk/{case.pk}/confirm/", {"seen": seen, "read": "on"}, follow=True)
    assert "Confirmed. Each system is changed now" in words(done)
    house.work()
    assert house.now(case).state == Case.State.ANSWERED
    page = words(olga.get(f"/desk/{case.pk}/"))
    assert re.search(
        r"\d+ erased, \d+ kept by law\. Looked again through \d+ tables: done\. Before that there was:", page
    )
    late = words(olga.post(f"/desk/{case.pk}/confirm/", {"seen": seen, "read": "on"}, follow=True))
    assert "Nothing was done twice." in late
    assert Entry.objects.filter(kind="rights.erasure_confirmed").count() == 1


def test_the_desk_explains_how_the_last_day_was_worked_out(house):
    case = house.reviewed("access", ALICE)
    page = words(signed_in(house, "olga").get(f"/desk/{case.pk}/"))
    assert re.search(r"Why \d+ \w{3} \d{4} is the last day", page)
    assert "Received, in the calendar of Europe/Berlin." in page
    assert "1 month on; the day itself is not counted." in page
    assert "It can be extended once, with reasons, until" in page
    assert "GDPR Art. 12(3), (4), (6)" in page


def test_an_officer_takes_longer_once_and_the_person_reads_why_and_until_when(visitor, house):
    case = house.reviewed("access", ALICE)
    olga, page = signed_in(house, "olga"), f"/desk/{case.pk}/extend/"
    first = house.now(case).due_on
    assert "Take longer" in words(olga.get(f"/desk/{case.pk}/"))
    assert "The person is told now that our answer comes by" in words(olga.get(page))
    assert house.now(case).due_on == first, "looking extends nothing"
    missing = words(olga.post(page, {"ground": "complexity"}))
    assert "the law wants the reasons told" in missing
    assert "Choose why." in words(olga.post(page, {"reasons": "x"}))
    assert "characters" in words(olga.post(page, {"ground": "complexity", "reasons": "x" * 501}))
    why = "Your mails are in an archive.\r\nWe have to restore it <first>."
    told = words(olga.post(page, {"ground": "complexity", "reasons": why}, follow=True))
    assert "The person is told. The clock runs to the new day." in told
    extended = house.now(case)
    assert extended.due_on > first
    assert (extended.clock["extended"], extended.clock["extend_by"]) == (True, None)
    assert "Extended: 3 months in all" in told
    mail = Message.objects.filter(about=case.pk).latest("written_at")
    assert mail.subject == f"We need longer for your request {case.reference}"
    assert "We have to restore it <first>." in mail.text
    assert f"{extended.due_on:%-d %B %Y}" in mail.text
    person = words(visitor.get(link_of(case)))
    assert "Why it takes longer" in person
    assert "We have to restore it <first>." in person
    assert "We told you that it takes longer, and why" in person, "with its receipt"
    again = words(olga.post(page, {"ground": "number", "reasons": "Once more."}, follow=True))
    assert "it can be extended once" in again
    assert house.now(case).due_on == extended.due_on
    assert Entry.objects.get(kind="rights.case_extended").facts["ground"] == "complexity"


def test_no_more_time_after_the_first_month_or_for_an_answer_that_is_out(house):
    case = house.reviewed("access", ALICE)
    late = timezone.now() + timedelta(days=40)
    with pytest.raises(CannotExtend, match="too late to extend"):
        actions.extend(case, "complexity", "It is complex.", by=house.officer, at=late)
    answered = house.reviewed("access", BOB)
    actions.approve(answered, by=house.officer, at=timezone.now())
    house.work()
    olga = signed_in(house, "olga")
    said = words(olga.post(f"/desk/{answered.pk}/extend/", {"ground": "number", "reasons": "Many."}, follow=True))
    assert "Nothing was done twice." in said
    assert not Entry.objects.filter(kind="rights.case_extended").exists()


def test_what_still_runs_for_the_person_is_said_before_anything_is_erased(house):
    orders = "client_id = (SELECT id FROM client WHERE email = ?)"
    house.ask("billing", f"UPDATE client_order SET status = 'active' WHERE {orders}", ALICE)
    ((count,),) = house.ask("billing", f"SELECT count(*) FROM client_order WHERE {orders}", ALICE)
    assert count
    case = house.reviewed("erasure", ALICE)
    olga = signed_in(house, "olga")
    running = f"{count} running orders"
    assert running in words(olga.get(f"/desk/{case.pk}/"))
    plan = olga.get(f"/desk/{case.pk}/dry-run/")
    assert f"{running}. An erasure does not end them." in words(plan)
    seen = re.search(r'name="seen" value="(\w+)"', plan.content.decode()).group(1)
    assert f"{running}." in words(olga.post(f"/desk/{case.pk}/approve/", {"seen": seen}, follow=True))


def test_an_approval_can_be_taken_back_before_anything_was_begun(house):
    case = house.reviewed("erasure", ALICE)
    actions.approve(case, by=house.officer, at=timezone.now())
    olga = signed_in(house, "olga")
    assert "Back in review" in words(olga.post(f"/desk/{case.pk}/return/", follow=True))
    assert house.now(case).state == Case.State.REVIEW
    house.confirm(case)
    house.work()
    assert "This case has gone on" in words(olga.post(f"/desk/{case.pk}/return/", follow=True))


def test_rows_are_shown_for_a_reason_only_and_each_look_leaves_an_entry(house):
    case = house.reviewed("access", ALICE)
    olga, rows = signed_in(house, "olga"), f"/desk/{case.pk}/rows/billing/client/"
    assert "Why do you need to see these rows?" in words(olga.get(rows))
    assert "14 Garden Street" not in words(olga.get(rows))
    assert "Choose one of these." in words(olga.post(rows, {"reason": "curiosity"}))
    assert not Entry.objects.filter(kind="rights.rows_looked_at").exists()
    page = words(olga.post(rows, {"reason": "identity"}, follow=True))
    assert "14 Garden Street" in page
    assert "Not shown: a password or key." in page
    entry = Entry.objects.get(kind="rights.rows_looked_at")
    assert entry.facts == {"system": "billing", "table": "client", "reason": "identity", "page": 1}
    assert entry.by == str(house.officer)
    assert "Rows looked at Billing, client Olga Orlova" in words(olga.get(f"/desk/{case.pk}/"))
    assert signed_in(house, "aino").get(rows).status_code == 404


def test_a_reason_holds_for_one_case_and_one_officer_until_they_sign_out(house):
    case, other = house.reviewed("access", ALICE), house.reviewed("access", BOB)
    olga, asks = signed_in(house, "olga"), "Why do you need to see these rows?"
    olga.post(f"/desk/{case.pk}/rows/billing/client/", {"reason": "identity"})
    tables = ("billing/client", "billing/invoice", "helpdesk/ticket")
    for table in tables:
        page = words(olga.get(f"/desk/{case.pk}/rows/{table}/"))
        assert "Your reason, kept with your name: to see whether they are this person's." in page
    looks = Entry.objects.filter(kind="rights.rows_looked_at").order_by("id")
    assert [(look.facts["table"], look.facts["reason"], look.by) for look in looks] == [
        (table.partition("/")[2], "identity", str(house.officer)) for table in tables
    ], "every look stands there with the reason"
    assert asks in words(olga.get(f"/desk/{other.pk}/rows/billing/client/")), "another case"
    assert asks in words(olga.get(f"/desk/{case.pk}/rows/billing/invoice/?reason")), "another reason"
    olga.post(f"/desk/{case.pk}/rows/billing/invoice/", {"reason": "law"})
    assert "kept with your name: to see whether a law" in words(olga.get(f"/desk/{case.pk}/rows/billing/client/"))
    olga.post("/account/logout/")
    olga.force_login(house.people["olga"])
    assert asks in words(olga.get(f"/desk/{case.pk}/rows/billing/client/")), "a new session"
    second = house.people["sam"]
    second.role = "privacy_officer"
    second.save()
    assert asks in words(signed_in(house, "sam").get(f"/desk/{case.pk}/rows/billing/client/")), "another officer"


def test_rows_come_page_by_page(house):
    case = house.reviewed("access", ALICE)
    count = SystemAnswer.objects.get(case=case, system__name="billing")
    lines = next(one for one in count.holdings if one["table"] == "invoice_item")
    olga, rows = signed_in(house, "olga"), f"/desk/{case.pk}/rows/billing/invoice_item/"
    first = olga.post(rows, {"reason": "law"}, follow=True).content.decode()
    shown = first.count("<dl class=")
    assert shown == min(25, lines["own"])
    second = olga.get(f"{rows}?page=2").content.decode()
    assert shown + second.count("<dl class=") == lines["own"]
    assert "No rows here any more" in words(olga.get(f"{rows}?page=40"))
    assert Entry.objects.filter(kind="rights.rows_looked_at").count() == 3


def test_an_officer_sees_marked_what_the_copy_withholds_and_nothing_else(house):
    """A staff member's IP address in a reply, say: cell by cell, table by table, as it stands in the finished copy."""
    case, package = answered(house)
    with zip_of(package) as archive:
        tables = json.loads(archive.read("data.json"))["tables"]
    parts = ("[withheld: about somebody else]", "[about somebody else]", "[somebody else's address]")
    olga = signed_in(house, "olga")
    olga.post(f"/desk/{case.pk}/rows/helpdesk/thread_entry/", {"reason": "third_parties"})
    compared = 0
    for table in tables:
        cells = [str(cell) for row in table["records"] for cell in row.values()]
        withheld = sum(any(part in cell for part in parts) for cell in cells)
        marked = 0
        for page in range(1, len(table["records"]) // 25 + 2):
            shown = olga.get(f"/desk/{case.pk}/rows/{table['system']}/{table['table']}/?page={page}").content.decode()
            marked += len(re.findall(r'<span class="mark">[^<]*: withheld in the copy</span>', shown))
        assert marked == withheld, f"{table['system']}.{table['table']}"
        compared += withheld
    assert compared > 10
    replies = words(olga.get(f"/desk/{case.pk}/rows/helpdesk/thread_entry/"))
    assert re.search(r"IP address [\d.]+ about somebody else: withheld in the copy", replies)


def test_the_history_says_why_a_system_was_searched_again(house):
    case = house.reviewed("access", ALICE)
    olga = signed_in(house, "olga")
    history = words(olga.get(f"/desk/{case.pk}/")).partition("What was done")[2]
    searches = Entry.objects.filter(kind="rights.system_searched", about=f"rights.case:{case.pk}").count()
    systems = case.answers.count()
    assert searches > systems
    assert history.count("Searched again: there was a new ") == searches - systems == history.count("Searched again")
    kinds = {"e-mail address", "account", "customer number", "user name", "domain name", "national id"}
    new = set(re.findall(r"a new ([a-z -]+?) in (Billing|Help desk|Newsletter|Kept)", history))
    assert new
    assert {kind for kind, _ in new} <= kinds
    assert ALICE not in history


def test_a_search_after_an_officers_choice_says_so(house):
    shared = "shared.billing@example.com"
    house.ask("billing", "UPDATE client SET email = ? WHERE id = 1002", shared)
    house.ask("billing", "UPDATE client SET email = ? WHERE id = 1004", shared.title())
    case = house.proven("access", shared)
    house.work()
    olga = signed_in(house, "olga")
    olga.post(f"/desk/{case.pk}/accounts/billing/", {"accounts": ["1002"]})
    house.work()
    history = words(olga.get(f"/desk/{case.pk}/"))
    assert "Searched again: an officer chose the accounts Billing" in history


def test_a_conflict_is_put_before_the_officer_with_what_each_account_says(house):
    shared = "shared.billing@example.com"
    house.ask("billing", "UPDATE client SET email = ? WHERE id = 1002", shared)
    house.ask("billing", "UPDATE client SET email = ? WHERE id = 1004", shared.title())
    case = house.proven("access", shared)
    house.work()
    olga = signed_in(house, "olga")
    assert "choose accounts" in words(olga.get("/desk/"))
    page = words(olga.get(f"/desk/{case.pk}/"))
    assert "2 accounts share an identifier under different names" in page
    choice = f"/desk/{case.pk}/accounts/billing/"
    assert "Account 1002 Bob Brook" in words(olga.get(choice))
    assert "Choose at least one" in words(olga.post(choice))
    assert "Choose from these accounts only" in words(olga.post(choice, {"accounts": ["1001"]}))
    assert "is searched again with what you chose" in words(olga.post(choice, {"accounts": ["1002"]}, follow=True))
    house.work()
    assert house.now(case).state == Case.State.REVIEW
    assert CaseIdentifier.objects.filter(case=case, value="1004", standing="not_theirs").exists()
    late = words(olga.post(choice, {"accounts": ["1004"]}, follow=True))
    assert "Nothing is left to choose in Billing" in late


def test_an_officer_may_say_that_none_of_the_accounts_is_the_persons(house):
    shared = "shared.billing@example.com"
    house.ask("billing", "UPDATE client SET email = ? WHERE id = 1002", shared)
    house.ask("billing", "UPDATE client SET email = ? WHERE id = 1004", shared.title())
    case = house.proven("access", shared)
    house.work()
    olga = signed_in(house, "olga")
    choice = f"/desk/{case.pk}/accounts/billing/"
    assert "None of them is" in words(olga.get(choice))
    assert "is searched again with what you chose" in words(olga.post(choice, {"do": "none"}, follow=True))
    house.work()
    assert house.now(case).state == Case.State.REVIEW
    assert CaseIdentifier.objects.filter(case=case, standing="not_theirs", scope="billing").count() == 2


def test_a_table_nobody_described_waits_for_the_officer_who_looked_into_it(house):
    case = house.confirmed(ALICE)[0]
    house.ask("newsletter", "CREATE TABLE notes (id INTEGER PRIMARY KEY, said TEXT)")
    house.work()
    assert house.answers(case)["newsletter"].state == SystemAnswer.State.CANNOT_TELL
    olga = signed_in(house, "olga")
    assert "judge remains" in words(olga.get("/desk/"))
    assert "Newsletter: the second look leaves a question" in words(olga.get(f"/desk/{case.pk}/"))
    left = f"/desk/{case.pk}/remains/newsletter/"
    page = words(olga.get(left))
    assert "Tables nobody has described: notes" in page
    assert "I looked: it is not this person\u2019s" in page
    assert "Noted" in words(olga.post(left, {"do": "settle"}, follow=True))
    house.work()
    assert house.now(case).state == Case.State.ANSWERED
    assert "Nothing was done twice" in words(olga.post(left, {"do": "again"}, follow=True))


def test_what_must_still_go_cannot_be_explained_away(house):
    case = house.confirmed(ALICE)[0]
    house.ask("newsletter", "CREATE TABLE notes (id INTEGER PRIMARY KEY, said TEXT)")
    house.ask("newsletter", "INSERT INTO notes (said) VALUES ('call alice@example.com')")
    house.work()
    for _ in range(LOOKS_BY_ITSELF):
        house.work_later()
    olga, left = signed_in(house, "olga"), f"/desk/{case.pk}/remains/newsletter/"
    page = words(olga.get(left))
    assert "notes.said e-mail address 1 must go" in page
    assert "it is not this person" not in page
    assert "Nothing was done twice" in words(olga.post(left, {"do": "settle"}, follow=True))
    assert house.now(case).state == Case.State.ANSWERING
    house.ask("newsletter", "DROP TABLE notes")
    assert "We search, erase and look again." in words(olga.post(left, {"do": "again"}, follow=True))
    house.work()
    assert house.now(case).state == Case.State.ANSWERED


def test_a_fault_of_kepts_own_is_shown_to_the_officer(house):
    from kept.work.models import Step

    case = house.proven("access", ALICE)
    Step.objects.filter(about=case.pk, batch="billing").update(attempt=3, problem="NameError")
    page = words(signed_in(house, "olga").get(f"/desk/{case.pk}/"))
    assert "Kept itself failed here (NameError)" in page


def test_the_open_case_page_is_told_of_what_changed_and_asks_for_nothing_else(house):
    case = house.proven("access", ALICE)
    olga = signed_in(house, "olga")
    page = olga.get(f"/desk/{case.pk}/").content.decode()
    asks = unescape(re.search(r'hx-get="(/desk/[^"]+)"', page).group(1))
    assert olga.get(asks).status_code == 204
    house.work()
    assert olga.get(asks)["HX-Refresh"] == "true"
    queue = unescape(re.search(r'hx-get="(/desk/\?[^"]+)"', olga.get("/desk/").content.decode()).group(1))
    assert olga.get(queue).status_code == 204
    actions.approve(house.now(case), by=house.officer, at=timezone.now())
    assert b"Nothing waits for you." in olga.get(queue).content


def test_the_link_in_a_mail_is_the_address_of_the_page(house):
    case = house.proven("access", ALICE)
    mail = Message.objects.filter(about=case.pk).latest("written_at")
    assert status_link(case.pk, case.token_hash) in mail.text
    assert status_link(case.pk, case.token_hash).endswith(link_of(case))


@pytest.fixture(autouse=True)
def _fresh():
    caches["memory"].clear()
