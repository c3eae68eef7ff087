"""How often a use was allowed or denied. No decision is written down with whom it was about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Sum

from kept.use.decisions import Decision, Outcome
from kept.use.models import Decided
from kept.use.purposes import all_purposes

UNKNOWN = "unknown"
KEPT_FOR = timedelta(days=3 * 365)


def count(decision: Decision, purpose: str, day: date) -> None:
    """One more. The purpose as typed is not kept where it is none of ours."""
    known = purpose if purpose in {one.name for one in all_purposes()} else UNKNOWN
    Decided.objects.create(day=day, purpose=known, outcome=decision.outcome)


def add_up(today: date) -> int:
    """Make one row of those of each day that is over, and forget days of long ago. Returns how many rows went.

    Two at once: each takes what the other has not.
    """
    with transaction.atomic():
        gone, _ = Decided.objects.filter(day__lt=today - KEPT_FOR).delete()
        rows = list(Decided.objects.select_for_update(skip_locked=True).filter(day__lt=today))
        sums: dict[tuple[date, str, str], list[Decided]] = defaultdict(list)
        for row in rows:
            sums[row.day, row.purpose, row.outcome].append(row)
        for (day, purpose, outcome), several in sums.items():
            if len(several) > 1:
                Decided.objects.filter(pk__in=[one.pk for one in several]).delete()
                total = sum(one.count for one in several)
                Decided.objects.create(day=day, purpose=purpose, outcome=outcome, count=total)
                gone += len(several) - 1
    return gone


def decided(since: date) -> Mapping[str, Mapping[Outcome, int]]:
    """Purpose -> outcome -> how often, from that day on."""
    found: dict[str, dict[Outcome, int]] = defaultdict(dict)
    rows = Decided.objects.filter(day__gte=since).values_list("purpose", "outcome")
    for purpose, outcome, total in rows.annotate(total=Sum("count")).order_by("purpose"):
        found[purpose][outcome] = total
    return found
