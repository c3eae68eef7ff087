"""The proof of a new address of mail, before anything is changed to it: a code, mailed there."""

from __future__ import annotations

from datetime import datetime

from kept.engine.identifiers import normal
from kept.people import codes
from kept.rights.actions.searching import go_on
from kept.rights.actions.steps import locked
from kept.rights.models import Case, CaseIdentifier
from kept.rights.righting.models import NewAddress
from kept.rights.righting.rules import corrections_in, new_email
from kept.rights.rules import CODE_LIFE, CODE_TRIES, OPEN, may_mail_code
from kept.rights.subjects import opened
from kept.rights.telling import Addressee, tell
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor

CODE = "new address code"  # opens nothing but this


def ask_for_proof(case: Case, at: datetime) -> None:
    """Inside the action that proved the request: a code goes to the address that is to become the person's."""
    email = new_email(corrections_in(case.asked))
    if case.right != Case.Right.RECTIFICATION or not email or NewAddress.objects.filter(case=case).exists():
        return
    address = NewAddress(case=case, key=case.key, email=email)
    if normal("email", email).value in set(_proven_addresses(case)):
        address.proven_at = at  # it is theirs already, by the same proof
        address.save(force_insert=True)
        return
    address.save(force_insert=True)
    _mail_code(case, address, at)


@action
def resend_proof(case: Case, *, by: Actor, at: datetime) -> bool:
    """Mail a new code to the new address in place of the last one. False: too many were sent, or one a moment ago."""
    case = locked(case)
    address = NewAddress.objects.filter(case=case, proven_at=None).first()
    allowed = address is not None and may_mail_code(address.codes_sent, address.code_sent_at, at)
    if address is None or not allowed or case.state not in OPEN:
        unchanged()
        return False
    _mail_code(case, address, at)
    record("rights.new_address_code_sent", case, by=by, at=at, count=address.codes_sent)
    return True


@action
def prove_new_address(case: Case, code: str, *, by: Actor, at: datetime) -> bool:
    """Whether the code is the one mailed to the new address. From then on the person is known by it as well."""
    case = locked(case)
    address = NewAddress.objects.filter(case=case).first()
    if address is None or case.state not in OPEN or case.key is None:
        unchanged()
        return False
    if address.proven_at is not None:
        unchanged()
        return True
    usable = address.code_expires_at is not None and at < address.code_expires_at
    usable = usable and address.code_attempts < CODE_TRIES
    if not usable or not codes.code_is(CODE, code, address.code_hash, address.pk):
        if usable:
            address.code_attempts += 1
            address.save(update_fields=["code_attempts"])
            record("rights.wrong_code", case, by=by, at=at, tries=address.code_attempts)
        else:
            unchanged()
        return False
    address.proven_at, address.code_hash = at, ""
    address.save(update_fields=["proven_at", "code_hash"])
    known = normal("email", address.email)
    if not case.identifiers.filter(kind="email", value=known.value).exists():
        CaseIdentifier.objects.create(
            case=case, key=case.key, kind="email", value=known.value, origin="given", found_at=at
        )
    record("rights.new_address_proven", case, by=by, at=at)
    go_on(case, at)
    return True


def _mail_code(case: Case, address: NewAddress, at: datetime) -> None:
    """Without a name and without the link of the request: the address may be mistyped, and somebody else's."""
    code = codes.new_code()
    address.code_hash, address.code_expires_at = codes.code_hash(CODE, code, address.pk), at + CODE_LIFE
    address.code_attempts, address.code_sent_at = 0, at
    address.codes_sent += 1
    address.save()
    tell(case, "new_address_code", to=Addressee("", address.email), code=f"{code[:3]} {code[3:]}", at=at)


def _proven_addresses(case: Case) -> list[str]:
    return [row.value for row in opened(case.identifiers.filter(kind="email", origin="given"))]
