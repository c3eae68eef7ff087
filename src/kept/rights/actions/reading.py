"""Looking is an act as well: who opened a case, or a person's rows, and why, leaves an entry."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

from kept.information.models import System
from kept.people.models import Account
from kept.rights.actions.at_once import identifiers_of
from kept.rights.actions.steps import must_be_officer
from kept.rights.errors import CaseError, MayNot
from kept.rights.models import Case
from kept.rights.rules import OPEN
from kept.security.ledger import action, record, unchanged
from kept.security.models import Entry
from kept.security.reading import log_read
from kept.terms import Actor
from kept.use.access import must_have_ground

Reason = Literal["identity", "third_parties", "law", "question", "quality"]
REASONS: tuple[Reason, ...] = get_args(Reason)

SAME_LOOK = timedelta(minutes=2)  # a page that is drawn again in this time is still the same look
CASE_LOOKED_AT = "rights.case_looked_at"
DECISIONS_LOOKED_AT = "rights.decisions_looked_at"
PROOF_LOOKED_AT = "rights.proof_looked_at"


class NoReason(CaseError):
    """Rows are shown only for one of the known reasons. Nothing was shown or changed."""


@action
def case_looked_at(case: Case, *, by: Actor, at: datetime) -> None:
    """Somebody has the case on their screen."""
    if is_same_look(case, by, at):
        unchanged()
        return
    record(CASE_LOOKED_AT, case, by=by, at=at)
    _log(case, "case", "audit" if by.role == "auditor" else "case", "", by, at)


def is_same_look(case: Case, by: Actor, at: datetime) -> bool:
    """Whether their last look is so fresh that this is no new one. Asking takes no lock; an open page asks often."""
    return _looked(case, CASE_LOOKED_AT, by, at)


def _looked(case: Case, kind: str, by: Actor, at: datetime) -> bool:
    looks = Entry.objects.filter(about=f"{case._meta.label_lower}:{case.pk}", kind=kind, by=str(by))
    return looks.filter(at__gt=at - SAME_LOOK).exists()


@action
def rows_looked_at(
    case: Case, system: System, table: str, reason: str, page: int, *, despite: str = "", by: Actor, at: datetime
) -> None:
    """Somebody sees the values of one page of one table. Raises MayNot, NoReason, and IsRestricted where the person's
    data are restricted and `despite` is none of the grounds of GDPR Art. 18(2)."""
    must_be_officer(by)
    if reason not in REASONS:
        raise NoReason
    ground = despite if must_have_ground(identifiers_of(case), despite, at.date()) else ""
    facts = {"table": table, "reason": reason} | ({"despite": ground} if ground else {})
    record("rights.rows_looked_at", case, by=by, at=at, system=system.name, page=page, **facts)
    _log(case, "rows", reason, f"{system.name}/{table}", by, at)


@action
def accounts_looked_at(case: Case, system: System, *, by: Actor, at: datetime) -> None:
    """Somebody sees what the records of several accounts say, to choose the person's. Raises MayNot."""
    must_be_officer(by)
    record("rights.accounts_looked_at", case, by=by, at=at, system=system.name)
    _log(case, "accounts", "identity", system.name, by, at)


@action
def decisions_looked_at(case: Case, *, by: Actor, at: datetime) -> None:
    """Somebody reads what a computer decided about the person, to look at it again. Raises MayNot."""
    must_be_officer(by)
    if _looked(case, DECISIONS_LOOKED_AT, by, at):
        unchanged()
        return
    record("rights.decisions_looked_at", case, by=by, at=at)
    _log(case, "rows", "case", "kept/automated_decision", by, at)


@action
def corrections_looked_at(case: Case, *, by: Actor, at: datetime) -> None:
    """Somebody sees what the person's records say, beside what they are to say. Raises MayNot."""
    must_be_officer(by)
    record("rights.corrections_looked_at", case, by=by, at=at)
    _log(case, "rows", "case", "corrections", by, at)


def person_of(case: Case) -> UUID | None:
    """The account of whose data the case is: the signed-in person's, or the one that has the case's address."""
    if case.account_id or not case.email:
        return case.account_id
    proven = Account.objects.filter(email=case.email.lower(), emailaddress__verified=True)
    return proven.values_list("pk", flat=True).first()


def _log(case: Case, what: str, reason: str, place: str, by: Actor, at: datetime) -> None:
    is_open = case.state in OPEN
    log_read(what, reason, person=person_of(case), case=case.pk, case_open=is_open, place=place, by=by, at=at)


@action
def proof_looked_at(case: Case, *, by: Actor, at: datetime) -> None:
    """Somebody sees what the person of a request that was not proven yet said about themselves. Raises MayNot."""
    if by.role not in ("support", "privacy_officer"):
        raise MayNot(by.role)
    if _is_same(PROOF_LOOKED_AT, case, by, at):
        unchanged()
        return
    record(PROOF_LOOKED_AT, case, by=by, at=at)
    is_open = case.state in OPEN or case.state == Case.State.UNPROVEN
    log_read("case", "identity", person=case.account_id, case=case.pk, case_open=is_open, by=by, at=at)


def _is_same(kind: str, case: Case, by: Actor, at: datetime) -> bool:
    about = f"{case._meta.label_lower}:{case.pk}"
    return Entry.objects.filter(about=about, kind=kind, by=str(by), at__gt=at - SAME_LOOK).exists()
