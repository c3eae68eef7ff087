"""The numbers behind the overview and the statistics, read from the cases: counts and days, and nobody's data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, QuerySet

from kept.information.models import System
from kept.people.models import Account
from kept.rights.access import desk
from kept.rights.clocks import office_day
from kept.rights.grounds import ground_of
from kept.rights.models import Case, SystemAnswer
from kept.rights.offered import OFFERS, offer_of
from kept.rights.overview.rules import Counted, middle, percentile
from kept.rights.queue import DUE, begin_of, due_q
from kept.rights.refusals.models import Refusal
from kept.rights.rules import OPEN

OVER = (Case.State.ANSWERED, Case.State.REFUSED, Case.State.CLOSED)


@dataclass(frozen=True)
class Line:
    """One thing counted: as the table, the bar and the CSV file have it."""

    name: str  # of the filter that shows the rows behind it
    label: str
    count: int
    middle: float | None = None  # days or seconds, where durations are counted
    most: float | None = None  # that 95 of 100 do not exceed


def by_deadline(account: Account, today: date) -> list[Line]:
    """The open requests, by how they stand with their last day. In the order in which they press."""
    found = (
        desk(account).filter(state__in=OPEN).aggregate(**{due: Count("pk", filter=due_q(due, today)) for due in DUE})
    )
    return [Line(due, words, found[due]) for due, words in DUE.items()]


def days_to_answer(account: Account, since: date) -> list[Line]:
    """From the request to the answer, by right; a refusal is an answer too."""
    over = _came_since(account, since).filter(state__in=OVER)
    days: dict[str, list[int]] = defaultdict(list)
    for right, received, answered in over.values_list("right", "received_at", "answered_at"):
        if answered is not None:
            days[right].append((answered - received).days)
    return [
        Line(right, offer_of(right).short, len(found), middle(found), percentile(found, 95))
        for right, found in sorted(days.items(), key=lambda one: -(middle(one[1]) or 0))
    ]


def speed_of_systems(account: Account, since: date) -> list[Line]:
    """How long each system took to be searched, from the proof of the address: the slowest first. Seconds."""
    answers = SystemAnswer.objects.filter(case__in=_came_since(account, since).values("pk"), searched_at__isnull=False)
    took: dict[str, list[float]] = defaultdict(list)
    for system, searched, proven in answers.values_list("system__name", "searched_at", "case__proven_at"):
        if searched is not None and proven is not None:
            took[system].append(max(0.0, (searched - proven).total_seconds()))
    titles = dict(System.objects.values_list("name", "title"))
    lines = [
        Line(name, titles.get(name, name), len(found), middle(found), percentile(found, 95))
        for name, found in took.items()
    ]
    return sorted(lines, key=lambda one: -(one.middle or 0))


def by_door(account: Account, since: date) -> list[Line]:
    """What came in, by the door it came through."""
    found = dict(_came_since(account, since).order_by().values_list("channel").annotate(count=Count("pk")))
    doors = sorted((door for door in Case.Channel if door in found), key=lambda door: -found[door])
    return [Line(door.value, str(door.label), found[door]) for door in doors]


def by_ground(account: Account, since: date) -> list[Line]:
    """The refusals that were told, by their ground."""
    told = Refusal.objects.filter(state=Refusal.State.TOLD, case__in=_came_since(account, since).values("pk"))
    counts: dict[str, int] = defaultdict(int)
    titles: dict[str, str] = {}
    for law, right, name in told.values_list("law", "right", "ground"):
        ground = ground_of(law, right, name)
        counts[name] += 1
        titles[name] = ground.title if ground else name
    return [Line(name, titles[name], count) for name, count in sorted(counts.items(), key=lambda one: -one[1])]


def _came_since(account: Account, since: date) -> QuerySet[Case]:
    return desk(account).filter(received_at__gte=begin_of(since))


def counted_by_year(until: datetime) -> Sequence[Counted]:
    """What is published: requests that came before that instant, with the answers that were out by then."""
    rows = Case.objects.filter(proven_at__isnull=False, joined=None, received_at__lt=until)
    days: dict[tuple[int, str], list[int]] = defaultdict(list)
    received: dict[tuple[int, str], int] = defaultdict(int)
    refused: dict[tuple[int, str], int] = defaultdict(int)
    told = set(Refusal.objects.filter(state=Refusal.State.TOLD, told_at__lt=until).values_list("case", flat=True))
    for pk, right, came, answered, state in rows.values_list("pk", "right", "received_at", "answered_at", "state"):
        of = office_day(came).year, right
        received[of] += 1
        if state in OVER and answered is not None and answered < until:
            days[of].append((answered - came).days)
            refused[of] += pk in told
    order = [offer.name for offer in OFFERS]
    return [
        Counted(year, right, tuple(days[year, right]), count, refused[year, right])
        for (year, right), count in sorted(received.items(), key=lambda one: (-one[0][0], order.index(one[0][1])))
    ]
