"""What was done to a case, read from its entries, in words; and who is looking at it now."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kept.information.models import System
from kept.people.access import display_name
from kept.people.models import Account
from kept.rights.actions.reading import CASE_LOOKED_AT
from kept.rights.models import Case, CaseIdentifier
from kept.rights.subjects import as_identifier, identifiers_of
from kept.rights.templatetags.rights import kind
from kept.security.models import Entry
from kept.terms import Actor

STILL_THERE = timedelta(minutes=5)  # since the last sign of somebody's open page

SEARCHED = "rights.system_searched"
ASKED_AGAIN: Mapping[str, str] = {
    "rights.accounts_chosen": "an officer chose the accounts",
    "rights.erasure_asked_again": "an officer asked for it",
    "rights.plan_changed": "its plan had changed",
}

WORDS: Mapping[str, str] = {
    "rights.case_opened": "Request received",
    "rights.case_extended": "More time taken, and the person told why",
    "rights.code_sent": "New code mailed",
    "rights.wrong_code": "Wrong code typed",
    "rights.case_proven": "E-mail address shown to be theirs",
    "rights.case_joined": "A second request joined this one",
    "rights.case_withdrawn": "Withdrawn",
    "rights.case_expired": "Ended: nobody typed the code",
    SEARCHED: "Searched",
    "rights.system_failed": "Did not answer",
    "rights.accounts_chosen": "Accounts chosen",
    "rights.person_needed": "A person has to decide who is meant",
    "rights.case_approved": "Approved",
    "rights.erasure_confirmed": "Erasure confirmed",
    "rights.case_returned": "Returned to review",
    "rights.plan_changed": "The plan changed: approval taken back",
    "rights.erasure_begun": "Erasure begun",
    "rights.system_erased": "Erased and looked at again",
    "rights.erasure_asked_again": "Asked to erase again",
    "rights.remains_settled": "Remains judged: not this person's",
    "rights.answer_begun": "Copy begun",
    "rights.answer_waits": "Copy waits",
    "rights.case_answered": "Answered",
    "rights.case_closed": "Closed: name and address erased",
    CASE_LOOKED_AT: "Case opened",
    "rights.rows_looked_at": "Rows looked at",
    "rights.accounts_looked_at": "Accounts looked at",
}


@dataclass(frozen=True)
class Done:
    at: datetime
    words: str
    where: str  # the system and table concerned; "": the whole case
    by: str
    number: int | None  # of its entry in the ledger; None: it waits for one, a second at most


@dataclass(frozen=True)
class Onlooker:
    called: str
    at: datetime  # the last sign of them


def history_of(case: Case) -> Sequence[Done]:
    """The newest first."""
    entries = list(Entry.objects.filter(about=_about(case)).order_by("-id")[:200])
    called = _called({entry.by for entry in entries})
    titles = dict(System.objects.values_list("name", "title"))
    again = searched_again(case, titles)
    return [
        Done(entry.at, again.get(entry.pk) or _words(entry), _where(entry, titles), called[entry.by], entry.index)
        for entry in entries
    ]


def searched_again(case: Case, titles: Mapping[str, str]) -> Mapping[int, str]:
    """Entry -> why a system was searched once more: what it was asked for, or what another system has added.

    Kinds and systems only: whose identifiers they are stands in the entries of nobody.
    """
    added = [row for row in identifiers_of([case.pk])[case.pk] if row.origin != "given" and as_identifier(row).strong]
    told: dict[int, str] = {}
    asked: dict[str, str] = {}  # system -> why it was to be searched again
    before: dict[str, datetime] = {}  # system -> its last search
    for entry in Entry.objects.filter(about=_about(case), kind__in=[SEARCHED, *ASKED_AGAIN]).order_by("id"):
        system = str(entry.facts.get("system", ""))
        if entry.kind != SEARCHED:
            asked[system] = ASKED_AGAIN[entry.kind]
            continue
        if system in before:
            new = _added(added, system, before[system], entry.at)
            told[entry.pk] = f"Searched again: {asked.pop(system, '') or _what_was_new(new, titles)}"
        before[system] = entry.at
    return told


def _added(rows: Sequence[CaseIdentifier], system: str, since: datetime, until: datetime) -> list[CaseIdentifier]:
    """What other systems added between two searches of this one. Nothing: what they added last before."""
    others = [row for row in rows if row.origin != system and row.found_at <= until]
    between = [row for row in others if row.found_at >= since]
    return between or [row for row in others if row.found_at == max(other.found_at for other in others)]


def _what_was_new(rows: Sequence[CaseIdentifier], titles: Mapping[str, str]) -> str:
    """a new e-mail address was found in Help desk"""
    new = {f"a new {kind(row.kind)} in {titles.get(row.origin, row.origin)}": None for row in rows}
    return f"there was {' and '.join(new)}" if new else "more was known of who is meant"


def onlookers(case: Case, me: Account, at: datetime) -> Sequence[Onlooker]:
    """Other officers who have this case on their screen. Nobody else decides, so nobody else is named."""
    looks = Entry.objects.filter(about=_about(case), kind=CASE_LOOKED_AT, at__gt=at - STILL_THERE)
    looks = looks.filter(by__startswith=f"{Account.Roles.PRIVACY_OFFICER}:")
    last = {entry.by: entry.at for entry in looks.exclude(by=str(me.actor)).order_by("id")}
    called = _called(last)
    return [Onlooker(called[by], seen) for by, seen in last.items()]


def called_of(by: str) -> str:
    """How staff pages call who did something: `by` as entries and cases store it."""
    return _called([by])[by]


def _called(actors: Collection[str]) -> dict[str, str]:
    """Staff by name; the person by a word: a desk needs to know what they did, not to read their name again."""
    parts = {by: by.partition(":") for by in actors}
    ids = [UUID(key) for role, _, key in parts.values() if key and role not in ("person", "customer")]
    names = {str(account.pk): display_name(account) for account in Account.objects.filter(pk__in=ids)}
    return {by: _one(role, key, names) for by, (role, _, key) in parts.items()}


def _one(role: str, key: str, names: Mapping[str, str]) -> str:
    if role in ("person", "customer"):
        return "the person"
    return "Kept" if role == Actor.kept().role else names.get(key, role.replace("_", " "))


def _words(entry: Entry) -> str:
    return WORDS.get(entry.kind, entry.kind.partition(".")[2].replace("_", " ").capitalize())


def _where(entry: Entry, titles: Mapping[str, str]) -> str:
    """Billing, invoice"""
    name, table = entry.facts.get("system", ""), entry.facts.get("table", "")
    return ", ".join(part for part in (titles.get(name, name), table) if part)


def _about(case: Case) -> str:
    return f"{case._meta.label_lower}:{case.pk}"
