"""A call of nobody: see `kept.vault.canaries`. It was settled at once, so it waits for nobody."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from kept.collection.calls.models import Call
from kept.vault.canaries import canary

OF_NOBODY = "canary"  # in the place of who noted it
SEALED = ("caller", "number", "says", "called_back_says", "settled_how")
PLACES = tuple(f"calls_call.{name}" for name in SEALED)


def plant(secret: str, open_word: str, key: int, at: datetime) -> None:
    Call.objects.create(
        key=key, door=Call.Door.TELEPHONE, came_at=at, registered_at=at, registered_by=OF_NOBODY,
        state=Call.State.SETTLED, settled_at=at, settled_by=open_word[:64], **dict.fromkeys(SEALED, secret),
    )  # fmt: skip


def pull(keys: Collection[int]) -> int:
    gone, _ = Call.objects.filter(registered_by=OF_NOBODY, key__in=keys).delete()
    return gone


def left(before: datetime) -> Iterable[int]:
    ours = Call.objects.filter(registered_by=OF_NOBODY, registered_at__lt=before)
    return [key for key in ours.values_list("key", flat=True) if key is not None]


canary(PLACES, plant, pull, left)
