"""Mail that comes in: kept as it came, read once, and handed on as the requests that it asks for."""

from __future__ import annotations

import hashlib
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from django.utils import timezone
from house import WORK, house, store
from letters import letter

from kept.collection.mail import reading, tasks
from kept.collection.mail.actions import (
    LARGEST,
    add_item,
    decide,
    dismiss,
    forget_mails,
    settle_mail,
    take_in,
)
from kept.collection.mail.errors import MailError, NobodyNamed, NotNow, TooLarge
from kept.collection.mail.models import InboundMail, MailItem, MailPiece
from kept.collection.mail.reading import raw_of
from kept.collection.promises import a_mail_opens_a_request, mail_is_taken_in_and_read, opt_outs_by_mail_work_at_once
from kept.engine.identifiers import normal
from kept.post.models import Message
from kept.rights.models import Case
from kept.terms import Actor, State
from kept.use.access import is_suppressed
from kept.use.models import Suppression
from kept.vault.models import Key
from kept.work.models import Step
from kept.work.run import work_off

__all__ = ["house", "store"]

pytestmark = pytest.mark.store

KEPT = Actor.kept()
OLGA = Actor("privacy_officer", "00000000-0000-4000-8000-0000000000aa")
MAIL_WORK = ["collection.read_mail", "rights.open_case", "rights.link_mail"]


def take(raw: bytes, at: datetime | None = None, **how) -> InboundMail:
    return take_in(raw, door="hand", by=KEPT, at=at or timezone.now(), **how).mail


def work() -> None:
    while work_off(timezone.now(), names=MAIL_WORK):
        continue


def taken(raw: bytes, at: datetime | None = None, **how) -> InboundMail:
    """A mail that was read, and what it asked for by itself done."""
    mail = take(raw, at, **how)
    work()
    return InboundMail.objects.get(pk=mail.pk)


def items(mail: InboundMail) -> list[tuple[str, str]]:
    return [(item.wish, item.state) for item in mail.items.all()]


@pytest.fixture(autouse=True)
def _quiet(settings):
    settings.DEMO = True  # mails stay in the outbox


def test_a_mail_is_kept_as_it_came_and_only_once(store):
    raw = letter() + b"\xff\x00 whatever follows\r\n" * 30_000
    first, second = take(raw), take(raw)
    assert first.pk == second.pk
    assert InboundMail.objects.count() == 1
    assert raw_of(first) == raw
    assert first.sha256 == hashlib.sha256(raw).hexdigest()
    assert MailPiece.objects.count() > 1
    assert b"whatever" not in bytes(MailPiece.objects.values_list("raw", flat=True)[0])
    assert Step.objects.filter(name="collection.read_mail").count() == 1


def test_what_is_too_large_is_refused_whole(store):
    with pytest.raises(TooLarge):
        take(b"x" * (LARGEST + 1))
    assert not InboundMail.objects.exists()


@pytest.mark.parametrize(
    ("words", "right"),
    [
        ("Please send me a copy of all my personal data.", "access"),
        ("Please delete my account and all my data.", "erasure"),
    ],
)
def test_a_clear_wish_opens_a_request_whose_clock_began_at_our_border(store, words, right):
    came = timezone.now() - timedelta(days=2)
    mail = taken(letter(words), came)
    case = Case.objects.get()
    assert (case.right, case.channel, case.state) == (right, "email", "unproven")
    assert case.received_at == came
    assert case.email == "alice@customers.example"
    assert case.name == "Alice Tan"
    assert items(mail) == [(right, "opened")]
    assert mail.items.get().case_reference == case.reference
    assert mail.state == "settled"
    code = Message.objects.get(about=case.pk)
    assert code.to == "alice@customers.example"
    assert case.reference in code.text


def test_nothing_is_done_for_a_mail_but_to_open_a_request(house):
    """The mail proves nothing: who sent it types the code like everybody, and the mail itself is no secret."""
    address = "alice@example.com"
    mail = taken(letter("Please delete all my data.", sender=address))
    case = Case.objects.get(pk=mail.items.get().case)
    house.work()
    assert house.now(case).state == "unproven"
    assert not house.answers(case)


def test_a_mail_that_is_read_twice_opens_one_request(store):
    mail = take(letter())
    step = Step.objects.get(name="collection.read_mail")
    work()
    Step.objects.filter(pk=step.pk).update(state="waiting")
    work()
    assert Case.objects.count() == 1
    assert mail.items.count() == 1


def test_a_mail_to_two_mailboxes_is_one_wish(store):
    raw = letter(Message_ID="<one@customers.example>")
    taken(b"Received: from one\r\n" + raw)
    second = taken(b"Received: from two\r\n" + raw)
    assert second.state == "copy"
    assert Case.objects.count() == 1


