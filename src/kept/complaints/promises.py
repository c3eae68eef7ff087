"""What this room keeps: complaints are acknowledged, looked into and answered; authorities are told by two."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from kept.complaints.access import standing
from kept.complaints.clocks import office_day
from kept.complaints.enquiries import OPEN as ENQUIRY_OPEN
from kept.complaints.models import Complaint, Enquiry, EnquiryAnswer
from kept.complaints.rules import OPEN, late
from kept.people.matters import kind_of
from kept.policy.keepers import keeper
from kept.post.models import Message
from kept.security.models import Approval, Entry
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


@keeper("17.2", counts="enquiries of authorities", rows="desk_enquiries")
def authorities_are_answered_by_two(at: datetime) -> Evidence:
    """Counts the enquiries of authorities, those open past the day that was set, and the answers; looks for one that
    went out before the authority was called back, or that one officer alone has released."""
    known = Enquiry.objects.exclude(reference__startswith="CANARY-")
    found = list(known.only("state", "due_on", "verified_at", "answered_at"))
    today = office_day(at)
    overdue = sum(one.state in ENQUIRY_OPEN and one.due_on < today for one in found)
    sent = EnquiryAnswer.objects.filter(state=EnquiryAnswer.State.SENT)
    alone = sum(_released_alone(answer) for answer in sent.select_related("enquiry"))
    waiting = sum(one.state in ENQUIRY_OPEN for one in found)
    figure = f"{_enquiries(len(found))}, {waiting} open, {sent.count()} answers released"
    if overdue or alone:
        figure += f"; {overdue} overdue, {alone} not released as we promise"
        words = "An authority waits past its day." if overdue else "Something was told without a call back, or by one."
        return Evidence(State.BROKEN, figure, words, at, number=len(found))
    if not found:
        return Evidence(State.CANNOT_TELL, "no enquiry yet", "No authority has asked us anything yet.", at, number=0)
    words = "Each was called back before it was told anything, and two officers released each answer."
    return Evidence(State.KEPT, figure, words, at, number=len(found))


def _released_alone(answer: EnquiryAnswer) -> bool:
    """Whether it went out without a call back, or without an approval that somebody else gave."""
    enquiry, at = answer.enquiry, answer.released_at
    called = at is not None and enquiry.verified_at is not None and enquiry.verified_at <= at
    about = f"{answer._meta.label_lower}:{answer.pk}"
    given = Approval.objects.filter(about=about, state=Approval.State.DONE).exclude(asker=F("decider"))
    return not called or answer.released_by in ("", answer.written_by) or not given.exists()


def _enquiries(number: int) -> str:
    return "1 enquiry" if number == 1 else f"{number:,} enquiries"


def _judged_themselves(one: Complaint) -> bool:
    """Whether who answered it had decided, before it came, what it is about."""
    kind = kind_of(one.about.partition(":")[0])
    if kind is None:
        return False
    before = Entry.objects.filter(about=one.about, by=one.decided_by, at__lt=one.received_at)
    return before.filter(kind__in=kind.decisions).exists()


def _count(number: int) -> str:
    return "1 complaint" if number == 1 else f"{number:,} complaints"
