"""Delivering mail, and forgetting it."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from kept.post.models import Message
from kept.post.smtp import BadMailServer, as_mail, connect, mail_server
from kept.work.models import Step
from kept.work.registry import task
from kept.work.steps import finish, retry_later

GIVE_UP = timedelta(days=5)  # RFC 5321, 4.5.4.1
KEEP_WORDS = timedelta(days=30)
KEEP_ROWS = timedelta(days=365)


@task("post.deliver", batch=20, quick=True)
def deliver(steps: list[Step]) -> None:
    """Hand mails to the mail server. One that is cut off in between may arrive twice, never not at all."""
    try:
        if not settings.SMTP_URL:
            raise BadMailServer("KEPT_SMTP_URL is not set, so no mail can leave.")
        session = connect(mail_server(settings.SMTP_URL))
    except BadMailServer as problem:
        _all_later(steps, str(problem))
        return
    except OSError as problem:
        _all_later(steps, f"The mail server did not let us in ({_reason(problem)}).")
        return
    try:
        for step in steps:
            _deliver_one(step, session)
    finally:
        session.close()


def _deliver_one(step: Step, session: smtplib.SMTP) -> None:
    message = Message.objects.get(pk=UUID(step.args["message"]))
    problem, lasting = "", False
    if message.state == Message.State.WAITING and not message.to:
        problem, lasting = "Its recipient was erased before it left.", True
    elif message.state == Message.State.WAITING:
        try:
            session.send_message(as_mail(message, settings.DEFAULT_FROM_EMAIL))
        except OSError as refusal:
            problem, lasting = f"The mail server did not take it ({_reason(refusal)}).", _is_lasting(refusal)
    now = timezone.now()
    if problem and not lasting and now - message.written_at < GIVE_UP:
        retry_later(step, problem, at=now)
        return
    with transaction.atomic():
        ended = Message.State.FAILED if problem else Message.State.SENT
        waiting = Message.objects.filter(pk=message.pk, state=Message.State.WAITING)
        waiting.update(state=ended, sent_at=None if problem else now)
        finish(step, {"state": ended.value, "problem": problem}, at=now)


def _all_later(steps: list[Step], problem: str) -> None:
    for step in steps:
        retry_later(step, problem, at=timezone.now())


def _codes(refusal: OSError) -> list[int]:
    if isinstance(refusal, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in refusal.recipients.values()]
    return [refusal.smtp_code] if isinstance(refusal, smtplib.SMTPResponseException) else []


def _is_lasting(refusal: OSError) -> bool:
    """5xx: the server will never take this mail. All else may pass."""
    codes = _codes(refusal)
    return isinstance(refusal, smtplib.SMTPNotSupportedError) or (bool(codes) and min(codes) >= 500)


def _reason(problem: OSError) -> str:
    """Without the server's words, which repeat addresses."""
    codes = _codes(problem)
    return f"code {min(codes)}" if codes else type(problem).__name__


@task("post.forget", every=timedelta(hours=6))
def forget(steps: list[Step]) -> None:
    """Erase what mails said 30 days after they were dealt with, and that there was a mail at all after a year."""
    now = timezone.now()
    ended = Message.objects.annotate(ended_at=Coalesce("sent_at", "written_at")).filter(~Q(state=Message.State.WAITING))
    wordy = ended.filter(~Q(text="", html=""), ended_at__lt=now - KEEP_WORDS)
    with transaction.atomic():
        emptied = Message.objects.filter(pk__in=wordy.values("pk")).update(text="", html="")
        removed, _ = Message.objects.filter(pk__in=ended.filter(ended_at__lt=now - KEEP_ROWS).values("pk")).delete()
        for step in steps:
            finish(step, {"emptied": emptied, "removed": removed}, at=now)
