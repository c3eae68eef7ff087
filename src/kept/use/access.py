"""Asking what may be done with somebody's data, and whether somebody may be approached."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from django.core.cache import caches
from django.db.models import Q, QuerySet

from kept.terms import Identifier
from kept.use import holding
from kept.use.counting import count
from kept.use.decisions import DESPITE, Agreed, Decision, Despite, Facts, Objected, Restricted, Suppressed, decide
from kept.use.errors import IsRestricted
from kept.use.models import KeptAccount, Objection, Restriction, Suppression, Whose
from kept.use.purposes import Purposes, purposes_on
from kept.use.rules import FOLDED, KEPT_BY_LAW, NAMES, OBJECTION, RESTRICTION, digest, folded, mark_of
from kept.vault.site_keys import site_keys

SAME_KEYS = 300  # seconds
IN_FORCE = (Restriction.State.IN_FORCE, Restriction.State.ANNOUNCED)


def decide_for(
    identifiers: Iterable[Identifier],
    purpose: str,
    category: str,
    recipient: str,
    at: datetime,
    *,
    despite: Despite | None = None,
    use_until: date | None = None,
) -> Decision:
    """Whether this may be done with the person's data now. Ask in the transaction that does it.

    Counted by purpose and outcome. Who only wants to know calls `would_decide`.
    """
    holding.asked()
    decision = would_decide(identifiers, purpose, category, recipient, at, despite=despite, use_until=use_until)
    count(decision, purpose, at.date())
    return decision


def would_decide(
    identifiers: Iterable[Identifier],
    purpose: str,
    category: str,
    recipient: str,
    at: datetime,
    *,
    despite: Despite | None = None,
    use_until: date | None = None,
) -> Decision:
    """The same answer, to look at: not counted, and nobody waits for it."""
    purposes = purposes_on(at.date())
    facts = facts_of(list(identifiers), purpose, at.date(), purposes, use_until)
    return decide(facts, purpose, category, recipient, at, purposes=purposes, despite=despite)


def facts_of(
    identifiers: Sequence[Identifier], purpose: str, on: date, purposes: Purposes, use_until: date | None = None
) -> Facts:
    """What the rows say about a person and a purpose."""
    theirs = [one for one in identifiers if one.kind in NAMES]
    hashes = {hashed for what in (OBJECTION, RESTRICTION) for hashed in hashes_of(theirs, what)}
    covered = purposes[purpose].covered_by if purpose in purposes else frozenset({purpose})
    return facts_by_hash(hashes, on).with_(
        known=bool(theirs),
        suppressions=frozenset(_suppressions(identifiers, covered, on)),
        consents=frozenset(consents_of(theirs, purpose)),
        use_until=use_until,
        unread=frozenset(unread()),
    )


def facts_by_hash(hashes: Collection[str], on: date) -> Facts:
    """What stands against whoever is known by one of these hashes: objections and restrictions."""
    rows = Whose.objects.filter(digest__in=hashes).select_related("objection", "restriction")
    objections, restrictions = set(), set()
    for row in rows:
        if (no := row.objection) and no.state != Objection.State.ENDED and no.until >= on:
            objections.add(Objected(no.purpose, no.state == Objection.State.PENDING, str(no.pk)))
        if (stop := row.restriction) and stop.lifted_at is None and stop.until >= on:
            restrictions.add(Restricted(stop.state in IN_FORCE, str(stop.pk)))
    return Facts(objections=frozenset(objections), restrictions=frozenset(restrictions))


def consents_of(identifiers: Sequence[Identifier], purpose: str) -> Collection[Agreed]:
    """Consents that hold. There is no register of consents yet, so nobody has given one that could be shown."""
    return ()


# Restrictions and objections, for pages and for what checks itself


def restricted_in(identifiers: Iterable[Identifier], on: date, *, cases: Collection[UUID] = ()) -> list[Restriction]:
    """The restrictions in force of whoever is known by one of these, and those that these requests asked for."""
    theirs = [one for one in identifiers if one.kind in NAMES]
    found = Whose.objects.filter(digest__in=hashes_of(theirs, RESTRICTION)).values("restriction")
    meant = Q(pk__in=found) | Q(case__in=cases)
    return list(Restriction.objects.filter(meant, state__in=IN_FORCE, until__gte=on).order_by("since"))


def must_have_ground(
    identifiers: Iterable[Identifier], despite: str, on: date, *, cases: Collection[UUID] = ()
) -> bool:
    """Before restricted data are shown: one of the grounds of GDPR Art. 18(2). Whether one was needed.

    `cases`: requests that the data belong to. Raises IsRestricted.
    """
    if not restricted_in(identifiers, on, cases=cases):
        return False
    if despite not in DESPITE:
        raise IsRestricted
    return True


def objections_of(case: UUID) -> QuerySet[Objection]:
    """Those that one request made, with those that ended."""
    return Objection.objects.filter(case=case).order_by("since", "purpose")


def restriction_of(case: UUID) -> Restriction | None:
    """The newest of one request."""
    return Restriction.objects.filter(case=case).order_by("-since").first()


def open_restrictions() -> QuerySet[Restriction]:
    """Those that are not over."""
    return Restriction.objects.filter(lifted_at=None)


# Whom not to approach


def is_suppressed(identifier: Identifier, purpose: str, on: date) -> bool:
    """Whether the purpose must leave this identifier alone on that day; an address in any of its usual spellings."""
    return any(True for _ in _suppressions([identifier], [purpose], on))


def kept_accounts(identifiers: Iterable[Identifier], on: date) -> frozenset[Identifier]:
    """The accounts of these addresses whose records a law still keeps after an erasure."""
    digests = [digest(identifier, KEPT_BY_LAW, key) for identifier in identifiers for key in keys()]
    rows = KeptAccount.objects.filter(digest__in=digests, until__gte=on).values_list("account", "system")
    return frozenset(Identifier("account", account, system) for account, system in rows)


def hashes_of(identifiers: Iterable[Identifier], what: str) -> list[str]:
    """Under each of the site's keys, so that a new key forgets nobody."""
    return [digest(one, what, key) for one in identifiers for key in keys()]


