"""A mailbox alone may be in wrong hands: a person's other addresses are told, and can stop what cannot be undone."""

from __future__ import annotations

import re
import threading
from datetime import date, timedelta

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from house import PERSON, house, store
from hypothesis import given
from hypothesis import strategies as st

from kept.post.languages import LANGUAGES
from kept.post.models import Message
from kept.rights import actions
from kept.rights.access import packages_of
from kept.rights.actions import disowning as alerts
from kept.rights.again import stop_again
from kept.rights.alerts.models import Alert
from kept.rights.alerts.rules import days_to_wait, holds_back, to_tell, waits_until
from kept.rights.clocks import office_day
from kept.rights.codes import status_link
from kept.rights.errors import MayNot, NotNow, NotReady, OwnCase, TooLong
from kept.rights.models import Case
from kept.rights.telling import Addressee, tell
from kept.security.backup.replays import Note
from kept.security.models import Entry

__all__ = ["house", "store"]

pytestmark = pytest.mark.store

ASKS, OTHER = "carol@example.com", "carol.chen@example.org"  # both are Carol's; the systems know it


def signed_in(house, name) -> Client:
    client = Client()
    client.force_login(house.people[name])
    return client


def mails_to(address):
    return [mail for mail in Message.objects.all() if mail.to == address]


def link_in(mail):
    return re.search(r"/not-me/[^\s]+", mail.text).group(0)


def erasure(house):
    """Asked for from one of her addresses, searched; and the link in the mail to the other one."""
    case = house.reviewed("erasure", ASKS)
    (mail,) = mails_to(OTHER)
    return case, link_in(mail)


def say(link, was):
    return Client().post(link, {"was": was}, follow=True)


# Who is told, and what of


@pytest.mark.parametrize("right", ["erasure", "access", "portability"])
def test_the_other_address_is_told_once_and_nothing_of_what_is_held(house, right):
    case = house.reviewed(right, ASKS)
    (mail,) = mails_to(OTHER)
    assert case.reference in mail.subject
    assert case.name not in mail.text or not case.name
    for word in ("Carol", "Chen", "Billing", "invoice", "/requests/", ASKS):
        assert word not in mail.subject + mail.text + mail.html, word
    assert ("Nothing is erased before" in mail.text) == (right == "erasure")
    Case.objects.filter(pk=case.pk).update(state="searching")
    case.answers.update(state="waiting", asked_with=0)
    actions.searching.queue_search(case.pk, "billing", timezone.now())
    house.work()
    assert len(mails_to(OTHER)) == 1, "a second search tells nobody twice"


def test_only_dangerous_acts_are_told(house):
    house.proven("objection", ASKS, uses=["marketing.own"])
    house.proven("restriction", ASKS, grounds=["accuracy"])
    house.reviewed("rectification", ASKS, corrections=[{"detail": "city", "was": "", "now": "Neustrand"}])
    house.work()
    assert mails_to(OTHER) == []


def test_who_has_one_address_is_not_kept_waiting(house):
    [case] = house.confirmed("alice@example.com")
    assert case.state == "confirmed"
    assert not Alert.objects.exists()


def test_who_asked_from_both_addresses_is_told_at_neither(house):
    first, second = house.proven("erasure", ASKS), house.proven("erasure", OTHER)
    house.work()
    assert house.now(second).joined == first
    assert not [mail for mail in Message.objects.all() if "/not-me/" in mail.text]
    house.confirm(house.now(first))
    assert house.now(first).state == "confirmed", "and nothing waits"


# An erasure waits


def test_an_erasure_cannot_be_confirmed_before_the_day_that_the_other_address_was_told(house):
    case, _ = erasure(house)
    until = Alert.objects.get().waits_until
    assert until == office_day(timezone.now()) + timedelta(days=5)
    actions.approve(case, by=house.officer, at=timezone.now())
    with pytest.raises(NotReady, match="nothing is erased before"):
        actions.confirm_erasure(case, by=house.officer, at=timezone.now())
    waits = Client().get(status_link(case.pk, case.token_hash)).content.decode()
    assert "Nothing is erased before" in waits, "and whoever asked knows why it takes its time"
    assert OTHER not in waits
    olga = signed_in(house, "olga")
    page = olga.get(f"/desk/{case.pk}/confirm/").content.decode()
    assert "Not before" in page
    assert "Erase for good</button>" not in page
    olga.post(f"/desk/{case.pk}/confirm/", {"seen": olga.get(f"/desk/{case.pk}/").context["found"], "sure": "on"})
    assert house.now(case).state == "approved"
    actions.confirm_erasure(case, by=house.officer, at=timezone.now() + timedelta(days=5))
    house.work_later()
    assert house.now(case).state == "answered", house.told(case)


