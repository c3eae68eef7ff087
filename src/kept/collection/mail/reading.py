"""From bytes to what is kept of a mail. Reads the mail, and asks nobody but the DNS."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings

from kept.collection.mail.authentication import Verdicts, check, resolver_at
from kept.collection.mail.automatic import is_report, why_automatic
from kept.collection.mail.bounces import returned_in
from kept.collection.mail.models import InboundMail, MailPiece
from kept.collection.mail.parsing import Mail, read_mail
from kept.collection.mail.quoted import tell_apart
from kept.collection.mail.references import our_ids, references_in
from kept.collection.mail.wishes import Proposals, propose
from kept.vault.fields import open_all

ANSWER = re.compile(r"\s*(?:re|aw|sv|antw|fw|fwd|wg|tr|rv|回复|答复|转发)\s*[:：]", re.IGNORECASE)
SHORTEST_OWN = 30  # signs of a sentence of ours that nobody else writes by chance


@dataclass(frozen=True)
class Read:
    message_id: str
    answers: tuple[str, ...]  # ids of mails that it answers
    our_ids: tuple[UUID, ...]  # those of them that are ours
    references: tuple[str, ...]  # numbers of requests that it names
    sender: str
    sender_name: str = field(repr=False)
    subject: str = field(repr=False)
    new: str = field(repr=False)
    quoted: str = field(repr=False)
    automatic: str
    returned: tuple[UUID, ...]  # mails of ours that it says did not arrive
    proposals: Proposals
    faults: tuple[str, ...]
    verdicts: Verdicts = field(default_factory=Verdicts)
    details: Mapping[str, Any] = field(default_factory=dict, repr=False)


def raw_of(mail: InboundMail) -> bytes:
    """The mail as it came. Raises what opening a sealed field raises."""
    pieces = list(MailPiece.objects.filter(mail=mail).order_by("number"))
    open_all(pieces)
    return b"".join(piece.raw for piece in pieces)


def read(mail: InboundMail, raw: bytes) -> Read:
    parsed = read_mail(raw)
    sender = parsed.senders[0] if parsed.senders else None
    told = tell_apart(parsed.text, our_sentences())
    quoted = "\n\n".join(part for part in (told.quoted, parsed.forwarded) if part)
    automatic = why_automatic(parsed, mail.envelope.get("sender"))
    subject = "" if ANSWER.match(parsed.subject) else parsed.subject  # that of an answer is not its sender's
    proposals = propose(subject, told.new, sender.email if sender else "", ours())
    faults = list(parsed.faults)
    if len(parsed.senders) > 1:
        faults.append("It says that it is from more than one person.")
        proposals = Proposals(proposals.wishes, proposals.people, False, "it is from more than one person")
    return Read(
        message_id=parsed.message_id,
        answers=parsed.references,
        our_ids=tuple(our_ids(parsed.references, settings.CONTACT.rpartition("@")[2])),
        references=tuple(references_in(parsed.subject, told.new)),
        sender=sender.email if sender else "",
        sender_name=sender.name if sender else "",
        subject=parsed.subject,
        new=told.new,
        quoted=quoted,
        automatic=automatic,
        returned=tuple(returned_in(raw, settings.CONTACT.rpartition("@")[2])) if is_report(automatic) else (),
        proposals=proposals,
        faults=tuple(faults),
        verdicts=check(
            raw, sender.email if sender else "", mail.envelope, resolver_at(settings.MAIL_DNS), settings.MAIL_AUTHSERV
        ),
        details=_details(parsed),
    )


def _details(parsed: Mail) -> dict[str, Any]:
    return {
        "to": [one.email for one in parsed.recipients][:50],
        "reply_to": [one.email for one in parsed.reply_to][:5],
        "attachments": [asdict(one) for one in parsed.attachments],
    }


def ours() -> frozenset[str]:
    return frozenset(one.lower() for one in (*settings.MAILBOXES, settings.CONTACT))


@cache
def our_sentences() -> tuple[str, ...]:
    """Lines that our own mails say, from their templates, and the address of the site."""
    found = {settings.SITE_URL}
    for config in apps.get_app_configs():
        for path in Path(config.path, "templates", "mail").rglob("*.txt"):
            lines = path.read_text(encoding="utf-8").splitlines()[1:]
            found |= {line.strip() for line in lines if len(line.strip()) >= SHORTEST_OWN and "{" not in line}
    return tuple(sorted(found))
