"""What the steps of a complaint have in common. Each function here runs inside an action."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.db import transaction

from kept.complaints.access import why_not
from kept.complaints.clocks import due
from kept.complaints.errors import Decided, MayNot, NotInHand, NotNow, OwnMatter, TooLong
from kept.complaints.links import status_link
from kept.complaints.models import Complaint, ComplaintNote
from kept.complaints.routes import routes_of
from kept.complaints.rules import MAY, Step
from kept.people.models import Account
from kept.post.models import FORGOTTEN, Message
from kept.post.outbox import send
from kept.security.backup.replays import note
from kept.security.uploads import remove
from kept.security.vault.actions import destroy_key
from kept.terms import Actor

State = Complaint.State


def locked(complaint: Complaint) -> Complaint:
    """The complaint as it is now, and nobody else's until the transaction ends."""
    return Complaint.objects.select_for_update().get(pk=complaint.pk)


def must_be_able(complaint: Complaint, step: Step) -> None:
    """Raises NotNow."""
    if complaint.state not in MAY[step]:
        raise NotNow(complaint.get_state_display())


def must_be(by: Actor, *roles: str) -> None:
    """Raises MayNot."""
    if by.role not in roles:
        raise MayNot(by.role)


def must_judge(complaint: Complaint, by: Actor) -> None:
    """An officer who neither complains nor decided what is complained about. Raises MayNot, OwnMatter, Decided."""
    must_be(by, "privacy_officer")
    judge(complaint, by.id or "")


def judge(complaint: Complaint, officer: str) -> None:
    """Raises OwnMatter, Decided."""
    why = why_not(complaint, officer)
    if why == "own":
        raise OwnMatter(officer)
    if why == "decided":
        raise Decided(officer)


def must_have_in_hand(complaint: Complaint, by: Actor) -> None:
    """Raises MayNot, OwnMatter, Decided, NotInHand."""
    must_judge(complaint, by)
    if by.id is None or str(complaint.assignee_id) != by.id:
        raise NotInHand(by.role)


def must_fit(text: str, longest: int) -> str:
    """Raises TooLong."""
    clean = text.strip()
    if not clean or len(clean) > longest:
        raise TooLong(f"It has from 1 to {longest:,} characters.")
    return clean


def told(complaint: Complaint, at: datetime) -> list[str]:
    """They heard of us now: the next word is counted from here. Returns the fields to save."""
    complaint.told_at = at
    made = due("progress", at, complaint.law)
    complaint.progress_due_on, complaint.progress_clock = made.due_on, made.as_dict()
    return ["told_at", "progress_due_on", "progress_clock"]


def mail(complaint: Complaint, template: str, at: datetime, **more: object) -> Message:
    """Sealed with the complaint's key, and forgotten with it. Raises BadAddress."""
    context = {
        "complaint": complaint,
        "link": status_link(complaint.pk, complaint.token_hash),
        "routes": routes_of(complaint.law),
        **more,
    }
    return send(
        complaint.email,
        f"complaints/{template}",
        context,
        about=complaint.pk,
        key=complaint.key,
        language=complaint.language,
        at=at,
    )


def write_note(complaint: Complaint, kind: str, text: str, by: str, at: datetime, how: str = "") -> ComplaintNote:
    return ComplaintNote.objects.create(
        complaint=complaint, key=complaint.key, kind=kind, text=text, how=how, by=by, at=at
    )


def end(complaint: Complaint, state: str, *, by: Actor, at: datetime) -> None:
    """End it and forget who complained and what was said: its key is destroyed, so that backups forget it too.
    What shows that we dealt with it stays."""
    key, complaint.key = complaint.key, None
    complaint.state, complaint.closed_at, complaint.unread = state, at, False
    emptied = ("name", "email", "postal", "words", "wants", "about_named", "findings", "remedy", "code_hash")
    for name in emptied:
        setattr(complaint, name, "")
    complaint.save(update_fields=["key", "state", "closed_at", "unread", "email_index", *emptied])
    places = list(complaint.files.values_list("place", flat=True))
    complaint.files.all().delete()
    complaint.notes.all().delete()
    told_them = Message.objects.filter(about=complaint.pk).exclude(state=Message.State.WAITING)
    told_them.update(**FORGOTTEN)
    note("complaint", at=at, complaint=str(complaint.pk), state=str(state))
    if key is not None and not Message.objects.filter(key=key).exists():
        destroy_key(key, by=by, at=at)
    for place in places:  # sealed with a key that is gone: if this is cut off, they can be read by nobody
        transaction.on_commit(partial(remove, place))


def officer_named(account: Account) -> Account:
    """Raises MayNot."""
    if account.role != Account.Roles.PRIVACY_OFFICER or not account.is_active:
        raise MayNot(account.role)
    return account
