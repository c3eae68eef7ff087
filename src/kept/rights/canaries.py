"""A request of nobody: see `kept.vault.canaries`. Nobody has proven it, so it is on no desk."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from kept.rights.models import Case, CaseIdentifier
from kept.rights.reach.models import PaperLetter, Reach
from kept.vault.canaries import canary

OF_NOBODY = "CANARY-"
REACH = ("postal", "country", "phone", "account", "note")
LETTER = ("to", "subject", "text")
PLACES = (
    "rights_case.name",
    "rights_case.email",
    "rights_case.extended_because",
    "rights_case.asked",
    "rights_caseidentifier.value",
    *(f"reach_reach.{name}" for name in REACH),
    *(f"reach_paperletter.{name}" for name in LETTER),
)


def plant(secret: str, open_word: str, key: int, at: datetime) -> None:
    case = Case.objects.create(
        reference=f"{OF_NOBODY}{open_word}"[: Case._meta.get_field("reference").max_length],
        right=Case.Right.ACCESS,
        channel=Case.Channel.WEB,
        key=key,
        name=secret,
        email=f"{secret}@canary.invalid",
        extended_because=secret,
        asked={"was": secret},
        received_at=at,
        due_on=at.date(),
        token_hash=open_word.ljust(64, "-"),  # of no token
    )
    CaseIdentifier.objects.create(case=case, key=key, kind="username", value=secret, origin="given", found_at=at)

    whole = {"case": case, "key": key}
    Reach.objects.create(
        **whole, registered_at=at, registered_by=open_word[:64], prove_until=at, **dict.fromkeys(REACH, secret)
    )
    posted = {"state": PaperLetter.State.POSTED, "posted_on": at.date(), "posted_at": at}
    PaperLetter.objects.create(**whole, about="rights/code", written_at=at, **posted, **dict.fromkeys(LETTER, secret))


def pull(keys: Collection[int]) -> int:
    gone, _ = Case.objects.filter(reference__startswith=OF_NOBODY, key__in=keys).delete()
    return gone


def left(before: datetime) -> Iterable[int]:
    ours = Case.objects.filter(reference__startswith=OF_NOBODY, received_at__lt=before)
    return [key for key in ours.values_list("key", flat=True) if key is not None]


canary(PLACES, plant, pull, left)
