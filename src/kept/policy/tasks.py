"""Looking again, on schedule and when somebody asked, and thinning out what is old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from kept.policy.actions import queue_notices, running_version, thin_out
from kept.policy.evidence import last_looks
from kept.policy.keepers import all_keepers
from kept.policy.looking import look_at_all
from kept.policy.models import Version
from kept.policy.rules import is_due
from kept.terms import Actor
from kept.work.models import Step
from kept.work.registry import task
from kept.work.steps import finish

NEVER = datetime.min.replace(tzinfo=UTC)


@task("policy.look", every=timedelta(minutes=5))
def look_again(steps: list[Step]) -> None:
    """Every keeper that is due; with `all`, every one."""
    everything = any(step.args.get("all") for step in steps)
    last, now = last_looks(), timezone.now()
    due = [
        bound
        for bound in all_keepers()
        if everything or is_due(last.get((bound.clause_id, bound.name)), bound.period, now)
    ]
    # Who looked last goes first: one that hangs is looked at last, and holds up nobody who does not.
    due.sort(key=lambda bound: last.get((bound.clause_id, bound.name), NEVER), reverse=True)
    running_version(by=Actor.kept(), at=now)
    _end(steps, look_at_all(due, by=Actor.kept()))


@task("policy.announce")
def tell_of_new_version(steps: list[Step]) -> None:
    """Queue the notices about a version, a thousand in a transaction; whoever is killed goes on where it stopped."""
    for step in steps:
        version, after = Version.objects.get(pk=step.args["version"]), None
        while (after := queue_notices(version, after, by=Actor.kept(), at=timezone.now())) is not None:
            pass
        _end([step], version.notices.count())


@task("policy.thin_out", every=timedelta(days=1))
def forget_old_looks(steps: list[Step]) -> None:
    _end(steps, thin_out(by=Actor.kept(), at=timezone.now()))


def _end(steps: list[Step], count: int) -> None:
    at = timezone.now()
    with transaction.atomic():
        for step in steps:
            finish(step, {"count": count}, at=at)
