"""Which open cases are to be brought to mind on a day, for whom, and in which words. No name and no address in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from kept.clocks.office import office
from kept.people.models import Account
from kept.rights.access import is_own_request, officers
from kept.rights.canaries import OF_NOBODY
from kept.rights.clocks import office_day
from kept.rights.flows import flow_of
from kept.rights.models import Case
from kept.rights.reach.models import PaperLetter
from kept.rights.rules import OPEN
from kept.rights.standing import due_of
from kept.rights.timing.access import open_wait
from kept.rights.timing.models import Reminder
from kept.rights.timing.rules import reminder_step, reminders_on
from kept.rights.wording import wording


@dataclass(frozen=True)
class Line:
    """One case in a mail to an officer."""

    case: Case
    step: int

    @property
    def reference(self) -> str:
        return self.case.reference

    @property
    def late(self) -> bool:
        return self.step < 0

    @property
    def due_on(self) -> date:
        return self.case.due_on

    @property
    def right(self) -> str:
        return str(wording(office().language)["right"][self.case.right])

    @property
    def waits(self) -> str:
        """What it waits for, in the office's language."""
        return str(wording(office().language)["waits"][waits_for(self.case)])

    @property
    def link(self) -> str:
        return f"{settings.SITE_URL}{reverse('desk_case', args=[self.case.pk])}"


def is_time(at: datetime) -> bool:
    """Whether the office's day has begun, so that what fell due overnight is one mail; and somebody is there to read
    it: a step of which nobody was told is not over."""
    now = at.astimezone(ZoneInfo(office().zone))
    return now.hour >= reminders_on(now.date()).from_hour and officers().exists()


def due_now(at: datetime) -> Iterator[Line]:
    """The open cases of which a reminder is due and has not been sent. Where the clock stands still, none is."""
    last = max(reminders_on(office_day(at)).days, default=0)
    near = office_day(at) + timedelta(days=last + 1)  # a day more: a case may be counted in another zone
    running = Case.objects.filter(state__in=OPEN, joined=None, paused_at=None, due_on__lte=near).order_by("pk")
    running = running.defer("name", "email", "asked", "extended_because", "outcome")
    told = set(Reminder.objects.filter(case__in=running).values_list("case", "due_on", "step"))
    for case in running:
        today = office_day(at, case.clock)
        state = due_of(case, today)
        if state.left > last:
            continue
        step = reminder_step(state.left, reminders_on(today).days, late=state.mark == "late")
        if step is not None and (case.pk, case.due_on, step) not in told:
            yield Line(case, step)


def letters_left(at: datetime) -> list[PaperLetter]:
    """Letters of ours that were not posted on the day they were written, locked, and that nobody was told of today."""
    today = office_day(at)
    begin = datetime.combine(today, time(), ZoneInfo(office().zone))
    waiting = PaperLetter.objects.filter(state=PaperLetter.State.WAITING, written_at__lt=begin)
    untold = waiting.filter(Q(reminded_on=None) | Q(reminded_on__lt=today), ~Q(case__reference__startswith=OF_NOBODY))
    return list(untold.select_for_update(of=("self",)).select_related("case").only("written_at", "case__due_on"))


def recipients(lines: Sequence[Line]) -> Mapping[UUID, list[Account]]:
    """Case -> the officer who has it, or else all of them; nobody is told of their own request, unless there is
    nobody else."""
    everybody = list(officers())
    found: dict[UUID, list[Account]] = {}
    for line in lines:
        has_it = [one for one in everybody if one.pk == line.case.assignee_id]
        others = [one for one in has_it or everybody if not is_own_request(line.case, str(one.pk))]
        found[line.case.pk] = others or everybody
    return found


def waits_for(case: Case) -> str:
    """The word of `wording` for what is to be done next, or by whom."""
    if open_wait(case) is not None:
        return "person"
    if case.state == Case.State.APPROVED:
        return "second" if flow_of(case.right).twice else "carrying"
    return {"searching": "search", "needs_person": "who", "review": "review"}.get(case.state, "carrying")
