"""Telling the other addresses of a person. Inside the action that found them, so that nothing is decided before."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.urls import reverse

from kept.people.codes import token_hash, token_of
from kept.post.outbox import BadAddress
from kept.rights.actions.showing import shown_addresses
from kept.rights.alerts.access import LINK
from kept.rights.alerts.models import Alert
from kept.rights.alerts.rules import days_to_wait, to_tell, waits_until
from kept.rights.clocks import office_day
from kept.rights.mandates.access import has_mandate, mailbox_of, mandate_of
from kept.rights.models import Case
from kept.rights.righting.access import new_address_of
from kept.rights.righting.rules import corrections_in, new_email
from kept.rights.rules import OPEN, UNDER_WAY
from kept.rights.subjects import Standing, opened
from kept.rights.telling import Addressee, tell
from kept.security.ledger import record
from kept.terms import Actor

State = Alert.State


def tell_other_addresses(case: Case, *, by: Actor, at: datetime) -> int:
    """Inside an action, with the case locked: one short mail to each address that the systems know of the person and
    that was not shown to be theirs for this request. Returns how many."""
    today = office_day(at, case.clock)
    changes = bool(new_email(corrections_in(case.asked))) if case.right == Case.Right.RECTIFICATION else False
    days = days_to_wait(case.right, office_day(case.received_at, case.clock), changes_address=changes)
    if days is None and has_mandate(case):
        days = 0  # whoever is asked for hears of it, whatever it is
    if days is None or case.state not in OPEN or case.key is None:
        return 0
    rows = opened(case.identifiers.filter(kind="email", standing__in=[Standing.USED, Standing.CHOSEN]))
    told = {one.email for one in Alert.objects.filter(case=case)}
    begun = case.state in UNDER_WAY
    sent = 0
    for address in to_tell((row.value for row in rows), _proven(case), told):
        alert = _of(case, address, at)
        alert.waits_until = None if begun else waits_until(today, days, case.due_on)
        alert.save(force_insert=True)
        try:
            _mail(case, alert, at)
        except BadAddress:  # what a system holds need not be an address that mail can go to
            alert.delete()
            continue
        sent += 1
    if sent:
        record("rights.other_addresses_told", case, by=by, at=at, addresses=sent)
    return sent


def shown_as_well(case: Case, addresses: Collection[str], at: datetime) -> None:
    """Inside an action: these were shown to be the person's by another request of theirs that joined this one."""
    known = {one.email: one for one in Alert.objects.filter(case=case)}
    for address in sorted(addresses):
        alert = known.get(address) or _of(case, address, at)
        if alert.state == State.TOLD:
            alert.state, alert.said_at = State.YES, at
            alert.save()


def _of(case: Case, address: str, at: datetime) -> Alert:
    key = uuid4()
    return Alert(id=key, case=case, key=case.key, email=address, token_hash=token_hash(token_of(LINK, key)), told_at=at)


def _mail(case: Case, alert: Alert, at: datetime) -> None:
    """Without a name and without the link of the request: the mail opens nothing but its own page."""
    link = f"{settings.SITE_URL}{reverse('not_me', args=[token_of(LINK, alert.pk, alert.token_hash)])}"
    asked_on = office_day(case.received_at, case.clock)
    to = Addressee("", alert.email)
    tell(case, "other_address", to=to, link=link, asked_on=asked_on, until=alert.waits_until, at=at)


def _proven(case: Case) -> set[str]:
    """Where the person was shown to be for this request, or is by another that waits for the same. Whoever asks for
    somebody else has shown no address of that person."""
    mandate = mandate_of(case)
    if mandate is not None:
        return {mailbox_of(mandate)}
    proven = shown_addresses(case)
    address = new_address_of(case)
    if address is not None:
        proven.add(address.email)
    others = Case.objects.filter(right=case.right, state__in=OPEN, proven_at__isnull=False).exclude(pk=case.pk)
    rows = case.identifiers.filter(kind="email", standing__in=[Standing.USED, Standing.CHOSEN])
    known = {row.value for row in opened(rows)} - proven
    return proven | {address for address in known if others.filter(email=address).exists()}
