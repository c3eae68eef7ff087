"""Counting tries in the store. `try_once` is asked before something that may be tried only so often."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import IntegrityError, transaction
from django.utils import timezone

from kept.security.models.tries import Try
from kept.security.rates import Rate, give_back, take

ALWAYS = datetime(9999, 1, 1, tzinfo=UTC)


def try_once(what: str, who: str, rate: Rate, *, at: datetime) -> timedelta | None:
    """Count one try of somebody at something. None: go on; else how long to wait. Refused tries do not add up.

    Two at once count as two, in whatever process: the row is locked while it is counted.
    """
    key = key_of(what, who)
    with transaction.atomic():
        row = _locked(key, at)
        used_until, wait = take(rate, row.until, at)
        if wait is None:
            Try.objects.filter(pk=key).update(until=used_until)
    return wait


def take_back(what: str, who: str, rate: Rate, *, at: datetime) -> None:
    """The last try turned out right: it is not held against anybody."""
    with transaction.atomic():
        row = Try.objects.select_for_update().filter(pk=key_of(what, who)).first()
        if row is not None and row.until > at:
            Try.objects.filter(pk=row.pk).update(until=give_back(rate, row.until))


def forget_tries(*, at: datetime) -> int:
    """Remove what counts no more. Returns how many."""
    gone, _ = Try.objects.filter(until__lt=at).delete()
    return gone


def key_of(what: str, who: str) -> str:
    """A keyed hash. Tries of an address cannot be found by who knows the address and not the site's key."""
    return hmac.new(settings.SECRET_KEY.encode(), f"tries\0{what}\0{who}".encode(), hashlib.sha256).hexdigest()


def _locked(key: str, at: datetime) -> Try:
    while True:
        row = Try.objects.select_for_update().filter(pk=key).first()
        if row is not None:
            return row
        try:
            with transaction.atomic():
                Try.objects.create(key=key, until=at)
        except IntegrityError:  # another process made it a moment ago
            continue


class StoreCache(BaseCache):
    """Django's cache interface over the same table, for what allauth counts: wrong passwords and codes.

    Values are JSON. `add` is atomic, which is what allauth's locks are made of.
    """

    def __init__(self, _: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        at, hashed = timezone.now(), self._hashed(key, version)
        with transaction.atomic():
            Try.objects.filter(pk=hashed, until__lte=at).delete()
            made = Try.objects.bulk_create([self._row(hashed, value, timeout, at)], ignore_conflicts=True)
            return bool(made) and self._is_ours(hashed, made[0])

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        row = Try.objects.filter(pk=self._hashed(key, version), until__gt=timezone.now()).first()
        return default if row is None or row.value is None else row.value["is"]

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        row = self._row(self._hashed(key, version), value, timeout, timezone.now())
        Try.objects.bulk_create([row], update_conflicts=True, unique_fields=["key"], update_fields=["value", "until"])

    def delete(self, key: Any, version: int | None = None) -> bool:
        gone, _ = Try.objects.filter(pk=self._hashed(key, version)).delete()
        return bool(gone)

    def clear(self) -> None:
        Try.objects.all().delete()

    def _hashed(self, key: Any, version: int | None) -> str:
        return key_of("cache", self.make_and_validate_key(key, version=version))

    def _row(self, hashed: str, value: Any, timeout: Any, at: datetime) -> Try:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        until = ALWAYS if seconds is None else at + timedelta(seconds=float(seconds))
        # `by`: bulk_create cannot tell whether a row was there already; ours is the one with our mark.
        return Try(key=hashed, value={"is": value, "by": secrets.token_hex(8)}, until=until)

    def _is_ours(self, hashed: str, row: Try) -> bool:
        there = Try.objects.filter(pk=hashed).values_list("value", flat=True).first()
        return there == row.value
