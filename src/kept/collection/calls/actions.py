"""What changes the register of calls and visits, each with its entry."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from kept.collection.addresses import named_in
from kept.collection.calls.errors import BadMoment, NoCallBack, Settled
from kept.collection.calls.models import Call
from kept.security.ledger import action, record, unchanged
from kept.security.models import Entry
from kept.security.reading import log_read
from kept.security.vault.actions import destroy_key
from kept.terms import Actor, Identifier
from kept.use.access import must_have_ground
from kept.vault.keys import make_key

OLDEST = timedelta(days=366)  # a moment further back is a slip of the hand
FURTHEST = timedelta(days=60)  # an appointment further ahead as well
SLACK = timedelta(minutes=5)  # between the clocks of two machines
KEEP_WORDS = timedelta(days=90)  # after it was settled
KEEP_ROWS = timedelta(days=3 * 365)
SAME_LOOK = timedelta(minutes=2)
LOOKED_AT = "collection.call_looked_at"

State = Call.State


@action
def register_call(
    door: str,
    came_at: datetime,
    caller: str,
    number: str,
    says: str,
    *,
    call_back_at: datetime | None = None,
    by: Actor,
    at: datetime,
) -> Call:
    """Keep a note of a call or a visit. `number`: to call back, E.164; "": none. Raises BadMoment."""
    if came_at > at + SLACK or came_at < at - OLDEST:
        raise BadMoment("It came now or earlier, and not more than a year back.")
    if call_back_at is not None and not at - SLACK <= call_back_at <= at + FURTHEST:
        raise BadMoment(f"An appointment lies ahead, within {FURTHEST.days} days.")
    if call_back_at is not None and not number:
        raise BadMoment("An appointment to call back needs a number.")
    call = Call(
        key=make_key(), door=door, came_at=came_at, registered_at=at, registered_by=str(by), caller=caller,
        number=number, says=says, call_back_at=call_back_at,
    )  # fmt: skip
    call.save(force_insert=True)
    record("collection.call_registered", call, by=by, at=at, door=door, call_back=call_back_at is not None)
    return call


@action
def called_back(call: Call, says: str, *, by: Actor, at: datetime) -> Call:
    """The call back was made; `says`: what came of it. Raises NoCallBack."""
    call = _locked(call)
    if call.call_back_at is None or call.called_back_at is not None or call.key is None:
        raise NoCallBack
    call.called_back_at, call.called_back_by, call.called_back_says = at, str(by), says
    call.save(update_fields=["called_back_at", "called_back_by", "called_back_says"])
    record("collection.call_made", call, by=by, at=at)
    return call


@action
def call_became(call: Call, case: UUID, reference: str, *, by: Actor, at: datetime) -> Call:
    """A request was registered from it. In the transaction that opens it."""
    call = _locked(call)
    call.case = call.case or case
    call.requests = [*call.requests, {"case": str(case), "reference": reference}]
    call.state, call.settled_at, call.settled_by = State.SETTLED, at, str(by)
    call.save(update_fields=["case", "requests", "state", "settled_at", "settled_by"])
    record("collection.call_became", call, by=by, at=at, case=str(case))
    return call


@action
def settle_call(call: Call, how: str, *, by: Actor, at: datetime) -> Call:
    """It is no request; `how` says what was done. Raises Settled."""
    call = _locked(call)
    if call.state != State.TO_DECIDE:
        raise Settled
    call.state, call.settled_at, call.settled_by, call.settled_how = State.SETTLED, at, str(by), how
    call.save(update_fields=["state", "settled_at", "settled_by", "settled_how"])
    record("collection.call_settled", call, by=by, at=at)
    return call


@action
def call_looked_at(call: Call, *, despite: str = "", by: Actor, at: datetime) -> None:
    """Somebody reads a note; the same look is written once.

    Raises IsRestricted where the caller's data are restricted and `despite` is none of the grounds of GDPR Art. 18(2).
    """
    ground = despite if must_have_ground(_named_in(call), despite, at.date(), cases=_cases_of(call)) else ""
    about = f"{call._meta.label_lower}:{call.pk}"
    seen = Entry.objects.filter(about=about, kind=LOOKED_AT, by=str(by), at__gt=at - SAME_LOOK)
    if any(one.facts.get("despite", "") == ground for one in seen):
        unchanged()
        return
    record(LOOKED_AT, call, by=by, at=at, despite=ground)
    log_read("mail", "question", case=call.case, case_open=call.state == State.TO_DECIDE, place="calls", by=by, at=at)


@action
def forget_calls(*, by: Actor, at: datetime) -> tuple[int, int]:
    """Forget the words of notes 90 days after they were settled, and that there was one after three years.

    Their keys are destroyed, so that backups forget them too. Returns how many of each.
    """
    settled = Call.objects.filter(state=State.SETTLED)
    wordy = list(settled.filter(key__isnull=False, settled_at__lt=at - KEEP_WORDS).only("pk", "key")[:500])
    for call in wordy:
        empty = dict.fromkeys(("caller", "number", "says", "called_back_says", "settled_how"), "")
        Call.objects.filter(pk=call.pk).update(key=None, **empty)
        if call.key is not None:
            destroy_key(call.key, by=by, at=at)
    gone, _ = settled.filter(key=None, settled_at__lt=at - KEEP_ROWS).delete()
    if wordy or gone:
        record("collection.calls_forgotten", "calls.call", by=by, at=at, words=len(wordy), rows=gone)
    else:
        unchanged()
    return len(wordy), gone


def _named_in(call: Call) -> list[Identifier]:
    return named_in(lambda: f"{call.caller}\n{call.says}\n{call.called_back_says}") if call.key is not None else []


def _cases_of(call: Call) -> list[UUID]:
    return [UUID(one["case"]) for one in call.requests]


def _locked(call: Call) -> Call:
    return Call.objects.select_for_update().get(pk=call.pk)
