"""Who may see which case. Absent, expired and not yours are answered alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import BinaryIO
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.engine.resolve import Record
from kept.engine.subject import Subject
from kept.information.access import OWN_NAME, open_system
from kept.information.models import System
from kept.people.models import Account
from kept.rights.codes import token_hash
from kept.rights.exemptions.models import Exemption
from kept.rights.flows import FLOWS
from kept.rights.mandates.models import Mandate
from kept.rights.models import Case, CaseIdentifier, Package, SystemAnswer
from kept.rights.packages import is_there, open_package
from kept.rights.rules import OPEN
from kept.rights.subjects import Standing, as_identifier, opened
from kept.security.sealed_files import FileUnreadable
from kept.use.access import restricted_in
from kept.work.models import Step

# A system's answer that waits for an officer: rules.leaves_question, and accounts to choose from.
THEIRS = SystemAnswer.objects.filter(case=OuterRef("pk"))
LEAVES_QUESTION = Q(
    Exists(
        THEIRS.filter(
            Q(state=SystemAnswer.State.CANNOT_TELL, decided="") | Q(state=SystemAnswer.State.NOT_DONE, next_try_at=None)
        )
    )
)
CHOICE = Q(Exists(THEIRS.filter(state=SystemAnswer.State.NEEDS_PERSON)))
TO_DO = (
    Q(state__in=[Case.State.NEEDS_PERSON, Case.State.REVIEW])
    | Q(state=Case.State.APPROVED, right__in=[right for right, flow in FLOWS.items() if flow.twice])
    | CHOICE
    | LEAVES_QUESTION
)


def case_by_token(token: str) -> Case:
    """The case of a status link; one that joined another shows that one."""
    case = Case.objects.select_related("joined").filter(token_hash=token_hash(token)).first()
    if case is None:
        raise Http404
    return case.joined or case


def case_of(account: Account, case_id: UUID) -> Case:
    """A case of the signed-in person."""
    case = Case.objects.select_related("joined").filter(pk=case_id, account=account, proven_at__isnull=False).first()
    if case is None:
        raise Http404
    return case.joined or case


def cases_of(account: Account) -> QuerySet[Case]:
    """The signed-in person's own, the newest first."""
    own = Case.objects.filter(account=account, proven_at__isnull=False, joined=None)
    return own.order_by("-received_at")


def answers_in(case: Case) -> list[SystemAnswer]:
    """What each system said, with all that it said."""
    return list(case.answers.select_related("system"))


def packages_of(case: Case, at: datetime) -> list[Package]:
    """What can be fetched now."""
    return [package for package in case.packages.all() if is_there(package, at)]


def package_of(case: Case, package_id: UUID, at: datetime) -> Package:
    """One of them."""
    package = case.packages.filter(pk=package_id).first()
    if package is None or not is_there(package, at):
        raise Http404
    return package


def file_of(package: Package) -> BinaryIO:
    """The file of a package, opened."""
    try:
        return open_package(package)
    except (FileUnreadable, OSError):
        raise Http404 from None


# The officer's desk


@dataclass(frozen=True)
class Candidate:
    """An account that an officer has to choose or leave out, with what its own record says, read just now."""

    account: str
    says: tuple[tuple[str, str], ...] = field(repr=False)  # kind of identifier, text


def desk(account: Account) -> QuerySet[Case]:
    """Every case that was proven. What of it a desk shows: `rights.queue`."""
    must_read_desk(account)
    return Case.objects.filter(proven_at__isnull=False, joined=None)


def to_do(account: Account) -> QuerySet[Case]:
    """The open cases that wait for an officer, also those that one has put aside."""
    return desk(account).filter(TO_DO, state__in=OPEN).order_by("due_on", "received_at", "pk")


def officers() -> QuerySet[Account]:
    """Who may work on a case."""
    return Account.objects.filter(role=Account.Roles.PRIVACY_OFFICER, is_active=True).order_by("name", "email")


def posters() -> QuerySet[Account]:
    """Who may post letters of ours."""
    roles = (Account.Roles.PRIVACY_OFFICER, Account.Roles.SUPPORT)
    return Account.objects.filter(role__in=roles, is_active=True).order_by("name", "email")


def case_on_desk(account: Account, case_id: UUID) -> Case:
    """Any proven case, for an officer; an auditor reads it and decides nothing."""
    must_read_desk(account)
    case = Case.objects.filter(pk=case_id, proven_at__isnull=False, joined=None).first()
    if case is None:
        raise Http404
    return case


def proven_case(account: Account, case_id: object) -> Case | None:
    """Any proven case, for an officer; also one that joined another. None: there is none of that id."""
    must_be_officer(account)
    try:
        key = UUID(str(case_id))
    except ValueError:
        return None
    return Case.objects.select_related("joined").filter(pk=key, proven_at__isnull=False).first()


