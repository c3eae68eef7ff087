"""What whoever reads at another address of the person can do: stop the request, or say yes to it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from kept.post.outbox import send
from kept.rights.access import officers
from kept.rights.actions.reviewing import take_approval_back
from kept.rights.actions.steps import locked, must_decide
from kept.rights.alerts.access import DOUBT
from kept.rights.alerts.models import Alert
from kept.rights.alerts.rules import LONGEST_REASON
from kept.rights.errors import NotNow, TooLong
from kept.rights.flows import flow_of
from kept.rights.models import Case
from kept.security.backup.replays import note
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor

State = Alert.State


@action
def say_no(alert: Alert, *, by: Actor, at: datetime) -> Case:
    """It was not them: the request stops, and goes to an officer. A second call changes nothing.

    What a system was changed in already stays changed. A file that was not fetched yet cannot be fetched now.
    """
    case = locked(alert.case)
    alert = Alert.objects.select_for_update().get(pk=alert.pk)
    if alert.state == State.NO:
        unchanged()
        return case
    alert.state, alert.said_at = State.NO, at
    alert.save(update_fields=["state", "said_at"])
    before = case.state
    _stop(case)
    record("rights.request_disowned", case, by=by, at=at, state=before)
    note("disowned", at=at, alert=str(alert.pk))
    _tell_officers(case, at)
    return case


@action
def say_yes(alert: Alert, *, by: Actor, at: datetime) -> bool:
    """It was them: nothing waits for this address any more. False: somebody said there before that it was not."""
    case = locked(alert.case)
    alert = Alert.objects.select_for_update().get(pk=alert.pk)
    if alert.state != State.TOLD:
        unchanged()
        return alert.state == State.YES
    alert.state, alert.said_at = State.YES, at
    alert.save(update_fields=["state", "said_at"])
    record("rights.request_owned", case, by=by, at=at)
    return True


@action
def settle(case: Case, because: str, *, by: Actor, at: datetime) -> Case:
    """An officer has looked into it, and writes down why the request is the person's all the same.

    Raises MayNot, OwnCase, NotNow, TooLong.
    """
    case = locked(case)
    must_decide(case, by)
    if not because.strip() or len(because) > LONGEST_REASON:
        raise TooLong(f"The reason has one to {LONGEST_REASON} characters.")
    rows = list(Alert.objects.select_for_update().filter(case=case, state=State.NO, settled_at=None))
    if not rows:
        raise NotNow(case.state)
    for row in rows:
        row.settled_at, row.settled_by, row.settled_because = at, str(by), because.strip()
        row.save()
    if case.problem == DOUBT:
        case.problem = ""
        case.save(update_fields=["problem"])
    record("rights.disowning_settled", case, by=by, at=at, addresses=len(rows))
    return case


def _stop(case: Case) -> None:
    """Nothing more is begun. A copy that is being written is finished, and then cannot be fetched."""
    case.held_until, case.held_for = None, ""
    case.problem = DOUBT
    case.save(update_fields=["held_until", "held_for", "problem"])
    decided = case.state in (Case.State.APPROVED, Case.State.CONFIRMED)
    if decided or (case.state == Case.State.ANSWERING and flow_of(case.right).ends == "change"):
        take_approval_back(case, Case.State.REVIEW, DOUBT)


def _tell_officers(case: Case, at: datetime) -> None:
    """At once: of an answered request nobody would look at the page by themselves."""
    link = f"{settings.SITE_URL}{reverse('desk_case', args=[case.pk])}"
    for officer in officers():
        send(officer.email, "alerts/disowned", {"case": case, "link": link}, at=at)
