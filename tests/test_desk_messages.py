"""The conversation on a request: both ways, sealed, read by its two sides alone, and gone when the request ends."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from house import KEPT, PERSON, house, own_dump, store, zip_of
from letters import letter
from together import at_once

from kept.collection.mail.actions import mail_read, take_in
from kept.collection.mail.reading import read
from kept.post.models import Message
from kept.post.smtp import as_mail
from kept.rights.actions import close_due_cases, pause, withdraw_case
from kept.rights.codes import token_of
from kept.rights.errors import MayNot, OwnCase, TooLong
from kept.rights.mailed import link
from kept.rights.messages import actions
from kept.rights.messages.access import conversation, newest, unread_in
from kept.rights.messages.errors import CannotWrite, NoFiles, Unread
from kept.rights.messages.models import CaseFile, CaseMessage
from kept.rights.messages.rules import LONGEST, MOST_A_DAY
from kept.rights.messages.texts import TITLES, text_for
from kept.rights.models import Case
from kept.rights.wording import wording
from kept.security.models import Entry
from kept.security.uploads import folder, keep
from kept.work.run import work_off
from kept.work.steps import queue

__all__ = ["house", "store"]

pytestmark = [pytest.mark.store, pytest.mark.pages]

ALICE = "alice@example.com"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def signed_in(house, name):
    client = Client()
    client.force_login(house.people[name])
    return client


def link_of(case, more="messages/"):
    return reverse("request", args=[token_of(case.pk, case.token_hash)]) + more


@pytest.fixture
def case(house):
    """A request of Alice, who has an account, at review without the search behind it."""
    case = house.proven("access", ALICE)
    Case.objects.filter(pk=case.pk).update(state="review")
    return house.now(case)


def write(house, case, text="Which years?", **more):
    return actions.write(case, text, by=house.officer, at=timezone.now(), **more)


def number_on(page):
    return re.search(r'name="number" value="([0-9a-f-]+)"', page.content.decode()).group(1)


def opened(house, case):
    """A browser without an account that has typed the mailed code."""
    browser = Client()
    browser.post(link_of(case, "messages/code/"))
    browser.post(link_of(case), {"code": house.code(case)})
    return browser


# To the person


def test_an_officers_reply_goes_by_mail_in_the_persons_language_and_stands_on_their_page(house, case):
    Case.objects.filter(pk=case.pk).update(language="de")
    client = signed_in(house, "olga")
    page = client.get(f"/desk/{case.pk}/messages/?pick=which_data")
    text = "Sie können uns helfen, schneller zu sein"
    assert text in page.content.decode()
    sent = {"number": number_on(page), "text": f"{text}: 2024?", "language": "de", "seen": newest(case)}
    told = client.post(f"/desk/{case.pk}/messages/", sent, follow=True)
    assert "Sent. The person has it by mail" in told.content.decode()
    mail = Message.objects.filter(about=case.pk).latest("written_at")
    assert mail.language == "de"
    assert f"{text}: 2024?" in mail.text
    assert "Eine Nachricht zu Ihrer Anfrage" in mail.subject
    assert f"{text}: 2024?" in signed_in(house, "alice").get(f"/requests/{case.pk}/messages/").content.decode()
    client.post(f"/desk/{case.pk}/messages/", sent)
    assert CaseMessage.objects.count() == 1, "sent twice, it is one message"


def test_two_officers_do_not_answer_past_each_other(house, case):
    seen = newest(case)
    actions.write_back(case, "One thing more", by=PERSON, at=timezone.now())
    with pytest.raises(Unread):
        write(house, case, seen=seen)
    client = signed_in(house, "olga")
    told = client.post(
        f"/desk/{case.pk}/messages/", {"number": uuid4(), "text": "Too quick", "language": "en", "seen": seen}
    ).content.decode()
    assert "Something came since you opened this page" in told
    assert "One thing more" in told
    assert "Too quick" in told, "what was typed is not lost"
    again = re.search(r'name="seen" value="([^"]*)"', told).group(1)
    sent = {"number": uuid4(), "text": "Too quick", "language": "en", "seen": again}
    assert client.post(f"/desk/{case.pk}/messages/", sent).status_code == 302


def test_a_message_sent_twice_at_once_is_one(house, case):
    number = uuid4()
    results = at_once(*[lambda: write(house, case, message_id=number).pk] * 2)
    assert results == [number, number]
    assert Message.objects.filter(about=case.pk, subject__isnull=False).count() == 3  # code, received, message


def test_who_may_write_and_what(house, case):
    at = timezone.now()
    with pytest.raises(MayNot):
        actions.write(case, "x", by=house.people["sam"].actor, at=at)
    for text in ("", "  \n ", "x" * (LONGEST + 1)):
        with pytest.raises(TooLong):
            write(house, case, text)
        with pytest.raises(TooLong):
            actions.write_back(case, text, by=PERSON, at=at)
    other = house.proven("erasure", ALICE)
    theirs = write(house, other)
    with pytest.raises(CannotWrite):
        write(house, case, message_id=theirs.pk)
    alice = house.people["alice"]
    alice.role = "privacy_officer"
    alice.save()
    with pytest.raises(OwnCase):
        actions.write(case, "x", by=alice.actor, at=at)
    assert signed_in(house, "alice").get(f"/desk/{case.pk}/messages/").status_code == 302
    withdraw_case(case, by=PERSON, at=at)
    with pytest.raises(CannotWrite):
        write(house, case)
    with pytest.raises(CannotWrite):
        actions.write_back(case, "x", by=PERSON, at=at)


def test_no_word_of_an_officer_can_look_like_a_code_or_a_link_of_ours_in_the_mail(house, case):
    mail = Message.objects.get(pk=write(house, case, "    999 999\nhttps://evil.example/\n\n> quoted").mail)
    assert 'class="code"' not in mail.html
    assert "evil.example/</a>" not in mail.html
    parts = as_mail(mail, "p@example.com").iter_parts()
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]


@pytest.mark.parametrize("name", TITLES)
def test_each_text_to_pick_is_there_in_every_language_with_the_same_facts(house, case, name):
    from kept.post.languages import LANGUAGES

    facts = {code: sorted(re.findall(r"\{\w+\}", wording(code)["reply"][name])) for code in LANGUAGES}
    assert set(map(tuple, facts.values())) == {tuple(facts["en"])}
    assert set(wording("en")["reply"]) == set(TITLES)
    for code in LANGUAGES:
        text = text_for(name, case, code)
        assert text
        assert "{" not in text
        assert len(text) < LONGEST


# From the person


def test_the_link_alone_shows_no_word_and_the_mailed_code_opens_them_for_that_browser_only(house, case):
    write(house, case, "Something about you")
    stranger = Client()
    for page in (stranger.get(link_of(case, "")), stranger.get(link_of(case))):
        assert "Something about you" not in page.content.decode()
    assert "1 message" in stranger.get(link_of(case, "")).content.decode()
    refused = stranger.post(link_of(case), {"number": uuid4(), "text": "let me in"})
    assert "Something about you" not in refused.content.decode()
    assert not CaseMessage.objects.filter(way="in").exists()
    browser = opened(house, case)
    assert "Something about you" in browser.get(link_of(case)).content.decode()
    assert "Something about you" not in stranger.get(link_of(case)).content.decode()
    assert "Something about you" not in Client().get(f"/requests/{case.pk}/messages/").content.decode()
    assert signed_in(house, "bob").get(f"/requests/{case.pk}/messages/").status_code == 404


def test_a_code_opens_once_and_is_not_guessed(house, case):
    browser = Client()
    browser.post(link_of(case, "messages/code/"))
    code = house.code(case)
    wrong = f"{(int(code.replace(' ', '')) + 1) % 10**6:06d}"
    for left in ("4 tries left", "3 tries left", "2 tries left", "1 try left", "too often"):
        assert left in browser.post(link_of(case), {"code": wrong}).content.decode()
    assert not actions.check_code(case, code, by=PERSON, at=timezone.now()), "five wrong ones: it takes a new code"
    later = timezone.now() + timedelta(minutes=2)
    assert actions.send_code(case, by=PERSON, at=later)
    code = house.code(case)
    assert actions.check_code(case, code, by=PERSON, at=later)
    assert not actions.check_code(case, code, by=PERSON, at=later), "it opens once"
    sent = [actions.send_code(case, by=PERSON, at=later + timedelta(minutes=2 * n)) for n in range(1, 8)]
    assert sent == [True] * 3 + [False] * 4, "five on one day"
    assert actions.send_code(case, by=PERSON, at=later + timedelta(days=2))


def test_what_the_person_writes_waits_on_the_desk_until_an_officer_has_read_it(house, case):
    alice, olga = signed_in(house, "alice"), signed_in(house, "olga")
    page = alice.get(f"/requests/{case.pk}/messages/")
    sent = {"number": number_on(page), "text": "I mean the years 2024 and 2025."}
    told = alice.post(f"/requests/{case.pk}/messages/", sent, follow=True)
    assert "We have your message." in told.content.decode()
    alice.post(f"/requests/{case.pk}/messages/", sent)
    assert CaseMessage.objects.count() == 1
    assert "1 new message" in olga.get("/desk/").content.decode()
    assert "1 new message" in olga.get("/desk/?show=open&news=yes").content.decode()
    assert "I mean the years" in olga.get(f"/desk/{case.pk}/messages/").content.decode()
    assert "new message" not in olga.get("/desk/").content.decode()
    assert unread_in([case.pk]) == {}
    kinds = list(Entry.objects.filter(about=f"rights.case:{case.pk}").order_by("id").values_list("kind", flat=True))
    assert kinds.count("rights.messages_read") == 1
    assert "Message from the person" in olga.get(f"/desk/{case.pk}/").content.decode()


def test_a_case_that_waits_for_no_officer_comes_to_the_desk_when_its_person_writes(house, case):
    Case.objects.filter(pk=case.pk).update(state="searching")
    olga = signed_in(house, "olga")
    assert str(case.pk) not in olga.get("/desk/").content.decode()
    actions.write_back(case, "A question", by=PERSON, at=timezone.now())
    assert str(case.pk) in olga.get("/desk/").content.decode()


def test_nobody_floods_the_desk(house, case):
    at = timezone.now()
    for number in range(MOST_A_DAY):
        actions.write_back(case, f"Message {number}", by=PERSON, at=at)
    with pytest.raises(CannotWrite):
        actions.write_back(case, "One more", by=PERSON, at=at)
    actions.write_back(case, "Tomorrow", by=PERSON, at=at + timedelta(days=1, seconds=1))
    told = signed_in(house, "alice").post(f"/requests/{case.pk}/messages/", {"number": uuid4(), "text": "And this"})
    assert "And this" in told.content.decode(), "what was typed is not lost"


@pytest.mark.parametrize("number", ["", "x", "\0", "1", "00000000-0000-0000-0000-00000000000g"])
def test_a_made_up_number_or_no_text_is_said_and_nothing_is_written(house, case, number):
    alice = signed_in(house, "alice")
    for sent in ({"number": number, "text": "words"}, {"number": str(uuid4()), "text": "\0"}, {}):
        page = alice.post(f"/requests/{case.pk}/messages/", sent)
        assert page.status_code == 200
        assert "There is a problem" in page.content.decode()
    assert not CaseMessage.objects.exists()


def test_what_somebody_writes_is_shown_as_text_and_in_its_direction(house, case):
    actions.write_back(case, "<script>alert(1)</script> مرحبا", by=PERSON, at=timezone.now())
    page = signed_in(house, "olga").get(f"/desk/{case.pk}/messages/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    Case.objects.filter(pk=case.pk).update(language="ar")
    write(house, house.now(case), "مرحبا")
    page = signed_in(house, "alice").get(f"/requests/{case.pk}/messages/").content.decode()
    assert '<div lang="ar" dir="rtl"><p>مرحبا' in page


# Files


def test_files_are_taken_only_where_an_officer_asked_and_only_what_they_are(house, case):
    alice = signed_in(house, "alice")
    place = f"/requests/{case.pk}/messages/"
    assert 'type="file"' not in alice.get(place).content.decode()
    at = timezone.now()
    kept = keep(io.BytesIO(PDF), "mine.pdf", kinds=("pdf",), most=1_000, key=case.key)
    with pytest.raises(NoFiles):
        actions.write_back(case, "x", [kept], by=PERSON, at=at)
    (folder() / kept.place).unlink()
    write(house, case, files=True)
    assert "You can send us a file on that page." in Message.objects.filter(about=case.pk).latest("written_at").text
    assert 'type="file"' in alice.get(place).content.decode()
    evil = [
        SimpleUploadedFile("a.pdf", b"MZ\x90\x00 not a pdf"),
        SimpleUploadedFile("a.html", b"<script>"),
        SimpleUploadedFile("a.exe", PDF),
        SimpleUploadedFile("a.pdf", b""),
    ]
    for file in evil:
        page = alice.post(place, {"number": uuid4(), "text": "Here", "files": [file]})
        assert page.status_code == 200, file.name
        assert "There is a problem" in page.content.decode()
    assert not CaseFile.objects.exists()
    assert list(folder().iterdir()) == [], "what was refused leaves nothing"
    good = SimpleUploadedFile("../../Consent \u202efdp.pdf", PDF)
    bad = SimpleUploadedFile("b.pdf", b"nothing")
    alice.post(place, {"number": uuid4(), "text": "Here", "files": [good, bad]})
    assert list(folder().iterdir()) == [], "all or none"
    good.seek(0)
    sent = {"number": uuid4(), "text": "Here it is", "files": [good]}
    assert alice.post(place, sent).status_code == 302
    file = CaseFile.objects.get()
    assert (file.kind, file.size, file.name) == ("pdf", len(PDF), "Consent fdp.pdf")
    good.seek(0)
    alice.post(place, sent)
    assert len(list(folder().iterdir())) == 1, "sent twice, it is kept once"


def test_an_officer_opens_a_file_as_a_download_and_that_is_logged(house, case):
    write(house, case, files=True)
    file = SimpleUploadedFile("passport.pdf", PDF)
    signed_in(house, "alice").post(
        f"/requests/{case.pk}/messages/", {"number": uuid4(), "text": "Here", "files": [file]}
    )
    kept = CaseFile.objects.get()
    olga = signed_in(house, "olga")
    answer = olga.get(f"/desk/{case.pk}/messages/{kept.pk}/")
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == "attachment; filename*=UTF-8''passport.pdf"
    assert Entry.objects.filter(kind="rights.case_file_opened").count() == 1
    other = house.proven("erasure", ALICE)
    assert olga.get(f"/desk/{other.pk}/messages/{kept.pk}/").status_code == 404, "a file of another request"
    assert signed_in(house, "aino").get(f"/desk/{case.pk}/messages/{kept.pk}/").status_code == 404
    assert PDF not in (folder() / kept.place).read_bytes()


# Mails and questions in it


def mail_from(case, sender, text="By mail: only 2024."):
    raw = letter(text, sender=sender, subject=f"Re: {case.reference}")
    mail = take_in(raw, door="hand", by=KEPT, at=timezone.now()).mail
    mail = mail_read(mail, read(mail, raw), by=KEPT, at=timezone.now())
    link(mail, by=KEPT, at=timezone.now())
    return mail


def test_a_mail_about_the_request_stands_in_the_conversation_and_somebody_elses_only_for_the_officer(house, case):
    mail_from(case, ALICE)
    mail_from(case, "mallory@example.com", "I name their number: tell me all.")
    officer = signed_in(house, "olga").get(f"/desk/{case.pk}/messages/").content.decode()
    assert "By mail: only 2024." in officer
    assert "I name their number" in officer
    assert "from another address" in officer
    person = signed_in(house, "alice").get(f"/requests/{case.pk}/messages/").content.decode()
    assert "By mail: only 2024." in person
    assert "I name their number" not in person


def test_what_was_asked_so_that_the_clock_waits_stands_there_too_and_files_may_answer_it(house, case):
    pause(case, "identity", "Which of the two are you?", "Two have this name.", by=house.officer, at=timezone.now())
    page = signed_in(house, "alice").get(f"/requests/{case.pk}/messages/").content.decode()
    assert "Which of the two are you?" in page
    assert "Two have this name." not in page, "why we ask is for whoever checks it"
    assert 'type="file"' in page
    assert str(case.pk) not in signed_in(house, "olga").get("/desk/").content.decode(), "it waits for the person"


def test_everything_said_stands_in_its_order(house, case):
    write(house, case, "first")
    actions.write_back(case, "second", by=PERSON, at=timezone.now() + timedelta(seconds=1))
    mail_from(case, ALICE, "third")
    texts = [one.text.strip() for one in conversation(house.now(case))]
    assert texts.index("first") < texts.index("second")
    assert "third" in texts


# Its end, and the copies


def test_messages_are_sealed_and_go_with_the_request_and_so_do_files(house, case):
    write(house, case, "Tell-tale words to Alice", files=True)
    file = SimpleUploadedFile("tell-tale-name.pdf", PDF)
    sent = {"number": uuid4(), "text": "Tell-tale words from Alice", "files": [file]}
    signed_in(house, "alice").post(f"/requests/{case.pk}/messages/", sent)
    assert "ell-tale" not in own_dump()
    place = folder() / CaseFile.objects.get().place
    Case.objects.filter(pk=case.pk).update(state="answered", answered_at=timezone.now() - timedelta(days=31))
    assert close_due_cases(by=KEPT, at=timezone.now()) == 1
    assert [(one.text, one.key) for one in CaseMessage.objects.all()] == [("", None)] * 2
    assert CaseFile.objects.get().name == ""
    assert place.exists()
    queue("rights.remove_case_files", at=timezone.now())
    work_off(timezone.now(), names=["rights.remove_case_files"])
    assert not place.exists()
    queue("rights.remove_case_files", at=timezone.now())
    work_off(timezone.now(), names=["rights.remove_case_files"])
    assert Entry.objects.filter(kind="rights.case_files_removed").count() == 1
    alice = signed_in(house, "alice").get(f"/requests/{case.pk}/messages/").content.decode()
    assert "This request has ended" in alice


def test_the_persons_copy_holds_the_messages_in_clear(house):
    case = house.reviewed("access", ALICE)
    write(house, case, "Words that the copy must hold")
    house.queue("rights.search")
    from kept.rights import actions as rights_actions

    rights_actions.approve(case, by=house.officer, at=timezone.now())
    house.work()
    package = house.now(case).packages.get()
    assert "Words that the copy must hold" in zip_of(package).read("data.json").decode()
