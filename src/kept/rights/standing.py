"""How a case stands in each of its systems, read from its rows for the rules to decide on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from kept.information.access import is_own
from kept.information.models import System
from kept.rights.clocks import late_from, office_day
from kept.rights.models import Case, CaseIdentifier, SystemAnswer
from kept.rights.rules import STOPPED, AnswerStanding, DueState, due_state, erasure_is_whole, leaves_question
from kept.rights.subjects import opened, strong_count


def standings_of(answers: Iterable[SystemAnswer], rows: Sequence[CaseIdentifier]) -> list[AnswerStanding]:
    """`rows`: the case's identifiers."""
    return [
        AnswerStanding(
            state=answer.state,
            current=answer.asked_with >= strong_count(rows, answer.system.name),
            decided=bool(answer.decided),
            own=is_own(answer.system),
        )
        for answer in answers
    ]


def is_whole(case: Case) -> bool:
    """An erasure: every system is settled, and was looked at with all that is known."""
    return erasure_is_whole(standings_of(answers_of(case), opened(case.identifiers.all())))


def answers_of(case: Case) -> list[SystemAnswer]:
    """The case's answers, without the long JSON of what was found and done."""
    shown = ("state", "asked_with", "decided", "case", "system__name", "system__address")
    return list(case.answers.select_related("system").only(*shown))


def changed_in(system: System, cases: Sequence[UUID]) -> frozenset[UUID]:
    """The cases for which this system was changed before, or may have been by a run that was cut off."""
    answers = SystemAnswer.objects.filter(system=system, case__in=cases).exclude(changes=[], begun_plan="")
    return frozenset(answers.values_list("case", flat=True))


def due_of(case: Case, today: date) -> DueState:
    """`today`: in the calendar in which the office counts this case's days."""
    answered_on = office_day(case.answered_at, case.clock) if case.answered_at else None
    owed, still = case.state not in STOPPED, case.paused_at is not None
    return due_state(
        case.due_on, today, answered_on=answered_on, owed=owed, still=still, late_from=late_from(case.clock)
    )


def is_stuck(answer: SystemAnswer) -> bool:
    """Whether an officer has to judge what is left there."""
    return leaves_question(answer.state, decided=bool(answer.decided), retries=answer.next_try_at is not None)
