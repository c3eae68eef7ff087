"""From the register's rows to the facts that the rules judge."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import cast

from kept.security.breaches.rules import Answer, Facts, Stand, Whom, duties
from kept.security.models.breaches import Breach

OPEN: tuple[Stand, ...] = ("runs", "soon", "late", "decide")


def facts_of(breach: Breach) -> Facts:
    sent: dict[str, datetime] = {}
    for notice in breach.notices.all():
        sent[notice.to] = min(notice.sent_at, sent.get(notice.to, notice.sent_at))
    return Facts(
        aware_at=breach.aware_at,
        assessed_at=breach.assessed_at,
        risk=cast(Answer, breach.risk),
        high_risk=cast(Answer, breach.high_risk),
        intelligible=cast(Answer, breach.intelligible),
        singapore=breach.singapore,
        harm=cast(Answer, breach.harm),
        internal=breach.internal,
        people=people_of(breach),
        sent=sent,
    )


def people_of(breach: Breach) -> int | None:
    """How many people: what the officer states, else the most that the systems concerned hold. None: not known.

    The same person in two systems is counted twice, so it is never too few.
    """
    if breach.people is not None:
        return breach.people
    counted = [one["people"] for one in breach.counts if one["people"] is not None]
    return sum(counted) if counted else None


def records_by_category(breach: Breach) -> dict[str, int]:
    """Records of each category in the systems concerned, as counted last."""
    total: Counter[str] = Counter()
    for one in breach.counts:
        total.update(one["records"])
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))


def left_to_do(breach: Breach, at: datetime) -> list[Whom]:
    """Who has still to be told, or decided about, before it can be closed."""
    return [duty.whom for duty in duties(facts_of(breach), at) if duty.stand in OPEN]


def digest_of(breach: Breach) -> str:
    """Another one as soon as anything changes that the law's duties depend on, or somebody was told."""
    told = [(notice.pk, notice.to, notice.sent_at) for notice in breach.notices.order_by("pk")]
    facts = asdict(facts_of(breach)) | {"notices": told, "systems": breach.systems}
    return sha256(json.dumps(facts, default=str, sort_keys=True).encode()).hexdigest()
