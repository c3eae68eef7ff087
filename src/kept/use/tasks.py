"""Forgetting what need not be known any longer."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from kept.terms import Actor
from kept.use.actions import forget_kept_accounts, forget_suppressions
from kept.work.models import Step
from kept.work.registry import task
from kept.work.steps import finish


@task("use.forget_suppressions", every=timedelta(hours=24))
def forget(steps: list[Step]) -> None:
    at = timezone.now()
    with transaction.atomic():
        gone = forget_suppressions(by=Actor.kept(), at=at) + forget_kept_accounts(by=Actor.kept(), at=at)
        for step in steps:
            finish(step, {"gone": gone}, at=at)
