"""One person with many addresses is one request, and two people with one address are two."""

from __future__ import annotations

import threading
from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from house import PERSON, house, store
from hypothesis import given
from hypothesis import strategies as st
from paper import PNG

from kept.collection.letters.actions import register_letter
from kept.post.models import Message
from kept.rights import actions
from kept.rights.access import case_by_token, cases_of
from kept.rights.actions import Said as Told
from kept.rights.alike.access import twins
from kept.rights.alike.rules import Said, is_another, is_named_alike, joins_by_itself, place_beside, reasons, whose
from kept.rights.errors import CannotJoin, MayNot, NotNow, OwnCase
from kept.rights.models import Case
from kept.rights.rules import OPEN
from kept.security.models import Entry

__all__ = ["house", "store"]

pytestmark = pytest.mark.store

ONE, TWO = "carol@example.com", "carol.chen@example.org"  # billing knows the first, help desk and newsletter the second


@pytest.fixture
def olga(house) -> Client:
    return signed_in(house, "olga")


def signed_in(house, name) -> Client:
    client = Client()
    client.force_login(house.people[name])
    return client


def named(house, right, email, name):
    opened = actions.open_case(right, email, name=name, channel="web", by=PERSON, at=timezone.now())
    return opened.case


def proven(house, right, email, name):
    case = named(house, right, email, name)
    assert actions.prove(case, house.code(case), by=PERSON, at=timezone.now())
    return house.now(case)


def told_two_names(house, right="access"):
    """One person, who signs once as Carol Chen and once as C. Chen: everything was searched."""
    first, second = proven(house, right, ONE, "Carol Chen"), proven(house, right, TWO, "C. Chen")
    house.work()
    first, second = house.now(first), house.now(second)
    assert (first.state, second.state, second.joined) == ("review", "review", None)
    return first, second


def a_letter(house):
    scan = [(BytesIO(PNG), "page.png")]
    sam, at = house.people["sam"].actor, timezone.now()
    return register_letter(timezone.localdate(), "Carol Chen\n77 Hill Street", "", scan, by=sam, at=at)


def mails_to(address):
    return [mail for mail in Message.objects.all() if mail.to == address]


# One person, many addresses


def test_one_person_who_asks_from_two_addresses_gets_one_answer(house):
    first, second = house.proven("access", ONE), house.proven("access", TWO)
    house.work()
    first, second = house.now(first), house.now(second)
    assert (second.state, second.joined, second.email) == ("closed", first, "")
    assert first.state == "review"
    told = mails_to(TWO)[-1]
    assert first.reference in told.subject, "and is told so at the address that is no longer answered for itself"
    entry = Entry.objects.get(kind="rights.case_joined")
    assert entry.facts == {"into": str(first.pk), "how": "found"}


def test_whoever_asked_first_by_another_door_is_answered_by_the_first_day(house):
    late, early = house.proven("access", ONE), house.proven("access", TWO)
    Case.objects.filter(pk=early.pk).update(due_on=late.due_on - timedelta(days=9))
    house.work()
    assert house.now(late).joined == early
    assert house.now(early).due_on == late.due_on - timedelta(days=9)


def test_another_right_of_the_same_person_is_another_request(house):
    first, second = house.proven("access", ONE), house.proven("erasure", TWO)
    house.work()
    assert {house.now(first).state, house.now(second).state} == {"review"}
    assert twins(house.now(first), timezone.now()) == []


def test_strangers_are_not_like_each_other(house):
    first, second = house.proven("access", "alice@example.com"), house.proven("access", "bob@example.com")
    house.work()
    assert house.now(first).joined is house.now(second).joined is None
    assert twins(house.now(first), timezone.now()) == []


def test_the_officer_sees_both_on_either_page_and_joins_them(house, olga):
    first, second = told_two_names(house)
    for one, other in ((first, second), (second, first)):
        page = olga.get(f"/desk/{one.pk}/").content.decode()
        assert other.reference in page
        assert "the same account in Billing" in page
        assert "Join the two: one person" in page
    answer = olga.post(f"/desk/{second.pk}/join/", {"other": str(first.pk)}, follow=True)
    assert answer.redirect_chain[-1][0] == f"/desk/{first.pk}/"
    assert f"Joined: {first.reference} answers both" in answer.content.decode()
    assert house.now(second).joined == first
    assert first.reference in mails_to(TWO)[-1].subject
    again = olga.post(f"/desk/{second.pk}/join/", {"other": str(first.pk)}, follow=True)
    assert "are one already" in again.content.decode(), "a second click is no fault"
    assert Entry.objects.filter(kind="rights.case_joined").count() == 1
    house.work()
    actions.approve(house.now(first), by=house.officer, at=timezone.now())
    house.work()
    assert house.now(first).state == "answered"


