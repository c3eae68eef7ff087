"""How a restriction ends: told first, then put back in every system, then lifted. GDPR Art. 18(3)."""

from __future__ import annotations

from datetime import date

from kept.engine.marking import Marked, marked_from
from kept.post.models import Message
from kept.rights.actions.at_once import identifiers_of
from kept.rights.models import Case
from kept.rights.reach.models import PaperLetter
from kept.rights.stopping.models import KeptMark
from kept.use.access import restricted_in
from kept.use.models import Restriction

WENT_OUT = (Message.State.SENT, Message.State.KEPT)
NOT_TOLD = "The mail or letter that tells the person has not gone out, so the restriction is not lifted."


def case_of(row: Restriction) -> Case | None:
    return Case.objects.filter(pk=row.case).first()


def was_told(row: Restriction) -> bool:
    """The mail, or the letter, with the day has left us. One that failed, or that nobody wrote, tells nobody."""
    if row.mail is None:
        return False
    by_mail = Message.objects.filter(pk=row.mail, state__in=WENT_OUT).exists()
    return by_mail or PaperLetter.objects.filter(pk=row.mail, state=PaperLetter.State.POSTED).exists()


def due(today: date) -> list[Restriction]:
    """Those whose announced day has come."""
    state = Restriction.State.ANNOUNCED
    return list(Restriction.objects.filter(state=state, lift_on__lte=today).order_by("lift_on", "pk"))


def marks_left(row: Restriction) -> list[KeptMark]:
    """What is still marked in the company's systems because of it."""
    marks = KeptMark.objects.filter(case=row.case, name=KeptMark.Name.RESTRICTION, put_back_at=None)
    return list(marks.select_related("case").order_by("pk"))


def stood_in(mark: KeptMark) -> list[Marked]:
    """What stood there, as `unmark` needs it."""
    return [marked_from(one) for one in mark.stood.get("marked", ())]


def other_restriction(case: Case, today: date) -> Case | None:
    """Another request of the same person that keeps their data restricted: its marks must stay."""
    others = [row.case for row in restricted_in(identifiers_of(case), today) if row.case != case.pk]
    return Case.objects.filter(pk__in=others).exclude(key=None).order_by("received_at").first()
