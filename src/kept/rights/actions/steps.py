"""What the steps of a case have in common. Each function here runs inside an action."""

from __future__ import annotations

from datetime import datetime

from kept.post.models import FORGOTTEN, Message
from kept.rights.access import is_own_request
from kept.rights.errors import MayNot, NotNow, OwnCase
from kept.rights.mandates.models import Mandate
from kept.rights.models import Case
from kept.rights.reach.models import PaperLetter, Reach
from kept.rights.rules import MAY, CaseStep
from kept.rights.with_case import delete_with_case
from kept.security.backup.replays import note
from kept.security.vault.actions import destroy_key
from kept.terms import Actor
from kept.vault.fields import sealed_fields

WORDS_GONE: dict[str, object] = {"key": None, "to": "", "subject": "", "text": ""}  # update()


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


def contact_answered(case: Case, at: datetime) -> None:
    """From now on what reaches the person is kept only for questions about the answer."""
    case.identifiers.update(answered_at=at)
    Reach.objects.filter(case=case).update(answered_at=at)
    Mandate.objects.filter(case=case).update(answered_at=at)


def is_sealing(key: int) -> bool:
    """Whether a mail or a letter that has not left yet is sealed with it: it goes with the last of them."""
    return Message.objects.filter(key=key).exists() or PaperLetter.objects.filter(key=key).exists()


def end_without_contact(case: Case, state: str, *also: str, by: Actor, at: datetime) -> None:
    """End a case and forget, in it and in its mails, who asked: its key is destroyed, so that backups forget it too.
    What shows that we dealt with it stays."""
    key, case.key = case.key, None
    case.state, case.closed_at = state, at
    case.name, case.email, case.code_hash, case.extended_because, case.asked = "", "", "", "", {}
    case.paused_at = None
    emptied = ["name", "email", "email_index", "code_hash", "extended_because", "asked", "paused_at"]
    case.save(update_fields=["key", "state", "closed_at", *emptied, *also])
    case.identifiers.all().delete()
    delete_with_case(case)
    _empty_what_hangs_on(case, key)
    told = Message.objects.filter(about=case.pk).exclude(state=Message.State.WAITING)
    told.update(**FORGOTTEN)
    Reach.objects.filter(case=case).delete()
    _forget_proof(case, by=by, at=at)
    posted = PaperLetter.objects.filter(case=case).exclude(state=PaperLetter.State.WAITING)
    posted.update(**WORDS_GONE)
    note("case", at=at, case=str(case.pk), state=str(state))
    if key is not None and not is_sealing(key):
        destroy_key(key, by=by, at=at)


def _empty_what_hangs_on(case: Case, key: int | None) -> None:
    """Whatever a part of this room has sealed with the case's key: its words go, and that it was there stays."""
    for relation in Case._meta.related_objects if key is not None else ():
        model = relation.related_model
        fields = [] if model is Case else sealed_fields(model)
        if fields:
            emptied = {one.attname: b"" for one in fields} | {one.index: b"" for one in fields if one.index}
            rows = model._base_manager.filter(**{relation.field.name: case, "key": key})
            rows.update(**emptied, key=None)


def _forget_proof(case: Case, *, by: Actor, at: datetime) -> None:
    """What the steps showed goes with the case; that they were made stays, and so does nobody's document."""
    for step in case.proof_steps.exclude(file_key=None):
        destroy_key(step.file_key or 0, by=by, at=at)
    case.proof_steps.update(key=None, shows=b"", doubt="", code_hash="", file_key=None, name="")