def test_what_the_one_was_known_by_is_searched_for_the_other(house):
    """The newsletter knows neither account: only the second address leads there."""
    house.ask("helpdesk", "UPDATE user SET billing_client_id = NULL")
    first, second = house.reviewed("access", ONE), house.reviewed("access", TWO)
    assert second.joined is None, "nothing says that they are one"
    with pytest.raises(CannotJoin):
        actions.join(first, house.reviewed("erasure", TWO), by=house.officer, at=timezone.now())
    both = actions.join(first, second, by=house.officer, at=timezone.now())
    assert both.state == "searching"
    house.work()
    assert house.now(both).state == "review", house.told(both)
    held = {name: bool(answer.holdings) for name, answer in house.answers(both).items()}
    assert held["billing"]
    assert held["helpdesk"]
    assert held["newsletter"]


def test_two_officers_who_join_both_ways_at_once_join_once(house):
    first, second = told_two_names(house)
    together, results = threading.Barrier(2), []

    def press(one, other):
        try:
            together.wait()
            results.append(actions.join(one, other, by=house.officer, at=timezone.now()).pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [first.pk, first.pk]
    assert (house.now(first).joined, house.now(second).joined) == (None, first)
    assert Entry.objects.filter(kind="rights.case_joined").count() == 1
    assert len([mail for mail in mails_to(TWO) if first.reference in mail.subject]) == 1


def test_the_search_that_ends_twice_at_once_joins_once(house):
    first, second = told_two_names(house)
    Case.objects.filter(pk__in=[first.pk, second.pk]).update(name=b"")
    together, results = threading.Barrier(2), []

    def run(case):
        try:
            together.wait()
            results.append(actions.join_the_same(case.pk, by=PERSON, at=timezone.now()))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(case,)) for case in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(str(one) for one in results) == sorted(["None", first.reference])
    assert [house.now(one).state for one in (first, second)] == ["review", "closed"]


def test_nobody_but_an_officer_joins_and_no_officer_their_own(house):
    first, second = told_two_names(house)
    for name in ("alice", "sam", "erik", "aino"):
        assert signed_in(house, name).post(f"/desk/{second.pk}/join/", {"other": str(first.pk)}).status_code == 404
        with pytest.raises(MayNot):
            actions.join(first, second, by=house.people[name].actor, at=timezone.now())
    own = house.reviewed("access", house.people["olga"].email)
    with pytest.raises(OwnCase):
        actions.join(first, own, by=house.officer, at=timezone.now())
    assert {house.now(one).joined for one in (first, second, own)} == {None}


def test_an_officer_who_has_looked_says_that_they_are_two_people(house, olga):
    first, second = told_two_names(house)
    answer = olga.post(f"/desk/{first.pk}/apart/", {"other": str(second.pk)}, follow=True)
    assert f"Noted: {second.reference} is somebody else’s" in answer.content.decode()
    for one, other in ((first, second), (second, first)):
        page = olga.get(f"/desk/{one.pk}/").content.decode()
        assert "Seems the same person" not in page
        assert "Somebody else’s, as an officer found" in page
        assert "Join the two" in page, "whoever learns better still may"
        assert [twin.told_apart for twin in twins(house.now(one), timezone.now())] == [True]
        entries = Entry.objects.filter(kind="rights.case_told_apart", about=f"rights.case:{one.pk}")
        assert [entry.facts for entry in entries] == [{"other": str(other.pk)}]
    actions.tell_apart(second, first, by=house.officer, at=timezone.now())
    assert Entry.objects.filter(kind="rights.case_told_apart").count() == 2, "a second officer adds nothing"
    unknown = olga.post(f"/desk/{first.pk}/apart/", {"other": "somebody"}, follow=True).content.decode()
    assert "no longer like this one" in unknown


def test_requests_that_an_officer_told_apart_are_not_joined_by_the_search(house):
    first, second = house.proven("access", ONE), house.proven("access", TWO)
    actions.tell_apart(first, second, by=house.officer, at=timezone.now())
    house.work()
    assert {house.now(one).state for one in (first, second)} == {"review"}


def test_what_is_one_by_now_is_not_told_apart(house):
    first, second = told_two_names(house)
    actions.join(first, second, by=house.officer, at=timezone.now())
    with pytest.raises(NotNow):
        actions.tell_apart(first, second, by=house.officer, at=timezone.now())
    with pytest.raises(MayNot):
        actions.tell_apart(first, second, by=house.people["sam"].actor, at=timezone.now())


def test_what_is_decided_or_not_proven_is_not_joined(house, olga):
    first, second = told_two_names(house)
    actions.approve(first, by=house.officer, at=timezone.now())
    page = olga.post(f"/desk/{second.pk}/join/", {"other": str(first.pk)}, follow=True).content.decode()
    assert "decided already" in page
    unproven = named(house, "access", TWO, "Carol Chen")
    page = olga.post(f"/desk/{second.pk}/join/", {"other": str(unproven.pk)}, follow=True).content.decode()
    assert "There is no such request" in page
    assert house.now(second).joined is None


# Two people, one address


def test_two_people_who_share_an_address_have_two_requests(house, olga):
    anna = proven(house, "access", "alice@example.com", "Anna Arden")
    bert = proven(house, "access", "alice@example.com", "Bert Arden")
    assert (anna.joined, bert.joined) == (None, None)
    assert {house.now(anna).apart, bert.apart} == {0, 1}
    house.work()
    assert house.now(bert).joined is None, "nor joined later because the same was found"
    page = olga.get(f"/desk/{bert.pk}/").content.decode()
    assert anna.reference in page
    assert "The same account, and another name." in page


