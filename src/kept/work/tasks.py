"""The queue's own recurring work."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from kept.work.models import Step
from kept.work.registry import task
from kept.work.steps import finish

KEEP_ENDED = timedelta(days=30)


@task("work.forget_ended", every=timedelta(hours=6))
def forget_ended(steps: list[Step]) -> None:
    """Remove steps that ended 30 days ago. A key is known for that long."""
    now = timezone.now()
    ended = Step.objects.filter(state__in=[Step.State.DONE, Step.State.DROPPED], finished_at__lt=now - KEEP_ENDED)
    with transaction.atomic():
        removed, _ = ended.delete()
        for step in steps:
            finish(step, {"removed": removed}, at=now)
