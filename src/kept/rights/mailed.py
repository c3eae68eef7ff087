"""What mail asks of this room: to open a request, and to tell to which request a mail belongs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from kept.collection.mail.actions import item_not_opened, item_opened, mail_linked
from kept.collection.mail.models import InboundMail, MailItem
from kept.collection.mail.references import references_in
from kept.engine.errors import NotAnIdentifier
from kept.people.matters import matter_with
from kept.post.languages import chosen
from kept.post.models import Message
from kept.post.outbox import BadAddress
from kept.rights.actions import Acting, open_case
from kept.rights.errors import TooLong
from kept.rights.models import Case
from kept.rights.offered import RUNNING
from kept.rights.rules import OPEN
from kept.terms import Actor

NOT_RUNNING = "This right does not run yet: answer it by hand."
BAD_ADDRESS = "No request can be opened for this address."


def open_item(item: MailItem, *, by: Actor, at: datetime) -> Case | None:
    """Open the request that a mail asks for, once; it is proven like everybody's. None: a person has to decide."""
    item = MailItem.objects.select_for_update(of=("self",)).select_related("mail").get(pk=item.pk)
    if item.state != MailItem.State.DECIDED:
        return None
    if item.wish not in {offer.name for offer in RUNNING}:
        item_not_opened(item, NOT_RUNNING, by=by, at=at)
        return None
    mail = item.mail
    name = item.name or (mail.sender_name if item.person == mail.sender else "")
    acting = Acting(item.acting, mail.sender_name or mail.sender, mail.sender) if item.acting else None
    try:
        with transaction.atomic():
            case = open_case(
                item.wish,
                item.person,
                name=name,
                acting=acting,
                language=chosen([item.language]),
                channel=Case.Channel.EMAIL,
                received_at=mail.received_at,
                by=by,
                at=at,
            ).case
    except (NotAnIdentifier, BadAddress, TooLong):
        item_not_opened(item, BAD_ADDRESS, by=by, at=at)
        return None
    item_opened(item, case.pk, case.reference, by=by, at=at)
    return case


def link(mail: InboundMail, *, by: Actor, at: datetime) -> Case | None:
    """The request that a mail answers, or whose number it names; None: there is none."""
    case = Case.objects.filter(pk=mail.case).first() if mail.case else None
    if case is None and (mail.case is None or matter_with(mail.case) is None):  # else it answers a complaint
        named = references_in(mail.subject, mail.text)
        case = Case.objects.filter(reference__in=named).order_by("received_at").first() if named else None
    if case is not None:
        mail_linked(mail, case.pk, case.reference, by=by, at=at)
    return case


def came_back(case: Case) -> datetime | None:
    """When the newest mail about an open request was written that did not arrive, if none has gone through since."""
    if case.state not in OPEN:
        return None
    last = Message.objects.filter(about=case.pk).exclude(state=Message.State.WAITING).order_by("-written_at").first()
    return last.written_at if last is not None and last.state == Message.State.FAILED else None


def mails_of(case_id: UUID) -> list[InboundMail]:
    """The mails that opened a request or belong to it, in their order, without their words."""
    ids = set(MailItem.objects.filter(case=case_id).values_list("mail", flat=True))
    ids |= set(InboundMail.objects.filter(case=case_id).values_list("pk", flat=True))
    found = InboundMail.objects.filter(pk__in=ids).order_by("received_at")
    return list(found.only("pk", "received_at", "door", "state", "sha256"))
