"""Opening a case and proving whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, transaction

from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.people.models import Account
from kept.people.persons import person_of
from kept.policy.actions import saw
from kept.post.outbox import one_line
from kept.rights.actions.acting import SHOW_WITHIN, Acting, begin_mandate
from kept.rights.actions.at_once import comes_to_nothing, takes_effect
from kept.rights.actions.joining import absorb, open_like, repeated_by, set_beside
from kept.rights.actions.new_address import ask_for_proof
from kept.rights.actions.searching import start_search
from kept.rights.actions.showing import (
    has_waiting_code,
    note_step,
    own_address,
    pass_step,
    step_with,
    take_what_was_shown,
)
from kept.rights.actions.steps import end_without_contact, locked, must_be_able
from kept.rights.clocks import first_clock
from kept.rights.codes import code_hash, code_is, new_code, new_reference, token_hash, token_of
from kept.rights.errors import TooLong, UnknownRight
from kept.rights.mandates.access import mandate_of
from kept.rights.mandates.models import Mandate
from kept.rights.models import ONE_OPEN, Case, CaseIdentifier
from kept.rights.offered import RUNNING
from kept.rights.proof.standing import is_enough, methods_passed
from kept.rights.reach.models import Reach
from kept.rights.rules import (
    ASKED_WITHIN,
    CODE_LIFE,
    CODE_TRIES,
    MOST_ASKED,
    PROVE_WITHIN,
    may_mail_code,
)
from kept.rights.telling import addressee_of, tell
from kept.rights.timing.models import Home
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor, Identifier
from kept.vault.keys import make_key

LONGEST_EMAIL = 254  # RFC 5321, 4.5.3.1.3
LONGEST_NAME = 200
STAFF_DOORS = frozenset({Case.Channel.LETTER, Case.Channel.TELEPHONE, Case.Channel.COUNTER})


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
    acting: Acting | None = None,
    asked: Mapping[str, Any] | None = None,
    law: str = "",
    home: str = "",
    home_by: Literal["person", "staff", "agent"] = "person",
    language: str = "en",
    channel: str,
    received_at: datetime | None = None,
    case_id: UUID | None = None,
    by: Actor,
    at: datetime,
) -> Opened:
    """Take a request in. Whoever is signed in with that address, proven, is proven at once; all others get a code.

    `asked`: what was said beside the right, as its form in `rights.particulars` gives it. `law`: whose clock runs
    by the rules of a door; "": that of `home`, where the person lives, as `home_by` says; else the office's.

    `acting`: who asks, where it is not the person themselves; `name` and `email` are the person's. The answer goes to
    whoever asks, once a privacy officer has read what shows that they may, and the person is told.

    `received_at`: when it came to us, by mail say; the clock begins then. None: `at`. `case_id`: for a door that has
    written it down before.
    `email` is "" only for somebody who came by letter, telephone or in person and has none: see `registering`.
    A request that is open already is joined when the second one is proven, and not before: until then nobody is told
    that there is one. Raises UnknownRight, TooLong, NotAnIdentifier, BadAddress; their messages repeat nothing that was
    typed.
    """
    if right not in {offer.name for offer in RUNNING}:
        raise UnknownRight
    if len(name) > LONGEST_NAME:
        raise TooLong(f"A name has at most {LONGEST_NAME} characters.")
    address = None if not email and channel in STAFF_DOORS else normal("email", email)
    if len(email) > LONGEST_EMAIL:
        raise NotAnIdentifier("email", "longer than an address can be")
    received_at = received_at or at
    found, clock = first_clock(received_at, right, law=law, home=home)
    case_id = case_id or uuid4()
    token = token_of(case_id)
    case = Case(
        id=case_id,
        reference=_free_reference(at),
        right=right,
        law=found,
        language=language,
        asked=dict(asked or {}),
        channel=channel,
        account=None if acting is not None else account,
        key=make_key(),
        person=person_of(address.value) if address else None,
        name=one_line(name),
        email=email.strip(),
        received_at=received_at,
        due_on=clock.due_on,
        clock=clock.stored,
        token_hash=token_hash(token),
    )
    case.save(force_insert=True)
    if address is not None:
        CaseIdentifier.objects.create(
            case=case, key=case.key, kind="email", value=address.value, origin="given", found_at=at
        )
    if home and not law:
        Home.objects.create(case=case, key=case.key, place=home, said_by=home_by, law=found, said_at=at)
    record("rights.case_opened", case, by=by, at=at, right=right, channel=channel, law=found, due=str(clock.due_on))
    saw(case=case.pk, by=by, at=at)
    if acting is not None:
        begin_mandate(case, acting, by=by, at=at)
        if acting.email and _asked_lately(acting.email, at) <= MOST_ASKED:
            _mail_code(case, at)
    elif account is not None and _owners(case).filter(user=account).exists():
        note_step(case, "session", own_address(case), ["email"], channel=channel, by=by, at=at)
        case = _proven(case, by=by, at=at)
    elif address is not None and _asked_lately(case.email, at) <= MOST_ASKED:
        _mail_code(case, at)
    return Opened(case, token_of(case.pk, case.token_hash))


@action
def resend_code(case: Case, *, by: Actor, at: datetime) -> bool:
    """Mail a new code in place of the last one. False: too many were sent, the last one a moment ago, or there is no
    address to mail it to."""
    case = locked(case)
    mailbox = addressee_of(case).email
    flooded = case.code_sent_at is None and _asked_lately(mailbox, at) > MOST_ASKED
    barred = case.state != Case.State.UNPROVEN or not mailbox
    if barred or flooded or not may_mail_code(case.codes_sent, case.code_sent_at, at):
        unchanged()
        return False
    _mail_code(case, at)
    record("rights.code_sent", case, by=by, at=at, count=case.codes_sent)
    return True


@action
def prove(case: Case, code: str, *, by: Actor, at: datetime) -> bool:
    """Whether the code is one that this request waits for: the one that was mailed, or that of another step.

    As soon as what was shown suffices, the search begins, once. After five wrong codes, or when its time is over, it
    takes a new one. Raises SawTheCode.
    """
    case = locked(case)
    mailed = case.code_expires_at is not None and at < case.code_expires_at and case.code_attempts < CODE_TRIES
    right = mailed and code_is(code, case.code_hash, case.pk)
    waiting = has_waiting_code(case, at)
    step = None if right else step_with(case, code, by, at)
    if not right and step is None:
        if mailed:
            case.code_attempts += 1
            case.save(update_fields=["code_attempts"])
        if mailed or waiting:
            record("rights.wrong_code", case, by=by, at=at, tries=case.code_attempts)
        else:
            unchanged()
        return False
    if step is not None:
        shown = [Identifier(*one) for one in step.shows["identifiers"]]
        pass_step(step, shown, step.shows["contacts"], by=by, at=at)
        record("rights.proof_passed", case, by=by, at=at, method=step.method)
    if case.state != Case.State.UNPROVEN:
        unchanged()
        return True
    if right and mandate_of(case) is not None:  # whose mailbox it is says nothing of the person they ask for
        note_step(case, "mail_code", [], channel="email", by=by, at=at)
        case.code_hash, case.code_expires_at = "", None
        case.save(update_fields=["code_hash", "code_expires_at"])
    elif right:
        note_step(case, "mail_code", own_address(case), ["email"], channel="email", by=by, at=at)
        owner = _owners(case).first()
        if owner is not None:
            case.account = owner.user
        elif case.account is None or by != case.account.actor:
            case.account = None  # whoever was signed in when it was asked for has not typed the code
    go_on_if_proven(case, by=by, at=at)
    return True


def go_on_if_proven(case: Case, *, by: Actor, at: datetime) -> None:
    """Inside an action, with the case locked: where the steps so far suffice, the search begins."""
    if case.state == Case.State.UNPROVEN and is_enough(case):
        take_what_was_shown(case)
        _proven(case, by=by, at=at)
    else:
        unchanged()


@action
def withdraw_case(case: Case, *, by: Actor, at: datetime) -> Case:
    """The person no longer wants it; a second call changes nothing. Raises NotNow once it is being carried out."""
    case = locked(case)
    if case.state == Case.State.WITHDRAWN:
        unchanged()
        return case
    must_be_able(case, "withdraw")
    proven, to, key = case.proven_at is not None, addressee_of(case), case.key_of_mails
    comes_to_nothing(case, "withdrawn", by=by, at=at)
    end_without_contact(case, Case.State.WITHDRAWN, by=by, at=at)
    record("rights.case_withdrawn", case, by=by, at=at)
    if proven:  # an unproven one may be anybody's doing: its address is left in peace
        tell(case, "withdrawn", to=to, key=key, at=at)
    return case


@action
def expire_unproven(*, by: Actor, at: datetime) -> int:
    """End the cases that nobody proved in time, and forget their names and addresses. Returns how many."""
    late = Case.objects.select_for_update().filter(state=Case.State.UNPROVEN, received_at__lt=at - PROVE_WITHIN)
    late = late.exclude(code_sent_at__gte=at - PROVE_WITHIN)  # a mail may wait for a person before it is a request
    late = late.exclude(pk__in=Reach.objects.filter(prove_until__gt=at).values("case"))  # post takes its time
    late = late.exclude(pk__in=Mandate.objects.filter(said_at__gt=at - SHOW_WITHIN).values("case"))
    ended = 0
    for case in late:
        end_without_contact(case, Case.State.EXPIRED, by=by, at=at)
        record("rights.case_expired", case, by=by, at=at)
        ended += 1
    if not ended:
        unchanged()
    return ended


def _proven(case: Case, *, by: Actor, at: datetime) -> Case:
    """Search, or join the case that is open already for the same person, address and right: it answers both.

    Two people may share an address: who says another name or number has a request of their own.
    """
    case.proven_at = at
    case.state = Case.State.SEARCHING
    while True:
        waiting = open_like(case)
        earlier = repeated_by(case, waiting)
        if earlier is not None:
            return absorb(case, earlier, how="proven", by=by, at=at)
        set_beside(case, waiting)
        if _saved(case):
            break
    record("rights.case_proven", case, by=by, at=at, methods=sorted(methods_passed(case)))
    tell(case, "received", at=at)
    start_search(case, by=by, at=at)
    takes_effect(case, by=by, at=at)
    ask_for_proof(case, at)
    return case


def _saved(case: Case) -> bool:
    """False: another one was proven at the same moment. One open case per right, address and person at it: the store
    itself says so."""
    try:
        with transaction.atomic():
            case.save(update_fields=["proven_at", "state", "account", "apart"])
    except IntegrityError as refused:
        if "apart" not in str(refused) and ONE_OPEN not in str(refused):
            raise
        return False
    return True


def _mail_code(case: Case, at: datetime) -> None:
    code = new_code()
    case.code_hash = code_hash(code, case.pk)
    case.code_expires_at = at + CODE_LIFE
    case.code_attempts = 0
    case.codes_sent += 1
    case.code_sent_at = at
    case.save(update_fields=["code_hash", "code_expires_at", "code_attempts", "codes_sent", "code_sent_at"])
    tell(case, "code", code=f"{code[:3]} {code[3:]}", at=at)


def _asked_lately(email: str, at: datetime) -> int:
    """Requests that wait for their proof and write to this address: nobody's mailbox is flooded through us."""
    lately = Case.objects.filter(state=Case.State.UNPROVEN, received_at__gt=at - ASKED_WITHIN)
    acting = Mandate.objects.filter(email=email).values("case")
    return lately.filter(email=email, mandate=None).count() + lately.filter(pk__in=acting).count()


def _owners(case: Case):  # type: ignore[no-untyped-def]  # allauth has no types
    """The accounts that have proven this address."""
    if not case.email:
        return EmailAddress.objects.none()
    return EmailAddress.objects.filter(email__iexact=case.email, verified=True, user__is_active=True)


def _free_reference(at: datetime) -> str:
    while Case.objects.filter(reference=(reference := new_reference(settings.COMPANY, at.year))).exists():
        continue
    return reference
