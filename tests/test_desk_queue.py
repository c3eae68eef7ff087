"""The officer's queue: what it shows, how it is searched, whose a case is, and until when it is put aside."""

from __future__ import annotations

import re
import time
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from house import KEPT, house, store
from hypothesis import given
from hypothesis import strategies as st
from together import at_once

from kept.rights.actions import triage
from kept.rights.actions.reading import case_looked_at
from kept.rights.clocks import office_day
from kept.rights.errors import BadHold, MayNot, NotNow, OwnCase, Taken, WrongChoice
from kept.rights.models import Case
from kept.rights.queue import PAGE, SHOWN, Asked, cases_for, counted, digests_of
from kept.rights.rules import OPEN, SOON
from kept.security.models import Entry, Read
from kept.vault.keys import make_key

__all__ = ["house", "store"]

pytestmark = [pytest.mark.store, pytest.mark.pages]

ALICE, BOB = "alice@example.com", "bob@example.com"
NOW = datetime(2026, 11, 16, 9, tzinfo=timezone.get_fixed_timezone(0))


def signed_in(house, name):
    client = Client()
    client.force_login(house.people[name])
    return client


@pytest.fixture
def sam(house):
    """A second officer."""
    second = house.people["sam"]
    second.role = "privacy_officer"
    second.save()
    return second


def put(house, number=1, **what):
    """Cases on the desk, without the search behind them."""
    known = {
        "right": "access",
        "state": "review",
        "channel": "web",
        "law": "eu-gdpr",
        "proven_at": timezone.now(),
    } | what
    made = []
    for place in range(number):
        case = Case(
            reference=f"HC-{uuid4().hex[:12]}".upper(),
            token_hash=uuid4().hex * 2,
            received_at=timezone.now() - timedelta(minutes=number - place),
            **{"due_on": office_day(timezone.now()) + timedelta(days=20), **known},
        )
        case.key = make_key() if what.get("email") else None
        case.save()
        made.append(case)
    return made


def shown(client, query=""):
    return re.findall(r'data-row="([0-9a-f-]+)"', client.get(f"/desk/?{query}").content.decode())


def ids(*cases):
    return [str(case.pk) for case in cases]


# What is shown


def test_each_way_of_narrowing_gives_exactly_its_cases(house, sam):
    olga, today = house.people["olga"], office_day(timezone.now())
    [copy] = put(house, due_on=today - timedelta(days=1))
    [erase] = put(house, right="erasure", due_on=today, channel="email", assignee=olga)
    [last] = put(house, due_on=today + SOON, law="uk-gdpr", assignee=sam)
    [later] = put(
        house, due_on=today + SOON + timedelta(days=1), held_until=today + timedelta(days=2), held_for="person"
    )
    [running] = put(house, state="searching", due_on=today + timedelta(days=30))
    put(house, state="answered", answered_at=timezone.now())
    put(house, proven_at=None, state="unproven")
    client = signed_in(house, "olga")
    for query, cases in {
        "": [copy, erase, last],
        "show=open": [copy, erase, last, later, running],
        "show=open&right=erasure": [erase],
        "show=open&due=late": [copy],
        "show=open&due=soon": [erase, last],
        "show=open&due=later": [later, running],
        "show=open&who=me": [erase],
        "show=open&who=nobody": [copy, later, running],
        "show=open&who=somebody": [erase, last],
        "show=open&held=yes": [later],
        "show=open&held=no": [copy, erase, last, running],
        "show=open&door=email": [erase],
        "show=open&law=uk-gdpr": [last],
        "show=open&state=searching": [running],
        "show=open&right=erasure&who=nobody": [],
        f"show=any&reference={last.reference[3:9].lower()}": [last],
        "show=refused": [],
        "show=open&right=nothing&due=x&who=%00&law=__class__": [copy, erase, last, later, running],
    }.items():
        assert shown(client, query) == ids(*cases), query


def test_the_tabs_count_what_they_show_with_whatever_else_was_chosen(house):
    put(house, 3)
    put(house, 2, right="erasure")
    put(house, 2, state="answered", answered_at=timezone.now())
    olga, today = house.people["olga"], office_day(timezone.now())
    for asked in (Asked(), Asked(right="erasure"), Asked(show="any", who="me")):
        counts = counted(olga, asked, today)
        for show, count in counts.items():
            assert cases_for(olga, asked.shown_as(show), today).count() == count, (asked, show)
    page = signed_in(house, "olga").get("/desk/?right=erasure").content.decode()
    assert re.search(r'To do <span class="num">2<', page)


