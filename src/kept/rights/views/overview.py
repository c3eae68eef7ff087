"""How the desk stands, for its officers, and what the public may know of it: bars, the same as tables, and as files."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from kept.charts.bars import Bar, draw
from kept.clocks.office import office
from kept.people.access import SignedInRequest, role_required
from kept.people.models import Account
from kept.rights.clocks import office_day
from kept.rights.offered import offer_of
from kept.rights.overview import access
from kept.rights.overview.access import Line
from kept.rights.overview.rules import LEAST, Published, publish
from kept.rights.queue import Asked
from kept.rights.views.due import days


def in_days(value: float) -> str:
    return days(round(value))


def in_seconds(value: float) -> str:
    """40 seconds, 3 minutes, 2 hours, 4 days"""
    for unit, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if value >= 2 * seconds:
            return f"{value / seconds:.0f} {unit}s"
    return "1 second" if round(value) == 1 else f"{value:.0f} seconds"


@dataclass(frozen=True)
class Chart:
    """One question about the desk."""

    name: str
    title: str
    thing: str  # what a bar is called
    count: str  # what is counted
    empty: str  # said where nothing is
    read: Callable[[Account, date], Sequence[Line]]  # of the requests that came since that day
    asked: Callable[[Line, str], Asked]  # the requests behind a bar
    words: Callable[[float], str] | None = None  # where durations are counted: how people read one
    unit: str = ""  # and in what they stand in the file


CHARTS = (
    Chart(
        "deadline",
        "Open requests and their last day",
        "Stands",
        "Requests",
        "No request is open.",
        lambda who, _: access.by_deadline(who, office_day(timezone.now())),
        lambda line, _: Asked(show="open", due=line.name),
    ),
    Chart(
        "days",
        "Days to the answer",
        "Right",
        "Answers",
        "No answer is out yet.",
        access.days_to_answer,
        lambda line, since: Asked(show="over", right=line.name, since=since),
        in_days,
        "days",
    ),
    Chart(
        "systems",
        "How long systems take to be searched",
        "System",
        "Searches",
        "No system was searched yet.",
        access.speed_of_systems,
        lambda line, since: Asked(show="any", system=line.name, since=since),
        in_seconds,
        "seconds",
    ),
    Chart(
        "doors",
        "How requests came in",
        "Door",
        "Requests",
        "No request came in.",
        access.by_door,
        lambda line, since: Asked(show="any", door=line.name, since=since),
    ),
    Chart(
        "refusals",
        "Why requests were refused",
        "Ground",
        "Refusals",
        "No request was refused.",
        access.by_ground,
        lambda line, since: Asked(show="any", ground=line.name, since=since),
    ),
)


@dataclass(frozen=True)
class Row:
    line: Line
    link: str
    middle: str  # "half took at most", in words; "": no durations are counted
    most: str  # "95 of 100 took at most"


@dataclass(frozen=True)
class Shown:
    chart: Chart
    rows: Sequence[Row]
    picture: SafeString


def shown(chart: Chart, who: Account, since: date) -> Shown:
    rows = [
        Row(line, _link(chart, line, since), _words(chart, line.middle), _words(chart, line.most))
        for line in chart.read(who, since)
    ]
    if not any(row.line.count for row in rows):
        return Shown(chart, (), SafeString(""))
    bars = [
        Bar(capfirst(row.line.label), float(row.line.middle or 0), row.middle, row.link)
        if chart.words
        else Bar(capfirst(row.line.label), float(row.line.count), str(row.line.count), row.link)
        for row in rows
    ]
    return Shown(chart, rows, SafeString(draw(bars, chart.title, chart.name)))  # its own words are escaped in it


def a_year_ago() -> date:
    return office_day(timezone.now() - timedelta(days=365))


def _link(chart: Chart, line: Line, since: date) -> str:
    return f"{reverse('desk')}?{chart.asked(line, since.isoformat()).query}"


def _words(chart: Chart, value: float | None) -> str:
    return "" if value is None or chart.words is None else chart.words(value)


@require_safe
@role_required("privacy_officer", "auditor")
def overview(request: SignedInRequest) -> HttpResponse:
    now, since = timezone.now(), a_year_ago()
    charts = [shown(chart, request.user, since) for chart in CHARTS]
    stand = {line.name: line.count for line in access.by_deadline(request.user, office_day(now))}
    slowest = next((one.rows[0] for one in charts if one.chart.name == "systems" and one.rows), None)
    context = {
        "charts": charts,
        "late": stand["late"],
        "late_query": Asked(show="open", due="late").query,
        "soon": stand["soon"],
        "soon_query": Asked(show="open", due="soon").query,
        "open": sum(stand.values()),
        "slowest": slowest,
        "at": now,
        "since": since,
    }
    return render(request, "rights/overview.html", context)


@require_safe
@role_required("privacy_officer", "auditor")
def overview_csv(request: SignedInRequest, name: str) -> HttpResponse:
    """The rows of one of the charts."""
    chart = next((one for one in CHARTS if one.name == name), None)
    if chart is None:
        raise Http404
    timed = [f"half took at most ({chart.unit})", f"95 of 100 took at most ({chart.unit})"] if chart.words else []
    rows: list[list[object]] = [[chart.thing, chart.count, *timed]]
    for line in chart.read(request.user, a_year_ago()):
        took = [round(line.middle or 0, 1), round(line.most or 0, 1)] if chart.words else []
        rows.append([line.label, line.count, *took])
    return sheet(f"desk-{chart.name}", rows)


# For everybody


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """Requests by right and year, with what could lead to somebody left out."""
    until = last_midnight_of_a_month(timezone.now())
    rows = published(until)
    years = {row.year: [(one, offer_of(one.right)) for one in rows if one.year == row.year] for row in rows}
    context = {"years": years, "until": (until - timedelta(days=1)).date(), "least": LEAST}
    return render(request, "rights/statistics.html", context)


@require_safe
def statistics_csv(request: HttpRequest) -> HttpResponse:
    heads = ["year", "right", "received", "answered", "refused, of 100", "median days to the answer"]
    rows = [
        [row.year, row.right, *(f"under {LEAST}" if one is None else one for one in (row.received, row.answered)),
         *("" if one is None else one for one in (row.refused_percent, row.median_days))]
        for row in published(last_midnight_of_a_month(timezone.now()))
    ]  # fmt: skip
    return sheet("requests", [heads, *rows])


def published(until: datetime) -> list[Published]:
    return [publish(row) for row in access.counted_by_year(until)]


def last_midnight_of_a_month(at: datetime) -> datetime:
    """When the month began, where the office counts its days: only whole months are published, so that nobody can
    watch a number change on the day on which somebody asked."""
    return at.astimezone(ZoneInfo(office().zone)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def sheet(name: str, rows: Sequence[Sequence[object]]) -> HttpResponse:
    """As CSV. What a spreadsheet would take for a formula is text."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{settings.COMPANY.split()[0].lower()}-{name}.csv"'
    writer = csv.writer(answer)
    for row in rows:
        writer.writerow([f"'{one}" if str(one).startswith(("=", "+", "-", "@", "\t")) else one for one in row])
    return answer
