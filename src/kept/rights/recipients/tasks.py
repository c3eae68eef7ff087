"""The work behind telling recipients."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from kept.rights.recipients import actions
from kept.terms import Actor
from kept.work.models import Step
from kept.work.registry import task
from kept.work.steps import finish


@task("rights.settle_tellings", every=timedelta(minutes=10), quick=True)
def settle_tellings(steps: list[Step]) -> None:
    """Of the mails to recipients: which have left, and which came back."""
    at = timezone.now()
    with transaction.atomic():
        settled = actions.mails_settled(by=Actor.kept(), at=at)
        for step in steps:
            finish(step, {"settled": settled}, at=at)
