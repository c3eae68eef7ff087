"""What agents change, and what changes agents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from kept.rights.actions import open_case, withdraw_case
from kept.rights.api.tokens import new_token, token_hash
from kept.rights.drp.access import link_hash, stand, status_of
from kept.rights.drp.asking import Asked
from kept.rights.drp.entries import entry_of
from kept.rights.drp.errors import MayNotAddAgents
from kept.rights.drp.models import Agent, AgentRequest
from kept.rights.drp.rules import FINAL, digest_of, kept_until
from kept.rights.models import Case
from kept.security.backup.replays import note
from kept.security.ledger import action, record, unchanged
from kept.security.vault.actions import destroy_key
from kept.terms import Actor
from kept.vault.keys import make_key

MAY: tuple[str, ...] = ("engineer", "privacy_officer", "kept")


@action
def add_agent(entry: Mapping[str, object], *, by: Actor, at: datetime) -> Agent:
    """Trust an agent: `entry` as the agent directory has it (3.05.1). One of that id is changed, and taken back if it
    had ended; with another key its token ends. Raises MayNotAddAgents, BadAgent."""
    _may(by)
    given = entry_of(entry)
    agent = Agent.objects.select_for_update().filter(agent_id=given["agent_id"]).first()
    known = agent is not None
    agent = agent or Agent(agent_id=given["agent_id"], added_at=at, added_by=str(by))
    if agent.verify_key != given["verify_key"]:
        agent.token_hash, agent.set_up_at = None, None
    before = {name: getattr(agent, name) for name in given} if known else {}
    if known and before == given and agent.ended_at is None:
        unchanged()
        return agent
    for name, value in given.items():
        setattr(agent, name, value)
    agent.ended_at = None
    agent.save()
    note("drp_agent", at=at, agent=agent.agent_id, token=agent.token_hash or "", ended=False)
    record("drp.agent_changed" if known else "drp.agent_added", agent, by=by, at=at)
    return agent


@action
def end_agent(agent: Agent, *, by: Actor, at: datetime) -> Agent:
    """Nothing of it is taken any more; what it has asked goes on. A second call changes nothing. Raises
    MayNotAddAgents."""
    _may(by)
    agent = Agent.objects.select_for_update().get(pk=agent.pk)
    if agent.ended_at is not None:
        unchanged()
        return agent
    agent.ended_at, agent.token_hash, agent.set_up_at = at, None, None
    agent.save(update_fields=["ended_at", "token_hash", "set_up_at"])
    note("drp_agent", at=at, agent=agent.agent_id, token="", ended=True)
    record("drp.agent_ended", agent, by=by, at=at)
    return agent


@action
def set_up_token(agent: Agent, *, by: Actor, at: datetime) -> str:
    """A new token for an agent that has shown its key; the one before opens nothing any more."""
    agent = Agent.objects.select_for_update().get(pk=agent.pk)
    token = new_token()
    agent.token_hash, agent.set_up_at = token_hash(token), at
    agent.save(update_fields=["token_hash", "set_up_at"])
    note("drp_agent", at=at, agent=agent.agent_id, token=agent.token_hash, ended=False)
    record("drp.token_made", agent, by=by, at=at)
    return token


@action
def take_request(agent: Agent, asked: Asked, *, by: Actor, at: datetime) -> AgentRequest:
    """Open what an agent asks for somebody; they prove it like everybody. What does not run here is denied.

    Sent again under the same agent-request-id while it is open, it is the same request. Raises what `open_case` raises.
    """
    Agent.objects.select_for_update().get(pk=agent.pk)  # one at a time, so that two tries at once are one request
    known = _same(agent, asked, at)
    if known is not None:
        unchanged()
        return known
    request_id, case_id = uuid4(), uuid4() if asked.right else None
    request = AgentRequest(
        id=request_id,
        key=make_key(),
        agent=agent,
        case_id=case_id,
        exercise=asked.exercise,
        regime=asked.regime,
        denied="" if asked.right else "claim_not_covered",
        agent_request_id=asked.agent_request_id,
        status_callback=asked.status_callback,
        said=dict(asked.said),
        token_hash=link_hash(request_id),
        received_at=at,
    )
    request.save(force_insert=True)
    record(
        "drp.request_taken", request, by=by, at=at, exercise=asked.exercise, regime=asked.regime, denied=request.denied
    )  # fmt: skip
    if case_id is not None:
        open_case(
            asked.right,
            asked.email,
            name=asked.name,
            asked=asked.asked,
            law=asked.law,
            home=asked.home,
            home_by="agent",
            channel=Case.Channel.AGENT,
            case_id=case_id,
            by=by,
            at=at,
        )
    request = AgentRequest.objects.select_related("case__joined", "agent").get(pk=request_id)
    request.told = digest_of(status_of(request, at))  # it is this call's answer
    request.save(update_fields=["told"])
    return request


@action
def revoke_request(request: AgentRequest, *, by: Actor, at: datetime) -> AgentRequest:
    """The person no longer wants it, says the agent. A second call changes nothing. Raises NotNow."""
    if request.case is None:
        unchanged()
    else:
        withdraw_case(request.case, by=by, at=at)
    return AgentRequest.objects.select_related("case__joined", "agent").get(pk=request.pk)


@action
def agent_told(request: AgentRequest, digest: str, *, by: Actor, at: datetime) -> None:
    """The agent took a status: what it says is known there."""
    request = AgentRequest.objects.select_for_update(of=("self",)).select_related("case__joined").get(pk=request.pk)
    request.told, request.told_at = digest, at
    request.save(update_fields=["told", "told_at"])
    record("drp.agent_told", request, by=by, at=at, status=stand(request, at).status)


@action
def forget_requests(*, by: Actor, at: datetime) -> int:
    """Final ones that nobody needs to ask for any more, with their keys. Returns how many."""
    gone = 0
    for request in AgentRequest.objects.exclude(agent=None).select_related("case__joined").iterator(chunk_size=500):
        now = stand(request, at)
        until = kept_until(now)
        if now.status not in FINAL or until is None or at < until:
            continue
        key = request.key
        request.delete()
        if key is not None:
            destroy_key(key, by=by, at=at)
        gone += 1
    if gone:
        record("drp.requests_forgotten", "drp.agentrequest", by=by, at=at, count=gone)
    else:
        unchanged()
    return gone


@action
def agent_again(
    agent: Agent, *, token: str, ended: bool, by: Actor, at: datetime
) -> bool:  # fmt: skip
    """What a restore lost: an agent that had ended stays out, and an older token opens nothing. Returns whether
    anything was changed."""
    agent = Agent.objects.select_for_update().get(pk=agent.pk)
    if (agent.token_hash or "", agent.ended_at is not None) == (token, ended):
        unchanged()
        return False
    agent.token_hash = token or None
    agent.ended_at = (agent.ended_at or at) if ended else None
    agent.save(update_fields=["token_hash", "ended_at"])
    record("drp.agent_ended" if ended else "drp.agent_changed", agent, by=by, at=at)
    return True


def _same(agent: Agent, asked: Asked, at: datetime) -> AgentRequest | None:
    if not asked.agent_request_id:
        return None
    alike = AgentRequest.objects.select_related("case__joined", "agent").filter(
        agent=agent, agent_request_id=asked.agent_request_id, exercise=asked.exercise, regime=asked.regime
    )
    open_ones = [one for one in alike if stand(one, at).status not in FINAL]
    return next((one for one in open_ones if one.case and one.case.email == asked.email.strip()), None)


def _may(by: Actor) -> None:
    if by.role not in MAY:
        raise MayNotAddAgents
