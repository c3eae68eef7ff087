"""The work behind agents' requests: telling what changed, and forgetting what nobody asks for any more."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kept.rights.drp.access import status_of
from kept.rights.drp.actions import agent_told, forget_requests
from kept.rights.drp.models import AgentRequest
from kept.rights.drp.rules import digest_of
from kept.rights.drp.telling import queue_telling, tell
from kept.terms import Actor
from kept.work.models import Step
from kept.work.registry import task
from kept.work.steps import drop, finish, retry_later

KEPT = Actor.kept()


@task("drp.tell")
def tell_agent(steps: list[Step]) -> None:
    """Send the status as it is now, again and again until the agent answers 200."""
    for step in steps:
        at = timezone.now()
        request = (
            AgentRequest.objects.select_related("case__joined", "agent").filter(pk=UUID(step.args["request"])).first()
        )
        if request is None or request.agent is None or request.agent.ended_at or not request.status_callback:
            with transaction.atomic():
                drop(step, "Nobody is to be told any more.", at=at)
            continue
        status = status_of(request, at)
        digest = digest_of(status)
        problem = "" if digest == request.told else tell(request, status)
        if problem:
            retry_later(step, problem, at=timezone.now())
            continue
        with transaction.atomic():
            if digest != request.told:
                agent_told(request, digest, by=KEPT, at=timezone.now())
            finish(step, at=timezone.now())


@task("drp.look", every=timedelta(minutes=5))
def look(steps: list[Step]) -> None:
    """A request may also change through the one that it joined, or because its time is over."""
    at = timezone.now()
    with transaction.atomic():
        queued = queue_telling(at)
        for step in steps:
            finish(step, {"queued": queued}, at=at)


@task("drp.forget", every=timedelta(hours=24))
def forget(steps: list[Step]) -> None:
    at = timezone.now()
    with transaction.atomic():
        gone = forget_requests(by=KEPT, at=at)
        for step in steps:
            finish(step, {"gone": gone}, at=at)
