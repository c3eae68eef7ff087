"""Who may read letters: support and the privacy officer. Absent and not theirs are answered alike."""

from __future__ import annotations

from typing import BinaryIO
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from kept.collection.letters.models import Letter, Scan
from kept.collection.mail.access import must_read_inbox
from kept.people.models import Account
from kept.security.sealed_files import FileUnreadable
from kept.security.uploads import UploadRefused, open_kept

State = Letter.State


def letters(account: Account, states: tuple[str, ...] = ()) -> QuerySet[Letter]:
    """What waits longest comes first where a person decides; else the newest. Without their words."""
    must_read_inbox(account)
    found = Letter.objects.exclude(registered_by="canary").filter(state__in=states or State.values)
    order = "received_on" if states == (State.TO_DECIDE,) else "-received_on"
    return found.defer("sender", "says", "settled_how").prefetch_related("scans").order_by(order, "registered_at", "id")


def letter_on_desk(account: Account, letter_id: UUID) -> Letter:
    must_read_inbox(account)
    found = Letter.objects.filter(pk=letter_id).first()
    if found is None:
        raise Http404
    return found


def scan_of(letter: Letter, number: int) -> Scan:
    found = letter.scans.filter(number=number).exclude(place="").first()
    if found is None:
        raise Http404
    return found


def file_of(scan: Scan) -> BinaryIO:
    """The file, opened."""
    if scan.key is None:
        raise Http404
    try:
        return open_kept(scan.place, scan.key)
    except (FileUnreadable, UploadRefused, OSError):
        raise Http404 from None
