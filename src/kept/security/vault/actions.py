"""What changes keys, each with its entry."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import models

from kept.security.backup.replays import note
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor
from kept.vault import keys
from kept.vault.canaries import canaries
from kept.vault.errors import KeyDestroyed
from kept.vault.fields import KeyedIndexField, sealed_models
from kept.vault.models import Generation
from kept.work.models import Step
from kept.work.steps import finish, key_of, queue

LOOKED = "vault.looked_for_clear_text"
ABOUT = "vault"
LOOK_TAKES = timedelta(hours=2)  # canaries that are older were left by a look that was killed
REWRAPPED_AT_ONCE = 2000  # keys in one transaction


class StillOpens(Exception):
    """After it was destroyed the key was still there. The whole transaction was rolled back; the code is wrong."""


@action
def destroy_key(number: int, *, by: Actor, at: datetime) -> bool:
    """Destroy a data key: what it sealed can be read by nobody, here and in every backup that its own copies outlive.

    Rows that it still seals are emptied. Final; a second call changes nothing and returns False. Art. 17(1);
    NIST SP 800-88, cryptographic erase. Raises StillOpens.
    """
    emptied = _empty_rows(number)
    if not keys.destroy(number):
        unchanged()
        return False
    try:
        keys.cipher(number)
    except KeyDestroyed:
        queue("vault.scrub", at=at, batch="scrub")
        note("key", at=at, number=number)
        record("vault.key_destroyed", f"key:{number}", by=by, at=at, emptied=emptied)
        return True
    raise StillOpens(f"key {number}")


@action
def plant_canaries(secret: str, open_word: str, *, by: Actor, at: datetime) -> int:
    """Rows of nobody with a secret word in every sealed field, to be looked for in clear. Returns the number of their
    key."""
    key = keys.make_key()
    for one in canaries():
        one.plant(secret, open_word, key, at)
    record("vault.canaries_planted", f"key:{key}", by=by, at=at, rooms=len(canaries()))
    return key


@action
def pull_canaries(numbers: Collection[int] = (), *, by: Actor, at: datetime) -> int:
    """Take away the canaries under these keys, and those of looks that were killed. Their keys go with them. Returns
    how many rows there were."""
    wanted = set(numbers).union(*(one.left(at - LOOK_TAKES) for one in canaries()))
    gone = sum(one.pull(wanted) for one in canaries()) if wanted else 0
    for number in sorted(wanted):
        keys.destroy(number)
        record("vault.canaries_pulled", f"key:{number}", by=by, at=at)
    if not wanted:
        unchanged()
    return gone


@action
def looked_for_clear_text(
    fields: int,
    values: int,
    sampled: int,
    in_clear: Collection[str],
    unsure: Collection[str],
    places: Collection[str],
    *,
    by: Actor,
    at: datetime,
) -> None:
    """What a look for clear text found: see `clear.look_for_clear_text`."""
    record(
        LOOKED, ABOUT, by=by, at=at,
        fields=fields, values=values, sampled=sampled,
        in_clear=[_short(one) for one in in_clear], unsure=[_short(one) for one in unsure], places=list(places),
    )  # fmt: skip


def _short(text: str) -> str:
    return text.replace("@", "(at)")[:200]


@action
def begin_rotation(*, by: Actor, at: datetime) -> int:
    """Make a new generation and have all keys wrapped with it, in batches. Returns its number. One rotation at a time:
    while one is under way, a second call changes nothing."""
    under_way = Step.objects.filter(name="vault.rewrap", state__in=[Step.State.WAITING, Step.State.RUNNING])
    if under_way.exists():
        unchanged()
        return Generation.objects.order_by("-number").values_list("number", flat=True)[0]
    number = keys.make_generation(at=at).number
    record("vault.rotation_begun", f"generation:{number}", by=by, at=at)
    queue("vault.rewrap", key=key_of("vault.rewrap", number, 0), at=at, generation=number, after=0)
    return number


@action
def rewrap_batch(step: Step, *, by: Actor, at: datetime) -> None:
    """The next keys of a rotation. After the last one the old generations go: nothing needs them any more."""
    generation, after = int(step.args["generation"]), int(step.args["after"])
    last, wrapped = keys.wrap_anew(after, REWRAPPED_AT_ONCE)
    finish(step, {"wrapped": wrapped}, at=at)
    if last > after:
        key = key_of("vault.rewrap", generation, last)
        queue("vault.rewrap", key=key, at=at, generation=generation, after=last)
        unchanged()
        return
    retired = keys.retire_generations()
    if retired is None:  # somebody was still writing one when the last batch was looked at: once more from the start
        queue("vault.rewrap", at=at, generation=generation, after=0)
        unchanged()
        return
    queue("vault.scrub", at=at, batch="scrub")
    record("vault.rotated", f"generation:{generation}", by=by, at=at, retired=len(retired))


@action
def wrap_with_new_master(*, by: Actor, at: datetime) -> int:
    """The master key was changed: wrap the generations with the new one, so that the old one can go. Returns how many.

    Raises MasterKeyProblem, where neither is the right one.
    """
    count = keys.wrap_generations_anew()
    record("vault.master_key_changed", "vault", by=by, at=at, generations=count)
    return count


def _empty_rows(number: int) -> int:
    """What the key still seals is taken away; a row that is nothing without it goes. Returns how many rows."""
    emptied = 0
    for model, fields in sealed_models():
        for key in {field.key for field in fields}:
            empty: dict[str, Any] = {field.name: field.empty for field in fields if field.key == key}
            of_these = [
                one for one in model._meta.local_concrete_fields if isinstance(one, KeyedIndexField) and one.of in empty
            ]
            rows = model._default_manager.filter(**{key: number})
            if any(_must_differ(model, one) for one in of_these):
                emptied += rows.delete()[0]
                continue
            empty |= {one.name: None if one.null else b"" for one in of_these}
            emptied += rows.update(**empty)
    return emptied


def _must_differ(model: type[models.Model], index: KeyedIndexField) -> bool:
    """Whether two rows without it could not stand side by side."""
    listed = [one.fields for one in model._meta.constraints if isinstance(one, models.UniqueConstraint)]
    return not index.null and any(index.name in names for names in listed)
