"""What somebody claims about themselves, held against what is on file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.rights.models import Case
from kept.rights.proof.on_file import OnFile, has_email, has_name, has_phone, has_postal, records_of
from kept.rights.reach.models import Reach
from kept.terms import Identifier


@dataclass(frozen=True)
class Claim:
    """Said, and shown by nothing yet."""

    identifiers: tuple[Identifier, ...] = field(repr=False)  # strong ones: the address, the number as a customer
    name: str = field(repr=False)
    email: str = field(repr=False)
    postal: str = field(repr=False)
    phone: str = field(repr=False)


@dataclass(frozen=True)
class Fits:
    """What of a claim one record bears out: whose record it is, and which ways to reach them stand there too."""

    record: OnFile = field(repr=False)
    contacts: frozenset[str]  # of "email", "postal", "phone"
    name: bool


def claim_of(case: Case) -> Claim:
    reach = Reach.objects.filter(case=case).first()
    found = []
    with suppress(NotAnIdentifier):
        found.append(normal("email", case.email))
    if reach is not None and reach.account:
        with suppress(NotAnIdentifier):
            found.append(normal("account", reach.account, scope=reach.system))
    postal, phone = (reach.postal, reach.phone) if reach else ("", "")
    return Claim(tuple(found), case.name, case.email, postal, phone)


def fits_of(claim: Claim) -> list[Fits]:
    """Each record that the claim's identifiers lead to, with what fits. Raises what a connector raises, PackError."""
    return [
        Fits(
            record,
            frozenset(
                contact
                for contact, fits in (
                    ("email", has_email(record, claim.email)),
                    ("postal", has_postal(record, claim.postal)),
                    ("phone", has_phone(record, claim.phone)),
                )
                if fits
            ),
            has_name(record, claim.name),
        )
        for record in records_of(claim.identifiers)
    ]


def named(found: Sequence[Fits], contact: str = "") -> list[Fits]:
    """Those of the name that was given, and where a contact is asked for, with that contact on file."""
    return [one for one in found if one.name and (not contact or contact in one.contacts)]
