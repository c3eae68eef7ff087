"""The work behind reviews: the answer's file and its mail; and decisions whose period is over."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kept.rights.automated import actions
from kept.rights.automated.letter import write_letter
from kept.rights.models import Case
from kept.terms import Actor
from kept.work.models import Step
from kept.work.registry import task
from kept.work.steps import finish

KEPT = Actor.kept()


@task("rights.automated_letter", batch=20)
def write_letters(steps: list[Step]) -> None:
    """Write the answers, and tell the people. Killed anywhere, it is done again: a file is replaced whole."""
    cases = Case.objects.in_bulk([UUID(step.args["case"]) for step in steps])
    letters = []
    try:
        for step in steps:
            case = cases.get(UUID(step.args["case"]))
            file = write_letter(case, timezone.now()) if case else None
            letters.append(actions.Letter(step, file, case.approved_at if case else None))
    except OSError as problem:  # a full disk, most likely
        actions.letter_failed(steps, f"The file could not be written ({problem.strerror}).", by=KEPT, at=timezone.now())
        return
    actions.letters_written(letters, by=KEPT, at=timezone.now())


@task("rights.forget_decisions", every=timedelta(hours=1))
def forget_decisions(steps: list[Step]) -> None:
    """Delete what is over its period."""
    with transaction.atomic():
        gone = actions.forget_decisions(by=KEPT, at=timezone.now())
        for step in steps:
            finish(step, {"gone": gone}, at=timezone.now())
