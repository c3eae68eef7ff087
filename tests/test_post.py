"""Mail: written with what it tells about, delivered by itself, never forged into, forgotten in time."""

from __future__ import annotations

import socket
import uuid
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.core.mail import EmailMultiAlternatives, send_mail
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from mailserver import running

from kept.post.backend import HasAttachments
from kept.post.models import Message
from kept.post.outbox import BadAddress, BadTemplate, one_line, send, write
from kept.post.smtp import BadMailServer, as_mail, mail_server
from kept.work.models import Step
from kept.work.run import work_off
from kept.work.steps import queue

pytestmark = [pytest.mark.django_db, pytest.mark.store]

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def mail_template(tmp_path, settings):
    """Write a mail's template, as a room's `templates/mail/` would hold it."""
    folder = tmp_path / "mail"
    folder.mkdir()
    [engine] = settings.TEMPLATES
    settings.TEMPLATES = [engine | {"DIRS": [tmp_path]}]
    return lambda name, source: (folder / name).write_text(source)


@pytest.fixture
def smtp(settings):
    with running() as server:
        settings.SMTP_URL = f"smtp://127.0.0.1:{server.port}"
        yield server


def deliver_again():
    """What waits for its next try is tried now."""
    Step.objects.filter(state="waiting").update(due_at=NOW)
    work_off(NOW)


def forget():
    queue("post.forget", at=NOW)
    work_off(NOW, names=["post.forget"])


def test_a_mail_is_written_in_the_words_of_its_template(mail_template):
    mail_template("hello.txt", "Subject: Your request {{ reference }}\n\nGood day {{ name }},\n{{ site_url }}\n")
    mail_template("hello.html", "<p>Good day {{ name }}</p>")
    about = uuid.uuid4()
    mail = send("alice@example.com", "hello", {"reference": "K-1", "name": "A & <B>"}, about=about, at=NOW)
    mail.refresh_from_db()
    assert (mail.subject, mail.about, mail.written_at) == ("Your request K-1", about, NOW)
    assert mail.text == "Good day A & <B>,\nhttp://localhost:8000\n"
    assert mail.html == "<p>Good day A &amp; &lt;B&gt;</p>"


def test_a_mail_without_a_page_of_its_own_gets_one_of_its_words(mail_template):
    mail_template("plain.txt", "Subject: Hello\nWords.\n\nWe & Co")
    page = send("alice@example.com", "plain", {}, at=NOW).html
    assert "<p>Words.</p>" in page
    assert "We &amp; Co</p>" in page


def test_an_html_part_that_includes_what_is_not_there_is_a_fault(mail_template):
    mail_template("broken.txt", "Subject: Hello\nWords.")
    mail_template("broken.html", "{% include 'mail/not-there.html' %}")
    with pytest.raises(Exception, match="not-there"):
        send("alice@example.com", "broken", {}, at=NOW)
    assert not Message.objects.exists()


@pytest.mark.parametrize("source", ["Good day\n", "Subject:\nGood day\n", ""])
def test_a_template_without_a_subject_is_refused(mail_template, source):
    mail_template("bad.txt", source)
    with pytest.raises(BadTemplate):
        send("alice@example.com", "bad", {}, at=NOW)


def test_no_value_can_add_a_line_to_the_head_of_a_mail(mail_template):
    mail_template("hello.txt", "Subject: About {{ title }}\nGood day")
    evil = "x\r\nBcc: everybody@example.com\r\n\r\nBuy now"
    mail = send("alice@example.com", "hello", {"title": evil}, at=NOW)
    assert mail.subject == "About x Bcc: everybody@example.com Buy now"
    assert mail.text == "Good day\n"
    sent = as_mail(mail, "privacy@hansoken.example")
    assert sent["Bcc"] is None
    assert sent["Subject"] == mail.subject


@given(st.text())
def test_a_subject_is_always_one_printable_line(words):
    line = one_line(words)
    assert line == line.strip()
    assert line.isprintable()
    assert len(line) <= 200


@pytest.mark.parametrize(
    "address",
    ["", "alice", "alice@example.com\nBcc: x@example.com", "a b@example.com", "alice@example.com,bob@example.com"],
)
def test_what_is_no_address_gets_no_mail_and_is_not_repeated(address):
    with pytest.raises(BadAddress) as refused:
        write(address, "Hello", "Words", about=None, at=NOW)
    assert str(refused.value) == ""
    assert not Message.objects.exists()


