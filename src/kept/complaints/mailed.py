"""What mail asks of this room: to take a complaint in, and to tell to which complaint a mail belongs."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.db import transaction

from kept.clocks.office import office
from kept.collection.mail.actions import item_not_opened, item_opened, mail_linked
from kept.collection.mail.answering import may_answer
from kept.collection.mail.models import InboundMail, MailItem
from kept.collection.mail.references import references_in
from kept.complaints.actions import open_complaint, say
from kept.complaints.errors import NotNow, NoWay
from kept.complaints.models import Complaint
from kept.complaints.rules import LONGEST_NOTE, LONGEST_WORDS, MAY
from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.post.languages import chosen
from kept.post.outbox import BadAddress
from kept.terms import Actor
from kept.vault.errors import VaultError

BAD_ADDRESS = "No complaint can be opened for this address."
GONE = "The words of this mail are gone."
NOTHING_NEW = "A mail without words of its own."


def open_item(item: MailItem, *, by: Actor, at: datetime) -> Complaint | None:
    """Take in what a mail complains about, once. None: a person has to decide."""
    item = MailItem.objects.select_for_update(of=("self",)).select_related("mail").get(pk=item.pk)
    if item.state != MailItem.State.DECIDED:
        return None
    mail = item.mail
    try:
        words = "\n\n".join(part for part in (mail.subject, mail.text) if part.strip()) or NOTHING_NEW
        named = references_in(mail.subject, mail.text)
        name = mail.sender_name if item.person == mail.sender else ""
        with transaction.atomic():
            opened = open_complaint(
                words[:LONGEST_WORDS],
                item.person,
                channel=Complaint.Channel.EMAIL,
                law=office().law,
                name=name,
                language=chosen([item.language]),
                about=named[0] if named else "",
                received_at=mail.received_at,
                acknowledge=may_answer(mail, item.person, at),
                by=by,
                at=at,
            )
    except (NoWay, BadAddress):
        item_not_opened(item, BAD_ADDRESS, by=by, at=at)
        return None
    except VaultError:
        item_not_opened(item, GONE, by=by, at=at)
        return None
    item_opened(item, opened.complaint.pk, opened.complaint.reference, by=by, at=at)
    return opened.complaint


def link(mail: InboundMail, *, by: Actor, at: datetime) -> Complaint | None:
    """The complaint that a mail answers, or whose number it names. What its sender says there is put to it.

    Only where the mail comes from the address that complained: somebody else's words are not theirs. The mail itself is
    linked all the same, and staff read it. None: there is no such complaint.
    """
    mail = InboundMail.objects.select_for_update().get(pk=mail.pk)
    complaint = Complaint.objects.filter(pk=mail.case).first() if mail.case else None
    if complaint is None:
        named = references_in(mail.subject, mail.text)
        complaint = Complaint.objects.filter(reference__in=named).order_by("received_at").first() if named else None
    if complaint is None or MailItem.objects.filter(mail=mail, case=complaint.pk).exists():
        return None
    if (mail.case, mail.case_reference) != (complaint.pk, complaint.reference):
        mail_linked(mail, complaint.pk, complaint.reference, by=by, at=at)
    theirs = complaint.state in MAY["say"] and not mail.automatic and _same(mail.sender, complaint.email)
    if theirs and mail.text.strip():
        with suppress(NotNow):  # it ended a moment ago
            say(complaint, mail.text.strip()[:LONGEST_NOTE], mail=mail.pk, by=by, at=at)
    return complaint


def _same(one: str, other: str) -> bool:
    try:
        return normal("email", one) == normal("email", other)
    except NotAnIdentifier:
        return False