def test_the_second_of_them_who_asks_again_joins_their_own(house):
    anna = proven(house, "access", "alice@example.com", "Anna Arden")
    bert = proven(house, "access", "alice@example.com", "Bert Arden")
    again = proven(house, "access", "alice@example.com", "bert arden")
    assert again.joined == bert
    nameless = proven(house, "access", "alice@example.com", "")
    assert (nameless.joined, nameless.state) == (None, "searching"), "nobody can tell whose of the two it is"
    assert Case.objects.filter(state__in=OPEN).count() == 3
    assert anna.joined is None


def test_two_proofs_at_once_of_two_people_make_two_cases_and_of_one_make_one(house):
    for names, left in ((("Anna Arden", "Bert Arden"), 2), (("Cleo Arden", "Cleo Arden"), 1)):
        cases = [named(house, "access", "alice@example.com", name) for name in names]
        codes = [house.code(case) for case in cases]
        before = Case.objects.filter(state__in=OPEN).count()
        together = threading.Barrier(2)

        def type_code(case, code, together=together):
            try:
                together.wait()
                actions.prove(case, code, by=PERSON, at=timezone.now())
            finally:
                connections.close_all()

        threads = [threading.Thread(target=type_code, args=pair) for pair in zip(cases, codes, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert Case.objects.filter(state__in=OPEN).count() == before + left, names


def test_a_link_never_leads_from_one_of_them_to_the_other(house):
    anna = actions.open_case("access", "alice@example.com", name="Anna", channel="web", by=PERSON, at=timezone.now())
    assert actions.prove(anna.case, house.code(anna.case), by=PERSON, at=timezone.now())
    bert = actions.open_case("access", "alice@example.com", name="Bert", channel="web", by=PERSON, at=timezone.now())
    assert actions.prove(bert.case, house.code(bert.case), by=PERSON, at=timezone.now())
    assert (case_by_token(anna.token), case_by_token(bert.token)) == (anna.case, bert.case)
    assert len(cases_of(house.people["alice"])) == 2


# The same by two doors


def test_a_letter_that_repeats_what_came_by_the_web_is_shown_before_it_is_written_down(house):
    first = house.proven("access", ONE)
    letter = a_letter(house)
    client = signed_in(house, "sam")
    client.post(f"/desk/register/letter/{letter.pk}/", {"right": "access"})
    client.post(f"/desk/register/letter/{letter.pk}/who/", {"name": "Carol Chen", "email": ONE})
    page = client.get(f"/desk/register/letter/{letter.pk}/check/").content.decode()
    assert first.reference in page
    assert "the same e-mail address" in page
    assert f"/desk/{first.pk}/" not in page, "support sees that it came twice, and not the case"
    client.post(f"/desk/register/letter/{letter.pk}/check/")
    second = Case.objects.get(channel="letter")
    assert first.reference in client.get(f"/desk/proof/{second.pk}/").content.decode()
    desk = signed_in(house, "olga").get(f"/desk/{first.pk}/").content.decode()
    assert second.reference in desk
    assert "Nobody has shown yet that it is theirs" in desk


def test_two_calls_with_one_name_and_postal_address_are_shown_to_be_alike(house):
    said = Told(name="Carol Chen", postal="77 Hill Street\n20202 Hallowbridge", phone="+442079460103")
    found = []
    for _ in range(2):
        opened = actions.register(a_letter(house), "access", said, by=house.people["sam"].actor, at=timezone.now())
        found.append(opened.case)
    (twin,) = twins(house.now(found[0]), timezone.now())
    assert twin.case == found[1]
    assert twin.why == ("the same telephone number", "the same name and postal address")
    assert not twin.joins


# The rules

NAMES = st.frozensets(st.sampled_from(["anna", "bert", "arden", "ng"]), max_size=3)
NUMBERS = st.sampled_from([("", ""), ("billing", "1"), ("billing", "2"), ("helpdesk", "1")])
SAID = st.builds(Said, name=NAMES, email=st.sampled_from(["", "a@example.com"]), number=NUMBERS)


@given(SAID, SAID)
def test_who_is_another_is_so_both_ways_and_never_alike(one, other):
    assert is_another(one, other) == is_another(other, one)
    assert reasons(one, other) == reasons(other, one)
    assert not (is_another(one, other) and is_named_alike(one, other))
    assert not is_another(one, one)


@given(SAID, st.dictionaries(st.integers(0, 5), SAID, max_size=4))
def test_a_request_is_never_joined_to_another_persons(said, waiting):
    found = whose(said, waiting)
    assert found is None or not is_another(said, waiting[found])
    assert not joins_by_itself({1}, {1}, another=True)


@given(st.sets(st.integers(0, 9)))
def test_the_place_of_one_more_is_free(taken):
    assert place_beside(taken) not in taken