def test_what_reading_cannot_do_is_left_to_a_person(store, monkeypatch):
    def broken(raw):
        raise RecursionError

    monkeypatch.setattr(reading, "read_mail", broken)
    monkeypatch.setattr(tasks, "MOST_TRIES", 1)
    mail = take(letter("Hello there"))
    work()
    Step.objects.filter(name="collection.read_mail").update(due_at=timezone.now())
    work()
    mail = InboundMail.objects.get()
    assert mail.state == "failed"
    assert "RecursionError" in mail.problem
    assert "Hello there" in mail.text
    settle_mail(mail, by=OLGA, at=timezone.now())
    assert InboundMail.objects.get().state == "settled"


def test_an_opt_out_acts_at_once_and_tells_nothing(store):
    known, unknown = "alice@example.com", "nobody@customers.example"
    for sender in (known, unknown):
        mail = taken(letter("Please stop sending me your newsletter.", sender=sender))
        assert items(mail) == [("stop_marketing", "done")]
        for purpose in ("marketing.own", "marketing.third_party"):
            assert is_suppressed(normal("email", sender), purpose, timezone.now().date())
    one, other = (Message.objects.get(to=to) for to in (known, unknown))
    assert (one.subject, one.text) == (other.subject, other.text)
    assert not Case.objects.exists()


def test_an_opt_out_stops_advertising_to_the_sender_only(store):
    mail = taken(letter("Please stop sending advertising to bob@customers.example."))
    assert not is_suppressed(normal("email", "bob@customers.example"), "marketing.own", timezone.now().date())
    assert is_suppressed(normal("email", "alice@customers.example"), "marketing.own", timezone.now().date())
    assert ("stop_marketing", "proposed") in items(mail)


def test_an_opt_out_that_asks_for_more_is_two_items(store):
    mail = taken(letter("Please unsubscribe me. Also, please send me a copy of all my personal data."))
    assert sorted(items(mail)) == [("access", "opened"), ("stop_marketing", "done")]


@pytest.mark.parametrize(
    "heads",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"List_Id": "<news.lists.example>"},
        {"Return_Path": "<>"},
    ],
)
def test_what_no_person_wrote_is_kept_and_never_answered(store, heads):
    mail = taken(letter("Please stop the newsletter. Delete my data.", **heads))
    assert mail.state == "automatic"
    assert mail.automatic
    assert not Message.objects.exists()
    assert not Case.objects.exists()
    assert not Suppression.objects.exists()


def test_two_programs_that_answer_each_other_stop(store):
    for number in range(6):
        taken(letter(f"Please stop the newsletter {number}."))
    assert Message.objects.filter(to="alice@customers.example").count() == 3


def test_somebody_else_and_several_wishes_wait_for_a_person(store):
    mail = taken(letter("Delete my data and send me a copy of my data. The same for bob@customers.example."))
    assert sorted(items(mail)) == [("access", "proposed")] * 2 + [("erasure", "proposed")] * 2
    assert {item.person for item in mail.items.all()} == {"alice@customers.example", "bob@customers.example"}
    assert not Case.objects.exists()
    assert mail.state == "to_decide"


def test_a_person_confirms_changes_adds_or_dismisses_what_was_proposed(store):
    mail = taken(letter("I would like to talk about my wife's data. Please delete it: delete all the data about me."))
    assert items(mail) == [("erasure", "proposed")]
    item = mail.items.get()
    with pytest.raises(NobodyNamed):
        decide(item, "erasure", "my wife", by=OLGA, at=timezone.now())
    decide(item, "access", "wife@customers.example", by=OLGA, at=timezone.now())
    work()
    case = Case.objects.get()
    assert (case.right, case.email, case.name) == ("access", "wife@customers.example", "")
    with pytest.raises(NotNow):
        dismiss(item, by=OLGA, at=timezone.now())
    add_item(mail, "erasure", "alice@customers.example", by=OLGA, at=timezone.now())
    work()
    assert Case.objects.count() == 2
    assert InboundMail.objects.get().state == "settled"


def test_a_right_that_does_not_run_here_comes_back_to_a_person(store, monkeypatch):
    monkeypatch.setattr("kept.rights.mailed.RUNNING", ())
    mail = taken(letter("Please correct my address: I have moved."))
    assert items(mail) == [("rectification", "proposed")]
    assert mail.items.get().problem
    assert InboundMail.objects.get().state == "to_decide"
    dismiss(mail.items.get(), by=OLGA, at=timezone.now())
    assert InboundMail.objects.get().state == "settled"


def test_our_own_words_in_a_quote_are_no_wish(store):
    footer = "We forget the request after seven days. Without the code nothing is searched and nothing is told."
    mail = taken(letter(f"Thanks, all good.\n\nOn Monday Hansoken wrote:\n> Please delete my data\n\n{footer}"))
    assert items(mail) == []
    assert mail.state == "to_decide"


def test_an_answer_to_our_mail_belongs_to_its_request(store, settings):
    taken(letter())
    case = Case.objects.get()
    code = Message.objects.get(about=case.pk)
    host = settings.CONTACT.rpartition("@")[2]
    by_id = taken(letter("The code does not work.", subject="Re: code", In_Reply_To=f"<{code.pk}@{host}>"))
    by_number = taken(letter("Any news?", subject=f"Request {case.reference.lower()}"))
    for mail in (by_id, by_number):
        assert (mail.case, mail.case_reference) == (case.pk, case.reference)


