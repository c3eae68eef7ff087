"""When a case of an agent changes, its agent is to be told: queued in the transaction that changes it."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from kept.rights.drp.telling import queue_telling
from kept.rights.models import Case


@receiver(post_save, sender=Case, dispatch_uid="drp.case_changed")
def case_changed(sender: type[Case], instance: Case, **_: Any) -> None:
    if instance.channel == Case.Channel.AGENT:
        queue_telling(timezone.now(), case=instance)
