"""What this part keeps: corrections reach every system and everybody who was given the data. Promises 8.1, 12.2."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db.models import QuerySet

from kept.policy.keepers import keeper
from kept.rights.models import Case, SystemAnswer
from kept.rights.recipients.access import told_count, untold
from kept.rights.rules import changes_from
from kept.rights.standing import is_whole
from kept.terms import Evidence, State

GIVEN = (Case.State.ANSWERED, Case.State.CLOSED)
SELF = (Case.Channel.CLIENT_AREA, Case.Channel.EMAIL)  # the client area, and a ticket by mail


@keeper("12.2", counts="corrections", rows="desk")
def corrections_reach_everyone(at: datetime) -> Evidence:
    """Counts the answered corrections, the systems in which something was put right, and the recipients told; looks
    for a system that is not settled, and for a recipient who should know by now."""
    return _corrections(_given(), at, "Each system was read again, and whoever was given the data is told.")


@keeper("8.1", counts="corrections", rows="desk")
def own_corrections_reach_every_system(at: datetime) -> Evidence:
    """The same of those that people asked for in the client area or by mail. That people put their details right
    themselves is not looked at: only the name and the address that they sign in with stand on a page of theirs."""
    words = "What people asked for stands in every system. Most details nobody corrects alone: there is no page for it."
    found = _corrections(_given().filter(channel__in=SELF), at, words)
    return replace(found, state=State.CANNOT_TELL) if found.state is State.KEPT else found


def _corrections(cases: QuerySet[Case], at: datetime, kept: str) -> Evidence:
    count, unsettled, systems = 0, 0, 0
    for case in cases.prefetch_related("answers"):
        count += 1
        open_answers = case.closed_at is None and not is_whole(case)
        unsettled += open_answers
        systems += sum(1 for one in case.answers.all() if _changed(one))
    told, late = told_count(cases), untold(cases, at)
    figure = (
        f"{count:,} {'correction' if count == 1 else 'corrections'}, {systems:,} systems updated, {told:,} others told"
    )
    if unsettled or late:
        wrong = f"{figure}; {unsettled:,} not settled, {late:,} not told in time"
        return Evidence(State.BROKEN, wrong, "A wrong value may still be in use somewhere.", at, number=count)
    if not count:
        return Evidence(State.CANNOT_TELL, figure, "Nobody has had something put right yet.", at, number=0)
    return Evidence(State.KEPT, figure, kept, at, number=count)


def _given() -> QuerySet[Case]:
    cases = Case.objects.filter(right=Case.Right.RECTIFICATION, state__in=GIVEN, joined=None)
    return cases.exclude(refusals__state="told")


def _changed(answer: SystemAnswer) -> bool:
    return any(one.rows for one in changes_from(answer.changes))
