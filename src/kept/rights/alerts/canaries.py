"""An address of nobody that was told: see `kept.vault.canaries`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from kept.rights.alerts.models import Alert
from kept.rights.models import Case
from kept.vault.canaries import canary

OF_NOBODY = "CANARY-L"
PLACES = ("alerts_alert.email", "alerts_alert.settled_because")


def plant(secret: str, open_word: str, key: int, at: datetime) -> None:
    case = Case.objects.create(
        reference=f"{OF_NOBODY}{open_word}"[: Case._meta.get_field("reference").max_length],
        right=Case.Right.ERASURE,
        channel=Case.Channel.WEB,
        key=key,
        received_at=at,
        due_on=at.date(),
        token_hash=f"L{open_word}".ljust(64, "-"),  # of no token
    )
    Alert.objects.create(
        case=case,
        key=key,
        email=f"{secret}@canary.invalid",
        settled_because=secret,
        token_hash=f"l{open_word}".ljust(64, "-"),
        told_at=at,
    )


def pull(keys: Collection[int]) -> int:
    gone, _ = Case.objects.filter(reference__startswith=OF_NOBODY, key__in=keys).delete()
    return gone


def left(before: datetime) -> Iterable[int]:
    ours = Case.objects.filter(reference__startswith=OF_NOBODY, received_at__lt=before)
    return [key for key in ours.values_list("key", flat=True) if key is not None]


canary(PLACES, plant, pull, left)
