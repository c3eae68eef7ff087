"""Asking the person for what is needed before the request can be answered; the clock of its law says what that does.

The days stand still only where the rule knows it, each with its evidence: what was asked, why, when, by which mail, and
when the answer came. UK GDPR Art. 12A; GDPR Art. 12(5), (6); PDPA s.28.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from kept.clocks.deadline import Event
from kept.rights.actions.steps import locked, must_be_able, must_decide
from kept.rights.clocks import Clock, moved, office_day, rule_of
from kept.rights.errors import CannotAsk, CannotEnd, MayNot, NotNow, StillWaits, TooLong
from kept.rights.models import Case
from kept.rights.rules import OPEN
from kept.rights.telling import tell
from kept.rights.timing.models import Wait
from kept.rights.timing.rules import MINOR, Fee, Ground, effect_of, fees_for, money
from kept.security.ledger import action, record
from kept.terms import Actor

LONGEST = 1_000  # characters of what is asked, why, and the answer
MOST_MONEY = 10**9  # minor units

Outcome = Wait.Outcome
Answered = Literal["answered", "accepted", "declined"]
Came = Literal["page", "email", "letter", "telephone", "counter", "bank"]


@action
def pause(
    case: Case,
    ground: Ground,
    asked: str,
    why: str,
    *,
    basis: str = "",
    amount: int | None = None,
    currency: str = "",
    mail: str = "asked",
    by: Actor,
    at: datetime,
) -> Wait:
    """Ask the person, and let the clock wait where its law lets it.

    `asked`: as the person reads it. `why`: why it is needed in this case, for whoever checks it. A fee has an amount in
    minor units, and a basis of timing.toml. `mail`: what is written to the person.

    Raises NotNow, MayNot, OwnCase, TooLong, CannotAsk.
    """
    case = locked(case)
    if ground == "fee":
        fee, _ = must_be_lawful(case, basis, amount, currency, at)
        if fee.two:
            raise CannotAsk("this fee takes a second officer: propose it")
    return _ask(case, ground, asked, why, basis=basis, amount=amount, currency=currency, mail=mail, by=by, at=at)


def ask_fee(
    case: Case, asked: str, why: str, basis: str, amount: int, currency: str, *, by: Actor, at: datetime
) -> Wait:
    """Inside an action, with the case locked and the second officer's approval used up. Raises as `pause` does."""
    return _ask(case, "fee", asked, why, basis=basis, amount=amount, currency=currency, mail="fee", by=by, at=at)


def _ask(
    case: Case,
    ground: Ground,
    asked: str,
    why: str,
    *,
    basis: str,
    amount: int | None,
    currency: str,
    mail: str,
    by: Actor,
    at: datetime,
) -> Wait:
    must_decide(case, by)
    must_be_able(case, "ask")
    if case.waits.filter(ended_at=None).exists():
        raise CannotAsk("something was asked already, and the answer has not come")
    for words in (asked, why):
        if not words.strip() or len(words) > LONGEST:
            raise TooLong(f"What you ask, and why, have one to {LONGEST:,} characters each.")
    rule, today = rule_of(case.clock), office_day(at, case.clock)
    if ground == "fee":
        must_be_lawful(case, basis, amount, currency, at)
    elif basis or amount is not None:
        raise CannotAsk("only a fee has an amount")
    effect = effect_of(ground, rule)
    if effect.stands_still and today > case.due_on:
        raise CannotAsk("the last day to answer is over, so no day can be won by asking now")
    wait = Wait(
        case=case,
        key=case.key,
        ground=ground,
        effect=effect.kind,
        law=case.law,
        rule=rule.id,
        asked=asked.strip(),
        why=why.strip(),
        basis=basis,
        amount=amount,
        currency=currency if ground == "fee" else "",
        asked_at=at,
        asked_by=str(by),
    )
    if effect.stands_still:
        begun = (Event("pause_start", at),) if effect.kind == "pause" else ()
        _keep(case, moved(case.clock, *begun, still_since=today), at)
    price = money(amount, currency) if amount is not None else ""
    mail, still = ("fee" if ground == "fee" else mail), effect.stands_still
    wait.message = tell(case, mail, at=at, words=wait.asked, still=still, source=effect.source, price=price).pk
    wait.save(force_insert=True)
    facts = {"ground": ground, "effect": effect.kind, "law": case.law, "rule": rule.id, "due": case.due_on.isoformat()}
    if ground == "fee":
        record("rights.fee_asked", case, by=by, at=at, basis=basis, amount=amount, currency=currency, **facts)
    else:
        record("rights.person_asked", case, by=by, at=at, message=str(wait.message), **facts)
    return wait


