"""How something stood over time, and one number of it: an SVG, with the same facts as rows for the table beside it.

Pure: no clock, no database, no Django. Shape tells the state before colour does: a full bar, a frame, a raised bar.
Colours come from the style sheet by class, so that dark, print and high contrast need nothing more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Literal

WIDTH, LINE, BAR, GAP, SIDE = 640, 92, 22, 14, 4  # px in the picture's own units
MOST_POINTS = 60

State = Literal["kept", "broken", "unknown"]


@dataclass(frozen=True)
class Point:
    """One look."""

    at: datetime
    state: State
    words: str  # the state as people read it: "cannot tell"
    figure: str
    number: float | None = None


@dataclass(frozen=True)
class Stretch:
    """A time through which the state stayed."""

    begin: datetime
    end: datetime
    state: State
    words: str


def fewer(points: Sequence[Point], most: int = MOST_POINTS) -> list[Point]:
    """At most about `most` points, and each that changes the state; the last of its slot stands for the others."""
    if len(points) <= most:
        return list(points)
    slot = (points[-1].at - points[0].at) / most or timedelta(microseconds=1)
    kept: list[Point] = []
    for place, point in enumerate(points):
        last = place + 1 == len(points)
        changed = not place or points[place - 1].state != point.state
        ends_slot = last or (points[place + 1].at - points[0].at) // slot != (point.at - points[0].at) // slot
        if changed or ends_slot:
            kept.append(point)
    return kept


def stretches(points: Sequence[Point], until: datetime) -> list[Stretch]:
    """Neighbouring points of one state, each stretch up to the next one's begin."""
    found: list[Stretch] = []
    for point in points:
        if found and found[-1].state == point.state:
            continue
        if found:
            found[-1] = Stretch(found[-1].begin, point.at, found[-1].state, found[-1].words)
        found.append(Stretch(point.at, until, point.state, point.words))
    return found


def draw(points: Sequence[Point], until: datetime, title: str, counts: str, name: str) -> str:
    """The picture, or "" where there is nothing to see. `name` tells it from others on the page.

    Above, the number as a line of steps, if the points have one; below, the state as a bar.
    """
    if not points:
        return ""
    begin, end = points[0].at, max(until, points[0].at + timedelta(minutes=1))
    numbered = [point for point in points if point.number is not None]
    top = LINE + GAP if len(numbered) > 1 else 0

    def across(at: datetime) -> float:
        return round(SIDE + (WIDTH - 2 * SIDE) * min(1.0, max(0.0, (at - begin) / (end - begin))), 1)

    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {top + BAR + 4}" role="img" '
        f'aria-labelledby="{name}-t {name}-d" xmlns="http://www.w3.org/2000/svg">',
        f'<title id="{name}-t">{escape(title)}</title>',
        f'<desc id="{name}-d">{escape(said(points, until, counts))}</desc>',
    ]
    if top:
        parts.append(_line(numbered, end, across))
    for one in stretches(points, end):
        parts.append(_bar(one, across(one.begin), across(one.end), top))
    return "".join([*parts, "</svg>"])


def said(points: Sequence[Point], until: datetime, counts: str) -> str:
    """The picture in words, for those who do not see it."""
    runs = stretches(points, until)
    times = [f"{one.words} from {_day(one.begin)}" for one in runs[-4:]]
    words = ("… " if len(runs) > 4 else "") + ", then ".join(times) + "."
    numbers = [point.number for point in points if point.number is not None]
    if counts and numbers:
        words += f" {counts[:1].upper()}{counts[1:]}: {scale(points)}, {number(numbers[-1])} at the end."
    return words


def scale(points: Sequence[Point]) -> str:
    """ "from 7 to 190", "3 throughout"; "" without numbers."""
    numbers = [point.number for point in points if point.number is not None]
    if not numbers:
        return ""
    low, high = number(min(numbers)), number(max(numbers))
    return f"{low} throughout" if low == high else f"from {low} to {high}"


def number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def _line(points: Sequence[Point], end: datetime, across: object) -> str:
    """Steps: a number holds until the next look. The page writes the ends of the scale beside it: `scale`."""
    assert callable(across)  # noqa: S101
    values = [point.number or 0.0 for point in points]
    low, high = min(values), max(values)
    span = high - low or 1.0

    def up(value: float) -> float:
        return round(4 + (LINE - 8) * (1 - (value - low) / span), 1) if high > low else LINE / 2

    path = [f"M{across(points[0].at)} {up(values[0])}"]
    for point, value in zip(points[1:], values[1:], strict=True):
        path.append(f"H{across(point.at)}V{up(value)}")
    path.append(f"H{across(end)}")
    return f'<path class="line" d="{"".join(path)}"/>'


def _bar(one: Stretch, left: float, right: float, top: int) -> str:
    """Full where it was kept, raised where it was broken, an empty frame where nobody could tell."""
    width = max(1.5, round(right - left, 1))
    height, y = {"kept": (12, top + 8), "broken": (BAR, top), "unknown": (10, top + 9)}[one.state]
    hint = f"<title>{escape(one.words)}: {_day(one.begin)} to {_day(one.end)}</title>"
    return f'<rect class="{one.state}" x="{left}" y="{y}" width="{width}" height="{height}">{hint}</rect>'


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y, %H:%M}"
