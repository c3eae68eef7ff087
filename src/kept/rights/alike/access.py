"""Requests that seem to be the same person's, or the same request by another door, for the officer to look at."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from kept.collection.mail.models import InboundMail
from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.information.models import System
from kept.rights.alerts.access import is_doubted
from kept.rights.alike.rules import Reason, Said, is_another, reasons
from kept.rights.mandates.access import has_mandate
from kept.rights.models import Case, CaseIdentifier
from kept.rights.proof.on_file import words_of
from kept.rights.reach.models import Reach
from kept.rights.rules import OPEN
from kept.rights.subjects import Standing
from kept.terms import STRONG
from kept.vault.fields import open_all

JOINABLE = frozenset({"searching", "needs_person", "review"})  # nothing was decided yet
NEVER = frozenset({Case.Channel.AGENT, Case.Channel.PROGRAM})  # whoever sent it follows it by its own number
LOOKED_BACK = timedelta(days=30)  # after an answer its request is still told to be like a new one
MOST = 200  # requests by letter, telephone and counter that a new one is held against, the newest first
THEIRS = (Standing.USED, Standing.CHOSEN)

WORDS: dict[Reason, str] = {
    "account": "the same account",
    "email": "the same e-mail address",
    "customer number": "the same number as a customer",
    "telephone number": "the same telephone number",
    "postal address": "the same name and postal address",
    "letter": "from the same letter, call or visit",
}


@dataclass(frozen=True)
class Twin:
    """A request that seems to be the same, and why."""

    case: Case
    why: tuple[str, ...]
    another: bool  # it says another name or number as a customer
    joins: bool  # an officer can join the two now
    accounts: bool = field(default=False)  # both were found to have one account in the same system
    told_apart: bool = field(default=False)  # an officer has looked, and says that they are two people


def said_in(case: Case, reach: Reach | None) -> Said:
    """What the request says of its person. Nothing of it has to be true."""
    number, phone, postal, source = ("", ""), "", "", ""
    if reach is not None:
        phone, postal = reach.phone, reach.on_envelope()
        source = str(reach.letter or reach.call or "")
        with suppress(NotAnIdentifier):
            number = (reach.system, normal("account", reach.account, scope=reach.system).value)
    return Said(words_of(case.name), _email(case.email), number, phone, words_of(postal), source)


def said_by_staff(
    source: UUID, *, name: str, email: str, postal: str, country: str, phone: str, account: str, system: str
) -> Said:
    """The same, as staff are about to write it down. `source`: the letter or call that they write it down from."""
    number = ("", "")
    with suppress(NotAnIdentifier):
        number = (system, normal("account", account, scope=system).value)
    envelope = "\n".join(line for line in (postal, country) if line) if postal else ""
    return Said(words_of(name), _email(email), number, phone, words_of(envelope), str(source))


def said_of(cases: Sequence[Case]) -> dict[UUID, Said]:
    """The same for some cases."""
    reaches = {one.case_id: one for one in Reach.objects.filter(case__in=[case.pk for case in cases])}
    open_all(cases)
    open_all(list(reaches.values()))
    return {case.pk: said_in(case, reaches.get(case.pk)) for case in cases}


def twins(case: Case, at: datetime) -> list[Twin]:
    """Requests for the same right that seem to be the same person's: open, not proven yet, or answered lately."""
    if case.key is None:
        return []
    own = said_of([case])[case.pk]
    found = _twins(case.right, own, _of_accounts(case), at, but=case.pk)
    apart = told_apart(case)
    return [
        Twin(other, why, another, not why_not(case, other), accounts=accounts, told_apart=other.pk in apart)
        for other, why, another, accounts in found
    ]


def told_apart(case: Case) -> set[UUID]:
    """The requests of which an officer has said that they are somebody else's."""
    return set(case.told_apart.values_list("pk", flat=True))


def told_before(right: str, said: Said, at: datetime) -> list[Twin]:
    """The same for a request that is about to be written down."""
    return [Twin(other, why, another, joins=False) for other, why, another, _ in _twins(right, said, {}, at)]


def accounts_of(case: Case) -> set[tuple[str, bytes]]:
    """The accounts that the search found to be the person's: system, keyed hash of the number."""
    rows = case.identifiers.filter(kind="account", standing__in=THEIRS).values_list("scope", "value_index")
    return {(scope, bytes(index)) for scope, index in rows}