def test_mails_that_answer_each_other_are_one_conversation(store):
    first = taken(letter("Hello?", Message_ID="<a@customers.example>"))
    second = taken(letter("Hello again?", Message_ID="<b@customers.example>", References="<a@customers.example>"))
    third = taken(letter("Anybody?", In_Reply_To="<b@customers.example>"))
    assert first.thread == second.thread == third.thread


def test_words_are_forgotten_with_their_key_and_the_row_later(store):
    now = timezone.now()
    mail = taken(letter(), now - timedelta(days=91))
    waiting = taken(letter("Hello?"), now - timedelta(days=91))
    key = mail.key
    assert forget_mails(by=KEPT, at=now)[0] == 1
    mail = InboundMail.objects.get(pk=mail.pk)
    assert (mail.key, mail.subject, mail.text, mail.sender, mail.details) == (None, "", "", "", {})
    assert not mail.pieces.exists()
    assert mail.items.get().person == ""
    assert not Key.objects.filter(number=key).exists()
    assert InboundMail.objects.get(pk=waiting.pk).text == "Hello?"
    forget_mails(by=KEPT, at=now + timedelta(days=4 * 365))
    assert list(InboundMail.objects.values_list("pk", flat=True)) == [waiting.pk]


@pytest.mark.breaks(
    "collection.mail_is_taken_in_and_read",
    "collection.opt_outs_by_mail_work_at_once",
    "collection.a_mail_opens_a_request",
)
def test_a_mail_that_waits_unread_an_opt_out_undone_and_a_request_not_opened_are_seen(store):
    now = timezone.now()
    taken(letter())
    taken(letter("Unsubscribe me from the newsletter."))
    assert mail_is_taken_in_and_read(now).state is State.KEPT
    assert opt_outs_by_mail_work_at_once(now).state is State.KEPT
    assert a_mail_opens_a_request(now).state is State.KEPT
    Suppression.objects.all().delete()
    assert opt_outs_by_mail_work_at_once(now).state is State.BROKEN
    take(letter("Later."), now - timedelta(hours=2))
    assert mail_is_taken_in_and_read(now).state is State.BROKEN
    MailItem.objects.filter(wish="access").update(state="decided", decided_at=now - timedelta(hours=2))
    assert a_mail_opens_a_request(now).state is State.BROKEN


def test_a_piece_that_was_changed_is_seen(store):
    mail = taken(letter())
    assert mail_is_taken_in_and_read(timezone.now()).state is State.KEPT
    InboundMail.objects.filter(pk=mail.pk).update(sha256="0" * 64)
    assert mail_is_taken_in_and_read(timezone.now()).state is State.BROKEN


assert WORK
assert UTC


def test_an_erasure_takes_the_persons_mails_and_leaves_nothing_of_them(house):
    address = "alice@example.com"
    mail = taken(letter("Please stop the newsletter. My cat is called Zebulon.", sender=address))
    other = taken(letter("Hello from somebody else."))
    case = house.reviewed("erasure", address)
    house.confirm(case)
    house.work()
    assert house.answers(case)["kept"].state == "done", house.told(case)
    mail = InboundMail.objects.get(pk=mail.pk)
    assert (mail.sender, mail.subject, mail.text, mail.sender_name) == ("", "", "", "")
    assert not mail.pieces.exists()
    assert mail.sha256
    assert InboundMail.objects.get(pk=other.pk).text


def at_once(*acts) -> list[object]:
    """All of them in the same moment, each in a thread of its own; what each gave or raised."""
    gate, told = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number):
        gate.wait()
        try:
            told[number] = acts[number]()
        except MailError as problem:
            told[number] = problem
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(acts))]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return told


def test_one_mail_by_four_doors_at_once_is_one_mail(store):
    raw = letter()
    told = at_once(*[lambda: take_in(raw, door="hand", by=KEPT, at=timezone.now())] * 4)
    assert sum(one.new for one in told) == 1
    assert len({one.mail.pk for one in told}) == InboundMail.objects.count() == 1
    assert Step.objects.filter(name="collection.read_mail").count() == 1


def test_two_people_who_decide_at_once_open_one_request(store):
    mail = taken(letter("Please delete my data, and what you have about bob@customers.example."))
    item, other = mail.items.all()
    at = timezone.now()
    told = at_once(
        lambda: decide(item, "erasure", "alice@customers.example", by=OLGA, at=at),
        lambda: decide(item, "access", "alice@customers.example", by=OLGA, at=at),
        lambda: dismiss(other, by=OLGA, at=at),
    )
    assert sum(isinstance(one, NotNow) for one in told) == 1
    work()
    assert Case.objects.count() == 1
    assert InboundMail.objects.get().state == "settled"
