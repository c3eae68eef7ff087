"""A letter of nobody: see `kept.vault.canaries`. It was settled at once, so it waits for nobody."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from kept.collection.letters.models import Letter, Scan
from kept.vault.canaries import canary

OF_NOBODY = "canary"  # in the place of who registered it
PLACES = ("letters_letter.sender", "letters_letter.says", "letters_letter.settled_how", "letters_scan.name")


def plant(secret: str, open_word: str, key: int, at: datetime) -> None:
    letter = Letter.objects.create(
        key=key, received_on=at.date(), registered_at=at, registered_by=OF_NOBODY, sender=secret, says=secret,
        state=Letter.State.SETTLED, settled_at=at, settled_by=open_word[:64], settled_how=secret,
    )  # fmt: skip
    Scan.objects.create(letter=letter, number=0, key=key, place="", name=secret, kind="pdf", size=0, sha256="")


def pull(keys: Collection[int]) -> int:
    gone, _ = Letter.objects.filter(registered_by=OF_NOBODY, key__in=keys).delete()
    return gone


def left(before: datetime) -> Iterable[int]:
    ours = Letter.objects.filter(registered_by=OF_NOBODY, registered_at__lt=before)
    return [key for key in ours.values_list("key", flat=True) if key is not None]


canary(PLACES, plant, pull, left)
