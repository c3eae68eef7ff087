"""A mark of nobody: see `kept.vault.canaries`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from kept.rights.canaries import OF_NOBODY
from kept.rights.models import Case
from kept.rights.stopping.models import KeptMark
from kept.vault.canaries import canary

SYSTEM = "canary"


def plant(secret: str, open_word: str, key: int, at: datetime) -> None:
    case = Case.objects.create(
        reference=f"{OF_NOBODY}S{open_word}"[: Case._meta.get_field("reference").max_length],
        right=Case.Right.RESTRICTION,
        channel=Case.Channel.WEB,
        key=key,
        received_at=at,
        due_on=at.date(),
        token_hash=f"S{open_word}".ljust(64, "-"),  # of no token
    )
    KeptMark.objects.create(case=case, system=SYSTEM, name="restriction", key=key, stood={"was": secret}, set_at=at)


def pull(keys: Collection[int]) -> int:
    gone, _ = Case.objects.filter(reference__startswith=OF_NOBODY, key__in=keys).delete()
    return gone


def left(before: datetime) -> Iterable[int]:
    ours = KeptMark.objects.filter(system=SYSTEM, set_at__lt=before)
    return [key for key in ours.values_list("key", flat=True) if key is not None]


canary(["stopping_keptmark.stood"], plant, pull, left)