def keys() -> list[bytes]:
    """One for each of the site's keys, the newest first."""
    return site_keys("suppression")


def suppressions_of(identifiers: Iterable[Identifier], on: date) -> list[Suppression]:
    """Everything that leaves one of these alone on that day, in the spelling in which it was said."""
    purposes = Suppression.objects.filter(until__gte=on).values_list("purpose", flat=True).distinct()
    return list(_rows(list(identifiers), set(purposes), on).order_by("purpose", "pk"))


def _suppressions(identifiers: Iterable[Identifier], purposes: Iterable[str], on: date) -> list[Suppressed]:
    rows = _rows(list(identifiers), purposes, on).values_list("purpose", "pk")
    return [Suppressed(purpose, f"suppression {pk}") for purpose, pk in rows]


def _rows(identifiers: Sequence[Identifier], purposes: Iterable[str], on: date) -> QuerySet[Suppression]:
    exact, loose = [], []
    for purpose in purposes:
        for one in identifiers:
            exact += hashes_of([one], purpose)
            loose += hashes_of([folded(one)], purpose) if one.kind == "email" else []
    meant = Q(digest__in=exact) & ~Q(kind=FOLDED) | Q(digest__in=loose, kind=FOLDED)
    return Suppression.objects.filter(meant, until__gte=on)


def unread() -> Sequence[str]:
    """Hashes made with a key that this site no longer has: whom they mean, nobody can tell any more.

    A site's keys change when it starts, so an answer is good for some minutes.
    """
    known = sorted({"", *map(mark_of, keys())})

    def look() -> list[str]:
        places = (("suppressions", Suppression.objects.all()), ("objections", Whose.objects.all()))
        return [name for name, rows in places if rows.exclude(hashed_with__in=known).exists()]

    found: list[str] = caches["memory"].get_or_set(f"use.unread.{'.'.join(known)}", look, SAME_KEYS) or []
    return found
