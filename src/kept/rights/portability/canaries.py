"""A transfer and an import of nobody: see `kept.vault.canaries`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from kept.rights.models import Case, Package
from kept.rights.portability.models import Import, ImportPiece, Transfer
from kept.vault.canaries import canary

OF_NOBODY = "canary-"
PLACES = (
    "portability_transfer.to",
    "portability_import.sender",
    "portability_import.email",
    "portability_import.signature",
    "portability_import.summary",
    "portability_importpiece.raw",
)


def plant(secret: str, open_word: str, key: int, at: datetime) -> None:
    name = f"{OF_NOBODY}{key}"
    case = Case.objects.create(
        reference=f"{OF_NOBODY}p{key}"[:20], right=Case.Right.PORTABILITY, channel=Case.Channel.WEB, received_at=at,
        due_on=at.date(), closed_at=at, state=Case.State.EXPIRED, token_hash=f"p{name}".ljust(64, "-"),
    )  # fmt: skip
    package = Package.objects.create(case=case, file="", sha256="", size=0, made_at=at, expires_at=at)
    Transfer.objects.create(
        package=package, key=key, to=secret, confirmed_at=at, ended_at=at, state="failed", problem=open_word[:300]
    )
    taken = Import.objects.create(
        key=key, sha256=name.ljust(64, "-"), size=1, sender=secret, email=f"{secret}@canary.invalid",
        signature=secret, summary={"word": secret}, begun_at=at, token_hash=name.ljust(64, "-"),
    )  # fmt: skip
    ImportPiece.objects.create(taken=taken, number=1, key=key, raw=secret.encode())


def pull(keys: Collection[int]) -> int:
    gone = Import.objects.filter(sha256__startswith=OF_NOBODY, key__in=keys).delete()[0]
    references = [f"{OF_NOBODY}p{key}"[:20] for key in keys]
    return gone + Case.objects.filter(reference__in=references).delete()[0]


def left(before: datetime) -> Iterable[int]:
    ours = Import.objects.filter(sha256__startswith=OF_NOBODY, begun_at__lt=before)
    return [key for key in ours.values_list("key", flat=True) if key is not None]


canary(PLACES, plant, pull, left)
