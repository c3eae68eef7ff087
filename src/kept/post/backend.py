"""Django's way of sending mail, led into the outbox: so the mails of the sign-in pages stand there too."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone

from kept.post.outbox import PostError, write


class HasAttachments(PostError):
    """The outbox keeps words only; this mail had a file with it. Nothing was written; the code is wrong."""


class OutboxBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write each mail once for each of its recipients, all or none. Returns how many mails."""
        at = timezone.now()
        with transaction.atomic():
            for mail in email_messages:
                if mail.attachments:
                    raise HasAttachments
                for recipient in mail.recipients():
                    write(recipient, str(mail.subject), str(mail.body), _html_of(mail), about=None, at=at)
        return len(email_messages)


def _html_of(mail: EmailMessage) -> str:
    if isinstance(mail, EmailMultiAlternatives):
        for content, kind in mail.alternatives:
            if kind == "text/html":
                return str(content)
    return ""
