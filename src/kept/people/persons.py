"""Whose key it is: the person behind an address, made with a key of their own when they are first met."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import Q

from kept.people.models import Account, Person
from kept.vault.index import INDEX_BYTES, address_index
from kept.vault.keys import make_key

PLACE = "people_person.address"


def person_of(address: str) -> Person:
    """The person whom the address leads to, in the caller's transaction. Raises MasterKeyProblem."""
    index = address_index(PLACE, address)
    known = Person.objects.filter(address_index=index).select_related("account").first()
    if known is not None and known.account is not None and not _has_address(known.account, address):
        # The account has another address by now, and this one may be somebody else's.
        Person.objects.filter(pk=known.pk).update(address_index=secrets.token_bytes(INDEX_BYTES))
        known = None
    owner = _owner_of(address)
    if known is not None:
        if known.account is None and owner is not None and not Person.objects.filter(account=owner).exists():
            Person.objects.filter(pk=known.pk).update(account=owner)
        return known
    by_account = Person.objects.filter(account=owner).first() if owner else None
    return by_account or _make(index, owner)


def persons_of(addresses: Collection[str], accounts: Collection[UUID]) -> list[Person]:
    """Those whom these addresses and accounts lead to. Makes nobody."""
    indexes = [address_index(PLACE, address) for address in addresses]
    wanted = Q(address_index__in=indexes) | Q(account__in=list(accounts))
    return list(Person.objects.filter(wanted).order_by("pk"))


def _make(index: bytes, account: Account | None) -> Person:
    try:
        with transaction.atomic():
            return Person.objects.create(number=make_key(), account=account, address_index=index)
    except IntegrityError:  # somebody met them at the same moment
        return Person.objects.get(Q(address_index=index) | Q(account=account, account__isnull=False))


def _owner_of(address: str) -> Account | None:
    """Whose account it is: by a proven address, else by the one it was made with."""
    proven = EmailAddress.objects.filter(email__iexact=address, verified=True).select_related("user").first()
    return proven.user if proven else Account.objects.filter(email=address.lower()).first()


def _has_address(account: Account, address: str) -> bool:
    own = account.email == address.lower()
    return own or bool(EmailAddress.objects.filter(user=account, email__iexact=address).exists())
