"""A step of nobody: see `kept.vault.canaries`. It hangs on the request of nobody that this room plants."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from kept.rights.models import Case
from kept.rights.proof.models import ProofStep
from kept.vault.canaries import canary

OF_NOBODY = "CANARY-P"
PLACES = ("proof_proofstep.shows", "proof_proofstep.doubt", "proof_proofstep.name")


def plant(secret: str, open_word: str, key: int, at: datetime) -> None:
    case = Case.objects.create(
        reference=f"{OF_NOBODY}{open_word}"[: Case._meta.get_field("reference").max_length],
        right=Case.Right.ACCESS,
        channel=Case.Channel.WEB,
        key=key,
        received_at=at,
        due_on=at.date(),
        token_hash=f"p{open_word}".ljust(64, "-"),  # of no token
    )
    ProofStep.objects.create(
        case=case,
        key=key,
        method=ProofStep.Method.DOCUMENT,
        state=ProofStep.State.OVER,
        shows={"identifiers": [["username", secret, ""]], "contacts": []},
        doubt=secret,
        file_key=key,
        name=secret,
        begun_at=at,
        begun_by=open_word[:64],
    )


def pull(keys: Collection[int]) -> int:
    gone, _ = Case.objects.filter(reference__startswith=OF_NOBODY, key__in=keys).delete()
    return gone


def left(before: datetime) -> Iterable[int]:
    ours = Case.objects.filter(reference__startswith=OF_NOBODY, received_at__lt=before)
    return [key for key in ours.values_list("key", flat=True) if key is not None]


canary(PLACES, plant, pull, left)
