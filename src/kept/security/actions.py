"""What is done to the ledger itself: payloads erased, a restored store taken up again, a damaged tree mended.

Each leaves an entry like everything else, so that the next audit knows of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from kept.security.audit import Report
from kept.security.findings import runs
from kept.security.ledger import action, record, sequence_entries, unchanged
from kept.security.ledger_errors import LedgerStopped, NoSuchEntry, TreeDamaged
from kept.security.merkle import EMPTY_ROOT, leaf_hash
from kept.security.models import Checkpoint, Entry, Log, Tile
from kept.security.notes import BadNote, Head, Signature, key_of, read_head, read_note, sign, signed_by
from kept.security.rows import ERASED
from kept.security.sequencer import head_or_stop, keys_or_stop, locked_log, new_origin
from kept.security.signing import forgotten_logs, key_file, last_seen, remember_on_commit, signing_key
from kept.security.tree import Edge, store
from kept.terms import Actor

AT_ONCE = 5_000  # entries
NAMED_AT_ONCE = 500  # runs of indexes in one entry
NOTHING = "Nothing was ever signed here, so there is nothing to begin again."


@action
def erase_payloads(entries: Collection[Entry], because: str, *, by: Actor, at: datetime) -> int:
    """Destroy what these entries say, and their salts. The tree stays as it is. Art. 17. Returns how many.

    Kind and time stay, the tree no longer vouches for them. Entries that tell of an erasure are left as they are.
    Raises LedgerStopped while an entry among them cannot get its number.
    """
    chosen = Entry.objects.filter(pk__in=[entry.pk for entry in entries], erased_at=None).exclude(kind=ERASED)
    while chosen.filter(index=None).exists():
        sequence_entries()
    indexes = [index for index in chosen.select_for_update().values_list("index", flat=True) if index is not None]
    if not indexes:
        unchanged()
        return 0
    Entry.objects.filter(index__in=indexes).update(about="", by="", facts={}, salt=b"", erased_at=at)
    named = [str(first) if first == last else f"{first}-{last}" for first, last in runs(indexes)]
    for begin in range(0, len(named), NAMED_AT_ONCE):
        record(
            "security.payloads_erased",
            "ledger",
            by=by,
            at=at,
            because=because,
            entries=named[begin : begin + NAMED_AT_ONCE],
        )
    return len(indexes)


@action
def begin_again(reason: str, *, by: Actor, at: datetime) -> str:
    """Go on under another name, after a restore or with another key, so that no checkpoint clashes with one of before.

    Entries and tree stay; earlier receipts stay good under the earlier name. Returns the new verifier key.
    Raises TreeDamaged where the store is not as it was signed, NoKey, NoSuchEntry where nothing was ever signed.
    """
    log = locked_log()
    head, known = head_or_stop(log), keys_or_stop(log)
    if head is None and not key_file().exists():
        raise NoSuchEntry(NOTHING)
    key = signing_key(make=True)
    lost = forgotten_logs(known, key)
    if head is None and (log.size or Entry.objects.filter(index__isnull=False).exists()):
        raise TreeDamaged("Entries have numbers, and what was signed is gone: put the store back from a backup.")
    if head is None and not lost:
        raise NoSuchEntry(NOTHING)
    if head is None:
        head = Head(lost[0].origin, 0, EMPTY_ROOT)
    else:
        _check_whole(log, head)
    seen, origin = [last_seen(head.origin), *lost], new_origin()
    present = key_of(origin, key)
    log.keys = [*log.keys, *(key_of(one.origin, key).text for one in lost), present.text]
    log.checkpoint = str(sign(Head(origin, head.size, head.root).text, origin, key))
    log.save(update_fields=["keys", "checkpoint"])
    remember_on_commit(origin, log.checkpoint)
    longest = max((one.size for one in seen if one is not None), default=None)
    record(
        "security.ledger_began_again", "ledger", by=by, at=at,
        reason=reason, size=head.size, seen=longest, before=head.origin, now=origin,
        key=present.id.hex(),
    )  # fmt: skip
    return present.text


def _check_whole(log: Log, head: Head) -> None:
    """That the tree is the one that one of the log's keys has signed. Raises TreeDamaged."""
    try:
        signed_by(read_note(log.checkpoint), keys_or_stop(log))
    except BadNote as problem:
        raise TreeDamaged(f"The stored checkpoint cannot be used: {problem}") from problem
    if (head.size, head.root) != (log.size, Edge(log.size).root()):
        raise TreeDamaged(f"The stored tree of {log.size} entries is not the one that was signed.")


