"""Who sees which approvals."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from kept.security.approvals.kinds import KINDS
from kept.security.models.approvals import Approval
from kept.terms import Actor


def concerning(actor: Actor) -> QuerySet[Approval]:
    """What this role may ask for or approve, whatever became of it; an auditor reads all."""
    if actor.role == "auditor":
        return Approval.objects.all()
    kinds = [kind.name for kind in KINDS.values() if actor.role in kind.ask + kind.approve]
    return Approval.objects.filter(Q(kind__in=kinds))


def waiting_for(actor: Actor, at: datetime) -> QuerySet[Approval]:
    """What this person can answer now."""
    kinds = [kind.name for kind in KINDS.values() if actor.role in kind.approve]
    waiting = Approval.objects.filter(kind__in=kinds, state=Approval.State.WAITING, expires_at__gt=at)
    return waiting.exclude(asker=UUID(actor.id)) if actor.id else waiting


def waiting_about(kind: str, label: str, pk: object, at: datetime) -> Approval | None:
    """What waits about one row: `waiting_about("rights.confirm_erasure", "rights.case", case.pk, at)`."""
    found = Approval.objects.filter(kind=kind, about=f"{label}:{pk}", state=Approval.State.WAITING, expires_at__gt=at)
    return found.first()