def test_a_mail_of_an_action_that_fails_is_not_written():
    with suppress(RuntimeError), transaction.atomic():
        write("alice@example.com", "Hello", "Words", about=None, at=NOW)
        raise RuntimeError
    assert not Message.objects.exists()
    assert not Step.objects.exists()


def test_a_mail_is_delivered_with_both_parts(smtp):
    mail = write("alice@example.com", "Grüße", "Good day", "<p>Good day</p>", about=None, at=NOW)
    work_off(NOW)
    mail.refresh_from_db()
    assert mail.state == "sent"
    assert mail.sent_at is not None
    [got] = smtp.mails
    assert (got["To"], got["Subject"], got["Auto-Submitted"]) == ("alice@example.com", "Grüße", "auto-generated")
    assert got["Message-ID"] == f"<{mail.pk}@hansoken.example>"
    assert got.get_body(["plain"]).get_content().strip() == "Good day"
    assert got.get_body(["html"]).get_content().strip() == "<p>Good day</p>"


def test_many_mails_share_one_session_and_each_is_sent_once(smtp):
    for n in range(25):
        write("alice@example.com", f"Mail {n}", "Words", about=None, at=NOW)
    work_off(NOW)
    work_off(NOW)
    assert [mail["Subject"] for mail in smtp.mails] == [f"Mail {n}" for n in range(25)]
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}


