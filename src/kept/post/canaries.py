"""A mail of nobody: see `kept.vault.canaries`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from kept.post.models import Message
from kept.vault.canaries import canary

OF_NOBODY = UUID("00000000-0000-4000-8000-000000000000")
PLACES = ("post_message.to", "post_message.subject", "post_message.text", "post_message.html")


def plant(secret: str, open_word: str, key: int, at: datetime) -> None:
    Message.objects.create(
        key=key,
        to=f"{secret}@canary.invalid",
        subject=secret,
        text=f"{secret} in a text of some length. " * 100,
        html=f"<p>{secret}</p>",
        about=OF_NOBODY,
        state=Message.State.FAILED,  # it never leaves
        written_at=at,
    )


def pull(keys: Collection[int]) -> int:
    gone, _ = Message.objects.filter(about=OF_NOBODY, key__in=keys).delete()
    return gone


def left(before: datetime) -> Iterable[int]:
    ours = Message.objects.filter(about=OF_NOBODY, written_at__lt=before)
    return [key for key in ours.values_list("key", flat=True) if key is not None]


canary(PLACES, plant, pull, left)
