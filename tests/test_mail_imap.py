"""Mail that is fetched from a mailbox: marked as read only when it is kept, and never twice."""

from __future__ import annotations

from datetime import UTC, datetime

import imapserver
import pytest
from django.utils import timezone
from house import store
from letters import letter

from kept.collection.mail import imap
from kept.collection.mail.actions import LARGEST
from kept.collection.mail.imap import BadMailbox, mailbox_at
from kept.collection.mail.models import InboundMail
from kept.collection.mail.reading import raw_of
from kept.rights.models import Case
from kept.work.models import Step
from kept.work.run import work_off
from kept.work.steps import queue

__all__ = ["store"]

pytestmark = [pytest.mark.store, pytest.mark.pages]


@pytest.fixture
def server(store, settings):
    with imapserver.running() as running:
        settings.DEMO, settings.IMAP_URL = True, running.url
        yield running


def turn() -> Step:
    """One turn of the recurring work, and what it says."""
    step = queue("collection.fetch_mail", at=timezone.now())
    work_off(timezone.now(), names=["collection.fetch_mail"])
    return Step.objects.get(pk=step.pk)


def test_unread_mail_is_taken_in_and_marked(server):
    raw = letter()
    uid = server.add(raw)
    assert turn().outcome == {"new": 1, "known": 0, "too_large": 0}
    mail = InboundMail.objects.get()
    assert raw_of(mail) == raw
    assert (mail.door, mail.mailboxes) == ("imap", ["privacy@hansoken.example"])
    assert server.flags[uid] == {r"\Seen"}
    assert turn().outcome["new"] == 0
    while work_off(timezone.now(), names=["collection.read_mail", "rights.open_case"]):
        continue
    assert Case.objects.get().received_at == mail.received_at


def test_the_clock_began_when_our_mail_server_took_it_but_never_later_than_now(server, monkeypatch):
    server.add(letter())
    when = datetime(2026, 11, 20, 10, tzinfo=UTC)
    turn()
    assert InboundMail.objects.get().received_at == min(when, InboundMail.objects.get().received_at)
    assert InboundMail.objects.get().received_at <= timezone.now()


def test_what_could_not_be_kept_is_not_marked(server, monkeypatch):
    uid = server.add(letter())

    def full(*_, **__):
        raise OSError("no space")

    monkeypatch.setattr(imap, "take_in", full)
    step = turn()
    assert (step.state, server.flags[uid]) == ("waiting", set())
    assert "OSError" in step.problem
    monkeypatch.undo()
    assert turn().outcome["new"] == 1


def test_a_line_that_breaks_before_the_mark_makes_no_second_mail(server):
    uid = server.add(letter())
    server.hang_up_at = "UID STORE"
    assert turn().state == "waiting"
    assert InboundMail.objects.count() == 1
    server.hang_up_at = ""
    assert turn().outcome == {"new": 0, "known": 1, "too_large": 0}
    assert InboundMail.objects.count() == 1
    assert server.flags[uid] == {r"\Seen"}


def test_what_is_too_large_is_flagged_and_left_there(server):
    uid = server.add(letter())
    server.sizes[uid] = LARGEST + 1
    assert turn().outcome["too_large"] == 1
    assert server.flags[uid] == {r"\Flagged"}
    assert not InboundMail.objects.exists()
    assert turn().outcome["too_large"] == 0


@pytest.mark.parametrize("command", ["LOGIN", "SELECT", "UID SEARCH", "UID FETCH"])
def test_a_server_that_hangs_up_is_tried_again_later(server, command):
    uid = server.add(letter())
    server.hang_up_at = command
    step = turn()
    assert step.state == "waiting"
    assert step.due_at > timezone.now()
    assert server.flags[uid] == set()


def test_a_refused_name_is_told_without_the_servers_words(server):
    server.refuse_login = True
    step = turn()
    assert "KEPT_IMAP_URL" in step.problem
    assert "alice" not in step.problem


def test_without_a_mailbox_nothing_is_asked(store, settings):
    settings.IMAP_URL = ""
    assert turn().outcome == {"new": 0, "known": 0, "too_large": 0}


@pytest.mark.parametrize(
    "url",
    ["https://a:b@host", "imaps://host", "imaps://a@host", "imaps://a:b@", "imaps://a:b@h:99999", "imap://a:b@h/x%22y"],
)
def test_a_setting_that_cannot_be_used_says_so_and_repeats_no_secret(url):
    with pytest.raises(BadMailbox, match="KEPT_IMAP_URL") as bad:
        mailbox_at(url)
    assert ":b" not in str(bad.value)
    assert "b@" not in str(bad.value)
