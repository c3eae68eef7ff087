"""What is forgotten about people by itself."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from kept.people.actions import ask_about_details, forget_unproven
from kept.people.browsers import forget_ended
from kept.security.tries import forget_tries
from kept.terms import Actor
from kept.work.models import Step
from kept.work.registry import task
from kept.work.steps import finish


@task("people.forget_sessions", every=timedelta(hours=6))
def forget_sessions(steps: list[Step]) -> None:
    """Sessions that are over, the browsers that had them, and tries that count no more."""
    at = timezone.now()
    with transaction.atomic():
        gone, _ = Session.objects.filter(expire_date__lt=at).delete()
        forget_ended(at)
        forget_tries(at=at)
        for step in steps:
            finish(step, {"gone": gone}, at=at)


@task("people.ask_about_details", every=timedelta(hours=1))
def ask_people_about_their_details(steps: list[Step]) -> None:
    """Once a year for each account, some hundred an hour."""
    at = timezone.now()
    with transaction.atomic():
        asked = ask_about_details(by=Actor.kept(), at=at)
        for step in steps:
            finish(step, {"asked": asked}, at=at)


@task("people.forget_unproven", every=timedelta(hours=6))
def forget_unproven_accounts(steps: list[Step]) -> None:
    """Accounts whose address nobody proved within a week."""
    at = timezone.now()
    with transaction.atomic():
        gone = forget_unproven(by=Actor.kept(), at=at)
        for step in steps:
            finish(step, {"gone": gone}, at=at)
