"""The lease: a step is one worker's for a minute at a time, and anyone's again when that worker is gone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from kept.work.life import holder_is_dead, new_lease
from kept.work.models import Step
from kept.work.registry import task_named
from kept.work.rules import back_off

LEASE = timedelta(seconds=60)
RENEW_SECONDS = 15.0
GIVING_OUT = 0x6B657075  # the number of the lock in PostgreSQL; another than that of migrations (`cli.store`)
CRASHES_AT_ONCE = 2  # a step whose worker died so often is not taken at once again: it may be what kills them


def lease_due(names: Collection[str], now: datetime) -> list[Step]:
    """Take the oldest due step of these tasks and, if its task batches, further due ones of its batch.

    First in, first out. Leases are given one after the other: two that look at once would cut a batch in pieces.
    """
    waiting = Step.objects.filter(state=Step.State.WAITING, due_at__lte=now, name__in=names)
    if not waiting.exists():  # most looks end here, without a write lock
        return []
    with transaction.atomic():
        _one_after_the_other()
        due = waiting.order_by("due_at", "id").select_for_update(skip_locked=True)
        steps = list(due[:1])
        if not steps:
            return []
        first = steps[0]
        room = task_named(first.name).batch - 1
        if room and not first.alone:
            same = due.filter(name=first.name, batch=first.batch, alone=False).exclude(pk=first.pk)
            steps += same[:room]
        lease = new_lease()
        Step.objects.filter(pk__in=[step.pk for step in steps]).update(
            state=Step.State.RUNNING, lease=lease, lease_until=now + LEASE, attempt=F("attempt") + 1
        )
    for step in steps:
        step.state, step.lease, step.lease_until = Step.State.RUNNING, lease, now + LEASE
        step.attempt += 1
    return steps


def _one_after_the_other() -> None:
    """Until the end of the transaction nobody else gives out a lease. On SQLite it is the only writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [GIVING_OUT])


def renew(leases: Collection[str], now: datetime) -> None:
    """Say that the holder still lives. Steps that it is ending just now are left out: to wait for them, with others of
    theirs locked here, would be waiting for one another; and nobody takes a locked one."""
    held = Step.objects.filter(state=Step.State.RUNNING, lease__in=leases)
    with transaction.atomic():
        free_to_renew = list(held.select_for_update(skip_locked=True).values_list("pk", flat=True))
        held.filter(pk__in=free_to_renew).update(lease_until=now + LEASE)


def free_lapsed(now: datetime) -> int:
    """Give back what nobody renewed for a whole lease. Returns how many steps."""
    lapsed = Step.objects.filter(state=Step.State.RUNNING, lease_until__lt=now)
    leases = set(lapsed.values_list("lease", flat=True))
    return sum(_free(lease, now, only_lapsed=True) for lease in leases)


def free_dead(now: datetime) -> int:
    """Give back what processes of this host held when they died. Returns how many steps."""
    held = set(Step.objects.filter(state=Step.State.RUNNING).values_list("lease", flat=True))
    return free(filter(holder_is_dead, held), now)


def free(leases: Iterable[str], now: datetime) -> int:
    return sum(_free(lease, now) for lease in leases)


def _free(lease: str, now: datetime, *, only_lapsed: bool = False) -> int:
    with transaction.atomic():
        held = Step.objects.filter(state=Step.State.RUNNING, lease=lease).select_for_update(skip_locked=True)
        if only_lapsed:
            held = held.filter(lease_until__lt=now)
        steps = list(held)
        for step in steps:
            wait = back_off(step.attempt, 0.0) if step.attempt > CRASHES_AT_ONCE else timedelta(0)
            step.state, step.lease, step.lease_until = Step.State.WAITING, "", None
            step.due_at, step.alone = now + wait if wait else step.due_at, step.attempt > CRASHES_AT_ONCE
            step.problem = "The worker that had it ended before it was done."
        Step.objects.bulk_update(steps, ["state", "lease", "lease_until", "due_at", "alone", "problem"], batch_size=500)
    return len(steps)


def next_due(names: Collection[str]) -> datetime | None:
    """When the next waiting step of these tasks is due; None: there is none."""
    waiting = Step.objects.filter(state=Step.State.WAITING, name__in=names).order_by("due_at", "id")
    return waiting.values_list("due_at", flat=True).first()
