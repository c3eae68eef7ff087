"""Forgetting what no retry needs any more."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from kept.rights.api.actions import forget_keys
from kept.terms import Actor
from kept.work.models import Step
from kept.work.registry import task
from kept.work.steps import finish


@task("api.forget_keys", every=timedelta(hours=24))
def forget(steps: list[Step]) -> None:
    at = timezone.now()
    with transaction.atomic():
        gone = forget_keys(by=Actor.kept(), at=at)
        for step in steps:
            finish(step, {"gone": gone}, at=at)
