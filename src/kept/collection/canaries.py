"""A mail of nobody: see `kept.vault.canaries`. It was settled at once, so it waits for nobody."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from kept.collection.mail.models import InboundMail, MailItem, MailPiece
from kept.vault.canaries import canary

OF_NOBODY = "canary"
SEALED = ("envelope", "message_id", "sender", "sender_name", "subject", "text", "quoted", "details")
PLACES = (
    *(f"collection_inboundmail.{name}" for name in SEALED),
    "collection_mailpiece.raw",
    "collection_mailitem.person",
    "collection_mailitem.name",
)


def plant(secret: str, open_word: str, key: int, at: datetime) -> None:
    mail = InboundMail.objects.create(
        key=key,
        sha256=open_word.ljust(64, "-")[:64],  # of no mail
        size=0,
        received_at=at,
        door=InboundMail.Door.HAND,
        envelope={"sender": secret},
        state=InboundMail.State.COPY,
        automatic=OF_NOBODY,
        message_id=secret,
        sender=f"{secret}@canary.invalid",
        sender_name=secret,
        subject=secret,
        text=f"{secret} in a text of some length. " * 100,
        quoted=secret,
        details={"to": [secret]},
    )
    MailPiece.objects.create(mail=mail, number=0, key=key, raw=f"Subject: {secret}\r\n\r\n{secret}".encode())
    MailItem.objects.create(
        mail=mail, key=key, wish="access", person=f"{secret}@canary.invalid", name=secret, state="dismissed"
    )


def pull(keys: Collection[int]) -> int:
    gone, _ = InboundMail.objects.filter(automatic=OF_NOBODY, key__in=keys).delete()
    return gone


def left(before: datetime) -> Iterable[int]:
    ours = InboundMail.objects.filter(automatic=OF_NOBODY, received_at__lt=before)
    return [key for key in ours.values_list("key", flat=True) if key is not None]


canary(PLACES, plant, pull, left)
