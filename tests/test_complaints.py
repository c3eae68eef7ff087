"""Complaints: taken by every door, acknowledged in time, looked into by somebody else, answered, and then forgotten."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from house import KEPT, house, own_dump, store
from hypothesis import given
from hypothesis import strategies as st
from letters import letter
from paper import PDF
from together import at_once, killed

from kept.collection.mail.actions import decide as decide_item
from kept.collection.mail.actions import take_in
from kept.collection.mail.models import InboundMail, MailItem
from kept.complaints import actions
from kept.complaints.actions import Upload
from kept.complaints.actions.ending import close_due, forget_old
from kept.complaints.clocks import due
from kept.complaints.errors import Decided, MayNot, NotInHand, NotNow, NoWay, OwnMatter, TooLong, TooMany
from kept.complaints.links import status_link, token_of
from kept.complaints.models import Complaint, ComplaintFile
from kept.complaints.promises import complaints_are_investigated_and_answered
from kept.complaints.reminding import remind
from kept.complaints.routes import routes_of
from kept.complaints.rules import OPEN, Standing, late, may_judge, next_step
from kept.people.matters import concerning, held_by, matter_of
from kept.people.models import Account
from kept.policy.keepers import keepers_of
from kept.post.models import Message
from kept.rights import actions as rights
from kept.rights.models import Case
from kept.security.backup.replays import Note, apply
from kept.security.models import Entry
from kept.security.uploads import UploadRefused, folder
from kept.terms import Actor, State
from kept.vault.models import Key
from kept.work.run import work_off

__all__ = ["house", "store"]

pytestmark = pytest.mark.store
PERSON = Actor("person")
DAY = timedelta(days=1)
MAIL_WORK = ["collection.read_mail", "complaints.open", "complaints.link_mail", "rights.open_case", "rights.link_mail"]
WORDS = "You erased the wrong invoices of mine, and nobody answers."
days = st.dates(datetime(2026, 1, 1).date(), datetime(2030, 1, 1).date())  # noqa: DTZ001


@pytest.fixture
def nora(house):
    """A second privacy officer."""
    return Account.objects.create_user("nora.nyman@example.org", name="Nora Nyman", role="privacy_officer")


def complain(email="alice@example.com", **more):
    given = {"channel": "web", "law": "eu-gdpr", "by": PERSON, "at": timezone.now()} | more
    return actions.open_complaint(given.pop("words", WORDS), email, **given).complaint


def now(one):
    return Complaint.objects.get(pk=one.pk)


def mails(one):
    return list(Message.objects.filter(about=one.pk).order_by("written_at", "id"))


def code_in(one):
    return re.search(r"^ +(\d{3} \d{3})$", mails(one)[-1].text, re.MULTILINE)[1]


def taken(one, officer):
    return actions.take(one, officer, by=officer.actor, at=timezone.now())


def answered(one, officer, outcome="upheld", at=None):
    at = at or timezone.now()
    actions.take(one, officer, by=officer.actor, at=at)
    return actions.decide(one, outcome, "We looked.", "We mend it.", "email", by=officer.actor, at=at)


def kinds_of(one):
    return list(
        Entry.objects.filter(about=f"complaints.complaint:{one.pk}").order_by("id").values_list("kind", flat=True)
    )


# Rules


def standing(state="investigated", ack=0, acked=0, progress=10, taken=True, unread=False, today=None):
    day = today or datetime(2026, 11, 30, tzinfo=UTC).date()
    return Standing(
        state,
        day + ack * DAY,
        None if acked is None else day + acked * DAY,
        None if progress is None else day + progress * DAY,
        taken,
        unread,
    )


@given(st.sampled_from(sorted(OPEN)), days, st.integers(-40, 40), st.booleans(), st.booleans())
def test_an_open_complaint_always_has_a_next_step_with_its_day(state, today, left, taken, unread):
    acked = None if state == "received" else 0
    step = next_step(standing(state, left, acked, left, taken, unread, today), today)
    assert step.act != "nothing"
    assert step.due == today + left * DAY
    assert (step.mark == "late") == (left < 0)


@given(days, st.integers(0, 60), st.integers(0, 60))
def test_an_acknowledgement_is_late_for_ever_once_it_came_too_late(today, ack, acked):
    one = standing("decided", -ack, -acked, None, today=today)
    assert ("acknowledgement" in late(one, today)) == (acked < ack)


@given(st.sets(st.sampled_from("abc")), st.sets(st.sampled_from("abc")))
def test_nobody_judges_their_own_cause(complainant, deciders):
    for officer in "abc":
        assert (may_judge(officer, complainant, deciders) == "") == (officer not in complainant | deciders)


def test_the_law_of_the_united_kingdom_rolls_over_a_weekend_and_our_own_promise_does_not():
    received = datetime(2026, 7, 3, 12, tzinfo=UTC)
    assert due("acknowledgement", received, "uk-gdpr").due_on.isoformat() == "2026-08-03"
    assert due("acknowledgement", received, "eu-gdpr").due_on.isoformat() == "2026-08-02"
    before = datetime(2026, 6, 18, 12, tzinfo=UTC)
    made = due("acknowledgement", before, "uk-gdpr")
    assert made.rule.id == "complaint_ack", "s.164A was not in force yet, and we promise the same to everybody"


def test_every_law_that_can_be_chosen_names_where_else_one_may_go():
    from kept.complaints.clocks import laws

    for law, _ in laws():
        routes = routes_of(law)
        assert len(routes) > 1, law
        assert all(one.source and one.says.endswith(".") for one in routes)


# Taking it in


def test_a_complaint_counts_without_any_proof_and_is_acknowledged_at_once(house):
    one = complain(name="Alice Arden")
    assert (one.state, one.proven_at, one.acknowledged_how) == ("acknowledged", None, "email")
    [mail] = mails(one)
    assert one.reference in mail.subject
    assert status_link(one.pk, one.token_hash) in mail.text
    assert "Art. 77" not in mail.subject
    assert "data protection authority" in mail.text
    assert one.progress_due_on == due("progress", one.told_at).due_on
    assert kinds_of(one)[:1] == ["complaints.received"]
    assert WORDS not in own_dump(), "what somebody complains about is sealed"


def test_the_same_form_sent_twice_at_the_same_moment_is_one_complaint(house):
    from uuid import uuid4

    form = uuid4()
    opened = at_once(*[lambda: complain(form=form)] * 3)
    assert {one.pk for one in opened} == {Complaint.objects.get().pk}
    assert len(mails(opened[0])) == 1


def test_somebody_elses_address_is_not_flooded_with_mails(house):
    found = [complain() for _ in range(8)]
    written = [one for one in found if mails(one)]
    assert len(written) == 5
    assert {one.state for one in found[5:]} == {"received"}, "an officer acknowledges these"


@pytest.mark.parametrize(
    ("more", "refused"),
    [
        ({"words": "  "}, TooLong),
        ({"words": "x" * 10_001}, TooLong),
        ({"name": "x" * 201}, TooLong),
        ({"email": ""}, NoWay),
        ({"email": "nobody"}, NoWay),
        ({"files": [Upload(io.BytesIO(b"x"), "a.txt")] * 6}, TooMany),
        ({"files": [Upload(io.BytesIO(b"a list"), "a.txt"), Upload(io.BytesIO(b"MZ\0"), "b.exe")]}, UploadRefused),
        ({"files": [Upload(io.BytesIO(b"<svg onload=x>"), "a.txt")]}, UploadRefused),
    ],
)
def test_what_cannot_be_taken_in_is_refused_whole_and_repeats_nothing(house, more, refused):
    with pytest.raises(refused) as told:
        complain(**more)
    assert "nobody" not in str(told.value)
    assert not Complaint.objects.exists()
    assert list(folder().iterdir()) == []


def test_a_file_lies_sealed_and_goes_with_the_complaint(house):
    one = complain(files=[Upload(io.BytesIO(b"Garden Street 12"), "../my list.txt")])
    file = one.files.get()
    assert file.name == "my list.txt"
    assert b"Garden" not in (folder() / file.place).read_bytes()
    actions.withdraw(one, by=PERSON, at=timezone.now())
    assert not (folder() / file.place).exists()
    assert not ComplaintFile.objects.exists()


def test_staff_write_down_a_letter_and_its_clock_runs_from_when_it_came(house):
    sam, came = house.people["sam"], timezone.now() - 20 * DAY
    one = complain("", channel="letter", postal="Garden Street 12", received_at=came, law="uk-gdpr", by=sam.actor)
    assert (one.state, one.acknowledged_at) == ("received", None)
    assert one.ack_due_on == due("acknowledgement", came, "uk-gdpr").due_on
    with pytest.raises(NoWay):
        actions.acknowledge(one, "email", by=house.officer, at=timezone.now())
    actions.acknowledge(one, "letter", by=sam.actor, at=timezone.now())
    actions.acknowledge(one, "letter", by=sam.actor, at=timezone.now())
    assert kinds_of(one).count("complaints.acknowledged") == 1
    assert not mails(one)


def post(raw):
    found = take_in(raw, door="hand", by=KEPT, at=timezone.now()).mail
    while work_off(timezone.now(), names=MAIL_WORK):
        continue
    return InboundMail.objects.get(pk=found.pk)


def test_a_mail_that_complains_opens_a_complaint_from_when_it_came(house):
    mail = post(letter("This is a formal complaint. Nobody answers me.", sender="Alice <alice@example.com>"))
    item = MailItem.objects.get(mail=mail)
    assert item.state == "opened", item.problem
    one = Complaint.objects.get(pk=item.case)
    assert (one.reference, one.channel, one.received_at) == (item.case_reference, "email", mail.received_at)
    assert "Nobody answers me." in one.words
    assert len(mails(one)) == 1


def test_an_answer_by_mail_belongs_to_the_complaint_and_only_its_sender_speaks_in_it(house):
    one = complain()
    ours = f"<{mails(one)[0].pk}@hansoken.example>"
    theirs = post(letter("I also have a letter of yours.", sender="alice@example.com", In_Reply_To=ours))
    strange = post(letter("Forget it all.", sender="bob@example.com", subject=f"Re: {one.reference}"))
    assert {theirs.case, strange.case} == {one.pk}
    assert [note.text for note in one.notes.all()] == ["I also have a letter of yours."]
    assert now(one).unread
    again = post(letter("I also have a letter of yours.", sender="alice@example.com", In_Reply_To=ours))
    assert again.pk == theirs.pk


def test_an_automatic_mail_that_a_person_calls_a_complaint_is_not_answered(house):
    raw = letter("I am away.", sender="alice@example.com", Auto_Submitted="auto-replied")
    mail = post(raw)
    from kept.collection.mail.actions import add_item

    add_item(mail, "complaint", "alice@example.com", by=house.officer, at=timezone.now())
    while work_off(timezone.now(), names=MAIL_WORK):
        continue
    one = Complaint.objects.get()
    assert (one.state, mails(one)) == ("received", [])


def test_a_mail_without_an_address_that_can_be_written_to_waits_for_a_person(house):
    mail = post(letter("Please correct my address.", sender="alice@example.com"))
    item = mail.items.get()
    MailItem.objects.filter(pk=item.pk).update(state="proposed")
    decide_item(item, "complaint", "alice@example.com", by=house.officer, at=timezone.now())
    while work_off(timezone.now(), names=MAIL_WORK):
        continue
    assert Complaint.objects.get().words.endswith("Please correct my address.")


# What it is about


def approved(house):
    case = house.reviewed("erasure", "alice@example.com")
    rights.approve(case, by=house.officer, at=timezone.now())
    return house.now(case)


def test_only_whoever_is_known_to_be_the_same_person_links_a_complaint_by_writing_a_number(house):
    case = house.proven("access", "alice@example.com")
    stranger = complain("mallory@example.org", about=case.reference)
    unproven = complain(about=case.reference)
    alice = house.people["alice"]
    hers = complain(alice.email, about=f" {case.reference.lower()} ", account=alice, channel="client_area")
    assert (stranger.about, unproven.about) == ("", "")
    assert hers.about == f"rights.case:{case.pk}"
    assert [one.id for one in concerning(hers.about)] == [hers.pk], "and the request knows of it"
    assert matter_of(hers.about).reference == case.reference


def test_who_decided_what_is_complained_about_cannot_look_into_it_in_any_way(house, nora):
    case = approved(house)
    olga, at = house.people["olga"], timezone.now()
    one = complain(about=case.reference)  # not linked: nobody has shown that it is theirs
    with pytest.raises(Decided):
        taken(one, olga)
    actions.link(one, case.reference, by=olga.actor, at=at)
    with pytest.raises(Decided):
        taken(one, olga)
    with pytest.raises(Decided):
        actions.take(one, olga, by=nora.actor, at=at)
    with pytest.raises(Decided):
        actions.unlink(one, by=olga.actor, at=at)
    other = complain()
    with pytest.raises(Decided):
        actions.link(one, other.reference, by=olga.actor, at=at)
    taken(one, nora)
    for act in (
        lambda: actions.tell(one, "Soon.", "email", by=olga.actor, at=at),
        lambda: actions.note(one, "Hm.", by=olga.actor, at=at),
        lambda: actions.decide(one, "not_upheld", "No.", "No.", "email", by=olga.actor, at=at),
        lambda: actions.read_it(one, by=olga.actor, at=at),
    ):
        with pytest.raises(Decided):
            act()
    assert now(one).state == "investigated"


def test_an_officer_who_has_it_loses_it_when_it_turns_out_to_be_about_their_decision(house, nora):
    case = approved(house)
    one = complain()
    taken(one, house.people["olga"])
    actions.link(one, case.reference, by=nora.actor, at=timezone.now())
    assert (now(one).assignee, now(one).state) == (None, "acknowledged")


def test_a_complaint_that_is_being_taken_when_the_process_dies_is_there_whole_or_not_at_all(house):
    keys = Key.objects.count()
    for _ in range(4):
        killed(lambda: complain(f"{uuid4().hex}@example.com", files=[Upload(io.BytesIO(PDF), "a.pdf")]), 0.4)
    found = list(Complaint.objects.all())
    for one in found:
        assert kinds_of(one) == ["complaints.received", "complaints.acknowledged"]
        assert one.state == "acknowledged"
        assert len(mails(one)) == one.files.count() == 1
        assert one.words == WORDS
    assert Entry.objects.filter(kind="complaints.received").count() == len(found)
    assert Message.objects.count() == len(found), "nobody is told of a complaint that is not there"
    assert Key.objects.count() - keys == len(found), "no key without what it seals"


def test_an_outcome_that_is_being_written_when_the_process_dies_is_told_exactly_when_it_is_decided(house):
    olga = house.people["olga"]
    ones = [taken(complain(f"{number}@example.com"), olga) for number in range(12)]
    before = {one.pk: len(mails(one)) for one in ones}

    def decide_next():
        for one in ones:
            if now(one).state == "investigated":
                actions.decide(one, "upheld", "We looked.", "We mend it.", "email", by=olga.actor, at=timezone.now())

    for _ in range(3):
        killed(decide_next, 0.2)
    for one in ones:
        decided = now(one).state == "decided"
        assert kinds_of(one).count("complaints.decided") == decided
        assert len(mails(one)) == before[one.pk] + decided
    decide_next()
    assert {(now(one).state, len(mails(one)) - before[one.pk]) for one in ones} == {("decided", 1)}


def test_an_officer_who_complains_does_not_look_into_it(house, nora):
    one = complain(house.people["olga"].email)
    with pytest.raises(OwnMatter):
        taken(one, house.people["olga"])
    taken(one, nora)


@pytest.mark.parametrize("who", ["sam", "aino", "erik", "alice"])
def test_other_roles_do_not_look_into_complaints(house, who):
    one, account = complain(), house.people[who]
    with pytest.raises(MayNot):
        actions.take(one, account, by=house.officer, at=timezone.now())
    with pytest.raises(MayNot):
        actions.take(one, house.people["olga"], by=account.actor, at=timezone.now())


def test_nobody_decides_what_another_officer_has_in_hand(house, nora):
    one = complain()
    taken(one, nora)
    with pytest.raises(NotInHand):
        actions.decide(one, "upheld", "a", "b", "email", by=house.officer, at=timezone.now())


# Looking into it, and answering


def test_its_sender_hears_of_it_until_there_is_an_answer(house, nora):
    one, at = complain(), timezone.now()
    actions.take(one, nora, by=nora.actor, at=at + DAY)
    actions.tell(one, "We asked the billing team about invoice 7.", "email", by=nora.actor, at=at + 9 * DAY)
    assert now(one).progress_due_on == due("progress", at + 9 * DAY).due_on
    done = actions.decide(one, "partly", "Two were wrong.", "They are back.", "email", by=nora.actor, at=at + 10 * DAY)
    assert (done.state, done.progress_due_on) == ("decided", None)
    subjects = [mail.subject for mail in mails(one)]
    assert len(subjects) == 4
    text = mails(one)[-1].text
    assert "right in part" in text
    assert "GDPR Art. 77" in text
    assert all("invoice 7" not in mail.text and "Two were wrong" not in mail.text for mail in mails(one))
    with pytest.raises(NotNow):
        actions.decide(one, "upheld", "a", "b", "email", by=nora.actor, at=at)


def test_two_officers_at_once_give_it_to_one(house, nora):
    one, olga = complain(), house.people["olga"]
    ended = at_once(lambda: taken(one, olga), lambda: taken(one, nora))
    assert not [end for end in ended if isinstance(end, Exception)]
    assert now(one).assignee_id in (olga.pk, nora.pk)
    assert len([mail for mail in mails(one) if "look into" in mail.subject]) == 1
    answers = at_once(*[lambda: answered(one, now(one).assignee)] * 2)
    assert sorted(isinstance(end, NotNow) for end in answers) == [False, True]
    assert kinds_of(one).count("complaints.decided") == 1


def test_a_complaint_that_is_opened_again_goes_to_somebody_else(house, nora):
    one, olga = complain(), house.people["olga"]
    answered(one, olga, "not_upheld")
    actions.say(one, "I do not agree.", by=PERSON, at=timezone.now())
    assert now(one).unread
    actions.reopen(one, by=olga.actor, at=timezone.now())
    with pytest.raises(Decided):
        taken(one, olga)
    answered(one, nora)
    assert (now(one).outcome, now(one).reopened) == ("upheld", 1)


def test_officers_are_reminded_once_when_a_day_is_near_and_once_when_it_is_over(house, nora):
    one = taken(complain(), nora)
    told_by = [timezone.now() + days * DAY for days in (1, 26, 27, 31, 32)]
    assert [remind(by=KEPT, at=at) for at in told_by] == [0, 1, 0, 1, 0]
    reminders = [mail for mail in Message.objects.filter(about=None) if one.reference in mail.subject]
    assert {mail.to for mail in reminders} == {nora.email}, "the officer in hand, and nobody else"
    assert [mail.subject.split(":")[0] for mail in sorted(reminders, key=lambda mail: mail.written_at)] == [
        "Due soon",
        "Overdue",
    ]
    assert not any(one.email in mail.text for mail in reminders)


# What is held, and what is forgotten


def test_nothing_of_a_request_goes_while_a_complaint_about_it_is_open(house, nora):
    case = house.reviewed("access", "alice@example.com")
    rights.approve(case, by=house.officer, at=timezone.now())
    house.work()
    one = complain()
    actions.link(one, case.reference, by=nora.actor, at=timezone.now())
    assert held_by(f"rights.case:{case.pk}") == ["complaints.is_open_about"]
    later = timezone.now() + 31 * DAY
    assert rights.close_due_cases(by=KEPT, at=later) == 0
    answered(one, nora)
    assert held_by(f"rights.case:{case.pk}") == []
    assert rights.close_due_cases(by=KEPT, at=later) == 1


def test_words_go_six_months_after_the_answer_and_the_rest_three_years_later(house, nora):
    one = complain(name="Alice Arden", files=[Upload(io.BytesIO(b"a list"), "a.txt")])
    key, at = one.key, timezone.now()
    answered(one, nora, at=at)
    assert close_due(by=KEPT, at=at + 180 * DAY) == 0
    assert close_due(by=KEPT, at=at + 185 * DAY) == 1
    gone = now(one)
    assert (gone.state, gone.words, gone.email, gone.name, gone.outcome) == ("closed", "", "", "", "upheld")
    assert not Key.objects.filter(number=key).exists()
    assert list(folder().iterdir()) == []
    assert all(mail.key is None and not mail.text and mail.sha256 for mail in mails(one))
    assert close_due(by=KEPT, at=at + 186 * DAY) == 0
    assert forget_old(by=KEPT, at=at + 3 * 365 * DAY) == 0
    assert forget_old(by=KEPT, at=at + 4 * 365 * DAY) == 1
    assert not Complaint.objects.exists()


def test_a_complaint_that_a_restore_brings_back_ends_again(house):
    one = complain()
    note = Note("1", "complaint", timezone.now(), {"complaint": str(one.pk), "state": "withdrawn"})
    assert apply([note], by=KEPT, at=timezone.now()) == 1
    assert (now(one).state, now(one).words) == ("withdrawn", "")
    assert apply([note], by=KEPT, at=timezone.now()) == 0


def test_a_mail_on_its_way_keeps_its_key_until_it_has_left(house, settings):
    settings.DEMO = False
    one = complain()
    key = one.key
    actions.withdraw(one, by=PERSON, at=timezone.now())
    assert Key.objects.filter(number=key).exists()
    Message.objects.filter(about=one.pk).update(state="sent")
    assert close_due(by=KEPT, at=timezone.now()) == 0
    assert not Key.objects.filter(number=key).exists()
    assert not any(mail.text for mail in mails(one))


# The keeper


@pytest.mark.breaks("complaints.complaints_are_investigated_and_answered")
def test_a_late_acknowledgement_or_word_is_red_and_an_answered_complaint_is_not(house, nora):
    look = complaints_are_investigated_and_answered
    assert look in [bound.look for bound in keepers_of("17.1")]
    at = timezone.now()
    assert look(at).state is State.CANNOT_TELL
    one, other = complain(), complain("bob@example.com")
    seen = look(timezone.now())
    assert (seen.state, seen.number) == (State.KEPT, 2)
    assert seen.figure.startswith("2 complaints open, the oldest for 0 days")
    assert look(at + 40 * DAY).state is State.BROKEN, "nobody said how far it is"
    answered(one, nora)
    answered(other, nora, "not_upheld")
    good = look(at + 90 * DAY)
    assert (good.state, good.figure) == (
        State.KEPT,
        "0 complaints open; 1 upheld, 0 partly upheld, 1 not upheld",
    )
    letter = complain("", channel="letter", by=house.officer)
    assert look(at + 31 * DAY).state is State.BROKEN
    actions.acknowledge(letter, "letter", by=house.officer, at=at + 32 * DAY)
    assert look(at + 33 * DAY).state is State.BROKEN, "what came too late stays so"


def test_an_acknowledgement_that_could_not_be_delivered_is_none(house, nora):
    one, at = complain(), timezone.now()
    taken(one, nora)
    actions.tell(one, "We are at it.", "email", by=nora.actor, at=at + 29 * DAY)
    assert complaints_are_investigated_and_answered(at + 31 * DAY).state is State.KEPT
    Message.objects.filter(pk=now(one).ack_message).update(state="failed")
    assert complaints_are_investigated_and_answered(at + 31 * DAY).state is State.BROKEN


def test_a_complaint_that_was_answered_by_who_decided_it_is_red(house, nora):
    case = approved(house)
    one = complain()
    answered(one, nora)
    Complaint.objects.filter(pk=one.pk).update(
        about=f"rights.case:{case.pk}", decided_by=str(house.officer), received_at=timezone.now() + DAY
    )
    assert complaints_are_investigated_and_answered(timezone.now()).state is State.BROKEN


# The pages


def sent(client, **more):
    page = client.get("/privacy/complain/")
    form = re.search(r'name="form" value="([0-9a-f-]{36})"', page.content.decode())[1]
    told = {"words": WORDS, "email": "alice@example.com", "law": "eu-gdpr", "form": form, "name": ""} | more
    return client.post("/privacy/complain/", told)


def test_anybody_complains_and_reads_it_only_after_typing_the_code(house, client):
    answer = sent(client)
    assert answer["Location"] == "/privacy/complain/sent/"
    one = Complaint.objects.get()
    page = client.get("/privacy/complain/sent/").content.decode()
    assert one.reference in page
    assert WORDS not in page
    assert "is the last day" in page
    way = f"/complaints/{token_of(one.pk, one.token_hash)}/"
    closed = client.get(way)
    assert closed["Cache-Control"] == "private, no-store"
    assert WORDS not in closed.content.decode()
    assert client.get(f"{way}add/").status_code == 404
    client.post(f"{way}code/")
    wrong = client.post(way, {"code": "000 000" if code_in(one) != "000 000" else "111 111"})
    assert "You have 4 tries left" in wrong.content.decode()
    client.post(way, {"code": code_in(one)})
    assert WORDS in client.get(way).content.decode()
    assert WORDS not in Client().get(way).content.decode(), "another browser has not typed it"
    assert now(one).account_id == house.people["alice"].pk
    client.post(f"{way}add/", {"text": "One more thing.", "attached": SimpleUploadedFile("a.txt", b"a list")})
    file = one.files.get()
    given = client.get(f"{way}file/{file.pk}/")
    assert b"".join(given.streaming_content) == b"a list"
    assert given["Content-Type"] == "application/octet-stream"
    assert "One more thing." in client.get(way).content.decode()
    assert client.post(f"{way}withdraw/")["Location"] == way
    assert now(one).state == "withdrawn"
    assert WORDS not in client.get(way).content.decode()


def test_a_code_is_guessed_five_times_at_most_and_opens_once(house):
    one, at = complain(), timezone.now()
    assert actions.send_code(one, by=PERSON, at=at)
    code = code_in(one)
    assert not actions.send_code(one, by=PERSON, at=at)
    wrong = "000000" if code != "000 000" else "111111"
    assert not any(actions.prove(one, wrong, by=PERSON, at=at) for _ in range(5))
    assert not actions.prove(one, code, by=PERSON, at=at)
    assert actions.send_code(one, by=PERSON, at=at + timedelta(minutes=2))
    code = code_in(one)
    assert not actions.prove(one, code, by=PERSON, at=at + timedelta(minutes=40))
    assert actions.send_code(one, by=PERSON, at=at + timedelta(minutes=50))
    assert actions.prove(one, code_in(one), by=PERSON, at=at + timedelta(minutes=51))
    assert not actions.prove(one, code_in(one), by=PERSON, at=at + timedelta(minutes=51))


def test_a_page_that_was_filled_in_wrongly_says_what_is_wrong_and_keeps_the_words(house, client):
    page = sent(client, email="nobody", words="x" * 12_000, law="").content.decode()
    assert "There is a problem" in page
    assert "12,000 characters" in page
    assert "not a whole e-mail address" in page
    assert "Choose where you live." in page
    bad = sent(client, attached=SimpleUploadedFile("virus.exe", b"MZ\0\0")).content.decode()
    assert "Send one of these" in bad
    assert "Choose your files again" in bad
    assert not Complaint.objects.exists()


def test_bob_is_not_told_that_alices_complaint_exists(house, client):
    alice = house.people["alice"]
    one = complain(alice.email, account=alice, channel="client_area")
    client.force_login(house.people["bob"])
    for way in ("", "add/", "withdraw/"):
        assert client.get(f"/complaints/{one.pk}/{way}").status_code == 404
    assert client.post(f"/complaints/{one.pk}/withdraw/").status_code == 404
    client.force_login(alice)
    assert WORDS in client.get(f"/complaints/{one.pk}/").content.decode()
    assert one.reference in client.get("/complaints/").content.decode()


def test_an_officer_sees_the_next_step_and_an_auditor_no_words(house, client, settings, nora):
    one = complain(name="Alice Arden")
    client.force_login(house.people["olga"])
    desk = client.get("/desk/complaints/").content.decode()
    assert one.reference in desk
    assert "Decide who looks into it" in desk
    page = client.get(f"/desk/complaints/{one.pk}/").content.decode()
    assert WORDS in page
    client.post(f"/desk/complaints/{one.pk}/take/", {"officer": str(house.people["olga"].pk)})
    assert now(one).assignee == house.people["olga"]
    client.post(f"/desk/complaints/{one.pk}/tell/", {"text": "We asked the team.", "how": "email"})
    told = {"outcome": "upheld", "findings": "They were.", "remedy": "Mended.", "how": "email"}
    client.post(f"/desk/complaints/{one.pk}/decide/", told)
    assert now(one).outcome == "upheld"
    client.force_login(house.people["aino"])
    seen = client.get(f"/desk/complaints/{one.pk}/").content.decode()
    assert one.reference in seen
    for secret in (WORDS, "Alice Arden", "alice@example.com", "They were.", "We asked the team."):
        assert secret not in seen
    assert Entry.objects.filter(kind="complaints.looked_at").count() == 2


def test_support_write_down_a_call_and_read_no_complaint(house, client):
    client.force_login(house.people["sam"])
    page = client.get("/desk/complaints/new/").content.decode()
    form = re.search(r'name="form" value="([0-9a-f-]{36})"', page)[1]
    told = {"channel": "telephone", "received_at": "2026-11-02 09:00", "words": WORDS, "law": "uk-gdpr", "form": form}
    answer = client.post("/desk/complaints/new/", told, follow=True)
    one = Complaint.objects.get()
    assert one.reference in answer.content.decode()
    assert (one.channel, one.received_at) == ("telephone", datetime(2026, 11, 2, 9, tzinfo=UTC))
    assert client.get(f"/desk/complaints/{one.pk}/").status_code == 404
    future = client.post("/desk/complaints/new/", told | {"received_at": "2099-01-01 00:00"}).content.decode()
    assert "lies in the future" in future


def test_a_request_and_the_complaint_about_it_lead_to_each_other(house, client, nora):
    case = house.proven("access", "alice@example.com")
    one = complain(about=case.reference)
    actions.link(one, case.reference, by=nora.actor, at=timezone.now())
    client.force_login(house.people["olga"])
    assert f"/desk/complaints/{one.pk}/" in client.get(f"/desk/{case.pk}/").content.decode()
    assert f"/desk/{case.pk}/" in client.get(f"/desk/complaints/{one.pk}/").content.decode()
    from kept.rights.codes import token_of as case_token

    theirs = client.get(f"/requests/{case_token(case.pk, Case.objects.get(pk=case.pk).token_hash)}/").content.decode()
    assert one.reference in theirs
    assert f"/privacy/complain/?about={case.reference}" in theirs
