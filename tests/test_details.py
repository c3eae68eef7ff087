"""People are asked once a year whether their details hold, and whose mail comes back is told. Promise 11.1."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.utils import timezone
from house import KEPT, house, store
from hypothesis import given
from hypothesis import strategies as st
from letters import letter
from together import at_once

from kept.collection.mail.actions import mail_read, take_in
from kept.collection.mail.bounces import returned_in
from kept.collection.mail.reading import read
from kept.people.actions import ask_about_details, confirm_details
from kept.people.details import came_back, is_due
from kept.people.models import Account
from kept.people.promises import details_are_confirmed
from kept.post.models import Message
from kept.post.outbox import send
from kept.security.models import Entry
from kept.terms import State

__all__ = ["house", "store"]

pytestmark = pytest.mark.store

YEAR = timedelta(days=366)
HOST = settings.CONTACT.rpartition("@")[2]


def old(house, name="alice", days=380):
    """An account that was made so many days ago."""
    account = house.people[name]
    Account.objects.filter(pk=account.pk).update(joined_at=timezone.now() - timedelta(days=days))
    return Account.objects.get(pk=account.pk)


def young(house):
    Account.objects.update(joined_at=timezone.now())


def asked(at=None):
    return ask_about_details(by=KEPT, at=at or timezone.now())


def sent_to(account) -> Message:
    message = send(account.email, "people/details", {"link": "https://d"}, at=timezone.now())
    Message.objects.filter(pk=message.pk).update(state=Message.State.SENT, sent_at=timezone.now())
    return message


def report(message, action="failed", host=HOST) -> bytes:
    """What a mail server sends that could not deliver a mail. RFC 3464."""
    about = f"<{message.pk if hasattr(message, 'pk') else message}@{host}>"
    return (
        "From: MAILER-DAEMON@mx.example\r\nTo: privacy@hansoken.example\r\nSubject: Undelivered mail\r\n"
        "Message-ID: <77@mx.example>\r\nAuto-Submitted: auto-replied\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; alice@example.com\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {about}\r\nSubject: x\r\n--b--\r\n"
    ).encode()


def takes_in(raw):
    found = take_in(raw, door="hand", by=KEPT, at=timezone.now()).mail
    return mail_read(found, read(found, raw), by=KEPT, at=timezone.now())


# Once a year


def test_who_has_not_confirmed_for_a_year_is_asked_once_and_again_after_a_year(house):
    young(house)
    alice = old(house)
    assert [asked(), asked()] == [1, 0]
    [mail] = Message.objects.all()
    assert mail.to == alice.email
    assert "Do your details still hold?" in mail.subject
    assert "/account/details/" in mail.text
    assert asked(timezone.now() + YEAR) >= 1
    assert Entry.objects.filter(kind="people.details_asked", about=f"people.account:{alice.pk}").count() == 2


def test_who_is_new_or_has_confirmed_is_left_alone(house, client):
    young(house)
    alice = old(house)
    client.force_login(alice)
    assert "Do your details still hold?" in client.get("/client-area/").content.decode()
    page = client.get("/account/details/").content.decode()
    assert alice.email in page
    assert "You have not said so yet" in page
    client.post("/account/details/")
    assert "Do your details still hold?" not in client.get("/client-area/").content.decode()
    assert asked() == 0
    assert Entry.objects.filter(kind="people.details_confirmed").count() == 1
    assert not is_due(Account.objects.get(pk=house.people["bob"].pk), timezone.now())


def test_staff_and_who_is_gone_are_not_asked(house):
    young(house)
    for name in ("olga", "sam", "erik", "aino", "bob"):
        old(house, name)
    Account.objects.filter(pk=house.people["bob"].pk).update(is_active=False)
    assert asked() == 0


def test_two_workers_at_once_ask_everybody_once(house):
    young(house)
    old(house), old(house, "bob")
    ended = at_once(asked, asked, asked)
    assert sum(ended) == 2, ended
    assert Message.objects.count() == 2


# Mail that comes back


def test_a_mail_that_came_back_is_told_to_its_owner_until_they_confirm(house, client):
    alice = house.people["alice"]
    message = sent_to(alice)
    assert came_back(alice) is None
    found = takes_in(report(message))
    assert (found.state, Message.objects.get(pk=message.pk).state) == ("automatic", "failed")
    assert came_back(alice) is not None
    client.force_login(alice)
    assert "A mail to you came back" in client.get("/client-area/").content.decode()
    assert "A mail to you came back" in client.get("/account/details/").content.decode()
    confirm_details(alice, by=alice.actor, at=timezone.now())
    assert came_back(Account.objects.get(pk=alice.pk)) is None


def test_an_officer_sees_that_a_mail_about_a_request_did_not_arrive(house, client):
    case = house.proven("access", "alice@example.com")
    Message.objects.filter(about=case.pk).update(state="sent")
    client.force_login(house.people["olga"])
    assert "did not arrive" not in client.get(f"/desk/{case.pk}/").content.decode()
    takes_in(report(Message.objects.filter(about=case.pk).latest("written_at")))
    assert "A mail about it did not arrive" in client.get(f"/desk/{case.pk}/").content.decode()


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_a_mail_that_is_only_late_did_not_come_back(house, action):
    message = sent_to(house.people["alice"])
    takes_in(report(message, action))
    assert Message.objects.get(pk=message.pk).state == "sent"


def test_nobody_makes_us_believe_it_of_a_mail_that_they_did_not_get(house):
    message = sent_to(house.people["alice"])
    takes_in(report(uuid4()))
    takes_in(report(message, host="evil.example"))
    takes_in(letter(f"Your mail <{message.pk}@{HOST}> did not arrive.", sender="mallory@example.com"))
    assert Message.objects.get(pk=message.pk).state == "sent"


@given(st.binary(max_size=400))
def test_no_report_is_too_broken_to_be_read(raw):
    assert returned_in(raw, HOST) == ()


# The policy's own check


def test_the_keeper_tells_how_many_confirmed_and_how_many_addresses_failed(house):
    young(house)
    alice = old(house)
    evidence = details_are_confirmed(timezone.now())
    assert (evidence.state, evidence.number) == (State.KEPT, 50)
    confirm_details(alice, by=alice.actor, at=timezone.now())
    takes_in(report(sent_to(alice)))
    evidence = details_are_confirmed(timezone.now())
    assert evidence.figure == "2 accounts, 100 % new or confirmed within 12 months; 1 address sent mail back"


@pytest.mark.breaks("people.details_are_confirmed")
def test_an_account_that_nobody_asks_turns_the_policy_red(house):
    young(house)
    old(house, days=400)
    evidence = details_are_confirmed(timezone.now())
    assert evidence.state is State.BROKEN
    assert "1 not asked" in evidence.figure


def test_without_an_account_nobody_can_tell(db):
    assert details_are_confirmed(timezone.now()).state is State.CANNOT_TELL
