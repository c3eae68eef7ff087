"""What this room keeps: rules that say how they decide, and a person who looks again in time. Promise 12.5."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from kept.policy.keepers import keeper
from kept.rights.automated.access import in_force, without_approval
from kept.rights.automated.models import Decision, Review
from kept.rights.clocks import office_day
from kept.rights.models import Case
from kept.rights.rules import OPEN
from kept.terms import Evidence, State

LATELY = timedelta(days=90)
GRACE = timedelta(days=1)  # what is deleted by the hour may wait for a machine that was off


@keeper("12.5", counts="automated decisions within 90 days", rows="automated_made_here")
def decisions_are_explained_and_reviewed(at: datetime) -> Evidence:
    """Reads the rules in force for their approval and logic, counts the decisions of 90 days and those that contradict
    their rule, and the requests for a review that are open, answered and past their day."""
    today = office_day(at)
    asked = Case.objects.filter(right=Case.Right.AUTOMATED, joined=None, proven_at__isnull=False)
    overdue = asked.filter(state__in=OPEN, due_on__lt=today).count()
    open_still = asked.filter(state__in=OPEN).count()
    answered = asked.filter(state__in=[Case.State.ANSWERED, Case.State.CLOSED])
    unjudged = answered.filter(reviews__told_at=None, reviews__isnull=False).distinct().count()
    own = Review.objects.filter(decided_by=F("decision__version__made_by")).count()
    lately = Decision.objects.filter(decided_at__gt=at - LATELY)
    number, contradict = lately.count(), lately.filter(fits=False).count()
    unapproved = without_approval().count()
    over = Decision.objects.filter(until__lt=at - GRACE).count()
    rules = in_force().count()
    figure = (
        f"{_count(rules, 'rule')}, {_count(number, 'decision')} in 90 days, "
        f"{_count(open_still, 'review')} open, {answered.count():,} answered"
    )
    wrong = [
        (overdue, "A review is past the day by which the law wants an answer."),
        (unapproved, "A rule decides without an approval, or without a word on how it decides."),
        (contradict, "A decision contradicts the rule that it names."),
        (unjudged, "An answer went out before a person had judged every decision."),
        (own, "Somebody judged what their own rule decided."),
        (over, "Decisions are kept beyond their period."),
    ]
    for count, words in wrong:
        if count:
            return Evidence(State.BROKEN, f"{figure}; {count} not as promised", words, at, number=number)
    if not rules and not number:
        words = "No computer alone decides here about people, as far as the register says."
        return Evidence(State.KEPT, figure, words, at, number=number)
    words = "Each rule says how it decides and was approved. Nobody waits too long for a person to look again."
    return Evidence(State.KEPT, figure, words, at, number=number)


def _count(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count:,} {what}s"
