"""What the site does by itself for the security room."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kept.information.counting import Held, held_in
from kept.information.models import System
from kept.people.models import Account
from kept.security.approvals.actions import expire
from kept.security.breaches.actions import COUNT, breach_counted, breach_reminded
from kept.security.breaches.facts import facts_of
from kept.security.breaches.reminders import REMIND, remind_of
from kept.security.breaches.rules import Stand, Whom, duties
from kept.security.models import Breach
from kept.security.reading.actions import SETTLE, forget_reads, tell_of_unusual
from kept.security.reading.log import TELL
from kept.terms import Actor
from kept.work.models import Step
from kept.work.registry import task
from kept.work.steps import drop, finish


@task(COUNT)
def count_breach(steps: list[Step]) -> None:
    """Count what each system concerned holds, table by table."""
    for step in steps:
        breach = Breach.objects.filter(pk=step.about).first() if step.about else None
        counts = [_held(name).as_dict() for name in breach.systems] if breach else []
        at = timezone.now()
        with transaction.atomic():
            if breach is None:
                drop(step, "The breach is gone.", at=at)
                continue
            breach_counted(breach, counts, by=Actor.kept(), at=at)
            finish(step, {"systems": len(counts)}, at=at)


@task(TELL)
def tell_of_unusual_looks(steps: list[Step]) -> None:
    """Mail officers and auditors about looks that were unusual. Who looked is not told of their own."""
    for step in steps:
        reader, at = UUID(str(step.args["reader"])), timezone.now()
        judges = Account.objects.filter(role__in=SETTLE, is_active=True).exclude(pk=reader)
        begin = datetime.fromisoformat(str(step.args["begin"]))
        with transaction.atomic():
            to = list(judges.order_by("email").values_list("email", flat=True))
            count = tell_of_unusual(reader, begin, to, by=Actor.kept(), at=at)
            finish(step, {"looks": count}, at=at)


@task(REMIND)
def remind_of_breach(steps: list[Step]) -> None:
    """Mail the officers that a breach was reported, or that a day to tell somebody is near or over."""
    for step in steps:
        breach, at = Breach.objects.filter(pk=step.about).first() if step.about else None, timezone.now()
        officers = Account.objects.filter(role="privacy_officer", is_active=True).order_by("email")
        whom, stand = cast(Whom, step.args["whom"]), cast(Stand, step.args["stand"])
        with transaction.atomic():
            if breach is None:
                drop(step, "The breach is gone.", at=at)
                continue
            to = list(officers.values_list("email", flat=True))
            finish(step, {"told": breach_reminded(breach, whom, stand, to, by=Actor.kept(), at=at)}, at=at)


@task("site.watch_breaches", every=timedelta(minutes=15))
def watch_breaches(steps: list[Step]) -> None:
    """Of each duty that is due within a day, or overdue, the officers are mailed once."""
    at, asked = timezone.now(), 0
    with transaction.atomic():
        for breach in Breach.objects.filter(closed_at=None).prefetch_related("notices"):
            for duty in duties(facts_of(breach), at):
                if duty.stand in ("soon", "late"):
                    remind_of(breach, duty.whom, duty.stand, at=at)
                    asked += 1
        for step in steps:
            finish(step, {"duties": asked}, at=at)


@task("site.security_sweep", every=timedelta(hours=1))
def security_sweep(steps: list[Step]) -> None:
    """End approvals that nobody answered, and forget looks of more than two years ago."""
    at = timezone.now()
    with transaction.atomic():
        expired = expire(by=Actor.kept(), at=at)
        forgotten = forget_reads(by=Actor.kept(), at=at)
        for step in steps:
            finish(step, {"expired": expired, "forgotten": forgotten}, at=at)


def _held(name: str) -> Held:
    system = System.objects.filter(name=name).first()
    return held_in(system) if system else Held(name, None, {}, "This system is no longer in the list.")
