"""Sending a package to the site that the person chose: only after they have said so a second time. Art. 20(2)."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from kept.post.outbox import send
from kept.rights.actions.steps import locked
from kept.rights.codes import status_link
from kept.rights.models import Case, Package
from kept.rights.origins import host_of
from kept.rights.packages import is_there
from kept.rights.portability.access import may_send
from kept.rights.portability.errors import NotToSend
from kept.rights.portability.models import Transfer
from kept.rights.rules import plain
from kept.rights.telling import addressee_of
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor
from kept.work.models import Step
from kept.work.steps import finish, queue, retry_later

State = Transfer.State


@action
def confirm_sending(case: Case, package: Package, *, by: Actor, at: datetime) -> Transfer:
    """The person says a second time that their data goes to the site they named. It is sent from now on, by itself.

    A second call changes nothing. After a transfer that failed it begins a new one. Raises NotToSend.
    """
    case = locked(case)
    known = Transfer.objects.filter(package=package).exclude(state=State.FAILED).first()
    if known is not None:
        unchanged()
        return known
    if not may_send(case) or package.case_id != case.pk or not is_there(package, at):
        raise NotToSend
    transfer = Transfer(package=package, key=case.key, to=case.asked["to"], confirmed_at=at)
    try:
        with transaction.atomic():
            transfer.save(force_insert=True)
    except IntegrityError:  # both windows at once
        unchanged()
        return Transfer.objects.exclude(state=State.FAILED).get(package=package)
    record("rights.sending_confirmed", case, by=by, at=at, transfer=str(transfer.pk))
    queue("rights.send_package", about=case.pk, at=at, transfer=transfer.pk)
    return transfer


@action
def transfer_moved(transfer: Transfer, sent: int, *, by: Actor, at: datetime) -> None:
    """So much of it is there. What is written here is told to the person; the other site knows best."""
    if Transfer.objects.filter(pk=transfer.pk, ended_at=None).update(state=State.SENDING, sent=sent, problem=""):
        record("rights.sending_moved", transfer.package.case, by=by, at=at, sent=sent)
    else:
        unchanged()


@action
def transfer_waits(
    step: Step, transfer: Transfer, problem: str, *, checking: bool = False, by: Actor, at: datetime
) -> None:
    """It goes on by itself later: the other site does not answer, or has not looked through all of it yet."""
    retry_later(step, plain(problem), at=at)
    state = State.CHECKING if checking else State.WAITING
    attempts = 0 if checking else transfer.attempts + 1
    Transfer.objects.filter(pk=transfer.pk, ended_at=None).update(
        state=state, problem=plain("" if checking else problem), attempts=attempts
    )
    record("rights.sending_waits", transfer.package.case, by=by, at=at, state=state, tries=attempts)


@action
def transfer_accepted(step: Step, transfer: Transfer, *, by: Actor, at: datetime) -> None:
    """The other site has it whole and has checked it; the person confirms it there."""
    _end(step, transfer, State.ACCEPTED, "", by, at)


@action
def transfer_failed(step: Step, transfer: Transfer, problem: str, *, by: Actor, at: datetime) -> None:
    """It cannot be sent there. The person is told why, and has their file all the same."""
    _end(step, transfer, State.FAILED, problem, by, at)


def _end(step: Step, transfer: Transfer, state: State, problem: str, by: Actor, at: datetime) -> None:
    case = Case.objects.select_for_update().get(packages=transfer.package_id)
    transfer = Transfer.objects.select_for_update().select_related("package").get(pk=transfer.pk)
    finish(step, {"state": str(state)}, at=at)
    if transfer.ended_at is not None:
        unchanged()
        return
    transfer.state, transfer.problem, transfer.ended_at = state, plain(problem), at
    if state == State.ACCEPTED:
        transfer.sent = transfer.package.size
    transfer.save(update_fields=["state", "problem", "ended_at", "sent"])
    if state == State.ACCEPTED:
        record("rights.sending_accepted", case, by=by, at=at, transfer=str(transfer.pk))
    else:
        record("rights.sending_failed", case, by=by, at=at, transfer=str(transfer.pk))
    to = addressee_of(case)
    if not to.email or transfer.key is None:
        return
    context = {
        "case": case,
        "host": host_of(transfer.to),
        "link": status_link(case.pk, case.token_hash),
        "problem": transfer.problem,
        "until": transfer.package.expires_at,
        "there": is_there(transfer.package, at),
    }
    mail = "portability/sent" if state == State.ACCEPTED else "portability/not_sent"
    send(to.email, mail, context, about=case.pk, key=case.key_of_mails, language=case.language, at=at)
