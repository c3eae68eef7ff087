"""What this room keeps: data to take along that is there, goes where its person wants, and comes in safely. 12.6."""

from __future__ import annotations

from datetime import datetime, timedelta

from kept.policy.keepers import keeper
from kept.rights.models import Case, Package
from kept.rights.packages import is_whole
from kept.rights.portability.models import Import, Transfer
from kept.rights.portability.rules import CONFIRM_WITHIN, KEPT_FOR, OVERDUE
from kept.terms import Evidence, State

GRACE = timedelta(days=1)  # what is deleted by the hour may wait for a machine that was off
GIVEN = (Case.State.ANSWERED, Case.State.CLOSED)


@keeper("12.6", counts="packages to take along", rows="desk")
def data_can_be_taken_along(at: datetime) -> Evidence:
    """Counts the packages to take along and looks for the file of each that can still be fetched; counts what was sent
    to other sites and what waits too long; and what other sites sent that is kept beyond its time."""
    cases = Case.objects.filter(right=Case.Right.PORTABILITY, state__in=GIVEN, joined=None)
    without = cases.filter(packages=None).count()
    live = Package.objects.filter(case__in=cases, revoked_at=None, expires_at__gt=at)
    lost = sum(1 for package in live if not package.file or not is_whole(package))
    sent = Transfer.objects.filter(state=Transfer.State.ACCEPTED).count()
    late = Transfer.objects.filter(ended_at=None, confirmed_at__lt=at - OVERDUE).count()
    waiting = Import.objects.filter(state=Import.State.WAITING, begun_at__lt=at - CONFIRM_WITHIN - GRACE).count()
    over = Import.objects.filter(state=Import.State.CONFIRMED, confirmed_at__lt=at - KEPT_FOR - GRACE).count()
    number = cases.count()
    figure = f"{_count(number, 'package')} to take along, {sent:,} sent to another provider"
    for wrong, words in (
        (without + lost, "Some answers have no file that could be fetched."),
        (late, "Something that was to be sent is not there after two days."),
        (waiting + over, "Something that another site sent is kept beyond its time."),
    ):
        if wrong:
            return Evidence(State.BROKEN, f"{figure}; {wrong} not as promised", words, at, number=number)
    if not number:
        return Evidence(State.CANNOT_TELL, figure, "Nobody has asked for it yet.", at, number=0)
    words = "Each is JSON and CSV with a schema. What was to be sent is there, confirmed twice by its person."
    return Evidence(State.KEPT, figure, words, at, number=number)


def _count(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count:,} {what}s"