def test_whoever_says_yes_at_the_other_address_need_not_wait(house):
    case, link = erasure(house)
    page = Client().get(link)
    assert "Was this you?" in page.content.decode()
    assert page.headers["Cache-Control"] == "private, no-store"
    assert Alert.objects.get().state == "told", "reading it changes nothing"
    assert "It goes on" in say(link, "me").content.decode()
    house.confirm(case)
    assert house.now(case).state == "confirmed"


# And can be stopped


def test_who_says_no_stops_it_and_the_officer_is_told(house):
    case, link = erasure(house)
    actions.approve(case, by=house.officer, at=timezone.now())
    actions.triage.hold(case, timezone.localdate() + timedelta(days=2), "person", by=house.officer, at=timezone.now())
    page = say(link, "not me").content.decode()
    assert "We have stopped it" in page
    case = house.now(case)
    assert (case.state, case.held_until, case.approved_at) == ("review", None, None)
    assert "not theirs" in case.problem
    assert mails_to(house.people["olga"].email), "at once, and not when somebody looks at the desk"
    with pytest.raises(NotReady):
        actions.approve(case, by=house.officer, at=timezone.now())
    with pytest.raises(NotReady):
        actions.approve(case, by=house.officer, at=timezone.now() + timedelta(days=9))
    say(link, "not me")
    assert Entry.objects.filter(kind="rights.request_disowned").count() == 1
    assert Entry.objects.get(kind="rights.request_disowned").facts == {"state": "approved"}
    say(link, "me")
    assert Alert.objects.get().state == "no", "who has the mailbox too cannot take it back"
    desk = signed_in(house, "olga").get(f"/desk/{case.pk}/").content.decode()
    assert "this was not me" in desk


def test_a_copy_that_was_sent_already_cannot_be_fetched_until_an_officer_has_looked(house):
    case = house.reviewed("access", ASKS)
    actions.approve(case, by=house.officer, at=timezone.now())
    house.work()
    case = house.now(case)
    (package,) = packages_of(case, timezone.now())
    page = say(link_in(mails_to(OTHER)[0]), "not me").content.decode()
    assert "carried out already" in page
    assert packages_of(case, timezone.now()) == []
    assert not actions.send_package_code(package, by=PERSON, at=timezone.now())
    olga = signed_in(house, "olga")
    empty = olga.post(f"/desk/{case.pk}/not-theirs/", {"because": ""}).content.decode()
    assert "Write down what you found." in empty
    olga.post(f"/desk/{case.pk}/not-theirs/", {"because": "She called back from the number on file."})
    assert packages_of(case, timezone.now()) == [package]
    assert Alert.objects.get().settled_because == "She called back from the number on file."


def test_an_erasure_under_way_goes_no_further_and_on_again_when_it_was_looked_into(house):
    case, link = erasure(house)
    alerts.say_yes(Alert.objects.get(), by=PERSON, at=timezone.now())
    house.confirm(case)
    say(link, "not me")
    house.work()
    assert house.now(case).state == "review", "nothing more is begun"
    assert ASKS in house.dump("newsletter") + house.dump("helpdesk") + house.dump("billing")
    assert OTHER in house.dump("newsletter")
    alerts.settle(house.now(case), "She pressed the wrong button.", by=house.officer, at=timezone.now())
    house.confirm(house.now(case))
    house.work_later()
    assert house.now(case).state == "answered", house.told(case)
    assert OTHER not in house.dump("newsletter")


def test_nobody_but_an_officer_settles_it_and_with_a_reason(house):
    case, link = erasure(house)
    with pytest.raises(NotNow):
        alerts.settle(case, "Nobody said no.", by=house.officer, at=timezone.now())
    say(link, "not me")
    for name in ("carol", "alice", "sam", "erik", "aino"):
        if name in house.people:
            assert signed_in(house, name).post(f"/desk/{case.pk}/not-theirs/", {"because": "x"}).status_code == 404
            with pytest.raises(MayNot):
                alerts.settle(case, "x", by=house.people[name].actor, at=timezone.now())
    with pytest.raises(TooLong):
        alerts.settle(case, "x" * 501, by=house.officer, at=timezone.now())
    Case.objects.filter(pk=case.pk).update(account=house.people["olga"])
    with pytest.raises(OwnCase):
        alerts.settle(case, "It is mine.", by=house.officer, at=timezone.now())
    assert Alert.objects.get().settled_at is None


