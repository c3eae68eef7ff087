"""Running leased steps, and putting back what a task could not end."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime

from django.utils import timezone

from kept.work.errors import LeaseLost
from kept.work.lease import lease_due
from kept.work.models import Step
from kept.work.registry import task_named, tasks
from kept.work.steps import retry_later

log = logging.getLogger(__name__)


def run_steps(steps: list[Step]) -> None:
    """Run the task of these leased steps. Whatever it raises, each step is ended, put back or another worker's.

    Raises django.db.Error when Kept's own store does not answer: then they stay leased.
    """
    task = task_named(steps[0].name)
    facts = {"task": task.name, "step": steps[0].pk, "count": len(steps), "attempt": steps[0].attempt}
    try:
        task.run(steps)
    except LeaseLost:
        log.warning("Another worker took over these steps; what was done here was rolled back.", extra=facts)
    except Exception as problem:  # a fault in a task must not stop the work of everybody else
        log.exception("A task failed; its steps are tried again.", extra=facts)
        _put_back(steps, type(problem).__name__)
    else:
        _put_back(steps, "The task left this step without an end.")


def _put_back(steps: list[Step], problem: str) -> None:
    """Try again later, each for itself, what the task did not end for good."""
    left = Step.objects.filter(pk__in=[step.pk for step in steps], state=Step.State.RUNNING, lease=steps[0].lease)
    for step in left:
        try:
            retry_later(step, problem, at=timezone.now(), alone=True)
        except LeaseLost:
            continue


def work_off(now: datetime, *, names: Collection[str] | None = None) -> int:
    """Run every step due by `now` in the calling thread, with what they queue in turn. Returns how many ran."""
    ran = 0
    known = [task.name for task in tasks()] if names is None else names
    while steps := lease_due(known, now):
        run_steps(steps)
        ran += len(steps)
    return ran
