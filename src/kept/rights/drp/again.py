"""Doing again what a restore lost: which agents are trusted, and which token opens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kept.rights.drp.actions import agent_again
from kept.rights.drp.models import Agent
from kept.security.backup.replays import Note, replays
from kept.terms import Actor


@replays("drp_agent")
def trust_again(notes: Sequence[Note], by: Actor, at: datetime) -> int:
    """The last note about each agent counts."""
    last = {str(one.facts["agent"]): one.facts for one in notes}
    return sum(
        agent_again(
            agent, token=str(last[agent.agent_id]["token"]), ended=bool(last[agent.agent_id]["ended"]), by=by, at=at
        )
        for agent in Agent.objects.filter(agent_id__in=last)
    )
