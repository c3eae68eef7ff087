"""What happens to complaints by itself: they come by mail, officers are reminded, and what is over is forgotten."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from kept.collection.mail.models import InboundMail, MailItem
from kept.complaints import actions
from kept.complaints.actions.bundling import clear_orphans
from kept.complaints.mailed import link, open_item
from kept.complaints.reminding import remind
from kept.terms import Actor
from kept.work.models import Step
from kept.work.registry import task
from kept.work.steps import finish

KEPT = Actor.kept()


@task("complaints.open", batch=20)
def open_complaints(steps: list[Step]) -> None:
    """Take in what mails complain about."""
    for step in steps:
        at = timezone.now()
        item = MailItem.objects.filter(pk=step.about).first() if step.about else None
        with transaction.atomic():
            found = open_item(item, by=KEPT, at=at) if item else None
            finish(step, {"complaint": found.pk if found else None}, at=at)


@task("complaints.link_mail", batch=20)
def link_mails(steps: list[Step]) -> None:
    """Tell to which complaint a mail belongs."""
    for step in steps:
        at = timezone.now()
        mail = InboundMail.objects.filter(pk=step.about).first() if step.about else None
        with transaction.atomic():
            found = link(mail, by=KEPT, at=at) if mail and mail.key is not None else None
            finish(step, {"complaint": found.pk if found else None}, at=at)


@task("complaints.remind", every=timedelta(hours=1))
def remind_officers(steps: list[Step]) -> None:
    """Mail the officers, once for each day to be met, when it is near and when it is over."""
    at = timezone.now()
    with transaction.atomic():
        told = remind(by=KEPT, at=at)
        for step in steps:
            finish(step, {"told": told}, at=at)


@task("complaints.end", every=timedelta(hours=1))
def end_complaints(steps: list[Step]) -> None:
    """What time alone decides: words go six months after the outcome, the rest three years later."""
    at = timezone.now()
    with transaction.atomic():
        closed = actions.close_due(by=KEPT, at=at)
        forgotten = actions.forget_old(by=KEPT, at=at) + actions.forget_enquiries(by=KEPT, at=at)
        for step in steps:
            finish(step, {"closed": closed, "forgotten": forgotten}, at=at)


@task("complaints.remove_bundles", every=timedelta(hours=1))
def remove_bundles(steps: list[Step]) -> None:
    """Bundles of evidence go 30 days after they were made, and files that a killed process left after a day."""
    at = timezone.now()
    with transaction.atomic():
        removed = actions.remove_bundles(by=KEPT, at=at)
        for step in steps:
            finish(step, {"removed": removed}, at=at)
    for _ in clear_orphans(at):
        continue
