"""A breach of nobody's data: see `kept.vault.canaries`. It is closed, so nobody is told of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from kept.security.models.breaches import Breach, Notice
from kept.vault.canaries import canary

OF_NOBODY = "CANARY-"
LONG_AGO = datetime(2022, 1, 1, tzinfo=UTC)  # every clock ran by then, and no report looks back so far
TEXTS = ("title", "happened", "consequences", "measures", "late_because")
PLACES = (*(f"security_breach.{name}" for name in TEXTS), "security_notice.text", "security_notice.receipt")


def plant(secret: str, open_word: str, key: int, at: datetime) -> None:
    breach = Breach.objects.create(
        reference=f"{OF_NOBODY}{open_word}"[: Breach._meta.get_field("reference").max_length],
        key=key,
        aware_at=LONG_AGO,
        reported_by=open_word,
        reported_at=at,
        closed_at=LONG_AGO,
        **dict.fromkeys(TEXTS, secret),
    )
    Notice.objects.create(breach=breach, key=key, to="people", sent_at=LONG_AGO, text=secret, receipt=secret, by="kept")


def pull(keys: Collection[int]) -> int:
    gone, _ = Breach.objects.filter(reference__startswith=OF_NOBODY, key__in=keys).delete()
    return gone


def left(before: datetime) -> Iterable[int]:
    ours = Breach.objects.filter(reference__startswith=OF_NOBODY, reported_at__lt=before)
    return [key for key in ours.values_list("key", flat=True) if key is not None]


canary(PLACES, plant, pull, left)