@action
def mend_tree(*, by: Actor, at: datetime) -> int:
    """Work out every tile anew from the entries' commitments. Returns how many entries the tree has.

    Raises TreeDamaged, and changes nothing, where the result is not what was signed: then entries were changed.
    """
    log = locked_log()
    head = head_or_stop(log)
    if head is None:
        raise NoSuchEntry("Nothing was ever signed here, so there is no tree to mend.")
    edge = Edge(0)
    Tile.objects.all().delete()
    for leaves in _leaves(head.size):
        store(edge.grow(leaves))
    if (edge.size, edge.root()) != (head.size, head.root):
        raise TreeDamaged("The entries themselves are not as they were signed: kept ledger verify says which.")
    Log.objects.filter(pk=log.pk).update(size=head.size)
    record("security.tree_mended", "ledger", by=by, at=at, size=head.size)
    return head.size


@action
def tell_audit(report: Report, *, by: Actor, at: datetime) -> Entry:
    """Remember what an audit of everything found."""
    kinds: list[str] = sorted({finding.kind for finding in report.findings})
    return record(
        "security.ledger_verified", "ledger", by=by, at=at,
        size=report.size, entries=report.entries, findings=len(report.findings), kinds=kinds,
        kept=report.kept, verdict=str(report.verdict),
    )  # fmt: skip


@action
def keep_stamp(note: str, token: bytes, *, by: Actor, at: datetime) -> Checkpoint:
    """Keep a checked time stamp beside its checkpoint."""
    checkpoint = _kept(note)
    checkpoint.timestamp = token
    checkpoint.save(update_fields=["timestamp"])
    record("security.checkpoint_stamped", "ledger", by=by, at=at, size=checkpoint.size)
    return checkpoint


@action
def keep_cosignature(note: str, signature: Signature, *, by: Actor, at: datetime) -> Checkpoint:
    """Put a witness's checked signature under its checkpoint."""
    checkpoint = _kept(note)
    if signature.line not in checkpoint.note:
        checkpoint.note += signature.line
        checkpoint.save(update_fields=["note"])
    record("security.checkpoint_witnessed", "ledger", by=by, at=at, size=checkpoint.size, witness=signature.name)
    return checkpoint


def _kept(note: str) -> Checkpoint:
    """The row of this checkpoint. Raises LedgerStopped where one of the log's earlier name has its place."""
    own = read_note(note)
    checkpoint, _ = Checkpoint.objects.select_for_update().get_or_create(
        size=read_head(own).size, defaults={"note": note}
    )
    try:
        same = read_note(checkpoint.note).text == own.text
    except BadNote as problem:
        raise LedgerStopped(f"The stored checkpoint of {checkpoint.size} entries is damaged: {problem}") from problem
    if not same:
        raise LedgerStopped("A checkpoint of this size under an earlier name is kept already. The next one will do.")
    return checkpoint


def _leaves(size: int) -> Iterable[list[bytes]]:
    for first in range(0, size, AT_ONCE):
        rows = Entry.objects.filter(index__gte=first, index__lt=min(first + AT_ONCE, size)).order_by("index")
        yield [leaf_hash(bytes(commitment)) for commitment in rows.values_list("commitment", flat=True)]
