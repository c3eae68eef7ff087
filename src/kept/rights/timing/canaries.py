"""Questions to nobody: see `kept.vault.canaries`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from kept.rights.models import Case
from kept.rights.timing.models import FeeProposal, Home, LawChange, Wait
from kept.vault.canaries import canary

OF_NOBODY = "CANARY-T"
PLACES = (
    "timing_wait.asked",
    "timing_wait.why",
    "timing_wait.answer",
    "timing_lawchange.because",
    "timing_home.place",
    "timing_feeproposal.asked",
    "timing_feeproposal.why",
)


def plant(secret: str, open_word: str, key: int, at: datetime) -> None:
    case = Case.objects.create(
        reference=f"{OF_NOBODY}{open_word}"[: Case._meta.get_field("reference").max_length],
        right=Case.Right.ACCESS,
        channel=Case.Channel.WEB,
        key=key,
        received_at=at,
        due_on=at.date(),
        token_hash=f"T{open_word}".ljust(64, "-"),  # of no token
    )
    Wait.objects.create(
        case=case, key=key, ground="identity", effect="none", law="eu-gdpr", rule="gdpr_rights",
        asked=secret, why=secret, answer=secret, asked_at=at, asked_by="kept",
    )  # fmt: skip
    FeeProposal.objects.create(
        case=case, key=key, law="eu-gdpr", basis="excessive", amount=1, currency="EUR", asked=secret, why=secret,
        proposed_at=at, proposed_by="kept",
    )  # fmt: skip
    Home.objects.create(case=case, key=key, place=secret, said_by="person", law="eu-gdpr", said_at=at)
    LawChange.objects.create(
        case=case, key=key, before="eu-gdpr", law="uk-gdpr", because=secret, due_before=at.date(),
        due_on=at.date(), changed_at=at, changed_by="kept",
    )  # fmt: skip


def pull(keys: Collection[int]) -> int:
    gone, _ = Case.objects.filter(reference__startswith=OF_NOBODY, key__in=keys).delete()
    return gone


def left(before: datetime) -> Iterable[int]:
    ours = Case.objects.filter(reference__startswith=OF_NOBODY, received_at__lt=before)
    return [key for key in ours.values_list("key", flat=True) if key is not None]


canary(PLACES, plant, pull, left)