def test_a_mail_server_that_is_away_gets_the_mail_when_it_is_back(settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    settings.SMTP_URL = f"smtp://127.0.0.1:{port}"
    mail = write("alice@example.com", "Hello", "Words", about=None, at=timezone.now())
    work_off(timezone.now())
    mail.refresh_from_db()
    assert mail.state == "waiting"
    assert "ConnectionRefusedError" in Step.objects.get().problem
    with running(port) as back:
        deliver_again()
    assert len(back.mails) == 1


def test_an_address_that_the_mail_server_refuses_for_good_is_a_failed_mail(smtp):
    smtp.answers["RCPT"] = "550 <alice@example.com> does not live here"
    mail = write("alice@example.com", "Hello", "Words", about=None, at=timezone.now())
    work_off(timezone.now())
    mail.refresh_from_db()
    assert mail.state == "failed"
    assert Step.objects.get().outcome["problem"] == "The mail server did not take it (code 550)."


def test_an_address_that_is_refused_for_now_is_tried_again_for_five_days(smtp, time_machine):
    smtp.answers["RCPT"] = "451 later"
    mail = write("alice@example.com", "Hello", "Words", about=None, at=NOW)
    time_machine.move_to(NOW + timedelta(days=4, hours=23))
    work_off(NOW)
    mail.refresh_from_db()
    assert mail.state == "waiting"
    time_machine.move_to(NOW + timedelta(days=5))
    deliver_again()
    mail.refresh_from_db()
    assert mail.state == "failed"


def test_a_session_that_breaks_in_between_loses_no_mail(smtp):
    for n in range(3):
        write("alice@example.com", f"Mail {n}", "Words", about=None, at=timezone.now())
    smtp.answers["RCPT"] = ""
    work_off(timezone.now())
    assert set(Message.objects.values_list("state", flat=True)) == {"waiting"}
    smtp.answers.clear()
    deliver_again()
    assert [mail["Subject"] for mail in smtp.mails] == ["Mail 0", "Mail 1", "Mail 2"]


def test_without_a_mail_server_a_mail_waits_and_its_step_says_why(settings):
    settings.SMTP_URL = ""
    write("alice@example.com", "Hello", "Words", about=None, at=NOW)
    work_off(NOW)
    assert Message.objects.get().state == "waiting"
    assert Step.objects.get().problem == "KEPT_SMTP_URL is not set, so no mail can leave."


def test_a_distant_mail_server_is_not_spoken_to_in_the_clear():
    assert mail_server("smtp://mail.hansoken.example").must_encrypt
    assert not mail_server("smtp://127.0.0.1:25").must_encrypt
    assert mail_server("smtps://a:p%2Fw@mail.hansoken.example").port == 465


@pytest.mark.parametrize(
    "url", ["mail.example.org", "http://mail.example.org", "smtp://", "smtp://a:b/c@host:x", "smtp://h/secret"]
)
def test_a_bad_mail_server_url_is_refused_without_repeating_it(url):
    with pytest.raises(BadMailServer) as refused:
        mail_server(url)
    assert "KEPT_SMTP_URL" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_in_the_demo_no_mail_leaves(settings):
    settings.DEMO = True
    mail = write("alice@example.com", "Hello", "Words", about=None, at=NOW)
    assert mail.state == "kept"
    assert not Step.objects.exists()


def test_django_and_its_sign_in_pages_write_to_the_same_outbox():
    mail = EmailMultiAlternatives("Code", "12345678", None, ["alice@example.com", "bob@example.com"])
    mail.attach_alternative("<b>12345678</b>", "text/html")
    mail.send()
    send_mail("Hello", "Words", None, ["alice@example.com"])
    mails = [(mail.to, mail.subject, mail.html.partition("<main>")[2] or mail.html) for mail in Message.objects.all()]
    assert sorted(mails, key=lambda mail: (mail[1], mail[0])) == [
        ("alice@example.com", "Code", "<b>12345678</b>"),
        ("bob@example.com", "Code", "<b>12345678</b>"),
        ("alice@example.com", "Hello", '<p class="from">Words</p></main></body></html>'),
    ]


def test_a_mail_with_a_file_is_refused_rather_than_sent_without_it():
    mail = EmailMultiAlternatives("Hello", "Words", None, ["alice@example.com"])
    mail.attach("file.txt", "text", "text/plain")
    with pytest.raises(HasAttachments):
        mail.send()


def test_what_a_mail_said_is_erased_after_thirty_days(settings, time_machine):
    old = write("alice@example.com", "Old", "Words", "<p>Words</p>", about=None, at=NOW - timedelta(days=31))
    Message.objects.filter(pk=old.pk).update(state="sent", sent_at=NOW - timedelta(days=30, seconds=1))
    new = write("alice@example.com", "New", "Words", about=None, at=NOW - timedelta(days=31))
    Message.objects.filter(pk=new.pk).update(state="sent", sent_at=NOW - timedelta(days=29))
    waiting = write("alice@example.com", "Waiting", "Words", about=None, at=NOW - timedelta(days=31))
    time_machine.move_to(NOW)
    forget()
    old.refresh_from_db()
    new.refresh_from_db()
    waiting.refresh_from_db()
    assert (old.text, old.html, old.subject) == ("", "", "Old")
    assert (new.text, waiting.text) == ("Words", "Words")


def test_that_there_was_a_mail_is_forgotten_after_a_year(time_machine):
    for subject, days in (("Old", 366), ("New", 364)):
        mail = write("alice@example.com", subject, "Words", about=None, at=NOW - timedelta(days=days))
        Message.objects.filter(pk=mail.pk).update(state="sent", sent_at=NOW - timedelta(days=days))
    write("alice@example.com", "Waiting", "Words", about=None, at=NOW - timedelta(days=400))
    time_machine.move_to(NOW)
    forget()
    assert {mail.subject for mail in Message.objects.all()} == {"New", "Waiting"}


def test_the_outbox_page_shows_every_mail_newest_first(client, settings):
    settings.DEMO = True
    for n in range(60):
        write("alice@example.com", f"Mail {n}", "Words", about=None, at=NOW + timedelta(minutes=n))
    first = client.get("/outbox/").content.decode()
    assert first.index("Mail 59<") < first.index("Mail 10<")
    assert "Mail 9<" not in first
    assert "Mail 9<" in client.get("/outbox/?page=2").content.decode()


def test_the_outbox_page_shows_one_mail_with_its_links(client, settings):
    settings.DEMO = True
    mail = write(
        "alice@example.com", "Hello", "Go to http://localhost:8000/x <script>", "<p>Go</p>", about=None, at=NOW
    )
    page = client.get(f"/outbox/{mail.pk}/").content.decode()
    assert 'href="http://localhost:8000/x"' in page
    assert "&lt;script&gt;" in page
    html = client.get(f"/outbox/{mail.pk}/html/")
    assert html.content == b"<p>Go</p>"
    assert "sandbox" in html["Content-Security-Policy"]


def test_outside_the_demo_there_is_no_outbox_page(client):
    mail = write("alice@example.com", "Hello", "Words", "<p>Words</p>", about=None, at=NOW)
    for page in ("/outbox/", f"/outbox/{mail.pk}/", f"/outbox/{mail.pk}/html/"):
        assert client.get(page).status_code == 404