@given(
    st.dictionaries(st.sampled_from(["show", "right", "who", "due", "address", "reference", "x"]), st.text(max_size=80))
)
def test_whatever_stands_in_the_address_bar_is_read_as_what_we_know_or_as_nothing(query):
    asked = Asked.of(query)
    assert Asked.of({name: value for name, value in vars(asked).items() if value}) == asked
    assert asked.show in SHOWN
    assert asked.right == "" or asked.right in Case.Right.values


def test_a_queue_of_a_thousand_is_shown_page_by_page_quickly_and_none_is_missed(house):
    template = put(house)[0]
    Case.objects.all().delete()
    today, now = office_day(timezone.now()), timezone.now()
    cases = [
        Case(
            reference=f"HC-2026-{number:05}",
            right="access",
            channel="web",
            state=("review", "searching", "approved")[number % 3],
            proven_at=now,
            received_at=now - timedelta(minutes=number // 7),  # some came in the same instant
            due_on=today + timedelta(days=number % 40 - 5),
            token_hash=f"{number:064}",
        )
        for number in range(1_000)
    ]
    Case.objects.bulk_create(cases)
    assert template.pk not in {case.pk for case in cases}
    client = signed_in(house, "olga")
    client.get("/desk/?show=open")  # the templates are read
    with CaptureQueriesContext(
        connection,
    ) as asked:
        began = time.monotonic()
        first = client.get("/desk/?show=open")
        took = time.monotonic() - began
    assert len(asked) <= 14, [one["sql"][:160] for one in asked]
    assert took < 2, "a page of fifty out of a thousand"
    right_order = [str(case.pk) for case in sorted(cases, key=lambda one: (one.due_on, one.received_at, one.pk))]
    seen, page = [], first.content.decode()
    while True:
        seen += re.findall(r'data-row="([0-9a-f-]+)"', page)
        onward = re.search(r'rel="next" href="\?([^"]+)"', page)
        if onward is None:
            break
        page = client.get(f"/desk/?{onward.group(1).replace('&amp;', '&')}").content.decode()
    assert seen == right_order
    back = re.search(r'rel="prev" href="\?([^"]+)"', page).group(1).replace("&amp;", "&")
    assert shown(client, back) == right_order[-2 * PAGE : -PAGE]


def test_a_page_stays_what_it_is_when_cases_before_it_are_answered(house):
    cases = put(house, PAGE + 5)
    client = signed_in(house, "olga")
    onward = re.search(r'rel="next" href="\?([^"]+)"', client.get("/desk/").content.decode()).group(1)
    Case.objects.filter(pk__in=[case.pk for case in cases[:10]]).update(state="answered")
    assert shown(client, onward.replace("&amp;", "&")) == ids(*cases[PAGE:])
    assert len(shown(client, f"after={uuid4()}")) == PAGE - 5, "one that is not there: the first page"


def test_from_a_case_its_list_goes_on_with_the_filters_it_was_opened_with(house):
    one, _, three = put(house)[0], put(house, right="erasure"), put(house)[0]
    client = signed_in(house, "olga")
    page = client.get(f"/desk/{one.pk}/?show=open&right=access").content.decode()
    assert f'rel="next" href="/desk/{three.pk}/?show=open&amp;right=access"' in page
    assert 'href="/desk/?show=open&amp;right=access"' in page
    page = client.get(f"/desk/{three.pk}/?show=open&right=access").content.decode()
    assert f'rel="prev" href="/desk/{one.pk}/?show=open&amp;right=access"' in page


def test_the_list_says_who_else_has_a_case_on_their_screen(house, sam):
    [case] = put(house)
    case_looked_at(case, by=sam.actor, at=timezone.now())
    page = signed_in(house, "olga").get("/desk/").content.decode()
    assert f"{sam.name} is looking at it" in page
    assert "is looking at it" not in signed_in(house, "sam").get("/desk/").content.decode()


# Searching


def test_an_officer_finds_a_case_by_its_number_or_a_part_of_it(house):
    [case, other] = put(house, 2)
    client = signed_in(house, "olga")
    answer = client.post("/desk/find/", {"find": f" {case.reference.lower()} "})
    assert answer["Location"] == f"/desk/{case.pk}/"
    answer = client.post("/desk/find/", {"find": case.reference[3:10]}, follow=True)
    assert str(case.pk) in answer.content.decode()
    assert str(other.pk) not in answer.content.decode()


def test_an_address_is_looked_for_by_its_hash_and_logged_and_stands_nowhere(house):
    [case] = put(house, email=ALICE)
    put(house, email=BOB)
    client = signed_in(house, "olga")
    answer = client.post("/desk/find/", {"find": "Alice@Example.com"})
    assert "alice" not in answer["Location"].lower()
    assert shown(client, answer["Location"].partition("?")[2]) == ids(case)
    entry = Entry.objects.get(kind="rights.desk_searched")
    assert (entry.facts, entry.by) == ({"found": 1}, str(house.officer))
    [look] = Read.objects.filter(place="search")
    assert look.case == case.pk
    told = client.post("/desk/find/", {"find": "nobody@example.com"}, follow=True).content.decode()
    assert "No request has this address." in told
    assert Entry.objects.filter(kind="rights.desk_searched").latest("id").facts == {"found": 0}


def test_another_address_that_a_system_knows_of_the_person_finds_the_case_too(house):
    case = house.reviewed("access", ALICE)
    kinds = {row.value for row in case.identifiers.filter(kind="email")}
    client = signed_in(house, "olga")
    for address in kinds:
        answer = client.post("/desk/find/", {"find": address})
        assert shown(client, answer["Location"].partition("?")[2]) == ids(case)


@pytest.mark.parametrize("typed", ["", "   ", "alice@", "@", "a@b@c", "\0", "%", "x" * 500, "\n<script>"])
def test_a_search_for_nonsense_is_answered_in_plain_words(house, typed):
    put(house)
    answer = signed_in(house, "olga").post("/desk/find/", {"find": typed}, follow=True)
    assert answer.status_code == 200


def test_an_auditor_cannot_search_by_address_nor_take_a_case(house):
    [case] = put(house, email=ALICE)
    aino = signed_in(house, "aino")
    assert aino.post("/desk/find/", {"find": ALICE}).status_code == 404
    assert aino.post(f"/desk/{case.pk}/assign/", {"to": house.people["aino"].pk}).status_code == 404
    assert "Take it" not in aino.get("/desk/").content.decode()
    assert aino.get(f"/desk/?show=any&address={digests_of(ALICE)}").status_code == 200


# Whose it is


def test_a_case_is_taken_given_and_given_back_and_the_history_says_so(house, sam):
    [case] = put(house)
    client = signed_in(house, "olga")
    olga = house.people["olga"]
    told = client.post(f"/desk/{case.pk}/assign/", {"to": olga.pk, "was": "", "list": "show=open"}, follow=True)
    assert told.redirect_chain == [("/desk/?show=open", 302)]
    assert f"{case.reference} is assigned to you now." in told.content.decode()
    told = client.post(f"/desk/{case.pk}/assign/", {"to": sam.pk, "was": olga.pk, "asked": "show=todo"}, follow=True)
    assert f"assigned to {sam.name} now." in told.content.decode()
    client.post(f"/desk/{case.pk}/assign/", {"to": "", "was": sam.pk})
    assert Case.objects.get(pk=case.pk).assignee is None
    facts = list(Entry.objects.filter(kind="rights.case_assigned").order_by("id").values_list("facts", flat=True))
    assert facts == [{"to": str(olga.pk)}, {"to": str(sam.pk)}, {"to": None}]
    page = client.get(f"/desk/{case.pk}/").content.decode()
    assert re.search(rf"Given to an officer, or back</td><td[^>]*>{sam.name}", page)


def test_of_two_officers_who_take_a_case_at_once_one_has_it_and_the_other_is_told(house, sam):
    [case] = put(house)
    olga = house.people["olga"]

    def take(who):
        try:
            triage.assign(case, who.pk, was=None, by=who.actor, at=timezone.now())
        except Taken:
            return "told"
        return "has it"

    assert sorted(at_once(lambda: take(olga), lambda: take(sam))) == ["has it", "told"]
    told = signed_in(house, "sam").post(f"/desk/{case.pk}/assign/", {"to": sam.pk, "was": str(uuid4())}, follow=True)
    assert ("Somebody was quicker" in told.content.decode()) is (Case.objects.get(pk=case.pk).assignee != sam)


def test_nobody_is_given_what_is_not_theirs_to_work_on(house, sam):
    [case] = put(house)
    officer, at = house.officer, timezone.now()
    with pytest.raises(WrongChoice):
        triage.assign(case, house.people["alice"].pk, was=None, by=officer, at=at)
    with pytest.raises(WrongChoice):
        triage.assign(case, uuid4(), was=None, by=officer, at=at)
    with pytest.raises(MayNot):
        triage.assign(case, sam.pk, was=None, by=house.people["erik"].actor, at=at)
    Case.objects.filter(pk=case.pk).update(account=sam)
    with pytest.raises(OwnCase):
        triage.assign(case, sam.pk, was=None, by=officer, at=at)
    Case.objects.filter(pk=case.pk).update(state="answered")
    with pytest.raises(NotNow):
        triage.assign(case, house.people["olga"].pk, was=None, by=officer, at=at)
    client = signed_in(house, "olga")
    for to in ("x", "\0", str(uuid4())):
        assert client.post(f"/desk/{case.pk}/assign/", {"to": to}, follow=True).status_code == 200


# Put aside


def test_what_is_put_aside_leaves_the_list_and_comes_back_on_its_day_while_the_clock_runs_on(house):
    [case] = put(house)
    client, today = signed_in(house, "olga"), office_day(timezone.now())
    until = today + timedelta(days=3)
    told = client.post(
        f"/desk/{case.pk}/hold/", {"until": until.isoformat(), "waits_for": "person", "asked": "show=todo"}, follow=True
    )
    assert "Its clock runs on." in told.content.decode()
    assert shown(client) == []
    page = client.get("/desk/?show=open").content.decode()
    assert "On hold until" in page
    assert "waits for the person" in page
    after = Case.objects.get(pk=case.pk)
    assert (after.due_on, after.clock) == (case.due_on, case.clock)
    assert cases_for(house.people["olga"], Asked(), until).count() == 1, "on that day it is to do again by itself"
    client.post(f"/desk/{case.pk}/hold/", {"release": "yes", "asked": "show=todo"})
    assert shown(client) == ids(case)
    kinds = Entry.objects.filter(about=f"rights.case:{case.pk}").order_by("id").values_list("kind", flat=True)
    assert [kind for kind in kinds if "held" in kind or "released" in kind] == [
        "rights.case_held",
        "rights.case_released",
    ]


def test_nothing_is_put_aside_beyond_its_last_day_nor_into_the_past(house):
    [case] = put(house)
    officer, at = house.officer, timezone.now()
    for until in (office_day(at), date(2020, 1, 1), case.due_on + timedelta(days=1), date(9999, 12, 31)):
        with pytest.raises(BadHold):
            triage.hold(case, until, "person", by=officer, at=at)
    with pytest.raises(BadHold):
        triage.hold(case, case.due_on, "because I say so: alice@example.com", by=officer, at=at)
    triage.hold(case, case.due_on, "person", by=officer, at=at)
    client = signed_in(house, "olga")
    for until in ("", "soon", "2026-02-31", "\0", "99999-01-01", "2020-01-01"):
        page = client.post(f"/desk/{case.pk}/hold/", {"until": until, "waits_for": "person"})
        assert page.status_code == 200, until
        assert "There is a problem" in page.content.decode()
    assert Case.objects.get(pk=case.pk).held_until == case.due_on


def test_a_case_that_is_over_is_neither_held_nor_taken(house):
    [case] = put(house, state="answered", answered_at=timezone.now())
    client = signed_in(house, "olga")
    told = client.get(f"/desk/{case.pk}/hold/", follow=True).content.decode()
    assert "needs nobody any more" in told
    assert "Put it aside" not in told
    with pytest.raises(NotNow):
        triage.release(case, by=house.officer, at=timezone.now())


def test_every_open_state_is_on_the_desk(house):
    for state in OPEN:
        put(house, state=state)
    assert len(shown(signed_in(house, "olga"), "show=open")) == len(OPEN)
    assert Case.objects.filter(approved_by=str(KEPT)).count() == 0
