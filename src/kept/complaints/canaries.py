"""A complaint, an enquiry and a bundle of nobody: see `kept.vault.canaries`. They are on no desk."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from kept.complaints.models import Bundle, Complaint, ComplaintFile, ComplaintNote, Enquiry, EnquiryAnswer
from kept.vault.canaries import canary

OF_NOBODY = "CANARY-"
TEXTS = ("name", "postal", "words", "wants", "about_named", "findings", "remedy")
ASKED = ("authority", "their_reference", "basis", "asked", "contact", "due_said", "verified_how", "closed_why")
PLACES = (
    *(f"complaints_complaint.{name}" for name in (*TEXTS, "email")),
    "complaints_complaintnote.text",
    "complaints_complaintfile.name",
    *(f"complaints_enquiry.{name}" for name in ASKED),
    "complaints_enquiryanswer.text",
    "complaints_bundle.reason",
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
    enquiry = Enquiry.objects.create(
        reference=f"{OF_NOBODY}{open_word}"[: Enquiry._meta.get_field("reference").max_length],
        key=key,
        state=Enquiry.State.CLOSED,
        channel=Enquiry.Channel.LETTER,
        received_at=at,
        due_on=at.date(),
        recorded_by="kept",
        closed_at=at,
        **dict.fromkeys(ASKED, secret),
    )
    EnquiryAnswer.objects.create(
        enquiry=enquiry,
        key=key,
        state="taken_back",
        text=secret,
        sha256="",
        how="letter",
        written_at=at,
        written_by="kept",
    )
    Bundle.objects.create(
        matter=OF_NOBODY,
        reference=OF_NOBODY,
        key=key,
        state=Bundle.State.GONE,
        reason=secret,
        asked_at=at,
        asked_by="kept",
    )


def pull(keys: Collection[int]) -> int:
    ours = (Complaint.objects, Enquiry.objects, Bundle.objects)
    return sum(rows.filter(reference__startswith=OF_NOBODY, key__in=keys).delete()[0] for rows in ours)


def left(before: datetime) -> Iterable[int]:
    ours = Complaint.objects.filter(reference__startswith=OF_NOBODY, received_at__lt=before)
    return [key for key in ours.values_list("key", flat=True) if key is not None]


canary(PLACES, plant, pull, left)
