"""Reading mail after it was taken in, and forgetting it."""

from __future__ import annotations

import imaplib
import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kept.collection.mail.actions import forget_mails, mail_failed, mail_read
from kept.collection.mail.imap import BadMailbox, Fetched, fetch_new, mailbox_at
from kept.collection.mail.models import InboundMail
from kept.collection.mail.parsing.charsets import decoded
from kept.collection.mail.reading import raw_of, read
from kept.terms import Actor
from kept.vault.errors import VaultError
from kept.work.models import Step
from kept.work.registry import task
from kept.work.steps import drop, finish, retry_later

log = logging.getLogger(__name__)

KEPT = Actor.kept()
MOST_TRIES = 3
SHOWN = 100_000  # bytes of a mail that could not be read


@task("collection.read_mail", quick=False)
def read_mails(steps: list[Step]) -> None:
    """Read one mail. What fails again and again is left to a person, as it came."""
    for step in steps:
        mail = InboundMail.objects.filter(pk=step.about).first() if step.about else None
        if mail is None or mail.state != InboundMail.State.WAITING:
            with transaction.atomic():
                drop(step, "The mail was read already, or is gone.", at=timezone.now())
            continue
        try:
            raw = raw_of(mail)
        except VaultError as problem:
            _give_up(step, mail, f"It cannot be opened: {type(problem).__name__}.", "")
            continue
        if step.attempt > MOST_TRIES:
            _give_up(step, mail, f"Reading it failed: {step.problem or 'the worker ended'}"[:300], _shown(raw))
            continue
        found = read(mail, raw)
        at = timezone.now()
        with transaction.atomic():
            mail_read(mail, found, by=KEPT, at=at)
            finish(step, {"wishes": len(found.proposals.wishes)}, at=at)


def _give_up(step: Step, mail: InboundMail, problem: str, text: str) -> None:
    at = timezone.now()
    with transaction.atomic():
        mail_failed(mail, problem, text, by=KEPT, at=at)
        finish(step, {"failed": True}, at=at)


def _shown(raw: bytes) -> str:
    return decoded(raw[:SHOWN], "utf-8")[0]


@task("collection.forget_mails", every=timedelta(hours=6))
def forget(steps: list[Step]) -> None:
    """Words 90 days after a mail was settled, the rest after three years."""
    at = timezone.now()
    with transaction.atomic():
        words, rows = forget_mails(by=KEPT, at=at)
        for step in steps:
            finish(step, {"words": words, "rows": rows}, at=at)


@task("collection.fetch_mail", every=timedelta(minutes=1))
def fetch(steps: list[Step]) -> None:
    """Fetch from the mailbox that KEPT_IMAP_URL names, once a minute."""
    problem, outcome = "", Fetched(0, 0, 0)
    if settings.IMAP_URL:
        try:
            outcome = fetch_new(mailbox_at(settings.IMAP_URL), by=KEPT, now=timezone.now())
        except BadMailbox as refused:
            problem = str(refused)
        except (OSError, imaplib.IMAP4.error) as failed:  # its own words could repeat a name
            problem = f"The mailbox of KEPT_IMAP_URL gave no mail ({type(failed).__name__})."
    if problem or outcome.too_large:
        log.error(problem or "A mail in the mailbox is larger than 25 MiB: it is flagged and left there.")
    at = timezone.now()
    for step in steps:
        if problem:
            retry_later(step, problem, at=at)
            continue
        with transaction.atomic():
            finish(step, {"new": outcome.new, "known": outcome.known, "too_large": outcome.too_large}, at=at)
