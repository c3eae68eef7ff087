"""Opening a case and proving whose it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, transaction

from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.people.models import Account
from kept.people.persons import person_of
from kept.policy.actions import saw
from kept.post.outbox import one_line, send
from kept.rights.actions.searching import start_search
from kept.rights.actions.steps import end_without_contact, locked, must_be_able
from kept.rights.clocks import due_date
from kept.rights.codes import code_hash, code_is, new_code, new_reference, status_link, token_hash, token_of
from kept.rights.errors import TooLong, UnknownRight
from kept.rights.models import Case, CaseIdentifier
from kept.rights.rules import (
    ASKED_WITHIN,
    CODE_LIFE,
    CODE_TRIES,
    MOST_ASKED,
    OPEN,
    PROVE_WITHIN,
    may_mail_code,
)
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor
from kept.vault.keys import make_key

LONGEST_EMAIL = 254  # RFC 5321, 4.5.3.1.3
LONGEST_NAME = 200


@dataclass(frozen=True)
class Opened:
    """The case, and the token of its status link."""

    case: Case
    token: str = field(repr=False)


@action
def open_case(
    right: str,
    email: str,
    *,
    name: str = "",
    account: Account | None = None,
    channel: str,
    received_at: datetime | None = None,
    by: Actor,
    at: datetime,
) -> Opened:
    """Take a request in. Whoever is signed in with that address, proven, is proven at once; all others get a code.

    `received_at`: when it came to us, by mail say; the clock begins then. None: `at`.
    A request that is open already is joined when the second one is proven, and not before: until then nobody is told
    that there is one. Raises UnknownRight, TooLong, NotAnIdentifier, BadAddress; their messages repeat nothing that was
    typed.
    """
    if right not in Case.Right.values:
        raise UnknownRight
    if len(name) > LONGEST_NAME:
        raise TooLong(f"A name has at most {LONGEST_NAME} characters.")
    address = normal("email", email)
    if len(email) > LONGEST_EMAIL:
        raise NotAnIdentifier("email", "longer than an address can be")
    received_at = received_at or at
    deadline = due_date(received_at, right)
    case_id = uuid4()
    token = token_of(case_id)
    case = Case(
        id=case_id,
        reference=_free_reference(at),
        right=right,
        channel=channel,
        account=account,
        key=make_key(),
        person=person_of(address.value),
        name=one_line(name),
        email=email.strip(),
        received_at=received_at,
        due_on=deadline.due_on,
        clock=deadline.as_dict(),
        token_hash=token_hash(token),
    )
    case.save(force_insert=True)
    CaseIdentifier.objects.create(
        case=case, key=case.key, kind="email", value=address.value, origin="given", found_at=at
    )
    record("rights.case_opened", case, by=by, at=at, right=right, channel=channel, due=deadline.due_on.isoformat())
    saw(case=case.pk, by=by, at=at)
    if account is not None and _owners(case).filter(user=account).exists():
        case = _proven(case, by=by, at=at)
    elif _asked_lately(case, at) <= MOST_ASKED:
        _mail_code(case, at)
    return Opened(case, token_of(case.pk, case.token_hash))


@action
def resend_code(case: Case, *, by: Actor, at: datetime) -> bool:
    """Mail a new code in place of the last one. False: too many were sent, or the last one a moment ago."""
    case = locked(case)
    flooded = case.code_sent_at is None and _asked_lately(case, at) > MOST_ASKED
    if case.state != Case.State.UNPROVEN or flooded or not may_mail_code(case.codes_sent, case.code_sent_at, at):
        unchanged()
        return False
    _mail_code(case, at)
    record("rights.code_sent", case, by=by, at=at, count=case.codes_sent)
    return True


@action
def prove(case: Case, code: str, *, by: Actor, at: datetime) -> bool:
    """Whether the code is the one that was mailed; the right one starts the search, once.

    After five wrong ones, or half an hour, it takes a new code.
    """
    case = locked(case)
    usable = case.code_expires_at is not None and at < case.code_expires_at and case.code_attempts < CODE_TRIES
    if not usable or not code_is(code, case.code_hash, case.pk):
        if usable:
            case.code_attempts += 1
            case.save(update_fields=["code_attempts"])
            record("rights.wrong_code", case, by=by, at=at, tries=case.code_attempts)
        else:
            unchanged()
        return False
    if case.state == Case.State.UNPROVEN:
        owner = _owners(case).first()
        if owner is not None:
            case.account = owner.user
        elif case.account is None or by != case.account.actor:
            case.account = None  # whoever was signed in when it was asked for has not typed the code
        _proven(case, by=by, at=at)
    else:
        unchanged()
    return True


@action
def withdraw_case(case: Case, *, by: Actor, at: datetime) -> Case:
    """The person no longer wants it; a second call changes nothing. Raises NotNow once it is being carried out."""
    case = locked(case)
    if case.state == Case.State.WITHDRAWN:
        unchanged()
        return case
    must_be_able(case, "withdraw")
    proven, email, link = case.proven_at is not None, case.email, status_link(case.pk, case.token_hash)
    key = case.key_of_mails
    end_without_contact(case, Case.State.WITHDRAWN, by=by, at=at)
    record("rights.case_withdrawn", case, by=by, at=at)
    if proven:  # an unproven one may be anybody's doing: its address is left in peace
        send(email, "rights/withdrawn", {"case": case, "link": link}, about=case.pk, key=key, at=at)
    return case


@action
def expire_unproven(*, by: Actor, at: datetime) -> int:
    """End the cases that nobody proved in time, and forget their names and addresses. Returns how many."""
    late = Case.objects.select_for_update().filter(state=Case.State.UNPROVEN, received_at__lt=at - PROVE_WITHIN)
    late = late.exclude(code_sent_at__gte=at - PROVE_WITHIN)  # a mail may wait for a person before it is a request
    ended = 0
    for case in late:
        end_without_contact(case, Case.State.EXPIRED, by=by, at=at)
        record("rights.case_expired", case, by=by, at=at)
        ended += 1
    if not ended:
        unchanged()
    return ended


def _proven(case: Case, *, by: Actor, at: datetime) -> Case:
    """Search, or join the case that is open already for the same right and address: it answers both."""
    case.proven_at = at
    case.state = Case.State.SEARCHING
    try:
        with transaction.atomic():
            case.save(update_fields=["proven_at", "state", "account"])
    except IntegrityError:  # one open case per right and address: the store itself says so
        earlier = _open_like(case)
        if earlier is not None:
            return _join(case, earlier, by=by, at=at)
        case.save(update_fields=["proven_at", "state", "account"])  # it was answered a moment ago
    record("rights.case_proven", case, by=by, at=at)
    link = status_link(case.pk, case.token_hash)
    send(case.email, "rights/received", {"case": case, "link": link}, about=case.pk, key=case.key_of_mails, at=at)
    start_search(case, by=by, at=at)
    return case


def _open_like(case: Case) -> Case | None:
    alike = Case.objects.filter(email=case.email, right=case.right, state__in=OPEN)
    return alike.select_for_update().first()


def _join(case: Case, earlier: Case, *, by: Actor, at: datetime) -> Case:
    email = case.email
    case.joined = earlier
    if earlier.account is None and case.account is not None:
        earlier.account = case.account
        earlier.save(update_fields=["account"])
    end_without_contact(case, Case.State.CLOSED, "proven_at", "account", "joined", by=by, at=at)
    record("rights.case_joined", case, by=by, at=at, into=str(earlier.pk))
    link = status_link(earlier.pk, earlier.token_hash)
    context = {"case": earlier, "link": link}
    send(email, "rights/joined", context, about=earlier.pk, key=earlier.key_of_mails, at=at)
    return earlier


def _mail_code(case: Case, at: datetime) -> None:
    code = new_code()
    case.code_hash = code_hash(code, case.pk)
    case.code_expires_at = at + CODE_LIFE
    case.code_attempts = 0
    case.codes_sent += 1
    case.code_sent_at = at
    case.save(update_fields=["code_hash", "code_expires_at", "code_attempts", "codes_sent", "code_sent_at"])
    context = {"case": case, "code": f"{code[:3]} {code[3:]}", "link": status_link(case.pk, case.token_hash)}
    send(case.email, "rights/code", context, about=case.pk, key=case.key_of_mails, at=at)


def _asked_lately(case: Case, at: datetime) -> int:
    """Requests with this address that wait for their proof: nobody's mailbox is flooded through us."""
    same = Case.objects.filter(email=case.email, state=Case.State.UNPROVEN)
    return same.filter(received_at__gt=at - ASKED_WITHIN).count()


def _owners(case: Case):  # type: ignore[no-untyped-def]  # allauth has no types
    """The accounts that have proven this address."""
    return EmailAddress.objects.filter(email__iexact=case.email, verified=True, user__is_active=True)


def _free_reference(at: datetime) -> str:
    while Case.objects.filter(reference=(reference := new_reference(settings.COMPANY, at.year))).exists():
        continue
    return reference
