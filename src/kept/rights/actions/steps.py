"""What the steps of a case have in common. Each function here runs inside an action."""

from __future__ import annotations

from datetime import datetime

from kept.post.models import FORGOTTEN, Message
from kept.rights.access import is_own_request
from kept.rights.errors import MayNot, NotNow, OwnCase
from kept.rights.models import Case
from kept.rights.rules import MAY, CaseStep
from kept.security.backup.replays import note
from kept.security.vault.actions import destroy_key
from kept.terms import Actor


def locked(case: Case) -> Case:
    """The case as it is now, and nobody else's until the transaction ends."""
    return Case.objects.select_for_update().get(pk=case.pk)


def must_be_able(case: Case, step: CaseStep) -> None:
    """Raises NotNow."""
    if case.state not in MAY[step]:
        raise NotNow(case.state)


def must_be_officer(by: Actor) -> None:
    """Raises MayNot."""
    if by.role != "privacy_officer":
        raise MayNot(by.role)


def must_decide(case: Case, by: Actor) -> None:
    """An officer, and not about their own request: nobody is judge in their own cause. Raises MayNot, OwnCase."""
    must_be_officer(by)
    if is_own_request(case, by.id):
        raise OwnCase(by.role)


def end_without_contact(case: Case, state: str, *also: str, by: Actor, at: datetime) -> None:
    """End a case and forget, in it and in its mails, who asked: its key is destroyed, so that backups forget it too.
    What shows that we dealt with it stays."""
    key, case.key = case.key, None
    case.state, case.closed_at = state, at
    case.name, case.email, case.code_hash, case.extended_because = "", "", "", ""
    emptied = ["name", "email", "email_index", "code_hash", "extended_because"]
    case.save(update_fields=["key", "state", "closed_at", *emptied, *also])
    case.identifiers.all().delete()
    told = Message.objects.filter(about=case.pk).exclude(state=Message.State.WAITING)
    told.update(**FORGOTTEN)
    note("case", at=at, case=str(case.pk), state=str(state))
    if key is not None and not Message.objects.filter(key=key).exists():
        destroy_key(key, by=by, at=at)
