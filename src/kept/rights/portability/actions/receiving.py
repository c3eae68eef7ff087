"""Taking in what another site sends: bounded, sealed, checked, and shown to nobody before its person has confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max, Sum

from kept.people.codes import code_hash, code_is, new_code, token_hash, token_of
from kept.people.models import Account
from kept.post.models import FORGOTTEN, Message
from kept.post.outbox import send
from kept.rights.origins import host_of
from kept.rights.portability.access import CODE, LINK, MOST_CODES, import_link
from kept.rights.portability.errors import BadWords, Closed, Full, OutOfPlace, TooMuch
from kept.rights.portability.models import Import, ImportPiece
from kept.rights.portability.rules import (
    CONFIRM_WITHIN,
    KEPT_FOR,
    MOST_BYTES_WAITING,
    MOST_PER_ADDRESS,
    MOST_WAITING,
    PIECE,
    ROW,
    UPLOAD_WITHIN,
    Announced,
)
from kept.rights.rules import CODE_LIFE, CODE_PAUSE, CODE_TRIES, last_proof
from kept.security.ledger import action, record, unchanged
from kept.security.reading import log_read
from kept.security.vault.actions import destroy_key
from kept.terms import Actor
from kept.vault.keys import make_key
from kept.work.models import Step
from kept.work.steps import finish, key_of, queue, retry_later

State = Import.State
DAY = timedelta(days=1)
UNDECIDED = (State.RECEIVING, State.CHECKING, State.WAITING)
STAFF = ("privacy_officer", "support")


@dataclass(frozen=True)
class Checked:
    """What a look through a whole package found."""

    summary: Mapping[str, Any]
    records: int


@action
def announced(said: Announced, *, by: Actor, at: datetime) -> Import:
    """Another site wants to send a package. The same package announced again is the one that is there already.

    Raises Closed, TooMuch, Full.
    """
    if not settings.PORTABILITY_IN:
        raise Closed("This site takes nothing in.")
    if said.size > settings.PORTABILITY_MOST:
        raise TooMuch(f"A package has at most {settings.PORTABILITY_MOST} bytes.")
    known = Import.objects.filter(sha256=said.sha256, state__in=Import.OPEN).first()
    if known is not None:
        unchanged()
        return known
    waiting = Import.objects.filter(state__in=UNDECIDED)
    bytes_waiting = waiting.aggregate(all=Sum("size"))["all"] or 0
    if waiting.count() >= MOST_WAITING or bytes_waiting + said.size > MOST_BYTES_WAITING:
        raise Full("Too much waits here for its confirmation. Try again tomorrow.")
    if Import.objects.filter(email=said.email, begun_at__gt=at - DAY).count() >= MOST_PER_ADDRESS:
        raise Full("Too much came for this person today. Try again tomorrow.")
    pk = uuid4()
    taken = Import(
        id=pk,
        key=make_key(),
        sha256=said.sha256,
        size=said.size,
        sender=said.sender,
        email=said.email,
        signature=said.signature,
        language=said.language,
        begun_at=at,
        token_hash=token_hash(token_of(LINK, pk)),
    )
    try:
        with transaction.atomic():
            taken.save(force_insert=True)
    except IntegrityError:  # announced twice at once
        unchanged()
        return Import.objects.get(sha256=said.sha256, state__in=Import.OPEN)
    record("rights.import_announced", taken, by=by, at=at, size=said.size)
    return taken


@action
def piece_came(taken: Import, offset: int, raw: bytes, *, by: Actor, at: datetime) -> Import:
    """Keep the next piece. One that is there already changes nothing. With the last one, the check is queued.

    Raises OutOfPlace, BadWords, TooMuch.
    """
    taken = Import.objects.select_for_update().get(pk=taken.pk)
    if taken.state != State.RECEIVING or offset + len(raw) <= taken.received:
        unchanged()
        return taken
    if len(raw) > PIECE or offset + len(raw) > taken.size:
        raise TooMuch("More came than was announced, or more at once than a piece has.")
    if offset != taken.received:
        raise OutOfPlace(f"The next piece begins at {taken.received}.")
    if not raw:
        raise BadWords("An empty piece says nothing.")
    number = (taken.pieces.aggregate(last=Max("number"))["last"] or 0) + 1
    for place, begin in enumerate(range(0, len(raw), ROW)):
        part = raw[begin : begin + ROW]
        ImportPiece.objects.create(taken=taken, number=number + place, key=taken.key, raw=part)
    taken.received = offset + len(raw)
    if taken.received == taken.size:
        taken.state = State.CHECKING
        queue("rights.check_import", key=key_of("rights.check_import", taken.pk), at=at, about=taken.pk)
    taken.save(update_fields=["received", "state"])
    record("rights.import_piece_came", taken, by=by, at=at, received=taken.received)
    return taken


@action
def import_checked(step: Step, taken: Import, checked: Checked, *, by: Actor, at: datetime) -> Import:
    """It is whole, as the format says, and from whom it says: its person is mailed, and nobody sees it before."""
    taken = Import.objects.select_for_update().get(pk=taken.pk)
    finish(step, {"records": checked.records}, at=at)
    if taken.state != State.CHECKING:
        unchanged()
        return taken
    taken.state, taken.checked_at = State.WAITING, at
    taken.summary, taken.records = dict(checked.summary), checked.records
    taken.save(update_fields=["state", "checked_at", "summary", "records"])
    record("rights.import_checked", taken, by=by, at=at, records=checked.records)
    context = {
        "host": host_of(taken.sender),
        "link": import_link(taken),
        "until": taken.begun_at + CONFIRM_WITHIN,
        "records": checked.records,
    }
    send(taken.email, "portability/arrived", context, about=taken.pk, key=taken.key, language=taken.language, at=at)
    return taken


@action
def import_waits(step: Step, taken: Import, problem: str, *, by: Actor, at: datetime) -> None:
    """The sender's site does not show its key yet; it is asked again by itself."""
    retry_later(step, problem, at=at)
    record("rights.import_waits", taken, by=by, at=at)


