"""No last day passes unseen: officers are mailed before it and after it, once for each step, and with nobody's data."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import formats, translation
from house import PERSON, house, store
from hypothesis import given
from hypothesis import strategies as st
from test_rights_pages import signed_in, words
from together import at_once, killed

from kept.clocks.office import office
from kept.people.models import Account
from kept.post.languages import LANGUAGES
from kept.post.models import Message
from kept.post.outbox import send
from kept.rights import actions
from kept.rights.actions.triage import assign
from kept.rights.models import Case
from kept.rights.reach.models import PaperLetter
from kept.rights.timing.models import Reminder
from kept.rights.timing.reminding import Line
from kept.rights.timing.rules import reminder_step, reminders_on
from kept.security.models import Entry
from kept.terms import Actor

__all__ = ["house", "store"]

KEPT = Actor.kept()
ALICE, BOB = "alice@example.com", "bob@example.net"
BERLIN = ZoneInfo("Europe/Berlin")
RECEIVED = datetime(2026, 2, 2, 10, tzinfo=BERLIN)  # a Monday: due on Monday, 2 March
DUE = date(2026, 3, 2)


def morning(day, hour=8):
    return datetime(2026, 3, 1, hour, tzinfo=BERLIN) + timedelta(days=day - 1)


def proven(house, right="access", email=ALICE, received=RECEIVED, law=""):
    opened = actions.open_case(right, email, law=law, channel="web", by=PERSON, at=received)
    assert actions.prove(opened.case, house.code(opened.case), by=PERSON, at=received)
    return house.now(opened.case)


@pytest.fixture
def nora(house):
    """A second privacy officer."""
    return Account.objects.create_user("nora.nyman@example.org", name="Nora Nyman", role="privacy_officer")


def mails():
    return list(Message.objects.filter(about=None).order_by("written_at", "to"))


def remind(at):
    return actions.remind(by=KEPT, at=at)


@given(days=st.integers(-400, 60), late=st.booleans())
def test_a_reminder_is_never_early_and_each_late_day_has_its_own(days, late):
    steps = reminders_on(DUE).days
    step = reminder_step(days, steps, late=late and days < 0)
    if late and days < 0:
        assert step == days
    elif days > max(steps):
        assert step is None
    else:
        assert step in steps
        assert step >= days


@pytest.mark.store
def test_each_step_is_told_once_and_each_late_day_once(house):
    case = proven(house)
    told = {}
    for day in range(-20, 6):  # 10, 5 and 2 days before 2 March, and each day after it
        for hour in (6, 7, 8, 23):
            if remind(morning(day, hour)):
                told[morning(day).date()] = hour
    expected = [date(2026, 2, 20), date(2026, 2, 25), date(2026, 2, 28)] + [date(2026, 3, day) for day in (3, 4, 5)]
    assert told == dict.fromkeys(expected, 7), "not in the night, and not twice on a day"
    assert [mail.subject.split(":")[0] for mail in mails()] == ["Due soon"] * 3 + ["Overdue"] * 3
    assert {mail.to for mail in mails()} == {house.people["olga"].email}
    first = mails()[0]
    assert case.reference in first.subject
    assert "Monday, 2 March 2026" in first.text
    assert f"/desk/{case.pk}/" in first.text
    assert "the search in our systems" in first.text
    assert not any(word in mail.text + mail.subject + mail.html for mail in mails() for word in (ALICE, "Alice"))
    entries = Entry.objects.filter(kind="rights.officers_reminded").order_by("id")
    assert [one.facts["step"] for one in entries] == [10, 5, 2, -1, -2, -3]
    assert "Reminder sent" in words(signed_in(house, "olga").get(f"/desk/{case.pk}/"))


@pytest.mark.store
def test_after_days_without_a_worker_one_reminder_goes_out_and_not_three(house):
    proven(house)
    assert remind(morning(1)) == 1
    assert [one.step for one in Reminder.objects.all()] == [2]
    assert remind(morning(2)) == 0


@pytest.mark.store
def test_what_falls_due_together_is_one_mail_with_the_earliest_day_first(house):
    later = proven(house, "erasure", received=RECEIVED + timedelta(days=1))
    first = proven(house, "access")
    assert remind(morning(1)) == 2
    (mail,) = mails()
    assert mail.text.index(first.reference) < mail.text.index(later.reference)
    assert first.reference in mail.subject
    assert later.reference in mail.subject


@pytest.mark.store
def test_the_officer_who_has_it_is_told_and_all_of_them_where_nobody_has(house, nora):
    olga = house.people["olga"]
    hers, nobodys = proven(house), proven(house, "erasure")
    assign(hers, nora.pk, was=None, by=olga.actor, at=RECEIVED)
    assert remind(morning(1)) == 2
    by_address = {mail.to: mail.text for mail in mails()}
    assert set(by_address) == {olga.email, nora.email}
    assert (hers.reference in by_address[olga.email], nobodys.reference in by_address[olga.email]) == (False, True)
    assert (hers.reference in by_address[nora.email], nobodys.reference in by_address[nora.email]) == (True, True)
    Account.objects.filter(pk=nora.pk).update(is_active=False)
    assert remind(morning(3)) == 2
    assert {mail.to for mail in mails()[2:]} == {olga.email}, "who has left is not written to"


@pytest.mark.store
def test_while_nobody_is_there_to_be_told_nothing_counts_as_told(house):
    proven(house)
    Account.objects.filter(role="privacy_officer").update(is_active=False)
    assert remind(morning(1)) == 0
    Account.objects.filter(role="privacy_officer").update(is_active=True)
    assert remind(morning(1)) == 1


@pytest.mark.store
def test_nobody_is_reminded_of_their_own_request(house, nora):
    own = proven(house, email=house.people["olga"].email)
    assert remind(morning(1)) == 1
    assert {mail.to for mail in mails() if own.reference in mail.subject} == {nora.email}


@pytest.mark.store
def test_nothing_is_sent_while_the_clock_stands_still_and_all_of_it_when_it_runs_again(house):
    case = proven(house)
    asked = datetime(2026, 2, 10, 9, tzinfo=BERLIN)
    actions.pause(case, "identity", "Please write from your address.", "Another name.", by=house.officer, at=asked)
    assert [remind(morning(day)) for day in (-9, 1, 4, 30)] == [0, 0, 0, 0]
    actions.resume(case, "Here it is.", came_by="page", by=PERSON, at=datetime(2026, 2, 20, 9, tzinfo=BERLIN))
    assert house.now(case).due_on == date(2026, 3, 12)
    assert remind(morning(2)) == 1, "ten days before the new day"


@pytest.mark.store
def test_a_case_that_is_answered_withdrawn_or_not_proven_is_nobodys_to_do(house):
    actions.open_case("access", BOB, channel="web", by=PERSON, at=RECEIVED)
    gone, answered = proven(house), proven(house, "erasure")
    actions.withdraw_case(gone, by=PERSON, at=RECEIVED)
    Case.objects.filter(pk=answered.pk).update(state=Case.State.ANSWERED, answered_at=RECEIVED)
    assert [remind(morning(day)) for day in (-9, 1, 9)] == [0, 0, 0]


@pytest.mark.store
def test_two_workers_at_the_same_moment_send_one_reminder(house):
    for right in ("access", "erasure", "portability"):
        proven(house, right)
    ended = at_once(*[lambda: remind(morning(1))] * 4)
    assert not [one for one in ended if isinstance(one, Exception)], ended
    assert sum(ended) == 3
    assert Reminder.objects.count() == 3
    text = "".join(mail.text for mail in mails())
    assert all(text.count(f"{case.reference},") == 1 for case in Case.objects.all())


@pytest.mark.store
def test_a_worker_that_is_killed_while_it_reminds_leaves_no_half_told_step(house):
    for right in ("access", "erasure", "portability"):
        proven(house, right)
    for day in range(3, 7):
        killed(lambda day=day: remind(morning(day)), 0.2)
    remind(morning(6))
    entries = Entry.objects.filter(kind="rights.officers_reminded").count()
    assert Reminder.objects.count() == entries == sum(mail.text.count("/desk/") for mail in mails())
    assert Reminder.objects.filter(told=0).count() == 0
    assert Reminder.objects.filter(step=-4).count() == 3


@pytest.fixture
def to_post(house):
    """A letter of ours that was written on the day its request came."""
    case = proven(house)
    return PaperLetter.objects.create(
        case=case, key=case.key, about="rights/code", to="Alice Arden", subject="Your code", text="A code.",
        written_at=RECEIVED,
    )  # fmt: skip


def remind_of_post(at):
    return actions.remind_of_post(by=KEPT, at=at)


@pytest.mark.store
def test_a_letter_of_ours_that_nobody_posted_is_brought_to_mind_once_a_day(house, to_post):
    assert remind_of_post(RECEIVED + timedelta(hours=2)) == 0, "there is the whole day to post it"
    assert remind_of_post(RECEIVED + timedelta(hours=15)) == 0, "nobody is mailed at night"
    assert [remind_of_post(RECEIVED + timedelta(days=1, hours=hours)) for hours in (0, 1, 2)] == [1, 0, 0]
    told = mails()
    assert {one.to for one in told} == {house.people["olga"].email, house.people["sam"].email}
    assert "Letters to post: 1" in told[0].subject
    assert "Monday, 2 February 2026" in told[0].text
    assert "/desk/post/" in told[0].text
    assert "Alice" not in told[0].text
    assert "past the last day" not in told[0].text
    assert remind_of_post(morning(3)) == 1, "and again on another day"
    assert "past the last day" in mails()[-1].text


@pytest.mark.store
def test_what_is_posted_or_no_longer_needed_is_not_brought_to_mind(house, to_post):
    sam = house.people["sam"].actor
    actions.paper_posted(to_post, RECEIVED.date(), by=sam, at=RECEIVED)
    assert remind_of_post(morning(1)) == 0


@pytest.mark.store
def test_two_workers_at_once_bring_a_letter_to_mind_once(house, to_post):
    ended = at_once(*[lambda: remind_of_post(morning(-9))] * 4)
    assert sorted(ended) == [0, 0, 0, 1], ended
    assert len(mails()) == 2


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_mail_about_letters_is_written_in_the_language_of_the_office(db, code):
    context = {"count": 17, "oldest": DUE, "late": True, "link": "https://d"}
    mail = send("olga@example.com", "timing/to_post", context, language=code, at=RECEIVED)
    assert "17" in mail.subject
    with translation.override(code):
        assert formats.date_format(DUE, LANGUAGES[code].long_date) in mail.text
    assert "https://d" in mail.text
    assert "{" not in mail.text


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_mail_is_written_in_the_language_of_the_office(db, monkeypatch, code):
    ours = replace(office(), language=code)
    monkeypatch.setattr("kept.rights.timing.reminding.office", lambda: ours)
    case = Case(reference="HC-2026-AAAAA", right="access", state="review", due_on=DUE, received_at=RECEIVED)
    context = {"late": True, "lines": [Line(case, -1)], "more": 2, "references": case.reference, "desk": "https://d"}
    mail = send("olga@example.com", "timing/reminder", context, language=code, at=RECEIVED)
    assert mail.language == code
    assert case.reference in mail.subject
    with translation.override(code):
        assert formats.date_format(DUE, LANGUAGES[code].long_date) in mail.text
    assert "https://d" in mail.text
    assert "{" not in mail.text
