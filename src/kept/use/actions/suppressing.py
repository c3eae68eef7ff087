"""Whom not to approach again, and whose records a law keeps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from kept.security.backup.replays import hidden, note
from kept.security.ledger import action, record, unchanged
from kept.terms import Actor, Identifier
from kept.use import holding
from kept.use.access import hashes_of, keys
from kept.use.models import KeptAccount, Suppression
from kept.use.rules import FOLDED, KEPT_BY_LAW, digest, folded, mark_of


@action
def suppress(identifier: Identifier, purpose: str, *, law: str, until: date, by: Actor, at: datetime) -> Suppression:
    """Keep a keyed hash of the identifier, so that the purpose leaves its owner alone until that day.

    An address is left alone in every usual spelling. A second call can only make it last longer. Art. 21(3), 17(3)(e).
    """
    holding.changes()
    key = keys()[0]
    hashed = digest(identifier, purpose, key)
    kinds: dict[str, str] = {identifier.kind: hashed}
    if identifier.kind == "email":
        kinds |= {FOLDED: digest(folded(identifier), purpose, key)}
    for kind, one in kinds.items():
        suppress_by_hash(purpose, kind, one, mark_of(key), law=law, since=at, until=until, by=by, at=at)
    return Suppression.objects.get(purpose=purpose, kind=identifier.kind, digest=hashed)


@action
def suppress_by_hash(
    purpose: str,
    kind: str,
    hashed: str,
    hashed_with: str,
    *,
    law: str,
    since: datetime,
    until: date,
    by: Actor,
    at: datetime,
) -> bool:
    """The same where only the hash is known, after a restore. Returns whether anything was changed."""
    given = {"law": law, "since": since, "until": until, "hashed_with": hashed_with}
    rows = Suppression.objects.select_for_update()
    row, new = rows.get_or_create(purpose=purpose, kind=kind, digest=hashed, defaults=given)
    if not new and row.until >= until:
        unchanged()
        return False
    if not new:
        row.law, row.until = law, until
        row.save(update_fields=["law", "until"])
    facts = {"kind": kind, "digest": hashed, "hashed_with": row.hashed_with, "law": law}
    note("suppression", at=since, purpose=purpose, until=until.isoformat(), **facts)
    record("use.suppressed", row, by=by, at=at, purpose=purpose, until=until.isoformat())
    return True


@action
def unsuppress(identifier: Identifier, purpose: str, *, by: Actor, at: datetime) -> bool:
    """The person takes their no back: nothing says yes by that. Returns whether there was one.

    In one spelling it was given, so in all of them it is taken back. A restore does that again as well.
    """
    holding.changes()
    exact, loose = hashes_of([identifier], purpose), hashes_of([folded(identifier)], purpose)
    rows = Suppression.objects.select_for_update().filter(purpose=purpose)
    meant = rows.filter(digest__in=exact).exclude(kind=FOLDED) | rows.filter(digest__in=loose, kind=FOLDED)
    hashes = sorted(meant.values_list("digest", flat=True))
    if not hashes:
        unchanged()
        return False
    unsuppress_by_hash(purpose, hashes, since=at, by=by, at=at)
    return True


@action
def unsuppress_by_hash(purpose: str, hashes: Sequence[str], *, since: datetime, by: Actor, at: datetime) -> bool:
    """The same after a restore. A no that is newer than the yes stays. Returns whether anything was changed."""
    gone, _ = Suppression.objects.filter(purpose=purpose, digest__in=hashes, since__lte=since).delete()
    if not gone:
        unchanged()
        return False
    note("suppression", at=since, purpose=purpose, taken_back=list(hashes))
    record("use.suppression_taken_back", "use.suppression", by=by, at=at, purpose=purpose, count=gone)
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