@action
def import_refused(step: Step, taken: Import, why: str, *, by: Actor, at: datetime) -> None:
    """It is not what it says, and is not kept. `why`: one word, that the sender's site is told."""
    taken = Import.objects.select_for_update().get(pk=taken.pk)
    finish(step, {"refused": why}, at=at)
    if taken.state != State.CHECKING:
        unchanged()
        return
    taken.problem = why
    _end(taken, State.REFUSED, why, by, at)


@action
def send_import_code(taken: Import, *, by: Actor, at: datetime) -> bool:
    """Mail a code to the person's address. False: too many were sent, or the last one a moment ago."""
    taken = Import.objects.select_for_update().get(pk=taken.pk)
    soon = taken.code_sent_at is not None and at - taken.code_sent_at < CODE_PAUSE
    if taken.state not in (State.WAITING, State.CONFIRMED) or taken.codes_sent >= MOST_CODES or soon:
        unchanged()
        return False
    code = new_code()
    taken.code_hash, taken.code_expires_at = code_hash(CODE, code, taken.pk), at + CODE_LIFE
    taken.code_attempts, taken.code_sent_at = 0, at
    taken.codes_sent += 1
    taken.save(update_fields=["code_hash", "code_expires_at", "code_attempts", "code_sent_at", "codes_sent"])
    context = {"code": f"{code[:3]} {code[3:]}", "link": import_link(taken), "host": host_of(taken.sender)}
    send(taken.email, "portability/code", context, about=taken.pk, key=taken.key, language=taken.language, at=at)
    record("rights.import_code_sent", taken, by=by, at=at, count=taken.codes_sent)
    return True


@action
def check_import_code(taken: Import, code: str, *, by: Actor, at: datetime) -> bool:
    """Whether it is the code that was mailed. The first right one confirms the import: from then on it can be read."""
    taken = Import.objects.select_for_update().get(pk=taken.pk)
    usable = taken.code_expires_at is not None and at < taken.code_expires_at and taken.code_attempts < CODE_TRIES
    if taken.state not in (State.WAITING, State.CONFIRMED) or not usable:
        unchanged()
        return False
    if not code_is(CODE, code, taken.code_hash, taken.pk):
        taken.code_attempts += 1
        taken.save(update_fields=["code_attempts"])
        record("rights.wrong_import_code", taken, by=by, at=at, tries=taken.code_attempts)
        return False
    taken.code_hash, taken.code_expires_at = "", None  # it works once
    first = taken.state == State.WAITING
    if first:
        taken.state, taken.confirmed_at = State.CONFIRMED, at
    taken.save(update_fields=["code_hash", "code_expires_at", "state", "confirmed_at"])
    if first:
        record("rights.import_confirmed", taken, by=by, at=at)
    else:
        record("rights.import_opened", taken, by=by, at=at)
    return True


