"""Whether what an account says of its owner still holds: who is to be asked, and whom our mail no longer reaches.

GDPR Art. 5(1)(d); promise 11.1. Plain queries; `actions` changes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from kept.people.models import Account
from kept.post.models import Message

HOLDS = timedelta(days=365)  # as long as a confirmation is good for
IN_TIME = timedelta(days=31)  # after that the question has gone out
AT_ONCE = 500  # accounts asked in one run, so that a mail server is not flooded


def customers() -> QuerySet[Account]:
    return Account.objects.filter(role=Account.Roles.CUSTOMER, is_active=True)


def to_be_asked(at: datetime) -> QuerySet[Account]:
    """Who has neither confirmed their details nor been asked for a year. A new account was filled in just now."""
    old = at - HOLDS
    known = customers().filter(joined_at__lt=old, emailaddress__verified=True, emailaddress__primary=True)
    unsure = known.filter(Q(details_confirmed_at=None) | Q(details_confirmed_at__lt=old))
    return unsure.filter(Q(details_asked_at=None) | Q(details_asked_at__lt=old)).order_by("joined_at", "pk")


def is_due(account: Account, at: datetime) -> bool:
    """Whether its owner is to be asked when they next come by."""
    return max(account.joined_at, account.details_confirmed_at or account.joined_at) < at - HOLDS


def came_back(account: Account) -> datetime | None:
    """When a mail to the account's address was last refused or sent back, if none has gone through since and its owner
    has not confirmed the address."""
    theirs = Message.objects.filter(to=account.email).exclude(state=Message.State.WAITING)
    last = theirs.order_by("-written_at").only("state", "written_at").first()
    if last is None or last.state != Message.State.FAILED:
        return None
    confirmed = account.details_confirmed_at
    return None if confirmed is not None and confirmed > last.written_at else last.written_at
