"""What changes how data may be used, each with its entry."""

from __future__ import annotations

from datetime import date, datetime

from kept.security.backup.replays import hidden, note
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor, Identifier
from kept.use.access import keys
from kept.use.models import KeptAccount, Suppression
from kept.use.rules import KEPT_BY_LAW, digest


@action
def suppress(identifier: Identifier, purpose: str, *, law: str, until: date, by: Actor, at: datetime) -> Suppression:
    """Keep a keyed hash of the identifier, so that the purpose leaves its owner alone until that day.

    A second call can only make it last longer. Art. 21(3), 17(3)(e).
    """
    hashed = digest(identifier, purpose, keys()[0])
    suppress_by_hash(purpose, identifier.kind, hashed, law=law, since=at, until=until, by=by, at=at)
    return Suppression.objects.get(purpose=purpose, kind=identifier.kind, digest=hashed)


@action
def suppress_by_hash(
    purpose: str, kind: str, hashed: str, *, law: str, since: datetime, until: date, by: Actor, at: datetime
) -> bool:
    """The same where only the hash is known, after a restore. Returns whether anything was changed."""
    given = {"law": law, "since": since, "until": until}
    rows = Suppression.objects.select_for_update()
    row, new = rows.get_or_create(purpose=purpose, kind=kind, digest=hashed, defaults=given)
    if not new and row.until >= until:
        unchanged()
        return False
    if not new:
        row.law, row.until = law, until
        row.save(update_fields=["law", "until"])
    note("suppression", at=since, purpose=purpose, kind=kind, digest=hashed, law=law, until=until.isoformat())
    record("use.suppressed", row, by=by, at=at, purpose=purpose, until=until.isoformat())
    return True


@action
def remember_kept_account(
    identifier: Identifier, account: Identifier, *, law: str, until: date, by: Actor, at: datetime
) -> KeptAccount:
    """Tie an account whose records a law keeps to a keyed hash of its owner's address, until the last of them may go.

    So that its owner still gets a copy of them, and they are found when their time is over. Art. 15, 17(3)(b).
    """
    hashed = digest(identifier, KEPT_BY_LAW, keys()[0])
    system, number = account.scope, account.value
    keep_account_by_hash(identifier.kind, hashed, system, number, law=law, since=at, until=until, by=by, at=at)
    return KeptAccount.objects.get(digest=hashed, system=system, account=number)


@action
def keep_account_by_hash(
    kind: str,
    hashed: str,
    system: str,
    account: str,
    *,
    law: str,
    since: datetime,
    until: date,
    by: Actor,
    at: datetime,
) -> bool:
    """The same where only the hash is known, after a restore. Returns whether anything was changed."""
    given = {"kind": kind, "law": law, "since": since, "until": until}
    rows = KeptAccount.objects.select_for_update()
    row, new = rows.get_or_create(digest=hashed, system=system, account=account, defaults=given)
    if not new and row.law == law and row.until >= until:
        unchanged()
        return False
    if not new:
        row.law, row.until = law, max(row.until, until)
        row.save(update_fields=["law", "until"])
    facts = {"kind": kind, "digest": hashed, "system": system, "law": law, "until": row.until.isoformat()}
    note("kept_account", at=since, account=hidden(account), **facts)
    record("use.account_kept", row, by=by, at=at, system=system, until=row.until.isoformat())
    return True


@action
def forget_kept_accounts(*, by: Actor, at: datetime) -> int:
    """Remove those whose last day is over. Returns how many."""
    gone, _ = KeptAccount.objects.filter(until__lt=at.date()).delete()
    if gone:
        record("use.kept_accounts_forgotten", "use.keptaccount", by=by, at=at, count=gone)
    else:
        unchanged()
    return gone


@action
def forget_suppressions(*, by: Actor, at: datetime) -> int:
    """Remove those whose last day is over. Returns how many."""
    gone, _ = Suppression.objects.filter(until__lt=at.date()).delete()
    if gone:
        record("use.suppressions_forgotten", "use.suppression", by=by, at=at, count=gone)
    else:
        unchanged()
    return gone