def test_a_link_of_nobody_or_of_an_ended_request_leads_nowhere_and_nonsense_changes_nothing(house):
    case, link = erasure(house)
    assert Client().get("/not-me/AAAAAAAAAAAAAAAAAAAAAAAA/").status_code == 404
    assert "Choose one of the two" in say(link, "perhaps").content.decode()
    assert Alert.objects.get().state == "told"
    actions.withdraw_case(case, by=PERSON, at=timezone.now())
    assert Client().get(link).status_code == 404
    assert not Alert.objects.exists(), "the address goes with the request"


def test_yes_and_no_at_once_end_in_no(house):
    case, _ = erasure(house)
    alert, together = Alert.objects.get(), threading.Barrier(2)

    def press(what):
        try:
            together.wait()
            what(alert, by=PERSON, at=timezone.now())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=(what,)) for what in (alerts.say_yes, alerts.say_no)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Alert.objects.get().state == "no"
    assert "not theirs" in house.now(case).problem


def test_a_no_and_the_second_confirmation_at_once_erase_nothing(house):
    case, _ = erasure(house)
    alert, together = Alert.objects.get(), threading.Barrier(2)
    actions.approve(case, by=house.officer, at=timezone.now())
    refused = []

    def no():
        alerts.say_no(alert, by=PERSON, at=timezone.now())

    def confirm():
        try:
            actions.confirm_erasure(case, by=house.officer, at=timezone.now() + timedelta(days=5))
        except (NotNow, NotReady) as why:
            refused.append(why)

    def run(what):
        try:
            together.wait()
            what()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(what,)) for what in (no, confirm)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    house.work()
    assert house.now(case).state == "review"
    assert "carol@example.com" in house.dump("billing")


def test_a_restore_does_not_let_it_go_on(house):
    case, _ = erasure(house)
    alert = Alert.objects.get()
    notes = [Note(str(alert.pk), "disowned", timezone.now(), {"alert": str(alert.pk)})]
    assert stop_again(notes, PERSON, timezone.now()) == 1
    assert stop_again(notes, PERSON, timezone.now()) == 0
    assert "not theirs" in house.now(case).problem


def test_the_mail_is_written_in_every_language_people_are_written_to_in(house):
    case = house.open("erasure", ASKS).case
    to, day = Addressee("", OTHER), timezone.localdate()
    for language in LANGUAGES:
        case.language = language
        mail = tell(case, "other_address", to=to, link="/not-me/abc/", asked_on=day, until=day, at=timezone.now())
        assert mail.language == language
        assert "/not-me/abc/" in mail.text
        assert str(day.year) in mail.text


# The rules

DAYS = st.dates(date(2026, 1, 1), date(2030, 1, 1))


@given(DAYS, st.integers(0, 30), st.integers(-5, 40))
def test_it_never_waits_past_the_last_day_to_answer(told, days, left):
    first = waits_until(told, days, told + timedelta(days=left))
    assert first is None or told < first <= told + timedelta(days=left)
    assert days or first is None


@given(st.lists(st.tuples(st.sampled_from(["told", "yes", "no"]), st.none() | DAYS)), DAYS)
def test_only_silence_makes_it_wait_and_only_until_its_day(standings, today):
    until = holds_back(standings, today)
    assert until is None or (until > today and ("told", until) in standings)


@given(*[st.sets(st.sampled_from("abcdef"))] * 3)
def test_nobody_is_told_twice_or_of_their_own_request(known, proven, told):
    assert set(to_tell(known, proven, told)) == known - proven - told


def test_each_act_has_its_days():
    assert days_to_wait("erasure", date(2026, 11, 30)) == 5
    assert days_to_wait("access", date(2010, 1, 1)) == 0
    assert days_to_wait("objection", date(2026, 11, 30)) is None
    assert days_to_wait("rectification", date(2026, 11, 30)) is None
    assert days_to_wait("rectification", date(2026, 11, 30), changes_address=True) == 0
