"""What actions and tasks do with steps: queue one, end one.

A step is queued in the transaction of the action that wants it, and ended in the transaction that holds its effects.
So neither happens alone, and a step that is killed at any point is done once.
"""

from __future__ import annotations

import random
import uuid
from datetime import datetime
from uuid import UUID

from django.db import connection

from kept.work.errors import LeaseLost, NotPlainFact, OutsideTransaction
from kept.work.models import Step
from kept.work.registry import task_named
from kept.work.rules import back_off
from kept.work.wake import wake_on_commit

__all__ = ["LeaseLost", "drop", "finish", "key_of", "queue", "retry_later"]

Fact = str | int | bool | UUID | None | list[str] | list[int]


def key_of(*parts: object) -> UUID:
    """The key of a step from what makes it the same step: `key_of("rights.search", case.pk)`."""
    return uuid.uuid5(uuid.NAMESPACE_URL, "kept:" + "/".join(str(part) for part in parts))


def queue(
    name: str,
    *,
    at: datetime,
    key: UUID | None = None,
    batch: str = "",
    about: UUID | None = None,
    due_at: datetime | None = None,
    **args: Fact,
) -> Step:
    """Queue a step in the caller's transaction; a worker is woken when that commits.

    With a key that is known already nothing changes and the known step comes back, whatever its state.
    `args` are opaque ids, counts and states, never personal data: raises NotPlainFact, UnknownTask.
    """
    task_named(name)
    step, new = Step.objects.get_or_create(
        key=key or uuid.uuid4(),
        defaults={
            "name": name,
            "batch": batch,
            "about": about,
            "args": plain(args),
            "due_at": due_at or at,
            "queued_at": at,
        },
    )
    if new:
        wake_on_commit()
    return step


def finish(step: Step, outcome: dict[str, Fact] | None = None, *, at: datetime) -> None:
    """The step is done. Call it inside the transaction that holds its effects. Raises LeaseLost."""
    if not connection.in_atomic_block:
        raise OutsideTransaction(step.name)
    _end(step, state=Step.State.DONE, finished_at=at, outcome=plain(outcome or {}), problem="")


def drop(step: Step, problem: str, *, at: datetime) -> None:
    """The step is no longer wanted, or can never work. Call it inside a transaction. Raises LeaseLost."""
    if not connection.in_atomic_block:
        raise OutsideTransaction(step.name)
    _end(step, state=Step.State.DROPPED, finished_at=at, problem=_plain_problem(problem))


def retry_later(step: Step, problem: str, *, at: datetime, alone: bool = False) -> None:
    """Try again after the back-off. It never gives up by itself. Raises LeaseLost.

    Steps of one batch that failed together come due together; with `alone` it will run without the others.
    """
    jitter = random.Random(f"{step.name}/{step.batch}/{step.attempt}").random()  # noqa: S311  (no secret)
    _end(
        step,
        state=Step.State.WAITING,
        due_at=at + back_off(step.attempt, jitter),
        alone=step.alone or alone,
        problem=_plain_problem(problem),
    )


def _end(step: Step, **changes: object) -> None:
    """Give up the lease with these changes, or raise LeaseLost when it is another's.

    `step` stays as it was: the transaction may yet roll back, and then the lease still holds.
    """
    held = Step.objects.filter(pk=step.pk, state=Step.State.RUNNING, lease=step.lease)
    if not step.lease or not held.update(lease="", lease_until=None, **changes):
        raise LeaseLost(f"{step.name} {step.pk}")


def plain(facts: dict[str, Fact]) -> dict[str, object]:
    """The facts as JSON holds them; raises NotPlainFact, naming the fact, for what could carry somebody's data."""
    ready: dict[str, object] = {}
    for name, fact in facts.items():
        ready[name] = str(fact) if isinstance(fact, UUID) else fact
        for part in fact if isinstance(fact, list) else [fact]:
            if isinstance(part, str) and ("@" in part or len(part) > 200):
                raise NotPlainFact(name)
            if not isinstance(part, str | int | UUID | None):
                raise NotPlainFact(name)
    return ready


def _plain_problem(problem: str) -> str:
    if "@" in problem:
        raise NotPlainFact("problem")
    return problem[:300]
