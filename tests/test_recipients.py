"""Whoever was given data learns what became of them, and the person learns who that is. GDPR Art. 19."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from corrections import reviewed
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from house import KEPT, house, store, zip_of
from test_rights_pages import signed_in, words

from kept.engine.pack import Pack
from kept.engine.packs import load
from kept.engine.subject import Change
from kept.post.models import Message
from kept.rights import actions as rights
from kept.rights.clocks import office_day
from kept.rights.codes import token_of
from kept.rights.errors import CannotTellThem, MayNot
from kept.rights.models import Case
from kept.rights.promises import erasures_are_verified
from kept.rights.recipients import actions
from kept.rights.recipients.access import known_recipients, tellings_of, words_for
from kept.rights.recipients.models import Telling
from kept.rights.recipients.promises import corrections_reach_everyone, own_corrections_reach_every_system
from kept.rights.recipients.rules import TOLD_WITHIN, called_in, key_of, recipients_of
from kept.terms import Identifier, State

__all__ = ["house", "store"]

pytestmark = pytest.mark.store

REGISTRY, CENTRE = "The registry of the domain", "Our data centre"


def erased(house, email="alice@example.com"):
    [case] = house.confirmed(email)
    house.work()
    case = house.now(case)
    assert case.state == Case.State.ANSWERED, house.told(case)
    return case


def settle():
    return actions.mails_settled(by=KEPT, at=timezone.now())


def by_mail(house, name, email="desk@registry.example"):
    return actions.set_recipient(name, "mail", email=email, by=house.officer, at=timezone.now())


# Rules


def billing() -> Pack:
    return load("demo-billing")


def test_only_who_was_given_what_has_changed_is_told():
    pack = billing()
    given = next(rule for rule in pack.tables.values() if REGISTRY in rule.recipients)
    other = next(rule for rule in pack.tables.values() if not rule.recipients)
    nothing = [Change(given.name, 0, 0, 4), Change(other.name, 3, 2, 0)]
    assert recipients_of([("billing", pack, nothing)]) == {}, "what a law keeps stays as it was given"
    told = recipients_of([("billing", pack, [Change(given.name, 1, 0, 0), *nothing])])
    assert {name: [one.table for one in places] for name, places in told.items()} == {
        name: [given.name] for name in given.recipients
    }


def test_they_are_told_a_number_where_they_know_one_and_no_address_besides():
    email, number = Identifier("email", "a@example.com"), Identifier("account", "1001", "billing")
    assert called_in([email, number], ["billing"]) == ["1001"]
    assert called_in([email, number], ["newsletter"]) == ["a@example.com"]
    assert called_in([], ["billing"]) == []


# An erasure


def test_a_recipient_with_a_mailbox_is_told_at_once_and_the_person_sees_it(house):
    names = {one.name for one in known_recipients()}
    assert {REGISTRY, CENTRE} <= names, "as the packs of the systems name them"
    by_mail(house, REGISTRY)
    case = erased(house)
    tellings = {one.recipient: one for one in tellings_of(case)}
    assert REGISTRY in tellings, "her domain went there"
    registry = tellings[REGISTRY]
    assert registry.state == Telling.State.MAILED
    mail = Message.objects.get(pk=registry.message)
    assert (mail.to, mail.key) == ("desk@registry.example", case.key)
    assert mail.subject == f"Please erase: our number {case.reference}"
    number = next(row.value for row in case.identifiers.all() if row.kind == "account" and row.scope == "billing")
    assert f"Whose data: {number}" in mail.text
    assert "alice@example.com" not in mail.text, "they know her by her number"
    assert settle() == 1
    registry.refresh_from_db()
    assert (registry.state, registry.settled_by) == (Telling.State.TOLD, "kept")

    waiting = [one for one in tellings_of(case) if one.state == Telling.State.WAITING]
    assert all(one.recipient != REGISTRY for one in waiting)
    page = words(house_client(case))
    assert "Who else we tell" in page
    assert f"{REGISTRY} Told on" in page
    with zip_of(case.packages.get()) as archive:
        report = json.loads(archive.read("report.json"))
    assert {one["name"] for one in report["recipients"]} == set(tellings)


def house_client(case):
    return Client().get(reverse("request", args=[token_of(case.pk, case.token_hash)]))


def test_who_has_no_mailbox_waits_on_a_list_and_is_told_by_a_person(house):
    case = erased(house)
    [telling] = [one for one in tellings_of(case) if one.recipient == REGISTRY]
    assert telling.state == Telling.State.WAITING
    olga = signed_in(house, "olga")
    listed = words(olga.get(reverse("recipients")))
    assert f"{REGISTRY} Request {case.reference}" in listed
    where = reverse("desk_telling", args=[case.pk, telling.pk])
    assert where in olga.get(reverse("desk_case", args=[case.pk])).content.decode()
    page = words(olga.get(where))
    assert "Please erase what you have from us about one person." in page
    today = office_day(timezone.now())
    tomorrow = today + timedelta(days=2)
    wrong = words(olga.post(where, {"came": "told", "on": tomorrow.isoformat(), "because": ""}))
    assert "Give a day from" in wrong
    assert "Say in a sentence why" in words(olga.post(where, {"came": "cannot", "on": "", "because": "no"}))
    telling.refresh_from_db()
    assert telling.state == Telling.State.WAITING, "nothing half done"
    done = olga.post(where, {"came": "told", "on": today.isoformat(), "because": ""}, follow=True)
    assert "Written down." in words(done)
    telling.refresh_from_db()
    assert (telling.state, telling.settled_by) == (Telling.State.TOLD, str(house.officer))
    assert "Nothing is left to do" in words(olga.get(where))
    for name in ("alice", "sam", "erik", "aino"):
        assert signed_in(house, name).get(where).status_code in (302, 403, 404)


def test_a_mail_that_came_back_waits_for_a_person(house):
    by_mail(house, REGISTRY)
    case = erased(house)
    [telling] = [one for one in tellings_of(case) if one.recipient == REGISTRY]
    Message.objects.filter(pk=telling.message).update(state=Message.State.FAILED)
    assert settle() == 0
    telling.refresh_from_db()
    assert (telling.state, telling.problem) == (Telling.State.WAITING, "The mail did not reach them.")
    actions.cannot_be_told(telling, "The registry was closed last year.", by=house.officer, at=timezone.now())
    assert "Cannot be told: The registry was closed last year." in words(house_client(case))


def test_a_mailbox_given_later_tells_who_waits_and_two_officers_tell_nobody_twice(house):
    case = erased(house)
    [telling] = [one for one in tellings_of(case) if one.recipient == REGISTRY]
    faults = []

    def give():
        try:
            by_mail(house, REGISTRY)
        except Exception as fault:  # noqa: BLE001 - the test looks at it
            faults.append(fault)
        finally:
            connections.close_all()

    both = [threading.Thread(target=give) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert faults == []
    telling.refresh_from_db()
    assert telling.state == Telling.State.MAILED
    assert sum(mail.to == "desk@registry.example" for mail in Message.objects.filter(about=case.pk)) == 1
    actions.owe_telling(case, by=KEPT, at=timezone.now())
    assert Telling.objects.filter(case=case, recipient=REGISTRY).count() == 1, "a second call owes nothing more"


def test_nobody_is_left_out_without_a_reason_and_nobody_else_decides(house):
    now = timezone.now()
    with pytest.raises(CannotTellThem):
        actions.set_recipient(REGISTRY, "not", because=" ", by=house.officer, at=now)
    with pytest.raises(MayNot):
        actions.set_recipient(REGISTRY, "hand", by=house.people["sam"].actor, at=now)
    actions.set_recipient(REGISTRY, "not", because="It asked in an inquiry of its own.", by=house.officer, at=now)
    case = erased(house)
    assert REGISTRY not in {one.recipient for one in tellings_of(case)}
    with zip_of(case.packages.get()) as archive:
        report = json.loads(archive.read("report.json"))
    told = {one["name"]: one["how"] for one in report["recipients"]}
    assert told[REGISTRY] == "not told: It asked in an inquiry of its own."


def test_the_register_says_how_each_is_told(house):
    olga = signed_in(house, "olga")
    where = reverse("desk_recipient", args=[key_of(REGISTRY)])
    assert ", in Billing." in words(olga.get(where))
    assert "Give the address that we write to." in words(olga.post(where, {"how": "mail", "email": ""}))
    assert "This is no e-mail address." in words(olga.post(where, {"how": "mail", "email": "nobody"}))
    kept = olga.post(where, {"how": "mail", "email": "desk@registry.example"}, follow=True)
    assert "Told by e-mail: desk@registry.example" in words(kept)
    assert olga.get(reverse("desk_recipient", args=["0" * 16])).status_code == 404
    assert signed_in(house, "aino").get(where).status_code in (302, 403, 404)


# A correction


@pytest.mark.breaks(
    "rights.recipients.corrections_reach_everyone", "rights.recipients.own_corrections_reach_every_system"
)
def test_a_correction_reaches_whoever_was_given_the_old_value_and_one_that_does_not_is_red(house):
    now = timezone.now()
    assert corrections_reach_everyone(now).state is State.CANNOT_TELL
    payment = "The payment service you chose"
    by_mail(house, payment, "privacy@pay.example")
    case = reviewed(house, "alice@example.com", ("last_name", "", "Ardent"))
    Case.objects.filter(pk=case.pk).update(channel="client_area")
    rights.approve(case, by=house.officer, at=timezone.now())
    house.work()
    case = house.now(case)
    assert case.state == Case.State.ANSWERED, house.told(case)
    tellings = tellings_of(case)
    assert tellings, "a name was put right where somebody else had it from us"
    said = words_for(tellings[0])
    assert ("Last name", "Ardent") in said.details or ("Full name", "Alice Ardent") in said.details
    kept, own = corrections_reach_everyone(timezone.now()), own_corrections_reach_every_system(timezone.now())
    assert (kept.state, own.state) == (State.KEPT, State.CANNOT_TELL), (kept, own)
    assert own.figure == kept.figure
    assert kept.figure.startswith("1 correction, ")
    assert "there is no page for it" in own.meaning, "the half of the sentence that is not so yet"
    Telling.objects.filter(case=case).update(state="waiting", owed_at=now - TOLD_WITHIN - timedelta(days=1))
    for look in (corrections_reach_everyone, own_corrections_reach_every_system):
        assert look(timezone.now()).state is State.BROKEN


def test_an_erasure_of_which_somebody_should_know_by_now_is_red(house):
    case = erased(house)
    assert erasures_are_verified(timezone.now()).state is State.KEPT
    late = timezone.now() - TOLD_WITHIN - timedelta(days=1)
    Telling.objects.filter(case=case).update(state="waiting", owed_at=late)
    red = erasures_are_verified(timezone.now())
    assert (red.state, "not told" in red.figure) == (State.BROKEN, True)


def test_what_a_recipient_was_told_goes_with_the_names_of_the_request(house):
    by_mail(house, REGISTRY)
    case = erased(house)
    later = timezone.now() + timedelta(days=40)
    assert rights.close_due_cases(by=KEPT, at=later) == 1
    [telling] = [one for one in tellings_of(house.now(case)) if one.recipient == REGISTRY]
    assert words_for(telling).called == []
    assert Message.objects.get(pk=telling.message).text == ""
