"""Somebody who is nobody, asking for nobody: see `kept.vault.canaries`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from kept.rights.mandates.models import Mandate
from kept.rights.models import Case
from kept.vault.canaries import canary

OF_NOBODY = "CANARY-G"
PLACES = ("mandates_mandate.name", "mandates_mandate.email", "mandates_mandate.postal")


def plant(secret: str, open_word: str, key: int, at: datetime) -> None:
    case = Case.objects.create(
        reference=f"{OF_NOBODY}{open_word}"[: Case._meta.get_field("reference").max_length],
        right=Case.Right.ACCESS,
        channel=Case.Channel.WEB,
        key=key,
        received_at=at,
        due_on=at.date(),
        token_hash=f"G{open_word}".ljust(64, "-"),  # of no token
    )
    Mandate.objects.create(
        case=case,
        key=key,
        kind=Mandate.Kind.AGENT,
        name=secret,
        email=f"{secret}@canary.invalid",
        postal=secret,
        said_at=at,
        said_by="kept",
    )


def pull(keys: Collection[int]) -> int:
    gone, _ = Case.objects.filter(reference__startswith=OF_NOBODY, key__in=keys).delete()
    return gone


def left(before: datetime) -> Iterable[int]:
    ours = Case.objects.filter(reference__startswith=OF_NOBODY, received_at__lt=before)
    return [key for key in ours.values_list("key", flat=True) if key is not None]


canary(PLACES, plant, pull, left)