def strong_of(case: Case) -> set[tuple[str, str, bytes]]:
    """All that names the person for certain: kind, scope, keyed hash."""
    rows = case.identifiers.filter(standing__in=THEIRS).values_list("kind", "scope", "value_index")
    return {(kind, scope, bytes(index)) for kind, scope, index in rows if kind in STRONG}


def why_not(*cases: Case) -> str:
    """Why these open requests cannot be joined now, in one sentence; "": they can."""
    if len({case.right for case in cases}) > 1:
        return "They ask for different things."
    if any(case.right == Case.Right.AUTOMATED for case in cases):
        return "Each look at a decision is its own."
    if any(case.state not in JOINABLE or case.proven_at is None for case in cases):
        return "One of them is not being looked at now: not proven yet, or decided already."
    if any(case.channel in NEVER for case in cases):
        return "One of them came from an agent or a program, which follows it by its own number."
    if any(has_mandate(case) for case in cases):
        return "One of them was made by somebody who asks for the person. Each has its own answer."
    if any(case.waits.filter(ended_at=None).exists() for case in cases):
        return "We asked the person something and wait for the answer."
    if any(is_doubted(case.pk) for case in cases):
        return "Somebody at another address says that one of them is not theirs."
    if any(case.refusals.filter(state="proposed").exists() for case in cases):
        return "A refusal of one of them waits for a second officer."
    mails = InboundMail.objects.filter(case__in=[case.pk for case in cases], state=InboundMail.State.TO_DECIDE)
    if mails.exists() or any(case.messages.filter(way="in", read_at=None).exists() for case in cases):
        return "The person wrote something that nobody has read. Read it first."
    return ""


def sharing_an_account(case: Case) -> list[UUID]:
    """Other open requests for the same right whose person has one of its accounts."""
    return list(_of_accounts(case))


def _twins(
    right: str, own: Said, by_account: dict[UUID, tuple[str, ...]], at: datetime, *, but: UUID | None = None
) -> list[tuple[Case, tuple[str, ...], bool, bool]]:
    standing = Q(state__in=[*OPEN, Case.State.UNPROVEN]) | Q(
        state=Case.State.ANSWERED, answered_at__gt=at - LOOKED_BACK
    )
    known = Q(pk__in=by_account) | Q(pk__in=_of_the_address(own.email)) | Q(pk__in=_by_staff(right))
    alike = Case.objects.filter(standing, known, right=right, joined=None).exclude(key=None)
    cases = [case for case in alike if case.pk != but]
    said = said_of(cases)
    found = []
    for case in cases:
        accounts = by_account.get(case.pk, ())
        why = (*accounts, *(WORDS[one] for one in reasons(own, said[case.pk])))
        if why:
            found.append((case, why, is_another(own, said[case.pk]), bool(accounts)))
    return found


def _of_the_address(email: str) -> list[UUID]:
    return list(Case.objects.filter(email=email).values_list("pk", flat=True)) if email else []


def _by_staff(right: str) -> list[UUID]:
    """What staff wrote down lately: only there is anything said beside the address."""
    rows = Reach.objects.filter(case__right=right).order_by("-registered_at")
    return list(rows.values_list("case", flat=True)[:MOST])


def _of_accounts(case: Case) -> dict[UUID, tuple[str, ...]]:
    """Case -> in which systems it has an account of this one's."""
    own = accounts_of(case)
    rows = CaseIdentifier.objects.filter(
        kind="account",
        standing__in=THEIRS,
        value_index__in=[index for _, index in own],
        case__right=case.right,
        case__state__in=OPEN,
        case__joined=None,
    ).exclude(case=case)
    titles = dict(System.objects.values_list("name", "title"))
    found: dict[UUID, tuple[str, ...]] = {}
    for other, scope, index in rows.values_list("case", "scope", "value_index"):
        if (scope, bytes(index)) in own:
            words = f"{WORDS['account']} in {titles.get(scope, scope)}"
            found[other] = tuple(dict.fromkeys((*found.get(other, ()), words)))
    return found


def _email(text: str) -> str:
    with suppress(NotAnIdentifier):
        return normal("email", text).value
    return ""
