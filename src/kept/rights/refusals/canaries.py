"""Refusals of nobody: see `kept.vault.canaries`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from kept.rights.models import Case
from kept.rights.refusals.models import Annotation, Refusal
from kept.vault.canaries import canary

OF_NOBODY = "CANARY-R"
PLACES = (
    "refusals_refusal.shown",
    "refusals_refusal.because",
    "refusals_annotation.email",
    "refusals_annotation.statement",
)


def plant(secret: str, open_word: str, key: int, at: datetime) -> None:
    reference = f"{OF_NOBODY}{open_word}"[: Case._meta.get_field("reference").max_length]
    case = Case.objects.create(
        reference=reference,
        right=Case.Right.ACCESS,
        channel=Case.Channel.WEB,
        key=key,
        received_at=at,
        due_on=at.date(),
        token_hash=f"R{open_word}".ljust(64, "-"),  # of no token
    )
    Refusal.objects.create(
        case=case, key=key, right="access", law="eu-gdpr", ground="unfounded", source=open_word, state="void",
        shown={"objective": secret}, because=secret, tell_by=at.date(), proposed_at=at, proposed_by="kept",
    )  # fmt: skip
    Annotation.objects.create(
        key=key, email=f"{secret}@canary.invalid", reference=reference, statement=secret, made_at=at
    )  # fmt: skip


def pull(keys: Collection[int]) -> int:
    gone, _ = Case.objects.filter(reference__startswith=OF_NOBODY, key__in=keys).delete()
    more, _ = Annotation.objects.filter(reference__startswith=OF_NOBODY, key__in=keys).delete()
    return gone + more


def left(before: datetime) -> Iterable[int]:
    cases = Case.objects.filter(reference__startswith=OF_NOBODY, received_at__lt=before)
    notes = Annotation.objects.filter(reference__startswith=OF_NOBODY, made_at__lt=before)
    keys = {*cases.values_list("key", flat=True), *notes.values_list("key", flat=True)}
    return [key for key in keys if key is not None]


canary(PLACES, plant, pull, left)
