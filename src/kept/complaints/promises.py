"""What this room keeps: every complaint is acknowledged in time, looked into, and answered."""

from __future__ import annotations

from datetime import datetime

from kept.complaints.access import standing
from kept.complaints.clocks import office_day
from kept.complaints.models import Complaint
from kept.complaints.rules import OPEN, late
from kept.people.matters import kind_of
from kept.policy.keepers import keeper
from kept.post.models import Message
from kept.security.models import Entry
from kept.terms import Evidence, State

Outcome = Complaint.Outcome


@keeper("17.1", counts="open complaints", rows="desk_complaints")
def complaints_are_investigated_and_answered(at: datetime) -> Evidence:
    """Counts the open complaints, the age of the oldest and the outcomes, and looks for an acknowledgement or a word
    about progress that came too late, is overdue or could not be delivered, and for officers who judged themselves."""
    found = Complaint.objects.exclude(reference__startswith="CANARY-")
    known = list(found.only(
        "state", "ack_due_on", "ack_clock", "acknowledged_at", "ack_message", "progress_due_on", "progress_clock",
        "assignee", "unread", "received_at", "outcome", "about", "decided_by",
    ))  # fmt: skip
    lost = set(Message.objects.filter(state=Message.State.FAILED).values_list("pk", flat=True))
    overdue = {"acknowledgement": 0, "progress": 0}
    undelivered = 0
    for one in known:
        today = office_day(at, one.ack_clock or None)
        for what in late(standing(one), today):
            overdue[what] += 1
        undelivered += one.state in OPEN and one.ack_message in lost and today > one.ack_due_on
    own_cause = sum(_judged_themselves(one) for one in known if one.about and one.decided_by)
    waiting = [one for one in known if one.state in OPEN]
    number = len(waiting)
    figure = f"{_count(number)} open"
    if waiting:
        days = max((at - one.received_at).days for one in waiting)
        figure += f", the oldest for {days} day{'' if days == 1 else 's'}"
    outcomes = [(word, sum(one.outcome == value for one in known)) for value, word in Outcome.choices]
    figure += f"; {', '.join(f'{count} {word}' for word, count in outcomes)}"
    if own_cause:
        figure += f"; {own_cause} judged by who decided it"
        words = "A complaint was answered by the officer who decided what it is about."
        return Evidence(State.BROKEN, figure, words, at, number=number)
    if overdue["acknowledgement"] or overdue["progress"] or undelivered:
        figure += f"; late: {overdue['acknowledgement'] + undelivered} acknowledgements, {overdue['progress']} words"
        words = "Somebody who complained was not told in time that it is here, or how far it is."
        return Evidence(State.BROKEN, figure, words, at, number=number)
    if not known:
        return Evidence(State.CANNOT_TELL, "no complaint yet", "Nobody has complained yet.", at, number=0)
    words = "Each was acknowledged in time, and looked into by somebody who did not decide what it is about."
    return Evidence(State.KEPT, figure, words, at, number=number)


def _judged_themselves(one: Complaint) -> bool:
    """Whether who answered it had decided, before it came, what it is about."""
    kind = kind_of(one.about.partition(":")[0])
    if kind is None:
        return False
    before = Entry.objects.filter(about=one.about, by=one.decided_by, at__lt=one.received_at)
    return before.filter(kind__in=kind.decisions).exists()


def _count(number: int) -> str:
    return "1 complaint" if number == 1 else f"{number:,} complaints"
