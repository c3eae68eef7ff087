"""A decision about nobody, by a rule that nobody approved: see `kept.vault.canaries`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from kept.rights.automated.models import Decision, DecisionIdentifier, Review, Rule, Version
from kept.rights.models import Case
from kept.vault.canaries import canary

OF_NOBODY = "canary-"
PLACES = (
    "automated_decision.inputs",
    "automated_decision.explanation",
    "automated_decisionidentifier.who",
    "automated_review.reasons",
)


def plant(secret: str, open_word: str, key: int, at: datetime) -> None:
    name = f"{OF_NOBODY}{key}"
    rule = Rule.objects.create(name=name, added_at=at, ended_at=at)
    version = Version.objects.create(
        rule=rule, number=1, title=open_word[:120], alone=False, effect=False, days=1, made_at=at
    )
    decision = Decision.objects.create(
        version=version, key=key, system=OF_NOBODY, number=name, decided_at=at, logged_at=at,
        until=at + timedelta(days=1), inputs={"word": secret}, outcome=open_word[:40], explanation=secret,
    )  # fmt: skip
    DecisionIdentifier.objects.create(decision=decision, key=key, place=0, who=secret)
    case = Case.objects.create(
        reference=f"{OF_NOBODY}{key}"[:20], right=Case.Right.AUTOMATED, channel=Case.Channel.WEB, received_at=at,
        due_on=at.date(), closed_at=at, state=Case.State.EXPIRED, token_hash=name.ljust(64, "-"),
    )  # fmt: skip
    Review.objects.create(
        case=case, decision=decision, key=key, result=Review.Result.UPHELD, reasons=secret, decided_at=at
    )


def pull(keys: Collection[int]) -> int:
    names = [f"{OF_NOBODY}{key}" for key in keys]
    gone = Decision.objects.filter(system=OF_NOBODY, number__in=names).delete()[0]
    gone += Case.objects.filter(reference__in=[name[:20] for name in names]).delete()[0]
    return gone + Rule.objects.filter(name__in=names).delete()[0]


def left(before: datetime) -> Iterable[int]:
    ours = Decision.objects.filter(system=OF_NOBODY, logged_at__lt=before)
    return [key for key in ours.values_list("key", flat=True) if key is not None]


canary(PLACES, plant, pull, left)
