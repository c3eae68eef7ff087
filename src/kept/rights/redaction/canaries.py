"""A text of nobody under review: see `kept.vault.canaries`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from kept.rights.canaries import OF_NOBODY
from kept.rights.models import Case
from kept.rights.redaction.models import TextReview, TextSearch
from kept.vault.canaries import canary

PLACES = ("redaction_textsearch.names", "redaction_textreview.text", "redaction_textreview.spans")


def plant(secret: str, open_word: str, key: int, at: datetime) -> None:
    """Beside the room's own request of nobody, which goes and takes these along."""
    case = Case.objects.get(key=key, reference__startswith=OF_NOBODY)
    TextSearch.objects.create(case=case, key=key, names={"names": [secret]}, at=at)
    spans = {"suggested": [], "spans": [{"why": secret}]}
    TextReview.objects.create(case=case, key=key, number=1, system=open_word[:64], own=False, text=secret, spans=spans)


def pull(keys: Collection[int]) -> int:
    gone, _ = TextReview.objects.filter(case__reference__startswith=OF_NOBODY, key__in=keys).delete()
    also, _ = TextSearch.objects.filter(case__reference__startswith=OF_NOBODY, key__in=keys).delete()
    return gone + also


def left(before: datetime) -> Iterable[int]:
    ours = TextReview.objects.filter(case__reference__startswith=OF_NOBODY, case__received_at__lt=before)
    return [key for key in ours.values_list("key", flat=True) if key is not None]


canary(PLACES, plant, pull, left)
