"""The sequencer: gives waiting entries their place in the tree, and signs what the tree then is.

Index, tiles and checkpoint are one transaction under one row's lock, so any number of processes may call it. It never
signs two checkpoints that do not fit each other: before it goes on from a tree, it checks that this is the tree that it
signed last, and that this machine has not seen a longer one.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection, transaction

from kept.security.ledger_errors import OtherKey, RolledBack, TreeDamaged
from kept.security.merkle import leaf_hash
from kept.security.models import Checkpoint, Entry, Log
from kept.security.notes import BadNote, Head, Key, key_of, read_head, read_key, read_note, sign, signed_by
from kept.security.signing import forgotten_logs, last_seen, remember_on_commit, signing_key
from kept.security.tree import WIDTH, Edge, store

NUMBER = {
    "postgresql": """
        UPDATE security_entry AS entry SET "index" = %s + given.place - 1
          FROM (SELECT value::bigint AS id, ordinality AS place
                  FROM jsonb_array_elements_text(%s::jsonb) WITH ORDINALITY) AS given
         WHERE entry.id = given.id AND entry."index" IS NULL
    """,
    "sqlite": """
        UPDATE security_entry SET "index" = %s + given.key
          FROM json_each(%s) AS given
         WHERE security_entry.id = given.value AND security_entry."index" IS NULL
    """,
}


def sequence_entries(limit: int = 10_000) -> int:
    """Give the waiting entries their index, in the order of their ids, without a gap. Returns how many.

    The row lock makes it one sequencer at a time, whoever runs it. Raises LedgerStopped: then nothing has changed.
    """
    with transaction.atomic():
        log = locked_log()
        waiting = Entry.objects.filter(index=None).order_by("id").values_list("id", "commitment")
        entries = list(waiting[:limit])
        if not entries:
            return 0
        key = signing_key(make=not log.keys)
        edge = _edge_to_go_on_from(log, key)
        _number([pk for pk, _ in entries], log.size)
        store(edge.grow([leaf_hash(bytes(commitment)) for _, commitment in entries]))
        _sign(log, edge, key)
    return len(entries)


def locked_log() -> Log:
    """The one log, locked until the end of the transaction."""
    log, _ = Log.objects.select_for_update().get_or_create(pk=1)
    return log


def present_log() -> Log | None:
    """The one log as it was last committed; None: nothing has been numbered yet."""
    return Log.objects.filter(pk=1).first()


def new_origin() -> str:
    """A name that no log had before: a restored store goes on as another log, so that its checkpoints never clash."""
    return f"{settings.HOST}/ledger/{secrets.token_hex(4)}"


def keys_of(log: Log | None) -> list[Key]:
    """Every key that the log was ever signed with, by its own account. Raises BadNote."""
    return [read_key(text) for text in log.keys] if log else []


def head_of(log: Log) -> Head | None:
    """What the latest checkpoint says; None: there is none yet. Raises BadNote."""
    return read_head(read_note(log.checkpoint)) if log.checkpoint else None


def head_or_stop(log: Log) -> Head | None:
    """The same for those who cannot go on without it. Raises TreeDamaged."""
    try:
        return head_of(log)
    except BadNote as problem:
        raise TreeDamaged(f"The stored checkpoint cannot be used: {problem}") from problem


def keys_or_stop(log: Log) -> list[Key]:
    """The same of its keys. Raises TreeDamaged."""
    try:
        return keys_of(log)
    except BadNote as problem:
        raise TreeDamaged(f"The stored keys cannot be used: {problem}") from problem


def _edge_to_go_on_from(log: Log, key: Ed25519PrivateKey) -> Edge:
    """The right edge of the tree, once it is certain that it is the one that this key has signed."""
    edge = Edge(log.size)
    if not log.keys:
        if log.size or Entry.objects.filter(index__isnull=False).exists():
            raise TreeDamaged("Entries have numbers, but nothing was ever signed.")
        check_known([], key)
        log.keys = [key_of(new_origin(), key).text]
        return edge
    check_signed(log, edge.root(), key)
    return edge


def check_signed(log: Log, root: bytes, key: Ed25519PrivateKey) -> None:
    """That the checkpoint is ours, of this size and root, and no older than what we have seen. Raises LedgerStopped."""
    try:
        present = keys_of(log)[-1]
        ours = key_of(present.name, key)
        if ours != present:
            raise OtherKey(f"The key of this machine is {ours.id.hex()}; the log is signed with {present.id.hex()}.")
        head = head_of(log)
        if head is not None:
            signed_by(read_note(log.checkpoint), [ours])
    except BadNote as problem:
        raise TreeDamaged(f"The stored checkpoint cannot be used: {problem}") from problem
    if head is None or replace(head, size=log.size, root=root) != head:
        raise TreeDamaged(f"The stored tree of {log.size} entries is not the one that was signed.")
    check_known(keys_of(log), key)
    seen = last_seen(present.name)
    if seen is not None and (seen.size > log.size or (seen.size == log.size and seen.root != root)):
        raise RolledBack(f"The store has {log.size} entries; this machine has seen {seen.size}.")


def check_known(known: Sequence[Key], key: Ed25519PrivateKey) -> None:
    """That the store names every log that this machine has seen of its key. Raises RolledBack."""
    for head in forgotten_logs(known, key)[:1]:
        words = f"This machine has seen {head.size} entries of the log {head.origin}; the store does not know that log."
        raise RolledBack(words)


def _number(ids: Sequence[int], first: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(NUMBER[connection.vendor], [first, json.dumps(ids)])
        if cursor.rowcount != len(ids):
            raise TreeDamaged("An entry that waited for its number is gone.")


def _sign(log: Log, edge: Edge, key: Ed25519PrivateKey) -> None:
    """The checkpoint of the tree as it now is; kept for ever whenever a tile became full."""
    origin = keys_of(log)[-1].name
    full_before = log.size // WIDTH
    log.size = edge.size
    log.checkpoint = str(sign(Head(origin, edge.size, edge.root()).text, origin, key))
    log.save(update_fields=["size", "checkpoint", "keys"])
    if edge.size // WIDTH > full_before:
        Checkpoint.objects.create(size=edge.size, note=log.checkpoint)
    remember_on_commit(origin, log.checkpoint)
