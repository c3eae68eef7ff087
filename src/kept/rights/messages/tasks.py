"""What is done with sent files when their request has ended."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from kept.rights.messages.actions import files_removed
from kept.rights.messages.models import CaseFile
from kept.security.uploads import remove
from kept.terms import Actor
from kept.work.models import Step
from kept.work.registry import task
from kept.work.steps import finish


@task("rights.remove_case_files", every=timedelta(hours=1))
def remove_case_files(steps: list[Step]) -> None:
    """Remove the files whose request has ended. First from the disk: one that is gone already is no fault."""
    now = timezone.now()
    over = list(CaseFile.objects.filter(key=None).exclude(place="")[:1_000])
    for one in over:
        remove(one.place)
    with transaction.atomic():
        files_removed(over, by=Actor.kept(), at=now)
        for step in steps:
            finish(step, {"removed": len(over)}, at=now)
