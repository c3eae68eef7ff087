"""Comparing each system with its pack, on adding it and every hour."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from kept.engine.errors import EngineError, Fault
from kept.information.access import active_systems, open_system
from kept.information.actions import system_checked
from kept.information.models import System
from kept.terms import Actor
from kept.work.models import Step
from kept.work.registry import task
from kept.work.steps import finish

Findings = tuple[list[Fault], list[Fault], str]


@task("information.check")
def check_one(steps: list[Step]) -> None:
    """A system that was just added or changed."""
    for step in steps:
        systems = list(System.objects.filter(name=step.args["system"], active=True))
        _check(systems, [step])


@task("information.check_all", every=timedelta(hours=1))
def check_all(steps: list[Step]) -> None:
    _check(active_systems(), steps)


def _check(systems: list[System], steps: list[Step]) -> None:
    found = [(system, *_look(system)) for system in systems]
    at = timezone.now()
    with transaction.atomic():
        for system, faults, unknown, problem in found:
            system_checked(system, faults, unknown, problem, by=Actor.kept(), at=at)
        for step in steps:
            finish(step, {"systems": len(found)}, at=at)


def _look(system: System) -> Findings:
    try:
        return *open_system(system).check(), ""
    except EngineError as problem:
        return [], [], str(problem)
