"""Two requests that are one: the one that is due first answers both, and the person is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from kept.rights.actions.alerting import shown_as_well
from kept.rights.actions.at_once import adds_to, comes_to_nothing, takes_effect
from kept.rights.actions.new_address import ask_for_proof
from kept.rights.actions.reviewing import look_again_at_more
from kept.rights.actions.searching import go_on
from kept.rights.actions.showing import shown_addresses
from kept.rights.actions.steps import end_without_contact, must_be_officer, must_decide
from kept.rights.alike.access import accounts_of, said_of, sharing_an_account, strong_of, told_apart, why_not
from kept.rights.alike.rules import is_another, joins_by_itself, place_beside, whose
from kept.rights.errors import CannotJoin, NotNow
from kept.rights.mandates.access import has_mandate
from kept.rights.models import Case, CaseIdentifier
from kept.rights.rules import OPEN
from kept.rights.subjects import Standing, as_identifier, opened
from kept.rights.telling import addressee_of, tell
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor

How = Literal["proven", "found", "officer"]


@action
def join(case: Case, other: Case, *, by: Actor, at: datetime) -> Case:
    """An officer says that two open requests are one person's. Returns the one that answers both: the one due first.

    A second call changes nothing, and so does the same of another officer at the same moment. Raises MayNot, OwnCase,
    CannotJoin, NotNow (one of them is gone).
    """
    known = _locked(case.pk, other.pk)
    if len(known) < 2:
        raise NotNow(case.state)
    one, two = known[case.pk], known[other.pk]
    for each in (one, two):
        must_decide(each, by)
    if joined_with(one, two):
        unchanged()
        return one if two.joined_id == one.pk else two
    if problem := why_not(one, two):
        raise CannotJoin(problem)
    first, second = sorted((one, two), key=lambda each: (each.due_on, each.received_at, each.pk))
    return absorb(second, first, how="officer", by=by, at=at)


@action
def tell_apart(case: Case, other: Case, *, by: Actor, at: datetime) -> None:
    """An officer has looked at two requests that seem to be one person's: they are two. From now on nothing joins them
    by itself; an officer still may. A second call changes nothing. Raises MayNot, OwnCase, NotNow (they are one)."""
    must_be_officer(by)
    known = _locked(case.pk, other.pk)
    if len(known) < 2 or joined_with(known[case.pk], known[other.pk]):
        raise NotNow(case.state)
    for each in known.values():
        must_decide(each, by)
    if other.pk in told_apart(case):
        unchanged()
        return
    case.told_apart.add(other)
    record("rights.case_told_apart", case, by=by, at=at, other=str(other.pk))
    record("rights.case_told_apart", other, by=by, at=at, other=str(case.pk))


@action
def join_the_same(case_id: UUID, *, by: Actor, at: datetime) -> Case | None:
    """Everything was searched: another open request for the same right that is certainly this person's is joined.

    Certainly: an account of theirs in one system is the same, all that names the one for certain names the other,
    neither says another name or number, and no officer has told the two apart. Returns the request that answers both;
    None: there is none.
    """
    known = _locked(case_id, *_sharing(case_id))
    case = known.pop(case_id, None)
    if case is None or case.state not in OPEN:
        unchanged()
        return None
    said = said_of([case, *known.values()])
    own, accounts, apart = strong_of(case), accounts_of(case), told_apart(case)
    alike = [one for one in known.values() if one.pk not in apart]
    for other in sorted(alike, key=lambda one: (one.due_on, one.received_at, one.pk)):
        another = is_another(said[case.pk], said[other.pk])
        same = bool(accounts & accounts_of(other)) and joins_by_itself(own, strong_of(other), another=another)
        searched = case.state == other.state == Case.State.REVIEW
        if same and searched and not why_not(case, other):
            first, second = sorted((case, other), key=lambda one: (one.due_on, one.received_at, one.pk))
            return absorb(second, first, how="found", by=by, at=at)
    unchanged()
    return None


def joined_with(one: Case, other: Case) -> bool:
    """Whether the two are one already."""
    return one.joined_id == other.pk or other.joined_id == one.pk or one.pk == other.pk


def open_like(case: Case) -> Mapping[UUID, Case]:
    """The open requests for the same right with the same address, locked."""
    if not case.email:
        return {}
    alike = Case.objects.filter(email=case.email, right=case.right, state__in=OPEN).exclude(pk=case.pk)
    return alike.select_for_update().order_by("pk").in_bulk()


def repeated_by(case: Case, waiting: Mapping[UUID, Case]) -> Case | None:
    """Which of these a request repeats that was just proven; None: none, or nobody can tell which. What somebody asks
    for another person is a request of its own: its answer goes elsewhere."""
    if has_mandate(case):
        return None
    others = [other for other in waiting.values() if not has_mandate(other)]
    said = said_of([case, *others])
    found = whose(said[case.pk], {other.pk: said[other.pk] for other in others})
    return None if found is None else waiting[found]


def set_beside(case: Case, waiting: Mapping[UUID, Case]) -> None:
    """It is another person's at the same address: told from theirs by a number, and by nothing of its own."""
    case.apart = place_beside([one.apart for one in waiting.values()])


