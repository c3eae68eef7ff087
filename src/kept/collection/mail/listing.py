"""The inbox as a table for machines: hashes, verdicts and numbers; whose mail it is stands on the desk only."""

from __future__ import annotations

from collections import Counter
from typing import Any

from kept.collection.mail.models import InboundMail
from kept.post.models import Message
from kept.vault.fields import open_all


def rows(limit: int) -> list[dict[str, Any]]:
    """The newest mails first. Keys: sha256, received_at, door, mailboxes, size, state, verdicts, automatic, faults,
    items, replies, attachments, case, problem."""
    mails = list(InboundMail.objects.prefetch_related("items").defer("text", "quoted", "subject")[:limit])
    open_all(mails)
    cases = {one.pk: [item.case for item in one.items.all() if item.case] for one in mails}
    about = [*cases, *(case for opened in cases.values() for case in opened)]
    replies = Counter(Message.objects.filter(about__in=about).values_list("about", flat=True))
    return [
        {
            "id": str(one.pk),
            "sha256": one.sha256,
            "received_at": one.received_at.isoformat(),
            "door": one.door,
            "mailboxes": one.mailboxes,
            "size": one.size,
            "state": one.state,
            "verdicts": one.verdicts,
            "automatic": one.automatic,
            "faults": one.faults,
            "items": [
                {"wish": item.wish, "state": item.state, "case": item.case_reference, "rule": item.rule}
                for item in one.items.all()
            ],
            "replies": replies[one.pk] + sum(replies[case] for case in cases[one.pk]),
            "attachments": one.details.get("attachments", []) if one.details else [],
            "case": one.case_reference,
            "problem": one.problem,
        }
        for one in mails
    ]
