"""Officers are mailed before the last day of a case, and on each day after it; and staff while a letter of ours waits
to be posted. GDPR Art. 12(3); policy, clauses 2.3 and 11.2."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from kept.clocks.office import office
from kept.post.outbox import send
from kept.rights.access import posters
from kept.rights.clocks import office_day
from kept.rights.reach.models import PaperLetter
from kept.rights.timing.models import Reminder
from kept.rights.timing.reminding import Line, due_now, is_time, letters_left, recipients
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor

IN_SUBJECT = 3  # references; the others are counted
IN_MAIL = 50  # cases; the desk shows the others


@action
def remind(*, by: Actor, at: datetime) -> int:
    """Mail what is due, each officer once, with all of it. Returns of how many cases.

    Of each step of a case nobody is told twice, whoever else does the same at this moment: the row says so.
    """
    lines = [line for line in due_now(at) if _first(line, at)] if is_time(at) else []
    if not lines:
        unchanged()
        return 0
    to = recipients(lines)
    theirs: dict[str, list[Line]] = defaultdict(list)
    for line in sorted(lines, key=lambda one: (one.due_on, one.reference)):
        told = to[line.case.pk]
        for officer in told:
            theirs[officer.email].append(line)
        Reminder.objects.filter(case=line.case, due_on=line.due_on, step=line.step).update(told=len(told))
        due = line.due_on.isoformat()
        record("rights.officers_reminded", line.case, by=by, at=at, due=due, step=line.step, told=len(told))
    for address, mine in sorted(theirs.items()):
        references = ", ".join(line.reference for line in mine[:IN_SUBJECT])
        context = {
            "late": mine[0].late,
            "lines": mine[:IN_MAIL],
            "more": max(0, len(mine) - IN_MAIL),
            "references": references + (f" (+{len(mine) - IN_SUBJECT})" if len(mine) > IN_SUBJECT else ""),
            "desk": f"{settings.SITE_URL}{reverse('desk')}",
        }
        send(address, "timing/reminder", context, language=office().language, at=at)
    return len(lines)


@action
def remind_of_post(*, by: Actor, at: datetime) -> int:
    """Each day, tell everybody who posts of the letters that were not posted on the day they were written. Returns how
    many letters. Of one letter nobody is told twice a day, whoever else does the same at this moment."""
    today = office_day(at)
    letters = letters_left(at) if is_time(at) else []
    if not letters:
        unchanged()
        return 0
    PaperLetter.objects.filter(pk__in=[one.pk for one in letters]).update(reminded_on=today)
    staff = list(posters())
    record("rights.post_reminded", "reach.paperletter", by=by, at=at, letters=len(letters), told=len(staff))
    context = {
        "count": len(letters),
        "oldest": min(office_day(one.written_at) for one in letters),
        "late": any(one.case.due_on < today for one in letters),
        "link": f"{settings.SITE_URL}{reverse('paper')}",
    }
    for one in staff:
        send(one.email, "timing/to_post", context, language=office().language, at=at)
    return len(letters)


def _first(line: Line, at: datetime) -> bool:
    """Whether this is the first to tell of that step: another one who does it waits here until we are done."""
    _, new = Reminder.objects.get_or_create(
        case=line.case, due_on=line.due_on, step=line.step, defaults={"sent_at": at}
    )
    return new
