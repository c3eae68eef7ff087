"""Asking for a second person, and answering. The same person can never do both, also not in two windows at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import models

from kept.security.approvals.kinds import (
    KINDS,
    ApprovalOver,
    MayNotApprove,
    NotApproved,
    SamePerson,
)
from kept.security.ledger import action, record, unchanged
from kept.security.models.approvals import Approval
from kept.terms import Actor

State = Approval.State


@action
def ask(
    kind: str,
    about: models.Model,
    title: str,
    *,
    seen: str = "",
    facts: Mapping[str, str] | None = None,
    by: Actor,
    at: datetime,
) -> Approval:
    """Ask for a second person. What waits already, with the same facts, is given back unchanged; else it is replaced.

    Raises MayNotApprove.
    """
    known = KINDS[kind]
    if by.role != "kept" and by.role not in known.ask:
        raise MayNotApprove(by.role)
    name, given = _name(about), dict(facts or {})
    waiting = Approval.objects.select_for_update().filter(kind=kind, about=name, state=State.WAITING).first()
    if waiting is not None and (waiting.seen, waiting.facts) == (seen, given) and at < waiting.expires_at:
        unchanged()
        return waiting
    if waiting is not None:
        _end(waiting, State.VOID, by, at)
        record("security.approval_void", waiting, by=by, at=at, act=kind)
    approval = Approval.objects.create(
        kind=kind, about=name, title=title, seen=seen, facts=given, asked_by=str(by), asker=_id(by),
        asked_at=at, expires_at=at + known.lasts,
    )  # fmt: skip
    record("security.approval_asked", approval, by=by, at=at, act=kind)
    return approval


@action
def approve(approval: Approval, *, by: Actor, at: datetime) -> Approval:
    """Approve, and do it, in one transaction. Raises SamePerson, MayNotApprove, ApprovalOver, NoLongerFits."""
    approval = _locked(approval)
    known = KINDS[approval.kind]
    _must_wait(approval, at)
    if by.id is None or by.role not in known.approve:
        raise MayNotApprove(by.role)
    if _id(by) == approval.asker:
        raise SamePerson
    _end(approval, State.APPROVED, by, at)
    record("security.approval_given", approval, by=by, at=at, act=approval.kind)
    known.act(approval, by=by, at=at)
    Approval.objects.filter(pk=approval.pk).update(state=State.DONE)
    approval.state = State.DONE
    return approval


@action
def refuse(approval: Approval, *, by: Actor, at: datetime) -> Approval:
    """Say no; nothing happens. Who asked takes it back with the same step. Raises MayNotApprove, ApprovalOver."""
    approval = _locked(approval)
    _must_wait(approval, at)
    own = _id(by) == approval.asker and by.id is not None
    if not own and by.role not in KINDS[approval.kind].approve:
        raise MayNotApprove(by.role)
    _end(approval, State.WITHDRAWN if own else State.REFUSED, by, at)
    if own:
        record("security.approval_withdrawn", approval, by=by, at=at, act=approval.kind)
    else:
        record("security.approval_refused", approval, by=by, at=at, act=approval.kind)
    return approval


@action
def void(approval: Approval, *, by: Actor, at: datetime) -> Approval:
    """What it was about has changed: nobody can approve it any more. A second call changes nothing."""
    approval = _locked(approval)
    if approval.state != State.WAITING:
        unchanged()
        return approval
    _end(approval, State.VOID, by, at)
    record("security.approval_void", approval, by=by, at=at, act=approval.kind)
    return approval


@action
def expire(*, by: Actor, at: datetime) -> int:
    """End what nobody answered in time. Returns how many."""
    over = list(Approval.objects.select_for_update().filter(state=State.WAITING, expires_at__lte=at)[:1000])
    for approval in over:
        _end(approval, State.EXPIRED, by, at)
        record("security.approval_expired", approval, by=by, at=at, act=approval.kind)
    if not over:
        unchanged()
    return len(over)


@action
def use_up(kind: str, about: models.Model, *, by: Actor, at: datetime) -> None:
    """Called by the act itself: goes on only inside `approve`, which is somebody else's. Raises NotApproved."""
    approved = Approval.objects.select_for_update().filter(kind=kind, about=_name(about), state=State.APPROVED)
    found = approved.filter(decider=_id(by), decided_at=at).first() if by.id else None
    if found is None or found.asker == found.decider:
        raise NotApproved(kind)
    _end(found, State.DONE, by, at)
    record("security.approval_used", found, by=by, at=at, act=kind)


def _locked(approval: Approval) -> Approval:
    return Approval.objects.select_for_update().get(pk=approval.pk)


def _must_wait(approval: Approval, at: datetime) -> None:
    if approval.state != State.WAITING:
        raise ApprovalOver(approval.get_state_display())
    if at >= approval.expires_at:
        raise ApprovalOver(State.EXPIRED.label)


def _end(approval: Approval, state: str, by: Actor, at: datetime) -> None:
    approval.state, approval.decided_by, approval.decider, approval.decided_at = state, str(by), _id(by), at
    approval.save(update_fields=["state", "decided_by", "decider", "decided_at"])


def _id(by: Actor) -> UUID | None:
    return UUID(by.id) if by.id else None


def _name(about: models.Model) -> str:
    return f"{about._meta.label_lower}:{about.pk}"
