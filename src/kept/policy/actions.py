"""What writes evidence down, stores versions, and remembers who had which before them."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from django.contrib.auth import get_user_model

from kept.policy.access import policy, version_before, versions_after
from kept.policy.evidence import as_evidence
from kept.policy.keepers import Bound, all_keepers
from kept.policy.models import Look, Notice, Seen, Standing, Version
from kept.policy.problems import VersionTaken
from kept.policy.rules import is_late, stands_since, superfluous
from kept.policy.source import Policy
from kept.policy.versions import diff, to_ask_again
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor, Evidence, State
from kept.work.steps import key_of, queue

REMOVE_AT_ONCE = 500
NOTICES_AT_ONCE = 1000


@action
def put_down(bound: Bound, found: Evidence, took_ms: int, *, by: Actor, at: datetime) -> None:
    """Keep a look. Two at once: the later one stands, and both are in the series.

    Where nobody looked for longer than the period, the series says so too.
    """
    of = {"clause": bound.clause_id, "keeper": bound.name}
    values = {
        "state": found.state.value, "figure": found.figure, "meaning": found.meaning, "link": found.link,
        "number": found.number, "at": found.at, "took_ms": took_ms,
    }  # fmt: skip
    row, new = Standing.objects.select_for_update().get_or_create(**of, defaults=values | {"since": found.at})
    before = None if new else as_evidence(row)
    if before is not None and before.at < found.at:
        if is_late(before.at, bound.period, found.at):
            Look.objects.create(**of, state=State.CANNOT_TELL.value, at=before.at + bound.period)
        row.since = stands_since(found.state, found.at, before, bound.period)
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
    Look.objects.create(**of, state=found.state.value, figure=found.figure, number=found.number, at=found.at)
    if before is None or (before.state is not found.state and before.at < found.at):
        facts = {"keeper": bound.name, "state": found.state.value, "before": before.state.value if before else ""}
        record("policy.state_changed", f"policy.clause:{bound.clause_id}", by=by, at=at, **facts)
    else:
        unchanged()


@action
def thin_out(*, by: Actor, at: datetime) -> int:
    """Remove looks that a month or a year no longer needs, and what keepers said that are gone. Returns how many."""
    removed = 0
    looks = Look.objects.order_by("clause", "keeper", "at", "pk").only("clause", "keeper", "at", "state")
    for _, own in groupby(looks.iterator(chunk_size=2000), key=attrgetter("clause", "keeper")):
        gone = superfluous([(one.pk, one.at, one.state) for one in own], at)
        for place in range(0, len(gone), REMOVE_AT_ONCE):
            removed += Look.objects.filter(pk__in=gone[place : place + REMOVE_AT_ONCE]).delete()[0]
    there = {(bound.clause_id, bound.name) for bound in all_keepers()}
    for row in Standing.objects.all():
        if (row.clause, row.keeper) not in there:
            row.delete()
            removed += 1
    if removed:
        record("policy.looks_thinned", "policy.look", by=by, at=at, count=removed)
    else:
        unchanged()
    return removed


@action
def store_version(wording: Policy, *, by: Actor, at: datetime) -> Version:
    """Keep a wording whole, once. If it is not the first, the notices about it are queued.

    Raises VersionTaken where the words changed and the name did not.
    """
    own = wording.settings
    row = Version.objects.filter(digest=wording.digest).first()
    if row is not None:
        unchanged()
        return row
    if Version.objects.filter(name=own.version).exists():
        raise VersionTaken(f"version {own.version} is stored with other words: name a new version and its day")
    given = {
        "name": own.version, "title": own.title, "effective": own.effective, "stored_at": at,
        "clauses": wording.sentences, "consents": list(own.consents),
    }  # fmt: skip
    row, new = Version.objects.get_or_create(digest=wording.digest, defaults=given)
    if not new:
        unchanged()
        return row
    record("policy.version_stored", row, by=by, at=at, version=row.name, effective=row.effective.isoformat())
    if version_before(row) is not None:
        queue("policy.announce", at=at, key=key_of("policy.announce", row.pk), version=row.pk)
    return row


@action
def running_version(*, by: Actor, at: datetime) -> Version:
    """The stored version of the policy that runs. Changed words under an old name count as that version."""
    wording = policy()
    try:
        return store_version(wording, by=by, at=at)
    except VersionTaken:
        unchanged()
        return Version.objects.filter(name=wording.settings.version).latest("stored_at")


@action
def saw(
    *, account: UUID | None = None, case: UUID | None = None, version: Version | None = None, by: Actor, at: datetime
) -> Seen:
    """An account was made, or a request sent, with this version to read; none given: the one that runs. Only once.

    Wordings that are announced and come after it are told to a new account as well: it is not among those that had
    an older one when they were announced.
    """
    if (account is None) == (case is None):
        raise ValueError("either an account or a case")
    version = version or running_version(by=by, at=at)
    who = {"account_id": account} if account else {"case": case}
    row, new = Seen.objects.get_or_create(**who, version=version, defaults={"at": at})
    if not new:
        unchanged()
        return row
    record("policy.version_seen", row, by=by, at=at, version=version.name)
    if account is not None:
        _tell_of_later(account, version, by=by, at=at)
    return row


def _tell_of_later(account: UUID, version: Version, *, by: Actor, at: datetime) -> None:
    """Queue the notices of what is announced already and comes after the version that somebody has."""
    for later in versions_after(version):
        told = {"before": version, "ask_again": _asked_again(version, later), "queued_at": at}
        if Notice.objects.get_or_create(account_id=account, version=later, defaults=told)[1]:
            record("policy.notices_queued", later, by=by, at=at, count=1)


@action
def queue_notices(version: Version, after: UUID | None, *, by: Actor, at: datetime) -> UUID | None:
    """Queue a notice for the next accounts that had another version before them; a second call adds none.

    Returns the last account looked at; None: all are done, and the version is announced.
    """
    before = version_before(version)
    accounts = get_user_model().objects.filter(is_active=True).order_by("pk")
    if after is not None:
        accounts = accounts.filter(pk__gt=after)
    ids = list(accounts.values_list("pk", flat=True)[:NOTICES_AT_ONCE])
    if not ids or before is None:
        Version.objects.filter(pk=version.pk, announced_at=None).update(announced_at=at)
        record("policy.version_announced", version, by=by, at=at, notices=version.notices.count())
        return None
    last = {
        row.account_id: row for row in Seen.objects.filter(account__in=ids).select_related("version").order_by("at")
    }
    touched: dict[int, list[str]] = {}
    notices = []
    for account in ids:
        seen = last[account].version if account in last else before
        if seen.pk == version.pk:
            continue
        if seen.pk not in touched:
            touched[seen.pk] = _asked_again(seen, version)
        notices.append(
            Notice(account_id=account, version=version, before=seen, ask_again=touched[seen.pk], queued_at=at)
        )
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    record("policy.notices_queued", version, by=by, at=at, count=len(notices))
    return ids[-1]


def _asked_again(before: Version, version: Version) -> list[str]:
    return to_ask_again(diff(before.clauses, version.clauses), version.consents)
