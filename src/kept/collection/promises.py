"""What this room keeps: mail is taken in and read, an opt-out by mail works at once, a mail opens a request; letters
and calls are registered, and none is left alone."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from kept.collection.calls.models import Call
from kept.collection.letters.models import Letter, Scan
from kept.collection.mail.models import InboundMail, MailItem
from kept.collection.mail.reading import raw_of
from kept.engine.identifiers import normal
from kept.policy.keepers import keeper
from kept.security.backup.errors import BackupError
from kept.security.sealed_files import FileUnreadable
from kept.security.uploads import UploadRefused, open_kept
from kept.terms import Evidence, State
from kept.use.access import is_suppressed
from kept.vault.errors import VaultError
from kept.vault.fields import open_all

LATELY = timedelta(days=30)
READ_WITHIN = timedelta(hours=1)
SEEN_WITHIN = timedelta(days=3)  # by a person, where one has to decide: the clock runs meanwhile
HASHED = 10  # of the newest mails, read again and compared with their hash
MARKETING = ("marketing.own", "marketing.third_party")
BLOCK = 65_536
CALLED_WITHIN = timedelta(hours=4)  # after the time that was agreed on

Mail = InboundMail.State
Wish = MailItem.Wish


@keeper("2.2", counts="mails taken in within 30 days", rows="inbox")
def mail_is_taken_in_and_read(at: datetime) -> Evidence:
    """Counts the mails of 30 days, those that wait unread for an hour and those that nobody could read, and compares
    the newest ten with the hash of the bytes that came."""
    lately = InboundMail.objects.filter(received_at__gt=at - LATELY).exclude(automatic="canary")
    number = lately.count()
    held = lately.filter(state=Mail.AUTOMATIC).count()
    failed = lately.filter(state=Mail.FAILED).count()
    figure = f"{_count(number, 'mail')} taken in, {held} automatic, {failed} failed"
    unread = InboundMail.objects.filter(state=Mail.WAITING, received_at__lt=at - READ_WITHIN).count()
    unseen = InboundMail.objects.filter(state=Mail.FAILED, received_at__lt=at - SEEN_WITHIN).count()
    changed = sum(not _is_whole(mail) for mail in lately.filter(key__isnull=False)[:HASHED])
    if unread or unseen or changed:
        figure += f"; {unread} unread, {unseen} left alone, {changed} changed"
        return Evidence(
            State.BROKEN, figure, "Mail came in that nobody has read, or not as it came.", at, number=number
        )
    if not (settings.MAIL_LISTEN or settings.IMAP_URL or number):
        words = "No mailbox is connected, so mail is only taken in by hand."
        return Evidence(State.CANNOT_TELL, figure, words, at, number=number)
    return Evidence(State.KEPT, figure, "Each mail is kept as it came, and read.", at, number=number)


@keeper("9.3", counts="opt-outs by mail", rows="inbox")
def opt_outs_by_mail_work_at_once(at: datetime) -> Evidence:
    """Counts the mails that ask for no advertising, and looks for each of the last hundred whether advertising to that
    address is blocked."""
    items = MailItem.objects.filter(wish=Wish.STOP_MARKETING).exclude(state=MailItem.State.DISMISSED)
    done = items.filter(state=MailItem.State.DONE)
    number = done.count()
    late = items.filter(Q(state=MailItem.State.DECIDED), mail__read_at__lt=at - READ_WITHIN).count()
    newest = list(done.filter(key__isnull=False).select_related("mail").order_by("-decided_at")[:100])
    open_all(newest)
    blocked = [_is_blocked(item.person, at) for item in newest if item.person]
    figure = f"{_count(number, 'opt-out')} by mail"
    if late or not all(blocked):
        figure += f", {late + blocked.count(False)} without effect"
        return Evidence(State.BROKEN, figure, "An opt-out by mail did not take effect.", at, number=number)
    if not newest:
        return Evidence(State.CANNOT_TELL, figure, "Nobody has opted out by mail lately.", at, number=number)
    took = max((item.decided_at - item.mail.received_at for item in newest if item.decided_at), default=timedelta(0))
    figure += f", in effect after {_minutes(took)} at most"
    return Evidence(State.KEPT, figure, "Each stopped advertising to the address that it came from.", at, number=number)


@keeper("11.5", counts="requests opened by mail", rows="inbox")
def a_mail_opens_a_request(at: datetime) -> Evidence:
    """Counts the requests that mails opened, those that should have been opened an hour ago, and the mails that wait
    for a person for more than three days."""
    number = MailItem.objects.filter(state=MailItem.State.OPENED).count()
    stuck = MailItem.objects.filter(state=MailItem.State.DECIDED, decided_at__lt=at - READ_WITHIN).count()
    waiting = InboundMail.objects.filter(state=Mail.TO_DECIDE)
    late = waiting.filter(received_at__lt=at - SEEN_WITHIN).count()
    figure = f"{_count(number, 'request')} by mail, {_count(waiting.count(), 'mail')} for a person to read"
    if stuck or late:
        figure += f", {stuck + late} waiting too long"
        return Evidence(State.BROKEN, figure, "A mail waits while its clock runs.", at, number=number)
    if not number:
        return Evidence(State.CANNOT_TELL, figure, "No mail has opened a request yet.", at, number=number)
    return Evidence(
        State.KEPT, figure, "The day we must answer by is counted from when the mail came.", at, number=number
    )


@keeper("2.3", counts="letters registered within 30 days", rows="letters")
def letters_are_registered(at: datetime) -> Evidence:
    """Counts the letters of 30 days, those that nobody has dealt with for three days, and compares the newest ten scans
    with the hash of the file that was kept."""
    every = Letter.objects.exclude(registered_by="canary")
    number = every.filter(received_on__gt=(at - LATELY).date()).count()
    waiting = every.filter(state=Letter.State.TO_DECIDE)
    late = waiting.filter(registered_at__lt=at - SEEN_WITHIN).count()
    newest = Scan.objects.filter(key__isnull=False).exclude(place="").order_by("-pk")[:HASHED]
    changed = sum(not _is_as_kept(scan) for scan in newest)
    figure = f"{_count(number, 'letter')} registered, {waiting.count()} for a person to read"
    if late or changed:
        figure += f"; {late} left alone, {changed} changed"
        return Evidence(
            State.BROKEN, figure, "A letter waits while its clock runs, or is not as it came.", at, number=number
        )
    if not every.exists():
        return Evidence(State.CANNOT_TELL, figure, "No letter was registered yet.", at, number=number)
    return Evidence(State.KEPT, figure, "The day on which each came is where its time limits start.", at, number=number)


@keeper("2.4", counts="calls and visits noted within 30 days", rows="calls")
def calls_are_registered(at: datetime) -> Evidence:
    """Counts the calls and visits of 30 days, those that nobody has dealt with for three days, and the people who were
    not called back within four hours of the time agreed on."""
    every = Call.objects.exclude(registered_by="canary")
    number = every.filter(came_at__gt=at - LATELY).count()
    late = every.filter(state=Call.State.TO_DECIDE, registered_at__lt=at - SEEN_WITHIN).count()
    promised = every.filter(called_back_at=None, key__isnull=False, call_back_at__lt=at - CALLED_WITHIN)
    missed = promised.count()
    figure = f"{_count(number, 'call')} noted"
    if late or missed:
        figure += f"; {late} left alone, {missed} not called back"
        return Evidence(State.BROKEN, figure, "Somebody who called waits for us.", at, number=number)
    if not every.exists():
        return Evidence(State.CANNOT_TELL, figure, "No call was noted yet.", at, number=number)
    return Evidence(State.KEPT, figure, "Nobody who called waits longer than was agreed.", at, number=number)


def _is_as_kept(scan: Scan) -> bool:
    try:
        digest = hashlib.sha256()
        with open_kept(scan.place, scan.key or 0) as file:
            while block := file.read(BLOCK):
                digest.update(block)
        return digest.hexdigest() == scan.sha256
    except (BackupError, FileUnreadable, UploadRefused, VaultError, OSError):
        return False


def _is_whole(mail: InboundMail) -> bool:
    try:
        return hashlib.sha256(raw_of(mail)).hexdigest() == mail.sha256
    except VaultError:
        return False


def _is_blocked(address: str, at: datetime) -> bool:
    return all(is_suppressed(normal("email", address), purpose, at.date()) for purpose in MARKETING)


def _count(number: int, one: str) -> str:
    return f"1 {one}" if number == 1 else f"{number:,} {one}s"


def _minutes(took: timedelta) -> str:
    return _count(max(1, round(took.total_seconds() / 60)), "minute")