@action
def resume(
    case: Case,
    answer: str,
    *,
    came_on: date | None = None,
    came_by: Came,
    outcome: Answered = "answered",
    by: Actor,
    at: datetime,
) -> Wait:
    """The answer has come: the clock runs again from that day, worked out anew.

    `came_on`: the office's day on which it came; None: now. The person answers for themselves, or an officer writes
    down what came another way. Raises NotNow, MayNot, OwnCase, CannotEnd, TooLong.
    """
    case, wait = _waiting(case)
    own = by.role in ("person", "customer")
    if not own:
        must_decide(case, by)
    if (own and came_by != "page") or (came_on is not None and own):
        raise MayNot(by.role)
    if len(answer) > LONGEST or (own and outcome == "answered" and not answer.strip()):
        raise TooLong(f"An answer has one to {LONGEST:,} characters.")
    if (outcome == "answered") is (wait.ground == "fee"):
        raise CannotEnd("a fee is accepted or declined, and anything else is answered")
    came_at = _came_at(case, wait, came_on, at)
    if wait.effect == "start" and wait.ground == "fee" and outcome == "accepted" and came_by != "bank":
        raise CannotEnd("the clock starts when the fee has come, and not when it is promised")
    wait.answer, wait.ended_at, wait.outcome, wait.came_by = answer.strip(), came_at, outcome, came_by
    _ended(case, wait, came_at if outcome != "declined" else None, by, at)
    facts = {"ground": wait.ground, "effect": wait.effect, "came_by": came_by, "outcome": outcome}
    due, paused = case.due_on.isoformat(), int(case.clock["paused_days"])
    record("rights.person_answered", case, by=by, at=at, due=due, paused=paused, **facts)
    return wait


@action
def give_up(case: Case, *, by: Actor, at: datetime) -> Wait:
    """Go on without the answer. The law lets days stand still for an answer that came, so that now each one counts.

    Raises NotNow, MayNot, OwnCase.
    """
    case, wait = _waiting(case)
    must_decide(case, by)
    wait.ended_at, wait.outcome = at, Outcome.GIVEN_UP
    _ended(case, wait, None, by, at)
    due = case.due_on.isoformat()
    record("rights.waiting_given_up", case, by=by, at=at, ground=wait.ground, effect=wait.effect, due=due)
    return wait


def waiting_for(case: Case) -> Wait | None:
    """What was asked and is not answered."""
    return Wait.objects.filter(case=case, ended_at=None).first()


def must_not_wait(case: Case) -> None:
    """Raises StillWaits."""
    if waiting_for(case) is not None:
        raise StillWaits(case.state)


def end_waiting(case: Case, by: Actor, at: datetime) -> None:
    """Inside an action that ends the request, with the case locked: nothing is waited for any more."""
    if (wait := waiting_for(case)) is not None:
        wait.ended_at, wait.outcome = at, Outcome.ENDED
        _ended(case, wait, None, by, at)


def _waiting(case: Case) -> tuple[Case, Wait]:
    case = locked(case)
    wait = waiting_for(case)
    if wait is None or case.state not in OPEN:
        raise NotNow(case.state)
    return case, wait


def _came_at(case: Case, wait: Wait, came_on: date | None, at: datetime) -> datetime:
    """The instant for the clock: days are what counts. Raises CannotEnd."""
    if came_on is None:
        return at
    today, asked_on = office_day(at, case.clock), office_day(wait.asked_at, case.clock)
    if came_on > today:
        raise CannotEnd("that day has not come yet")
    if came_on < asked_on:
        raise CannotEnd("it was asked later than that")
    if came_on == today:
        return at
    zone = ZoneInfo(case.clock["inputs"]["zone"])
    return max(wait.asked_at, datetime.combine(came_on, time(12), zone))


def _ended(case: Case, wait: Wait, came_at: datetime | None, by: Actor, at: datetime) -> None:
    """`came_at` None: no answer came that the clock may wait for."""
    wait.noted_at, wait.noted_by = at, str(by)
    wait.save(update_fields=["answer", "ended_at", "outcome", "came_by", "noted_at", "noted_by"])
    asked = Event("pause_start", wait.asked_at)
    if wait.effect == "pause":
        _keep(
            case, moved(case.clock, Event("pause_end", came_at)) if came_at else moved(case.clock, without=asked), None
        )
    elif wait.effect == "start":
        kind: Literal["identity", "fee"] = "fee" if wait.ground == "fee" else "identity"
        _keep(case, moved(case.clock, Event(kind, came_at)) if came_at else moved(case.clock), None)


def _keep(case: Case, clock: Clock, paused_at: datetime | None) -> None:
    case.due_on, case.clock, case.paused_at = clock.due_on, clock.stored, paused_at
    case.save(update_fields=["due_on", "clock", "paused_at"])


def must_be_lawful(case: Case, basis: str, amount: int | None, currency: str, at: datetime) -> tuple[Fee, int]:
    """What allows this fee, and its amount. Raises CannotAsk."""
    lawful = {one.basis: one for one in fees_for(case.law, case.right, office_day(at, case.clock))}
    if not lawful:
        raise CannotAsk("under this law such a request is free")
    if basis not in lawful:
        raise CannotAsk(f"a fee needs one of these reasons: {', '.join(one.title for one in lawful.values())}")
    if amount is None or not 0 < amount <= MOST_MONEY:
        raise CannotAsk("a fee is an amount of more than nothing")
    if currency not in MINOR:
        raise CannotAsk(f"a fee is asked for in one of these currencies: {', '.join(MINOR)}")
    return lawful[basis], amount
