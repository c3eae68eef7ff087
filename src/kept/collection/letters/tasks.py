"""Forgetting letters, and removing the scans that nobody can open any more."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from kept.collection.letters.actions import forget_letters, scan_removed
from kept.collection.letters.models import Scan
from kept.security.uploads import remove
from kept.terms import Actor
from kept.work.models import Step
from kept.work.registry import task
from kept.work.steps import finish

KEPT = Actor.kept()


@task("collection.forget_letters", every=timedelta(hours=6))
def forget(steps: list[Step]) -> None:
    """A file is removed once its key is gone for good: a crash between the two leaves what nobody can read."""
    now = timezone.now()
    with transaction.atomic():
        words, rows = forget_letters(by=KEPT, at=now)
    removed = 0
    for scan in Scan.objects.filter(key=None).exclude(place=""):
        remove(scan.place)
        scan_removed(scan, by=KEPT, at=timezone.now())
        removed += 1
    with transaction.atomic():
        for step in steps:
            finish(step, {"words": words, "rows": rows, "removed": removed}, at=timezone.now())