def absorb(case: Case, earlier: Case, *, how: How, by: Actor, at: datetime) -> Case:
    """Inside an action, with both locked: `earlier` answers both from now on, by the earlier of the two clocks."""
    to = addressee_of(case)
    case.joined = earlier
    Case.objects.filter(joined=case).update(joined=earlier)
    if earlier.account is None and case.account is not None:
        earlier.account = case.account
        earlier.save(update_fields=["account"])
    _take_clock(case, earlier)
    shown = shown_addresses(case)
    new = _take_identifiers(case, earlier) if how != "proven" else 0
    more = adds_to(earlier, case)
    if more or new:
        earlier.save(update_fields=["asked"])
        takes_effect(earlier, by=by, at=at)
        ask_for_proof(earlier, at)
    if how != "proven":
        shown_as_well(earlier, shown - shown_addresses(earlier), at)
        comes_to_nothing(case, "withdrawn", by=by, at=at)  # what it began goes on for the other one
    end_without_contact(case, Case.State.CLOSED, "proven_at", "account", "joined", by=by, at=at)
    record("rights.case_joined", case, by=by, at=at, into=str(earlier.pk), how=how)
    if how != "proven":
        record("rights.case_took_in", earlier, by=by, at=at, other=str(case.pk), identifiers=new)
    if more:
        look_again_at_more(earlier, by=by, at=at)
    if new:
        earlier.state = Case.State.SEARCHING
        earlier.save(update_fields=["state"])
        go_on(earlier, at)
    tell(earlier, "joined", to=to, at=at)
    return earlier


def _take_clock(case: Case, earlier: Case) -> None:
    """What came first by another door was received first: its last day counts."""
    if case.due_on < earlier.due_on and earlier.paused_at is None and not earlier.extended_because:
        earlier.received_at, earlier.due_on = case.received_at, case.due_on
        earlier.law, earlier.clock = case.law, case.clock
        earlier.save(update_fields=["received_at", "due_on", "law", "clock"])


def _take_identifiers(case: Case, earlier: Case) -> int:
    """What was shown or found to be the person's. Accounts that an officer said are somebody else's stay so."""
    known = {as_identifier(row) for row in opened(earlier.identifiers.all())}
    new = [
        row
        for row in opened(case.identifiers.filter(standing__in=[Standing.USED, Standing.CHOSEN]))
        if as_identifier(row) not in known
    ]
    for row in new:
        CaseIdentifier.objects.create(
            case=earlier,
            key=earlier.key,
            kind=row.kind,
            value=row.value,
            scope=row.scope,
            origin=row.origin,
            standing=row.standing,
            not_in=row.not_in,
            found_at=row.found_at,
        )
    return len(new)


def _sharing(case_id: UUID) -> list[UUID]:
    case = Case.objects.filter(pk=case_id).first()
    return sharing_an_account(case) if case is not None else []


def _locked(*case_ids: UUID) -> dict[UUID, Case]:
    """All lock in one order, so that no two wait for each other."""
    return Case.objects.select_for_update().filter(pk__in=case_ids).order_by("pk").in_bulk()
