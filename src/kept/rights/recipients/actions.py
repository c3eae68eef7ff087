"""Owing a recipient the news, and what came of it: one function per step, one transaction each, with its entry."""

from __future__ import annotations

from datetime import date, datetime

from kept.post.models import Message
from kept.post.outbox import send
from kept.rights.clocks import office_day
from kept.rights.errors import CannotTellThem, MayNot
from kept.rights.models import Case
from kept.rights.recipients.access import whom_to_tell, words_for
from kept.rights.recipients.models import Recipient, Telling
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor

State, How = Telling.State, Recipient.How
LONGEST_REASON = 200


@action
def owe_telling(case: Case, *, by: Actor, at: datetime) -> None:
    """Part of the answer: whoever was given what was erased, put right or paused is told, by mail at once or by a
    person. GDPR Art. 19. A second call owes nothing more."""
    unchanged()
    places = whom_to_tell(case)
    known = {one.name: one for one in Recipient.objects.filter(name__in=places)}
    there = set(Telling.objects.filter(case=case).values_list("recipient", flat=True))
    for name, where in places.items():
        recipient = known.get(name)
        if name in there or (recipient is not None and recipient.how == How.NOT):
            continue
        telling = Telling.objects.create(
            case=case, recipient=name, places=[[one.system, one.table] for one in where], owed_at=at
        )
        if recipient is not None and recipient.how == How.MAIL:
            _mail(telling, recipient, at)
        record("rights.recipient_to_be_told", case, by=by, at=at, telling=str(telling.pk), state=telling.state)


@action
def set_recipient(name: str, how: str, *, email: str = "", because: str = "", by: Actor, at: datetime) -> Recipient:
    """How somebody is told from now on. What waits for them already and can go by mail goes now.

    Raises MayNot, CannotTellThem.
    """
    _must_be_officer(by)
    if how == How.NOT and not because.strip():
        raise CannotTellThem("Say why they are not told: the person reads it.")
    recipient, _ = Recipient.objects.update_or_create(
        name=name,
        defaults={
            "how": how,
            "email": email if how == How.MAIL else "",
            "because": because.strip()[:300] if how == How.NOT else "",
            "set_at": at,
            "set_by": str(by),
        },
    )
    record("rights.recipient_set", recipient, by=by, at=at, how=how)
    if how == How.MAIL:
        for telling in Telling.objects.select_for_update().filter(recipient=name, state=State.WAITING):
            if words_for(telling).called:
                _mail(telling, recipient, at)
                record(
                    "rights.recipient_to_be_told", telling.case, by=by, at=at, telling=str(telling.pk), state="mailed"
                )
    return recipient


@action
def told_by_hand(telling: Telling, on: date, *, by: Actor, at: datetime) -> Telling:
    """A person has told them, on that day. Raises MayNot, and CannotTellThem for
    a day to come, or from before it was owed."""
    _must_be_officer(by)
    telling = _locked(telling)
    if telling.state != State.WAITING:
        unchanged()
        return telling
    if not office_day(telling.owed_at) <= on <= office_day(at):
        raise CannotTellThem("Give a day between the one on which we answered and today.")
    return _settle(telling, State.TOLD, "", on, by, at)


@action
def cannot_be_told(telling: Telling, because: str, *, by: Actor, at: datetime) -> Telling:
    """It is impossible, or out of all proportion: Art. 19 lets it be then, and the person sees why.

    Raises MayNot, CannotTellThem.
    """
    _must_be_officer(by)
    telling = _locked(telling)
    if telling.state != State.WAITING:
        unchanged()
        return telling
    if len(because.strip()) < 10:
        raise CannotTellThem("Say in a sentence why they cannot be told: the person reads it.")
    return _settle(telling, State.IMPOSSIBLE, because.strip()[:LONGEST_REASON], None, by, at)


@action
def mails_settled(*, by: Actor, at: datetime) -> int:
    """What became of the mails to recipients: one that left is told; one that came back waits for a person. Returns how
    many are settled."""
    unchanged()
    settled = 0
    for telling in Telling.objects.select_for_update().filter(state=State.MAILED):
        mail = Message.objects.filter(pk=telling.message).first() if telling.message else None
        if mail is None or mail.state == Message.State.FAILED:
            telling.state, telling.problem = State.WAITING, "The mail did not reach them."
            telling.save(update_fields=["state", "problem"])
            record("rights.recipient_not_reached", telling.case, by=by, at=at, telling=str(telling.pk))
        elif mail.state in (Message.State.SENT, Message.State.KEPT):
            _settle(telling, State.TOLD, "", office_day(mail.written_at), by, at)
            settled += 1
    return settled


def _mail(telling: Telling, recipient: Recipient, at: datetime) -> None:
    case = telling.case
    words = words_for(telling)
    known = {"case": case, "recipient": telling.recipient, "words": words}
    mail = send(recipient.email, "recipients/told", known, about=case.pk, key=case.key, at=at)
    telling.state, telling.message, telling.problem = State.MAILED, mail.pk, ""
    telling.save(update_fields=["state", "message", "problem"])


def _settle(telling: Telling, state: str, problem: str, on: date | None, by: Actor, at: datetime) -> Telling:
    telling.state, telling.problem, telling.told_on, telling.settled_by = state, problem, on, str(by)
    telling.save(update_fields=["state", "problem", "told_on", "settled_by"])
    record("rights.recipient_told", telling.case, by=by, at=at, telling=str(telling.pk), state=str(state))
    return telling


def _locked(telling: Telling) -> Telling:
    return Telling.objects.select_for_update().select_related("case").get(pk=telling.pk)


def _must_be_officer(by: Actor) -> None:
    if by.role != "privacy_officer":
        raise MayNot(by.role)
