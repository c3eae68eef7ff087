"""The built-in mail server: 250 means kept, whatever happens next; everything else is said plainly."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import signal
import smtplib
import socket
import sqlite3
import subprocess
import sys
import threading
import time

import psycopg
import pytest
from django.db import connections
from house import store
from letters import letter

from kept.collection.mail import receiver as module
from kept.collection.mail.actions import LARGEST
from kept.collection.mail.models import InboundMail
from kept.collection.mail.reading import raw_of
from kept.collection.mail.receiver import BadListen, Listen, Receiver, listen_at

__all__ = ["store"]

PRIVACY, LEGAL = "privacy@hansoken.example", "legal@hansoken.example"
KILLS = int(os.environ.get("KEPT_TEST_KILLS", "12")) // 3


@pytest.fixture(params=["lmtp", "smtp"])
def receiver(request, store):
    receiver = Receiver(Listen(request.param, "127.0.0.1", 0))
    receiver.start()
    yield receiver
    receiver.stop()
    connections.close_all()


@contextlib.contextmanager
def client(receiver):
    kind = smtplib.LMTP if receiver.listen.door == "lmtp" else smtplib.SMTP
    with kind("127.0.0.1", receiver.port, timeout=150) as session:
        session.ehlo_or_helo_if_needed()
        yield session


@pytest.mark.store
def test_a_mail_that_was_taken_is_there_with_its_envelope(receiver):
    raw = letter().replace(b"\n", b"\r\n")
    with client(receiver) as session:
        session.mail("alice@customers.example")
        session.rcpt(PRIVACY)
        session.rcpt(LEGAL)
        assert session.data(raw)[0] == 250
        if receiver.listen.door == "lmtp":  # RFC 2033: one answer for each recipient
            assert session.getreply()[0] == 250
    mail = InboundMail.objects.get()
    assert raw_of(mail) == raw
    assert sorted(mail.mailboxes) == [LEGAL, PRIVACY]
    assert mail.door == receiver.listen.door
    assert mail.envelope["sender"] == "alice@customers.example"
    assert mail.envelope["peer"] == "127.0.0.1"


@pytest.mark.store
def test_a_bounce_is_known_by_its_empty_sender(receiver):
    with client(receiver) as session:
        session.sendmail("", [PRIVACY], letter())
    assert InboundMail.objects.get().envelope["sender"] == ""


@pytest.mark.store
def test_mail_for_others_is_refused_before_it_is_sent(receiver):
    with client(receiver) as session, pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        session.sendmail("alice@customers.example", ["someone@elsewhere.example"], letter())
    assert refused.value.recipients["someone@elsewhere.example"][0] == 550
    assert not InboundMail.objects.exists()


@pytest.mark.store
def test_what_is_too_large_is_refused_in_plain_words(receiver):
    with client(receiver) as session:
        session.mail("alice@customers.example")
        session.rcpt(PRIVACY)
        code, _ = session.data(b"Subject: x\r\n\r\n" + (b"y" * 70 + b"\r\n") * (LARGEST // 72 + 100))
    assert code == 552
    assert not InboundMail.objects.exists()


@pytest.mark.store
def test_lines_without_end_and_bytes_of_no_alphabet_are_taken_in(receiver):
    raw = b"Subject: x\r\n\r\n" + b"\xff\x00\x80" * 100_000 + b"\r\n.\r.\n..\r\n"
    with client(receiver) as session:
        session.mail("a@customers.example")
        session.rcpt(PRIVACY)
        session.docmd("DATA")
        session.send(raw.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        assert session.getreply()[0] == 250
    assert raw_of(InboundMail.objects.get()) == raw


@pytest.mark.store
def test_a_store_that_does_not_answer_is_told_and_nothing_is_half_there(receiver, monkeypatch):
    def locked(*_, **__):
        raise module.Error("locked")

    monkeypatch.setattr(module, "take_in", locked)
    with client(receiver) as session:
        session.mail("a@customers.example")
        session.rcpt(PRIVACY)
        assert session.data(letter())[0] == 451
    monkeypatch.undo()
    with client(receiver) as session:
        session.sendmail("a@customers.example", [PRIVACY], letter())
    assert InboundMail.objects.count() == 1


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:25", "lmtp://127.0.0.1", "smtp://:25", "smtp://127.0.0.1:99999", "25", "lmtp://h:1/x"]
)
def test_a_setting_that_cannot_be_used_says_so(url):
    with pytest.raises(BadListen, match="KEPT_MAIL_LISTEN"):
        listen_at(url)


def test_a_busy_port_is_told(store):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError):  # noqa: PT011 - the system's own
            Receiver(Listen("smtp", "127.0.0.1", taken.getsockname()[1])).start()


class Post:
    """A receiver in a process of its own, on a store of its own."""

    def __init__(self, folder, url):
        self.url, self.file = url, folder / "kept.sqlite3"
        known = {name: value for name, value in os.environ.items() if not name.startswith("KEPT_")}
        self.known = known | {
            "KEPT_DATA": str(folder), "KEPT_TESTING": "1", "KEPT_DATABASE_URL": url, "KEPT_LOG_LEVEL": "CRITICAL",
            "DJANGO_SETTINGS_MODULE": "kept.site.settings",
        }  # fmt: skip
        subprocess.run(
            [sys.executable, "-m", "kept", "migrate", "--verbosity=0"], env=self.known, check=True, timeout=90
        )

    def start(self):
        script = os.path.join(os.path.dirname(__file__), "postman.py")
        self.process = subprocess.Popen(
            [sys.executable, script], env=self.known, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.port = int(self.process.stdout.readline())

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def rows(self, statement):
        if self.url:
            with psycopg.connect(self.url) as there:
                return there.execute(statement.encode()).fetchall()
        with contextlib.closing(sqlite3.connect(self.file, timeout=150)) as there:
            return there.execute(statement).fetchall()


@pytest.mark.xdist_group("killed")
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_a_mail_that_was_acknowledged_is_never_lost_and_none_is_half_there(request, tmp_path, kind):
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    post = Post(folder, request.getfixturevalue("postgresql_url") if kind == "postgresql" else "")
    acknowledged, stop, chance = [], threading.Event(), random.Random()

    def send(number):
        count = 0
        while not stop.is_set():
            count += 1
            raw = f"Subject: {number}/{count}\r\n\r\n".encode() + random.randbytes(200_000).hex().encode() + b"\r\n"
            with (
                contextlib.suppress(OSError, smtplib.SMTPException),
                smtplib.LMTP("127.0.0.1", post.port, timeout=10) as to,
            ):
                to.sendmail(f"{number}@customers.example", [PRIVACY], raw)
                acknowledged.append(hashlib.sha256(raw).hexdigest())
            time.sleep(0.02)

    post.start()
    senders = [threading.Thread(target=send, args=[number]) for number in range(3)]
    for sender in senders:
        sender.start()
    for _ in range(max(3, KILLS)):
        time.sleep(chance.uniform(0.2, 0.6))
        post.kill()
        post.start()
    time.sleep(0.5)
    stop.set()
    for sender in senders:
        sender.join()
    post.kill()

    kept = {sha for (sha,) in post.rows("SELECT sha256 FROM collection_inboundmail")}
    assert acknowledged, "no mail was ever taken"
    assert set(acknowledged) <= kept, "a mail that was acknowledged is lost"
    sizes = post.rows(
        "SELECT m.size, (SELECT SUM(LENGTH(raw) - 29) FROM collection_mailpiece p WHERE p.mail_id = m.id),"
        " (SELECT COUNT(*) FROM work_step s WHERE s.about = m.id) FROM collection_inboundmail m"
    )
    assert all(size == there and steps == 1 for size, there, steps in sizes), "a mail is there in part"


def test_too_many_connections_at_once_are_asked_to_come_again(receiver, monkeypatch):
    monkeypatch.setattr(module, "MOST_SESSIONS", 2)
    talking = [socket.create_connection(("127.0.0.1", receiver.port), timeout=10) for _ in range(2)]
    for one in talking:
        assert one.recv(100).startswith(b"220")
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=10) as third:
        assert third.recv(100).startswith(b"421")
    for one in talking:
        one.close()
    end = time.monotonic() + 10
    while receiver._open and time.monotonic() < end:
        time.sleep(0.02)
    with client(receiver) as session:
        assert session.noop()[0] == 250


def test_no_address_gets_into_the_log(receiver, caplog, monkeypatch):
    def broken(*_):
        raise ValueError("alice@customers.example")

    with caplog.at_level("INFO"):
        with client(receiver) as session:
            session.sendmail("alice@customers.example", [PRIVACY], letter())
        monkeypatch.setattr(module.Handler, "keep", broken)
        with client(receiver) as session:
            session.mail("alice@customers.example")
            session.rcpt(PRIVACY)
            assert session.data(letter())[0] == 451
    assert "customers.example" not in caplog.text
    assert "A mail session failed" in caplog.text
