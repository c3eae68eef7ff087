"""Whether a mail may be answered by itself: never what is automatic, and one address only so often."""

from __future__ import annotations

from datetime import datetime, timedelta

from kept.collection.mail.models import InboundMail
from kept.post.models import Message

MOST_ANSWERS = 3  # to one address in a day, about mails
DAY = timedelta(days=1)


def may_answer(mail: InboundMail, address: str, at: datetime) -> bool:
    """RFC 3834, 2: two programs that answer each other stop here."""
    if mail.automatic or not address:
        return False
    about = InboundMail.objects.values("pk")
    return Message.objects.filter(to=address, about__in=about, written_at__gt=at - DAY).count() < MOST_ANSWERS
