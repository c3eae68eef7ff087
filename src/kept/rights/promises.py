"""What this room keeps: requests answered in time, copies that are really there, erasures that were looked at again."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median

from django.db.models import Q, QuerySet

from kept.policy.keepers import keeper
from kept.rights.clocks import office_day
from kept.rights.models import Case, Package, SystemAnswer
from kept.rights.packages import is_whole
from kept.rights.rules import OPEN, residue_from
from kept.terms import Evidence, State

SOON = timedelta(days=7)
GIVEN = (Case.State.ANSWERED, Case.State.CLOSED)


@keeper("11.2", counts="open requests", rows="desk")
def requests_are_answered_in_time(at: datetime) -> Evidence:
    """Counts the open requests, those due within a week and those past their day, and takes the median of days to the
    answer."""
    today = office_day(at)
    open_cases = Case.objects.filter(state__in=OPEN, joined=None)
    late = open_cases.filter(due_on__lt=today).count()
    soon = open_cases.filter(due_on__gte=today, due_on__lte=today + SOON).count()
    answered_late = [
        case for case in _given() if case.answered_at and office_day(case.answered_at, case.clock) > case.due_on
    ]
    number = open_cases.count()
    figure = f"{_requests(number)} open, {soon} due within a week, {late} overdue"
    days = [(case.answered_at - case.received_at).days for case in _given() if case.answered_at]
    if days:
        figure += f"; answered after {median(days):.0f} days (median)"
    if late or answered_late:
        words = "Some requests are past the day by which the law wants an answer."
        return Evidence(
            State.BROKEN, figure, words if late else "Some answers came after their day.", at, number=number
        )
    words = "Nothing is overdue. Access and erasure can be asked for here; the other rights do not run yet."
    return Evidence(State.CANNOT_TELL, figure, words, at, number=number)


@keeper("12.1", counts="copies delivered", rows="desk")
def copies_are_delivered(at: datetime) -> Evidence:
    """Counts the answered access requests, and looks for the file of each that can still be fetched."""
    cases = _given().filter(right=Case.Right.ACCESS)
    without = cases.filter(packages=None).count()
    live = Package.objects.filter(case__in=cases, revoked_at=None, expires_at__gt=at)
    lost = sum(1 for package in live if not package.file or not is_whole(package))
    count = cases.count()
    figure = "1 copy delivered" if count == 1 else f"{count:,} copies delivered"
    if without or lost:
        words = "Some answers have no file that could be fetched."
        return Evidence(State.BROKEN, f"{figure}, {without + lost} without its file", words, at, number=count)
    if not count:
        return Evidence(State.CANNOT_TELL, figure, "Nobody has asked for a copy yet.", at, number=0)
    words = "Each holds the data with its purposes, sources, recipients, periods and places."
    return Evidence(State.KEPT, figure, words, at, number=count)


@keeper("12.3", counts="erasures answered", rows="desk")
def erasures_are_verified(at: datetime) -> Evidence:
    """Counts the erasures that were answered, and reads for each system of each what the second look found."""
    cases = _given().filter(right=Case.Right.ERASURE)
    done = SystemAnswer.State.DONE
    decided = Q(state=SystemAnswer.State.CANNOT_TELL) & ~Q(decided="")
    answers = SystemAnswer.objects.filter(case__in=cases)
    unsettled = set(answers.exclude(Q(state=done) | decided).values_list("case", flat=True))
    unlooked = set(cases.filter(answers=None).values_list("pk", flat=True))
    remains = 0
    for answer in answers.filter(state=done).iterator(chunk_size=500):
        residue = residue_from(answer.residue)
        if residue is None:
            unlooked.add(answer.case_id)
        else:
            remains += sum(one.count for one in residue.remains if one.why in ("missed", "unclear"))
    count = cases.count()
    figure = "1 verified erasure" if count == 1 else f"{count:,} verified erasures"
    if unsettled or unlooked or remains:
        wrong = len(unsettled | unlooked)
        figure = f"{wrong} of {count:,} erasures not verified, {remains} remains found"
        return Evidence(
            State.BROKEN, figure, "Something was called erased that nobody can vouch for.", at, number=count
        )
    words = "Each system was looked at again. Telling recipients does not run yet."
    return Evidence(State.CANNOT_TELL, f"{figure}, 0 remains found", words, at, number=count)


def _given() -> QuerySet[Case]:
    return Case.objects.filter(state__in=GIVEN, joined=None)


def _requests(count: int) -> str:
    return "1 request" if count == 1 else f"{count:,} requests"
