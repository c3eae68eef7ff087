"""A request of nobody: see `kept.vault.canaries`. No agent has sent it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from kept.rights.drp.models import AgentRequest
from kept.vault.canaries import canary

PLACES = ("drp_agentrequest.agent_request_id", "drp_agentrequest.status_callback", "drp_agentrequest.said")


def plant(secret: str, open_word: str, key: int, at: datetime) -> None:
    AgentRequest.objects.create(
        key=key,
        exercise=open_word[:20],
        agent_request_id=secret,
        status_callback=secret,
        said={"relationships": [secret]},
        token_hash=open_word.ljust(64, "-"),  # of no token
        received_at=at,
    )


def pull(keys: Collection[int]) -> int:
    gone, _ = AgentRequest.objects.filter(agent=None, key__in=keys).delete()
    return gone


def left(before: datetime) -> Iterable[int]:
    ours = AgentRequest.objects.filter(agent=None, received_at__lt=before)
    return [key for key in ours.values_list("key", flat=True) if key is not None]


canary(PLACES, plant, pull, left)
