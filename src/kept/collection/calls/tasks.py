"""Forgetting notes of calls and visits."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from kept.collection.calls.actions import forget_calls
from kept.terms import Actor
from kept.work.models import Step
from kept.work.registry import task
from kept.work.steps import finish


@task("collection.forget_calls", every=timedelta(hours=6))
def forget(steps: list[Step]) -> None:
    at = timezone.now()
    with transaction.atomic():
        words, rows = forget_calls(by=Actor.kept(), at=at)
        for step in steps:
            finish(step, {"words": words, "rows": rows}, at=at)
