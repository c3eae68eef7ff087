"""Something left out for nobody: see `kept.vault.canaries`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from kept.information.models import System
from kept.rights.exemptions.models import Exemption
from kept.rights.models import Case
from kept.vault.canaries import canary

OF_NOBODY = "CANARY-X"
SYSTEM = "canary-of-nobody"
PLACES = ("exemptions_exemption.record", "exemptions_exemption.shown", "exemptions_exemption.because")


def plant(secret: str, open_word: str, key: int, at: datetime) -> None:
    case = Case.objects.create(
        reference=f"{OF_NOBODY}{open_word}"[: Case._meta.get_field("reference").max_length],
        right=Case.Right.ACCESS,
        channel=Case.Channel.WEB,
        key=key,
        received_at=at,
        due_on=at.date(),
        token_hash=f"X{open_word}".ljust(64, "-"),  # of no token
    )
    system = System.objects.exclude(name__startswith=SYSTEM).first() or System.objects.create(
        name=f"{SYSTEM}-{open_word}"[:40], title="Of nobody", address="", pack="kept", active=False, added_at=at
    )  # one of its own: two looks at once do not meet
    Exemption.objects.create(
        case=case, key=key, system=system, table=open_word, record=secret, of="copy", law="eu-gdpr", ground="others",
        source="GDPR Art. 15(4)", shown={"law": secret}, because=secret, records=1, made_at=at, made_by="kept",
    )  # fmt: skip


def pull(keys: Collection[int]) -> int:
    gone, _ = Case.objects.filter(reference__startswith=OF_NOBODY, key__in=keys).delete()
    System.objects.filter(name__startswith=SYSTEM, exemptions=None, answers=None).delete()
    return gone


def left(before: datetime) -> Iterable[int]:
    ours = Case.objects.filter(reference__startswith=OF_NOBODY, received_at__lt=before)
    return [key for key in ours.values_list("key", flat=True) if key is not None]


canary(PLACES, plant, pull, left)
