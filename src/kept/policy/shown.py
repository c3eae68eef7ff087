"""What the policy's pages show: clauses with what stands beside them, and how a keeper's answer went over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.utils.safestring import SafeString

from kept.charts.series import Point, draw, fewer, scale
from kept.charts.series import State as Bar
from kept.policy.evidence import Found, of_clause, series
from kept.policy.exemptions import exemptions
from kept.policy.keepers import Bound
from kept.policy.models import Version
from kept.policy.source import Policy
from kept.policy.text import Clause, Note, Section
from kept.policy.versions import Change, compare, diff
from kept.terms import Evidence, Promise, State

SHOWN = timedelta(days=90)  # how far back the chart of a clause goes
Mark = Literal["kept", "broken", "unknown", "idle"]

# What the style sheet calls the states of a note.
MARKS: dict[State, Mark] = {
    State.KEPT: "kept",
    State.BROKEN: "broken",
    State.CANNOT_TELL: "unknown",
    State.NOT_RUNNING: "idle",
}
BARS: dict[str, Bar] = {State.KEPT: "kept", State.BROKEN: "broken", State.CANNOT_TELL: "unknown"}


@dataclass(frozen=True)
class Row:
    """One clause as it stands on the page."""

    clause: Clause
    promise: Promise | None  # None: the sentence answers to no promise, so nothing keeps it
    evidence: Evidence

    @property
    def mark(self) -> Mark:
        return MARKS[self.evidence.state]

    @property
    def why_not(self) -> str:
        """Why nothing looks at it yet, in one sentence; "" where something does, and where nobody said."""
        idle = self.promise is not None and self.evidence.state is State.NOT_RUNNING
        return why_not(self.clause.promise) if idle else ""

    @property
    def line(self) -> str:
        """The clause in one line."""
        return self.promise.states if self.promise else self.clause.sentences[0]


@dataclass(frozen=True)
class Part:
    """A section, and how its clauses stand."""

    section: Section
    parts: Sequence[Note | Row]
    short: str  # the section in one sentence

    @property
    def rows(self) -> list[Row]:
        return [part for part in self.parts if isinstance(part, Row)]

    @property
    def tally(self) -> list[tuple[State, Mark, int]]:
        """The states that occur, the worst first."""
        return [one for one in tally(self.rows) if one[2]]


@dataclass(frozen=True)
class Course:
    """How one keeper's answer went: the picture, and its table."""

    points: Sequence[Point]  # the newest first
    picture: SafeString
    counts: str  # "accounts, from 7 to 190"; "": no numbers

    @property
    def begin(self) -> datetime:
        return self.points[-1].at


@dataclass(frozen=True)
class Wording:
    """What a clause said from a day on, and what that changed."""

    version: Version
    change: Change | None  # None: the first that is known


def row_of(clause: Clause, policy: Policy, found: Found, at: datetime) -> Row:
    if not clause.promise:
        return Row(clause, None, Evidence(State.NOT_RUNNING, "", "Nothing keeps this sentence.", at))
    return Row(clause, policy.promise(clause.promise), of_clause(found.get(clause.promise, ()), at))


def parts_of(policy: Policy, found: Found, at: datetime) -> list[Part]:
    shown = []
    for section in policy.text.sections:
        parts = [part if isinstance(part, Note) else row_of(part, policy, found, at) for part in section.parts]
        short = policy.settings.short.get(section.label or section.title)
        first = section.clauses[0].sentences[0] if section.clauses else ""
        shown.append(Part(section, parts, short or first))
    return shown


def tally(rows: Sequence[Row]) -> list[tuple[State, Mark, int]]:
    """How many clauses stand how, each promise once."""
    once = {row.clause.promise or row.clause.id: row.evidence.state for row in rows}
    count = Counter(once.values())
    return [(state, MARKS[state], count[state]) for state in State]


def course_of(bound: Bound, place: int, at: datetime) -> Course:
    """The last 90 days of a keeper."""
    looks = series(bound, at - SHOWN)
    points = fewer([Point(one.at, BARS[one.state], one.state, one.figure, one.number) for one in looks])
    title = f"How clause {bound.clause_id} stood"
    picture = SafeString(draw(points, at, title, bound.counts, f"chart-{place}"))  # its own words are escaped in it
    ends = scale(points)
    counts = f"{bound.counts}: {ends}" if bound.counts and ends else ""
    return Course(points[::-1], picture, counts[:1].upper() + counts[1:])


def why_not(clause_id: str) -> str:
    """Why nothing looks at a clause, in one sentence; "" where nobody said."""
    exemption = exemptions().get(clause_id)
    return exemption.reason if exemption else ""


def wordings(clause_id: str, versions: Sequence[Version]) -> list[Wording]:
    """The versions that changed a clause, the newest first."""
    found: list[Wording] = []
    before: Mapping[str, Sequence[str]] | None = None
    for version in versions:
        said = dict(version.clauses)
        old, new = (before or {}).get(clause_id, ()), said.get(clause_id, ())
        if before is None and new:
            found.append(Wording(version, None))
        elif before is not None and list(old) != list(new):
            kind: Literal["new", "gone", "changed"] = "new" if not old else "gone" if not new else "changed"
            found.append(Wording(version, Change(clause_id, kind, compare(old, new))))
        before = said
    return found[::-1]


def changes_of(version: Version, before: Version | None) -> list[Change]:
    return diff(before.clauses, version.clauses) if before else []
