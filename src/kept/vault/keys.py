"""Data keys: made, loaded and destroyed. A key's row is asked for each time, so that one destroyed by any process is
gone for all; only what a wrapped key unwraps to is remembered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from django.db import IntegrityError, connection, transaction

from kept.vault.errors import KeyDestroyed, MasterKeyProblem
from kept.vault.master import MasterKey, master_key, new_key
from kept.vault.models import Generation, Key

REMEMBERED = 8192  # keys unwrapped at a time
ASKED_AT_ONCE = 500  # keys in one statement


def make_first_keys(*, at: datetime, using: str = "default") -> None:
    """A new store's own: the secret of its indexes, and the first generation. A second call changes nothing.

    Raises MasterKeyProblem.
    """
    there = set(Generation.objects.using(using).values_list("number", flat=True))
    for number in {Generation.INDEX, 1} - there if len(there) < 2 else ():
        fresh = Generation(number=number, wrapped=master_key(make=not there).wrap(new_key()), made_at=at)
        try:
            with transaction.atomic(using=using):
                fresh.save(using=using, force_insert=True)
        except IntegrityError:  # another process was first: its key is the store's
            continue


def make_key() -> int:
    """A new data key, in the caller's transaction. Returns its number."""
    generation = _newest_generation()
    if generation is None:
        raise MasterKeyProblem("This store has no keys yet: kept run makes them.")
    wrapping = secret_from(bytes(generation.wrapped))
    return Key.objects.create(generation=generation, wrapped=aes_key_wrap(wrapping, new_key())).number


def _newest_generation() -> Generation | None:
    """On PostgreSQL it is kept from being retired until the transaction ends; on SQLite there is one writer anyway."""
    newest = Generation.objects.exclude(number=Generation.INDEX).order_by("-number")
    if connection.vendor != "postgresql" or not connection.in_atomic_block:
        return newest.first()
    statement = "SELECT * FROM vault_generation WHERE number <> %s ORDER BY number DESC LIMIT 1 FOR KEY SHARE"
    return next(iter(Generation.objects.raw(statement, [Generation.INDEX])), None)


def cipher(number: int) -> AESGCM:
    """Raises KeyDestroyed, MasterKeyProblem."""
    found = ciphers([number])
    if number not in found:
        raise KeyDestroyed(f"key {number}")
    return found[number]


def ciphers(numbers: Iterable[int]) -> Mapping[int, AESGCM]:
    """Those of the keys that are there. Raises MasterKeyProblem."""
    wanted = sorted(set(numbers))
    found: dict[int, AESGCM] = {}
    for start in range(0, len(wanted), ASKED_AT_ONCE):
        rows = Key.objects.filter(number__in=wanted[start : start + ASKED_AT_ONCE])
        for number, wrapped, above in rows.values_list("number", "wrapped", "generation__wrapped"):
            found[number] = _cipher(bytes(above), bytes(wrapped))
    return found


def secret_of_indexes() -> bytes:
    """Raises MasterKeyProblem."""
    generation = Generation.objects.filter(number=Generation.INDEX).first()
    if generation is None:
        raise MasterKeyProblem("This store has no keys yet: kept run makes them.")
    return _unwrapped(master_key(), bytes(generation.wrapped))


def make_generation(*, at: datetime) -> Generation:
    """A new generation, in the caller's transaction: from its commit on it wraps what is new. Raises MasterKeyProblem,
    and IntegrityError when another one is made at the same moment."""
    newest = Generation.objects.order_by("-number").values_list("number", flat=True)[:1]
    wrapped = master_key().wrap(new_key())
    return Generation.objects.create(number=newest[0] + 1, wrapped=wrapped, made_at=at)


def wrap_anew(after: int, limit: int) -> tuple[int, int]:
    """Wrap the next keys by number with the newest generation, in the caller's transaction: each can be opened before
    and after. Returns the last number looked at, and how many were wrapped; nothing left: (`after`, 0).
    """
    newest = Generation.objects.order_by("-number").first()
    rows = list(Key.objects.select_for_update().filter(number__gt=after).order_by("number")[:limit])
    if newest is None or not rows:
        return after, 0
    above = {one.number: secret_from(bytes(one.wrapped)) for one in Generation.objects.all()}
    old = [row for row in rows if row.generation_id != newest.number]
    for row in old:
        try:
            key = aes_key_unwrap(above[row.generation_id], bytes(row.wrapped))
        except (KeyError, InvalidUnwrap):
            raise MasterKeyProblem(f"Key {row.number} was damaged: it does not fit its generation.") from None
        row.generation, row.wrapped = newest, aes_key_wrap(above[newest.number], key)
    Key.objects.bulk_update(old, ["generation", "wrapped"], batch_size=500)
    return rows[-1].number, len(old)


def retire_generations() -> list[int] | None:
    """Delete the generations that wrap nothing any more, in the caller's transaction. Returns their numbers; None:
    some key is still wrapped by one of them, so none was deleted.
    """
    newest = Generation.objects.order_by("-number").values_list("number", flat=True)[:1]
    # The lock waits for whoever wraps a key with one of them at this moment: see `make_key`.
    old = Generation.objects.select_for_update().exclude(number__in=[Generation.INDEX, newest[0]])
    numbers = sorted(one.number for one in old)
    if Key.objects.filter(generation__in=numbers).exists():
        return None
    Generation.objects.filter(number__in=numbers).delete()
    return numbers


def wrap_generations_anew() -> int:
    """Wrap every generation with the first of the master keys, in the caller's transaction. Returns how many."""
    master = master_key()
    rows = list(Generation.objects.select_for_update().order_by("number"))
    for row in rows:
        row.wrapped = master.wrap(master.unwrap(bytes(row.wrapped)))
        row.save(update_fields=["wrapped"])
    return len(rows)


def destroy(number: int) -> bool:
    """Delete the key, in the caller's transaction, which must leave an entry. False: it was gone."""
    gone, _ = Key.objects.filter(number=number).delete()
    forget_unwrapped()
    return bool(gone)


def forget_unwrapped() -> None:
    """Nothing of a key stays in this process."""
    _cipher.cache_clear()
    _unwrapped.cache_clear()


def cipher_from(generation: bytes, wrapped: bytes) -> AESGCM:
    """Of rows that were read already. Raises MasterKeyProblem."""
    return _cipher(generation, wrapped)


def secret_from(generation: bytes) -> bytes:
    """Of a generation's row that was read already. Raises MasterKeyProblem."""
    return _unwrapped(master_key(), generation)


@lru_cache(maxsize=REMEMBERED)
def _cipher(generation: bytes, wrapped: bytes) -> AESGCM:
    try:
        return AESGCM(aes_key_unwrap(_unwrapped(master_key(), generation), wrapped))
    except InvalidUnwrap:
        raise MasterKeyProblem("A key of this store was damaged: it does not fit its generation.") from None


@lru_cache(maxsize=64)
def _unwrapped(master: MasterKey, wrapped: bytes) -> bytes:
    return master.unwrap(wrapped)
