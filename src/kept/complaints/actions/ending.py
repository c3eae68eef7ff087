"""The end of a complaint: withdrawn by its sender, or its words erased six months after the outcome, the rest later."""

from __future__ import annotations

from datetime import datetime

from kept.complaints.actions.steps import end, locked, must_be_able
from kept.complaints.links import status_link
from kept.complaints.models import Complaint
from kept.complaints.rules import decided_before, last_proof, words_end
from kept.people.matters import held_by
from kept.people.models import Person
from kept.post.models import FORGOTTEN, Message
from kept.post.outbox import send
from kept.security.ledger import action, record, unchanged
from kept.security.vault.actions import destroy_key
from kept.terms import Actor

State = Complaint.State
AT_ONCE = 500


@action
def withdraw(complaint: Complaint, *, by: Actor, at: datetime) -> Complaint:
    """Its sender no longer wants it; a second call changes nothing. Raises NotNow once it is answered."""
    complaint = locked(complaint)
    if complaint.state == State.WITHDRAWN:
        unchanged()
        return complaint
    must_be_able(complaint, "withdraw")
    email, link = complaint.email, status_link(complaint.pk, complaint.token_hash)
    if email:
        context = {"complaint": complaint, "link": link}
        # Sealed for its person: the complaint's own key goes now.
        send(email, "complaints/withdrawn", context, about=complaint.pk, language=complaint.language, at=at)
    end(complaint, State.WITHDRAWN, by=by, at=at)
    record("complaints.withdrawn", complaint, by=by, at=at)
    return complaint


@action
def close_due(*, by: Actor, at: datetime) -> int:
    """Forget who complained and what was said, six months after the outcome, unless something about it is still open.

    Returns how many.
    """
    old = Complaint.objects.select_for_update().filter(state=State.DECIDED, decided_at__lt=decided_before(at))
    closed = 0
    for complaint in old[:AT_ONCE]:
        over = complaint.decided_at is not None and words_end(complaint.decided_at) <= at
        if not over or held_by(f"{complaint._meta.label_lower}:{complaint.pk}"):
            continue
        end(complaint, State.CLOSED, by=by, at=at)
        record("complaints.closed", complaint, by=by, at=at)
        closed += 1
    forgotten = _forget_late_mails(by, at)
    if not closed and not forgotten:
        unchanged()
    return closed


@action
def forget_old(*, by: Actor, at: datetime) -> int:
    """Delete complaints that ended three years ago. Returns how many."""
    old = Complaint.objects.filter(closed_at__lt=last_proof(at)).values_list("pk", flat=True)[:1000]
    free = [pk for pk in old if not held_by(f"complaints.complaint:{pk}")]
    if not free:
        unchanged()
        return 0
    Complaint.objects.filter(pk__in=free).delete()
    record("complaints.forgotten", "complaints.complaint", by=by, at=at, count=len(free))
    return len(free)


def _forget_late_mails(by: Actor, at: datetime) -> int:
    """Mails that were still on their way when their complaint ended, and the keys that only they still needed."""
    ended = Complaint.objects.exclude(closed_at=None).values("pk")
    late = Message.objects.filter(about__in=ended).exclude(key=None).exclude(state=Message.State.WAITING)
    keys = {key for key in late.values_list("key", flat=True) if key is not None}
    count = late.update(**FORGOTTEN)
    if count:
        record("complaints.mails_forgotten", "complaints.complaint", by=by, at=at, count=count)
    persons = set(Person.objects.filter(number__in=keys).values_list("number", flat=True))
    for key in sorted(keys - persons):
        if not Message.objects.filter(key=key).exists():
            destroy_key(key, by=by, at=at)
    return count
