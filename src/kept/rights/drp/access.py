"""Which agent it is, and how its requests stand. Absent and another agent's are answered alike."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.http import Http404
from django.urls import reverse

from kept.people import codes
from kept.rights.api.tokens import token_hash
from kept.rights.drp.asking import supported
from kept.rights.drp.models import Agent, AgentRequest
from kept.rights.drp.rules import CaseFacts, Stand, stand_of
from kept.rights.models import Case
from kept.rights.refusals.access import told
from kept.security.models import Entry

LINK = "agent request link"


def agent_by_token(token: str) -> Agent | None:
    return Agent.objects.filter(token_hash=token_hash(token), ended_at=None).first() if token else None


def agent_named(agent_id: str) -> Agent | None:
    """The entry of the directory; None: there is none, or it has ended."""
    return Agent.objects.filter(agent_id=agent_id, ended_at=None).first()


def agents() -> QuerySet[Agent]:
    """All that there ever were, those in use first."""
    return Agent.objects.order_by(F("ended_at").asc(nulls_first=True), "added_at")


def agent_with(agent_pk: UUID) -> Agent:
    found = Agent.objects.filter(pk=agent_pk).first()
    if found is None:
        raise Http404
    return found


def request_of(agent: Agent, request_id: str) -> AgentRequest | None:
    """A request of this agent; None: there is none, or it is another's."""
    try:
        wanted = UUID(request_id)
    except ValueError:
        return None
    return AgentRequest.objects.select_related("case__joined").filter(pk=wanted, agent=agent).first()


def request_by_link(token: str) -> AgentRequest:
    """The request whose person stands before its page."""
    found = AgentRequest.objects.select_related("case__joined", "agent").filter(token_hash=codes.token_hash(token))
    request = found.exclude(case=None).first()
    if request is None:
        raise Http404
    return request


def answering(request: AgentRequest) -> Case | None:
    """The case that answers it: its own, or the one that it joined."""
    return (request.case.joined or request.case) if request.case else None


def facts_of(case: Case) -> CaseFacts:
    return CaseFacts(
        state=case.state,
        due_on=case.due_on,
        zone=case.clock["inputs"]["zone"] if case.clock else "UTC",
        code_sent_at=case.code_sent_at,
        answered_at=case.answered_at,
        closed_at=case.closed_at,
        longer=_why_longer(case),
        ground=_why_refused(case),
    )


def _why_longer(case: Case) -> str:
    """The ground of an extension, as its entry says: the officer's own words are the person's to read."""
    about = f"{case._meta.label_lower}:{case.pk}"
    told = Entry.objects.filter(about=about, kind="rights.case_extended").order_by("-id").first()
    return str(told.facts.get("ground", "")) if told else ""


def _why_refused(case: Case) -> str:
    """The ground that the person was told; "": it was not refused."""
    if case.state not in (Case.State.REFUSED, Case.State.CLOSED):
        return ""
    refusal = told(case)
    return refusal.ground if refusal else ""


def stand(request: AgentRequest, at: datetime) -> Stand:
    case = answering(request)
    return stand_of(request.received_at, request.denied, facts_of(case) if case else None, at)


def status_of(request: AgentRequest, at: datetime) -> dict[str, object]:
    """The protocol's status object (3.03): only what it has to say."""
    now = stand(request, at)
    said: dict[str, object] = {
        "request_id": str(request.pk),
        "received_at": written(request.received_at),
        "status": now.status,
    }
    if request.agent_request_id:
        said["agent_request_id"] = request.agent_request_id
    if now.reason:
        said["reason"] = now.reason
    if now.details:
        said["processing_details"] = now.details
    if now.expected_by:
        said["expected_by"] = written(now.expected_by)
    if now.expires_at:
        said["expires_at"] = written(now.expires_at)
    if now.reason == "need_user_verification":
        said["user_verification_url"] = link_of(request)
    if now.results:
        said["results_url"] = link_of(request)
    return said


def link_of(request: AgentRequest) -> str:
    token = codes.token_of(LINK, request.pk, request.token_hash)
    return f"{settings.SITE_URL}{reverse('agent_request', args=[token])}"


def link_hash(request_id: UUID) -> str:
    return codes.token_hash(codes.token_of(LINK, request_id))


def written(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds")


def to_be_told(case: Case | None = None) -> QuerySet[AgentRequest]:
    """Those whose agent wants to hear of changes; of one case, those that it answers."""
    wanted = AgentRequest.objects.exclude(status_callback__exact="").filter(agent__ended_at=None)
    wanted = wanted.select_related("case__joined", "agent")
    return wanted.filter(Q(case=case) | Q(case__joined=case)) if case is not None else wanted


def directory_entry() -> dict[str, object]:
    """What the operators of the network list about us (3.05.2)."""
    return {
        "id": settings.DRP_BUSINESS,
        "name": settings.COMPANY,
        "logo": None,
        "api_base": settings.SITE_URL,
        "supported_actions": supported(),
        "supported_verifications": ["email"],
        "web_url": f"{settings.SITE_URL}{reverse('home')}",
        "privacy_policy_url": f"{settings.SITE_URL}{reverse('policy:policy')}",
        "technical_contact": settings.CONTACT,
        "business_contact": settings.CONTACT,
    }