@action
def decline(taken: Import, *, by: Actor, at: datetime) -> Import:
    """The person does not want it here: it is deleted. A second call changes nothing."""
    return _ended(taken, "declined", by, at)


@action
def end_import(taken: Import, *, by: Actor, at: datetime) -> Import:
    """Staff have taken over what they need, or need nothing of it: it is deleted. A second call changes nothing.

    Raises BadWords for what its person has not confirmed: that is not for staff to judge.
    """
    if by.role not in STAFF or taken.confirmed_at is None:
        raise BadWords("Only staff end an import, and only one that its person has confirmed.")
    return _ended(taken, "taken_over", by, at)


@action
def end_old_imports(*, by: Actor, at: datetime) -> int:
    """Delete what nobody has confirmed in time, what was never sent whole, and what was here long enough. Returns how
    many. Rows of which nothing is left but that they were there go after three years."""
    rows = Import.objects.select_for_update()
    due = [
        *((one, "not_sent") for one in rows.filter(state=State.RECEIVING, begun_at__lt=at - UPLOAD_WITHIN)),
        *((one, "not_confirmed") for one in rows.filter(state=State.WAITING, begun_at__lt=at - CONFIRM_WITHIN)),
        *((one, "not_checked") for one in rows.filter(state=State.CHECKING, begun_at__lt=at - CONFIRM_WITHIN)),
        *((one, "over") for one in rows.filter(state=State.CONFIRMED, confirmed_at__lt=at - KEPT_FOR)),
    ]
    for taken, why in due:
        _end(taken, State.ENDED, why, by, at)
    late = _forget_late_mails(by, at)
    old = list(Import.objects.filter(ended_at__lt=last_proof(at)).values_list("pk", flat=True)[:500])
    if old:
        Import.objects.filter(pk__in=old).delete()
        record("rights.imports_forgotten", "portability.import", by=by, at=at, count=len(old))
    elif not due and not late:
        unchanged()
    return len(due)


@action
def import_looked_at(taken: Import, *, by: Actor, at: datetime) -> None:
    """One of our staff reads what a person brought along."""
    record("rights.import_looked_at", taken, by=by, at=at)
    address = taken.email.lower()
    person = Account.objects.filter(email=address, emailaddress__verified=True).values_list("pk", flat=True).first()
    log_read("package", "case", person=person, case=taken.pk, case_open=True, place="portability", by=by, at=at)


def _forget_late_mails(by: Actor, at: datetime) -> int:
    """Mails that were still on their way when their import ended: they and their keys go now."""
    ended = Import.objects.exclude(ended_at=None).values("pk")
    late = Message.objects.filter(about__in=ended).exclude(key=None).exclude(state=Message.State.WAITING)
    keys = set(late.values_list("key", flat=True))
    late.update(**FORGOTTEN)
    for key in sorted(number for number in keys if number is not None):
        if not Message.objects.filter(key=key).exists():
            destroy_key(key, by=by, at=at)
    return len(keys)


def _ended(taken: Import, why: str, by: Actor, at: datetime) -> Import:
    taken = Import.objects.select_for_update().get(pk=taken.pk)
    if taken.ended_at is not None:
        unchanged()
        return taken
    _end(taken, State.ENDED, why, by, at)
    return taken


def _end(taken: Import, state: State, why: str, by: Actor, at: datetime) -> None:
    """What it held goes with its key, in every copy of the store; that it was here stays."""
    key, taken.key = taken.key, None
    taken.state, taken.ended_at, taken.ended_because = state, at, why[:20]
    taken.sender = taken.email = taken.signature = taken.code_hash = ""
    taken.summary = {}
    taken.save()
    taken.pieces.all().delete()
    Message.objects.filter(about=taken.pk).exclude(state=Message.State.WAITING).update(**FORGOTTEN)
    record("rights.import_ended", taken, by=by, at=at, why=why[:20], confirmed=taken.confirmed_at is not None)
    if key is not None and not Message.objects.filter(key=key).exists():
        destroy_key(key, by=by, at=at)
