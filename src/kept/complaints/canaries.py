"""A complaint of nobody: see `kept.vault.canaries`. It is on no desk."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from kept.complaints.models import Complaint, ComplaintFile, ComplaintNote
from kept.vault.canaries import canary

OF_NOBODY = "CANARY-"
TEXTS = ("name", "postal", "words", "wants", "about_named", "findings", "remedy")
PLACES = (
    *(f"complaints_complaint.{name}" for name in (*TEXTS, "email")),
    "complaints_complaintnote.text",
    "complaints_complaintfile.name",
)


def plant(secret: str, open_word: str, key: int, at: datetime) -> None:
    complaint = Complaint.objects.create(
        reference=f"{OF_NOBODY}{open_word}"[: Complaint._meta.get_field("reference").max_length],
        channel=Complaint.Channel.WEB,
        state=Complaint.State.DECIDED,  # nobody has to do anything about it
        outcome=Complaint.Outcome.NOT_UPHELD,
        law="other",
        key=key,
        email=f"{secret}@canary.invalid",
        received_at=at,
        ack_due_on=at.date(),
        token_hash=open_word.ljust(64, "-")[:64],  # of no token
        **dict.fromkeys(TEXTS, secret),
    )
    ComplaintNote.objects.create(complaint=complaint, key=key, kind="note", text=secret, at=at, by="kept")
    ComplaintFile.objects.create(
        complaint=complaint, key=key, place="", name=secret, kind="text", size=0, sha256="", at=at, by="kept"
    )


def pull(keys: Collection[int]) -> int:
    gone, _ = Complaint.objects.filter(reference__startswith=OF_NOBODY, key__in=keys).delete()
    return gone


def left(before: datetime) -> Iterable[int]:
    ours = Complaint.objects.filter(reference__startswith=OF_NOBODY, received_at__lt=before)
    return [key for key in ours.values_list("key", flat=True) if key is not None]


canary(PLACES, plant, pull, left)