def files_to_take_away(case: Case) -> list[Package]:
    """Also what cannot be fetched just now, because somebody says that it was not them."""
    return list(case.packages.filter(revoked_at=None).exclude(file=""))


def exemption_on_desk(case: Case, exemption_id: UUID) -> Exemption:
    """One thing left out of its answer."""
    found: Exemption | None = case.exemptions.filter(pk=exemption_id).first()
    if found is None:
        raise Http404
    return found


def answer_on_desk(case: Case, system: str) -> SystemAnswer:
    """What one system said to it."""
    answer = case.answers.select_related("system").filter(system__name=system).first()
    if answer is None:
        raise Http404
    return answer


def identifiers_on_desk(account: Account, case: Case) -> list[CaseIdentifier]:
    """What was searched for, or set aside; an auditor reads none of it."""
    if account.role != Account.Roles.PRIVACY_OFFICER:
        return []
    return opened(case.identifiers.exclude(standing=Standing.CANDIDATE))


def found_in(case: Case) -> list[tuple[object, ...]]:
    """All that an officer decides upon, system by system."""
    found = case.answers.order_by("system_id")
    left_out = case.exemptions.order_by("pk").values_list("pk", "ground", "until")
    return [*found.values_list("system_id", "holdings", "drift", "plan_id", "searched_at"), *left_out]


def faults_of(case: Case) -> list[Step]:
    """Steps that failed for a reason of Kept's own, and so stand in no system's answer: an engineer must look."""
    told = list(case.answers.exclude(next_try_at=None).values_list("system__name", flat=True))
    failed = Step.objects.filter(about=case.pk, state=Step.State.WAITING, attempt__gt=0).exclude(problem="")
    return [step for step in failed if step.args.get("system") not in told]


def is_own_request(case: Case, account_id: str | None) -> bool:
    """Whether the account's owner is the person of the case, or may be: by account, or by an address of theirs.

    An address counts that is not proven as well: at worst, another officer decides.
    """
    if not account_id:
        return False
    meant, theirs = case.identifiers.exclude(standing=Standing.NOT_THEIRS), _addresses(account_id)
    return (
        str(case.account_id) == account_id
        or meant.filter(kind="account", scope=OWN_NAME, value=account_id).exists()
        or meant.filter(kind="email", value__in=theirs).exists()
        or Mandate.objects.filter(case=case, email__in=theirs).exists()
    )


def may_decide(account: Account, case: Case) -> bool:
    """An officer, about anybody's request but their own."""
    return account.role == Account.Roles.PRIVACY_OFFICER and not is_own_request(case, str(account.pk))


def _addresses(account_id: str) -> set[str]:
    """In their normal form."""
    typed = {
        *Account.objects.filter(pk=account_id).values_list("email", flat=True),
        *EmailAddress.objects.filter(user=account_id).values_list("email", flat=True),
    }
    normal_forms = set()
    for email in typed:
        with suppress(NotAnIdentifier):
            normal_forms.add(normal("email", email).value)
    return normal_forms


def package_on_desk(account: Account, package_id: UUID) -> Package:
    """Any package, for an officer, who may take it back and not open it."""
    must_be_officer(account)
    package = Package.objects.select_related("case").filter(pk=package_id).first()
    if package is None:
        raise Http404
    return package


def is_restricted(case: Case, on: date) -> bool:
    """Whether the use of the person's data is restricted: whoever looks then has to say on which ground."""
    rows = opened(case.identifiers.filter(standing__in=[Standing.USED, Standing.CHOSEN]))
    return bool(restricted_in([as_identifier(row) for row in rows], on))


def candidates(case: Case, system: System) -> list[Candidate]:
    """The accounts to choose from in one system. They are read there now and stored nowhere.

    Raises what a connector raises.
    """
    rows = opened(case.identifiers.filter(standing=Standing.CANDIDATE, scope=system.name))
    accounts = sorted(as_identifier(row) for row in rows)
    records = open_system(system).records([Subject("", frozenset({one})) for one in accounts])
    return [Candidate(one.value, _says(found)) for one, found in zip(accounts, records, strict=True)]


def hold_session(key: str | None) -> None:
    """Nobody else reads or writes that browser's session until the transaction ends."""
    list(Session.objects.select_for_update().filter(session_key=key))


def must_read_desk(account: Account) -> None:
    if account.role not in (Account.Roles.PRIVACY_OFFICER, Account.Roles.AUDITOR):
        raise Http404


def must_be_officer(account: Account) -> None:
    if account.role != Account.Roles.PRIVACY_OFFICER:
        raise Http404


def _says(records: Sequence[Record]) -> tuple[tuple[str, str], ...]:
    said: Mapping[tuple[str, str], None] = dict.fromkeys(
        (kind, text) for record in records for kind, _, text in record.values if kind != "account"
    )
    return tuple(said)
