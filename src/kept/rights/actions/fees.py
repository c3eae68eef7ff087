"""A fee for a request that is manifestly unfounded or excessive takes two officers.

It is for us to show that it is: GDPR Art. 12(5). The first officer writes it down; the person is told when a second
one has approved it, and not before.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kept.rights.actions.pausing import LONGEST, ask_fee, must_be_lawful, waiting_for
from kept.rights.actions.steps import locked, must_be_able, must_decide
from kept.rights.errors import CannotAsk, NotNow, TooLong
from kept.rights.models import Case
from kept.rights.timing.models import FEE, FeeProposal, Wait
from kept.security.approvals.actions import ask, use_up
from kept.security.ledger import action, record
from kept.terms import Actor


@action
def propose_fee(
    case: Case, basis: str, amount: int | None, currency: str, asked: str, why: str, *, by: Actor, at: datetime
) -> FeeProposal:
    """Propose a fee to the other officers. One that waits already is replaced by this one.

    `amount`: minor units. `asked`: as the person reads it. `why`: what shows it, for the second officer and whoever
    checks. Raises NotNow, MayNot, OwnCase, TooLong, CannotAsk.
    """
    case = locked(case)
    must_decide(case, by)
    must_be_able(case, "ask")
    fee, sum_of_it = must_be_lawful(case, basis, amount, currency, at)
    if not fee.two:
        raise CannotAsk("this fee takes one officer: ask the person for it")
    if waiting_for(case) is not None:
        raise CannotAsk("something was asked already, and the answer has not come")
    for words in (asked, why):
        if not words.strip() or len(words) > LONGEST:
            raise TooLong(f"What the fee is for, and why, have one to {LONGEST:,} characters each.")
    FeeProposal.objects.filter(case=case, state=FeeProposal.State.PROPOSED).update(
        state=FeeProposal.State.VOID, asked=b"", why=b"", key=None, ended_at=at
    )
    made = FeeProposal.objects.create(
        case=case,
        key=case.key,
        law=case.law,
        basis=basis,
        amount=sum_of_it,
        currency=currency,
        asked=asked.strip(),
        why=why.strip(),
        proposed_at=at,
        proposed_by=str(by),
    )
    facts = {"law": case.law, "basis": basis, "currency": currency, "fee": str(made.pk)}
    record("rights.fee_proposed", case, by=by, at=at, amount=sum_of_it, **facts)
    ask(FEE, case, f"Fee {case.reference}", facts={"fee": str(made.pk)}, by=by, at=at)
    return made


@action
def ask_proposed_fee(proposal_id: UUID, *, by: Actor, at: datetime) -> Wait:
    """Tell the person the fee. Only inside the approval of a second officer.

    Raises NotNow, MayNot, OwnCase, CannotAsk, NotApproved.
    """
    case = locked(FeeProposal.objects.select_related("case").get(pk=proposal_id).case)
    made = FeeProposal.objects.select_for_update().get(pk=proposal_id)
    if made.state != FeeProposal.State.PROPOSED or made.law != case.law or made.key is None:
        raise NotNow(case.state)
    use_up(FEE, case, by=by, at=at)
    wait = ask_fee(case, made.asked, made.why, made.basis, made.amount, made.currency, by=by, at=at)
    made.state, made.ended_at, made.approved_by = FeeProposal.State.ASKED, at, str(by)
    made.save(update_fields=["state", "ended_at", "approved_by"])
    return wait
