"""Forgetting what need not be known any longer."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from kept.terms import Actor
from kept.use import counting
from kept.use.actions import forget_kept_accounts, forget_objections, forget_restrictions, forget_suppressions
from kept.work.models import Step
from kept.work.registry import task
from kept.work.steps import finish

FORGET = (forget_suppressions, forget_kept_accounts, forget_objections, forget_restrictions)


@task("use.forget_suppressions", every=timedelta(hours=24))
def forget(steps: list[Step]) -> None:
    at = timezone.now()
    with transaction.atomic():
        gone = sum(forgotten(by=Actor.kept(), at=at) for forgotten in FORGET)
        for step in steps:
            finish(step, {"gone": gone}, at=at)


@task("use.add_up", every=timedelta(hours=6))
def add_up(steps: list[Step]) -> None:
    """The decisions of a day that is over become one row for each purpose and outcome."""
    at = timezone.now()
    with transaction.atomic():
        gone = counting.add_up(at.date())
        for step in steps:
            finish(step, {"gone": gone}, at=at)
