"""What the tasks of a case have in common: whose step it is, in which system, and what is said when that fails."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kept.engine.errors import EngineError
from kept.information.models import System
from kept.rights import actions
from kept.terms import Actor
from kept.work.models import Step
from kept.work.steps import drop

KEPT = Actor.kept()


def must_be_outside_transaction() -> None:
    """Kept's own store is one of the systems: with a transaction open here, it would wait for itself for ever."""
    if transaction.get_connection().in_atomic_block:
        raise RuntimeError("A system must not be changed inside a transaction of Kept's own store.")


def failed_in(system: System, steps: Sequence[Step], problem: EngineError) -> None:
    actions.systems_failed(system, steps, str(problem), by=KEPT, at=timezone.now(), alone=len(steps) == 1)


def system_of(steps: list[Step]) -> System | None:
    """The system of a batch; None: it is no longer one of the company's, and the steps were dropped."""
    system = System.objects.filter(name=steps[0].args["system"], active=True).first()
    if system is None:
        with transaction.atomic():
            for step in steps:
                drop(step, "The system is no longer in use.", at=timezone.now())
    return system


def case_of(step: Step) -> UUID:
    return UUID(step.args["case"])
