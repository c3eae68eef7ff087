"""Asking whether somebody may be approached."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from kept.terms import Identifier
from kept.use.models import KeptAccount, Suppression
from kept.use.rules import KEPT_BY_LAW, digest
from kept.vault.site_keys import site_keys


def is_suppressed(identifier: Identifier, purpose: str, on: date) -> bool:
    """Whether the purpose must leave this identifier alone on that day."""
    digests = [digest(identifier, purpose, key) for key in keys()]
    return Suppression.objects.filter(purpose=purpose, kind=identifier.kind, digest__in=digests, until__gte=on).exists()


def kept_accounts(identifiers: Iterable[Identifier], on: date) -> frozenset[Identifier]:
    """The accounts of these addresses whose records a law still keeps after an erasure."""
    digests = [digest(identifier, KEPT_BY_LAW, key) for identifier in identifiers for key in keys()]
    rows = KeptAccount.objects.filter(digest__in=digests, until__gte=on).values_list("account", "system")
    return frozenset(Identifier("account", account, system) for account, system in rows)


def keys() -> list[bytes]:
    """One for each of the site's keys, the newest first."""
    return site_keys("suppression")
