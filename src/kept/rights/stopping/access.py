"""What the pages show of an objection or a restriction: what is in force, since when, and where a person has to act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.http import Http404

from kept.information.access import pack_of
from kept.information.models import System
from kept.rights.models import Case, SystemAnswer
from kept.rights.particulars import particulars_of
from kept.rights.stopping.lifting import NOT_TOLD, was_told
from kept.rights.stopping.models import KeptMark
from kept.use.access import objections_of, restriction_of
from kept.use.models import Objection, Restriction
from kept.use.purposes import all_purposes

REVIEW = (Case.State.SEARCHING, Case.State.NEEDS_PERSON, Case.State.REVIEW)


@dataclass(frozen=True)
class Use:
    """One use that was objected to."""

    id: UUID
    title: str
    state: str  # Objection.State
    words: str
    since: datetime
    ended_at: datetime | None
    final: bool  # advertising


@dataclass(frozen=True)
class Pause:
    state: str  # Restriction.State
    words: str
    since: datetime
    in_force_at: datetime | None
    lift_on: date | None
    lifted_at: datetime | None
    problem: str  # why it is not lifted although its day has come


@dataclass(frozen=True)
class Marked:
    """One company system, and what was done there."""

    title: str
    words: str


PENDING = "It rests while a privacy officer looks at your reasons."
WORDS: Mapping[str, str] = {
    "asked": "You asked for it. A privacy officer looks at it now.",
    "in_force": "Your data are stored, and not used.",
    "announced": "Your data are stored, and not used.",
    "lifted": "It is over. You were told before.",
    "not_begun": "It never began.",
}


def uses_in(case: Case) -> Sequence[Use]:
    if case.right != Case.Right.OBJECTION:
        return ()
    titles = {one.name: one.title for one in all_purposes()}
    return [
        Use(one.pk, titles.get(one.purpose, one.purpose), one.state, _use_words(one), one.since, one.ended_at,
            one.ground == Objection.Ground.MARKETING)
        for one in objections_of(case.pk)
    ]  # fmt: skip


def _use_words(one: Objection) -> str:
    if one.state == Objection.State.PENDING:
        return PENDING
    if one.state == Objection.State.IN_FORCE:
        return "It has ended."
    return f"The objection ended: {one.get_ended_why_display()}."


def pause_in(case: Case, today: date) -> Pause | None:
    row = restriction_of(case.pk) if case.right == Case.Right.RESTRICTION else None
    if row is None:
        return None
    waits = row.state == Restriction.State.ANNOUNCED and row.lift_on is not None and row.lift_on <= today
    problem = NOT_TOLD if waits and not was_told(row) else ""
    return Pause(row.state, WORDS[row.state], row.since, row.in_force_at, row.lift_on, row.lifted_at, problem)


def marks_in(case: Case) -> Sequence[Marked]:
    """In each of the company's systems: what was marked, and what a person saw to."""
    marks = {one.system: one for one in KeptMark.objects.filter(case=case).exclude(set_at=None)}
    answers = case.answers.select_related("system").exclude(system__name__in=[])
    return [
        Marked(one.system.title, _mark_words(one, marks[one.system.name]))
        for one in answers
        if one.system.name in marks
    ]


def _mark_words(answer: SystemAnswer, mark: KeptMark) -> str:
    if mark.put_back_at is not None:
        changed = mark.came_of.get("changed", 0)
        left = f" {changed} changed there meanwhile, and were left as they are." if changed else ""
        return f"Put back as it was.{left}"
    rows = f"Marked: {_records(mark.rows)}." if mark.rows else ""
    if mark.by_hand:
        hand = (
            "A person has seen to it there." if answer.decided else "It knows no such mark. A person sees to it there."
        )
        return f"{rows} {hand}".strip()
    return rows or "Nothing had to be marked."


def by_hand_in(case: Case, system: str) -> tuple[System, Sequence[str]]:
    """The tables that an officer has to see to, by their titles; 404 where there are none."""
    answer = case.answers.select_related("system").filter(system__name=system).first()
    mark = KeptMark.objects.filter(case=case, system=system).exclude(by_hand=[]).first()
    if answer is None or mark is None:
        raise Http404
    tables = pack_of(answer.system).tables
    return answer.system, [tables[one].title if one in tables else one for one in mark.by_hand]


def nothing_said(case: Case) -> bool:
    """What the person has to say beside the right came with no word of it, by mail say."""
    return particulars_of(case.right) is not None and not case.asked and case.state in REVIEW and case.key is not None


def first_day(today: date) -> date:
    """The first day on which a restriction can end, were it announced today."""
    return today + timedelta(days=settings.LIFTING_DAYS)


def objection_in(case: Case, objection_id: UUID) -> Objection:
    found = objections_of(case.pk).filter(pk=objection_id).first()
    if found is None:
        raise Http404
    return found


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{count:,} records"
