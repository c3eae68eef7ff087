"""The second officer has approved: the person is told, and the request is answered. One transaction, or nothing."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.rights.actions.at_once import comes_to_nothing
from kept.rights.actions.pausing import end_waiting
from kept.rights.actions.steps import contact_answered, locked, must_be_able, must_decide
from kept.rights.clocks import office_day
from kept.rights.errors import NotNow
from kept.rights.grounds import authority_of, ground_of
from kept.rights.models import Case
from kept.rights.particulars import said
from kept.rights.preserved.actions import begin_preserving
from kept.rights.refusals.actions.proposing import REFUSE
from kept.rights.refusals.models import Annotation, Refusal
from kept.rights.telling import tell
from kept.security.approvals.actions import use_up
from kept.security.ledger import action, record
from kept.terms import Actor
from kept.vault.keys import make_key


@action
def tell_refusal(refusal: Refusal, *, by: Actor, at: datetime) -> Case:
    """Tell the person: by mail and on their page, with ground, reasons and the ways to complain. Art. 12(4).

    Only inside the approval of a second officer. Raises NotNow, MayNot, OwnCase, NotApproved.
    """
    case = locked(refusal.case)
    must_decide(case, by)
    must_be_able(case, "refuse")
    refusal = Refusal.objects.select_for_update().get(pk=refusal.pk)
    ground = ground_of(refusal.law, refusal.right, refusal.ground)
    if refusal.state != Refusal.State.PROPOSED or refusal.law != case.law or ground is None:
        raise NotNow(case.state)
    use_up(REFUSE, case, by=by, at=at)
    end_waiting(case, by, at)
    case.state, case.answered_at, case.outcome, case.problem = Case.State.REFUSED, at, {"refused": 1}, ""
    case.save(update_fields=["state", "answered_at", "outcome", "problem"])
    contact_answered(case, at)
    comes_to_nothing(case, "refused", by=by, at=at)
    mail = tell(
        case,
        "refused",
        at=at,
        words=refusal.because,
        source=refusal.source,
        authority=authority_of(refusal.law).words,
        contact=settings.CONTACT,
    )
    refusal.state, refusal.told_at, refusal.told_by, refusal.message = Refusal.State.TOLD, at, str(by), mail.pk
    refusal.save(update_fields=["state", "told_at", "told_by", "message"])
    facts = {"right": case.right, "law": refusal.law, "ground": refusal.ground, "refusal": str(refusal.pk)}
    record(
        "rights.case_refused",
        case,
        by=by,
        at=at,
        in_time=office_day(at, case.clock) <= refusal.tell_by,
        message=str(mail.pk),
        **facts,
    )
    if ground.annotate:
        _annotate(case, by, at)
    if ground.keep:
        begin_preserving(case, by=by, at=at)
    return case


def _annotate(case: Case, by: Actor, at: datetime) -> None:
    """What the person says stands beside the record from now on; it goes when the person is erased."""
    words = "\n".join(f"{what}: {text}" for what, text in said(case.right, case.asked)) or _plain(case.asked)
    if not words:
        return
    try:
        address = normal("email", case.email).value
    except NotAnIdentifier:
        address = ""
    Annotation.objects.create(
        person=case.person,
        key=case.person_id or make_key(),
        email=address,
        reference=case.reference,
        statement=words,
        made_at=at,
    )
    record("rights.record_annotated", case, by=by, at=at)


def _plain(asked: dict[str, object]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in asked.items())
