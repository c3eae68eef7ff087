"""What is kept of objections and restrictions: each is asked, live, whether it still stops what it was made to stop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from kept.engine.identifiers import normal
from kept.policy.keepers import keeper
from kept.rights.actions.at_once import identifiers_of
from kept.rights.models import Case
from kept.terms import Evidence, State
from kept.use.access import IN_FORCE, facts_by_hash, is_suppressed, would_decide
from kept.use.decisions import Decision, decide
from kept.use.models import Objection, Restriction
from kept.use.purposes import purposes_on

MOST = 500  # of the newest, at one look
USED = ("support", "contact")  # a use that every restriction ends


@keeper("12.4", counts="objections in force", rows="desk")
def objections_are_in_force(at: datetime) -> Evidence:
    """Counts the objections in force and pending, and asks for each of the newest 500 whether the use is denied: by the
    hashes that are kept, and by the addresses as long as its request has them."""
    today = at.date()
    rows = Objection.objects.exclude(state=Objection.State.ENDED).filter(until__gte=today)
    number = rows.filter(state=Objection.State.IN_FORCE).count()
    pending = rows.filter(state=Objection.State.PENDING).count()
    newest = list(rows.prefetch_related("whose").order_by("-since")[:MOST])
    cases = _cases(newest)
    leaks = sum(not _denies(one, cases.get(one.case), at) for one in newest)
    silent = _without_effect()
    figure = f"{_count(number, 'objection')} in force, {pending} being weighed"
    if leaks or silent:
        figure += f"; {leaks} without effect, {silent} never begun"
        return Evidence(State.BROKEN, figure, "A use goes on that somebody has objected to.", at, number=number)
    if not newest:
        return Evidence(State.CANNOT_TELL, figure, "Nobody has objected yet.", at, number=0)
    words = "Each was asked just now, and stops its use. Against advertising it did so at once."
    return Evidence(State.KEPT, figure, words, at, number=number)


@keeper("11.2", counts="restrictions in force", rows="desk")
def restrictions_are_enforced(at: datetime) -> Evidence:
    """Counts the restrictions in force, asks for each of the newest 500 whether a use is denied, and looks for one that
    ended although nobody was told."""
    rows = Restriction.objects.filter(state__in=IN_FORCE, until__gte=at.date())
    number = rows.count()
    newest = list(rows.prefetch_related("whose").order_by("-since")[:MOST])
    cases = _cases(newest)
    leaks = sum(not _stops(one, cases.get(one.case), at) for one in newest)
    silent = Restriction.objects.filter(state=Restriction.State.LIFTED, mail=None).count()
    figure = f"{_count(number, 'restriction')} in force"
    if leaks or silent:
        figure += f"; {leaks} without effect, {silent} ended without a word"
        words = "Restricted data can be used." if leaks else "A restriction ended, and its person was not told before."
        return Evidence(State.BROKEN, figure, words, at, number=number)
    return Evidence(State.KEPT, figure, "While one is in force, the data are stored and not used.", at, number=number)


def _denies(row: Objection, case: Case | None, at: datetime) -> bool:
    """Whether the use is denied because of this objection, however its person is known."""
    purposes = purposes_on(at.date())
    if row.purpose not in purposes:
        return True  # the policy no longer has that use, and what it does not name is denied
    category = min(purposes[row.purpose].categories)
    asked = [
        decide(facts_by_hash([one.digest], at.date()), row.purpose, category, "us", at, purposes=purposes)
        for one in row.whose.all()
    ]
    if case is not None:
        theirs = identifiers_of(case)
        asked += [would_decide([one], row.purpose, category, "us", at) for one in theirs if one.kind == "email"]
        if row.ground == Objection.Ground.MARKETING and case.email:
            asked_of = normal("email", case.email)
            return _all_deny(asked, str(row.pk)) and is_suppressed(asked_of, row.purpose, at.date())
    return _all_deny(asked, str(row.pk))


def _stops(row: Restriction, case: Case | None, at: datetime) -> bool:
    purposes = purposes_on(at.date())
    asked = [
        decide(facts_by_hash([one.digest], at.date()), USED[0], USED[1], "us", at, purposes=purposes)
        for one in row.whose.all()
    ]
    if case is not None:
        theirs = [one for one in identifiers_of(case) if one.kind == "email"]
        asked += [would_decide([one], USED[0], USED[1], "us", at) for one in theirs]
    return _all_deny(asked, str(row.pk))


def _all_deny(asked: Iterable[Decision], evidence: str) -> bool:
    """Every one of them, and at least one, for this very reason."""
    found = list(asked)
    return bool(found) and all(one.outcome == "deny" and evidence in one.evidence for one in found)


def _without_effect() -> int:
    """Requests that were proven and have ended no use."""
    proven = Case.objects.filter(right=Case.Right.OBJECTION, joined=None).exclude(proven_at=None).exclude(key=None)
    made = set(Objection.objects.filter(case__in=proven.values("pk")).values_list("case", flat=True))
    return sum(1 for pk in proven.values_list("pk", flat=True) if pk not in made)


def _cases(rows: Sequence[Objection | Restriction]) -> dict[object, Case]:
    """Those that still know their person's addresses, by id."""
    found = Case.objects.filter(pk__in=[one.case for one in rows]).exclude(key=None)
    return {one.pk: one for one in found}


def _count(number: int, one: str) -> str:
    return f"1 {one}" if number == 1 else f"{number:,} {one}s"
