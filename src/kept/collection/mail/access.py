"""Who may read the inbox: support and the privacy officer. Absent and not theirs are answered alike."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from kept.collection.mail.models import InboundMail, MailItem
from kept.people.models import Account

State = InboundMail.State
TO_DO = (State.TO_DECIDE, State.FAILED)


def mails(account: Account, states: tuple[str, ...] = ()) -> QuerySet[InboundMail]:
    """What waits longest comes first where a person decides; else the newest. Without their words."""
    must_read_inbox(account)
    found = InboundMail.objects.filter(state__in=states) if states else InboundMail.objects.all()
    shown = found.exclude(automatic="canary").prefetch_related("items")
    shown = shown.defer("text", "quoted", "subject", "envelope", "details", "sender", "sender_name", "message_id")
    return shown.order_by("received_at" if states == TO_DO else "-received_at", "id")


def mail_on_desk(account: Account, mail_id: UUID) -> InboundMail:
    must_read_inbox(account)
    found = InboundMail.objects.filter(pk=mail_id).first()
    if found is None:
        raise Http404
    return found


def item_on_desk(account: Account, item_id: UUID) -> MailItem:
    must_read_inbox(account)
    found = MailItem.objects.select_related("mail").filter(pk=item_id).first()
    if found is None:
        raise Http404
    return found


def must_read_inbox(account: Account) -> None:
    if account.role not in (Account.Roles.SUPPORT, Account.Roles.PRIVACY_OFFICER):
        raise Http404
