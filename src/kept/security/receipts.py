"""The receipt: one small text that shows, without us, that an entry stands in the ledger and what it says.

    kept-receipt/v1
    {"about":"rights.case:…","at":"2026-03-02T09:00:00.000000Z","by":"person","facts":{},"kind":"rights.case_opened"}
    salt mkGI7bQ2Cw5E1zP0m1Zf5w==
    c2sp.org/tlog-proof@v1
    index 41
    …

Line 2 is the payload, line 3 the salt; the rest is a proof file. `verifier.py` reads the same without any of Kept.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from kept.security.leaves import commitment_of, payload_of
from kept.security.ledger_errors import NoSuchEntry, PayloadErased, TreeDamaged
from kept.security.merkle import BadProof, check_inclusion, leaf_hash
from kept.security.models import Entry
from kept.security.models.ledger import SALT_BYTES
from kept.security.notes import (
    BadNote,
    Head,
    Key,
    NotSigned,
    Proof,
    read_base64,
    read_head,
    read_note,
    read_proof,
    signers_of,
)
from kept.security.sequencer import head_or_stop, present_log
from kept.security.tree import inclusion_proof

RECEIPT_NAME = "kept-receipt/"
HEAD = f"{RECEIPT_NAME}v1"
WORD = r'"(?:[^"\\\x00-\x1f]|\\(?:["\\bfnrt]|u00[01][0-9a-f]))*"'
PLAIN = rf"(?:{WORD}|0|-?[1-9][0-9]{{0,17}}|true|false|null)"
FACT = rf'"(?:[A-Za-z_][A-Za-z0-9_]*)":(?:{PLAIN}|\[(?:{PLAIN}(?:,{PLAIN})*)?\])'
FACTS = rf"\{{(?:{FACT}(?:,{FACT})*)?\}}"
PAYLOAD = re.compile(rf'\{{"about":{WORD},"at":{WORD},"by":{WORD},"facts":{FACTS},"kind":{WORD}\}}')


@dataclass(frozen=True)
class Receipt:
    payload: str  # one line of JSON, as `leaves.payload_of` writes it
    salt: bytes
    proof: Proof

    def __str__(self) -> str:
        return f"{HEAD}\n{self.payload}\nsalt {base64.b64encode(self.salt).decode()}\n{self.proof}"

    @property
    def told(self) -> dict[str, object]:
        """The payload, opened."""
        told: dict[str, object] = json.loads(self.payload)
        return told


@dataclass(frozen=True)
class Checked:
    """What a receipt shows once everything in it was checked."""

    told: dict[str, object]
    index: int
    head: Head  # the checkpoint that it is proven against
    keys: tuple[Key, ...]  # who signed that checkpoint


def proof_of(index: int) -> Proof:
    """A proof file that anybody can check: `extra` is the commitment, so that the leaf can be worked out.

    Raises NoSuchEntry, TreeDamaged.
    """
    proof = proof_for(index)
    entry = Entry.objects.filter(index=index).first()
    if entry is None:
        raise TreeDamaged(f"Entry {index} is gone.")
    commitment = bytes(entry.commitment)
    _check(leaf_hash(commitment), proof)
    return replace(proof, extra=commitment)


def proof_for(index: int | None) -> Proof:
    """The proof of one entry against the latest checkpoint. Raises NoSuchEntry, TreeDamaged."""
    log = present_log()
    head = head_or_stop(log) if log else None
    if log is None or head is None or index is None or not 0 <= index < head.size:
        raise NoSuchEntry("No entry has this number yet." if index is None else f"No entry has the number {index}.")
    return Proof(index, tuple(inclusion_proof(index, head.size)), log.checkpoint)


def receipt_for(entry: Entry) -> str:
    """The receipt of an entry, at most some kilobytes. Raises NoSuchEntry, PayloadErased, TreeDamaged."""
    proof = proof_for(entry.index)
    if entry.erased_at is not None:
        raise PayloadErased(f"What entry {entry.index} said was erased. A proof of its place can still be given.")
    payload = payload_of(entry.kind, entry.about, entry.by, entry.at, entry.facts)
    receipt = Receipt(payload, bytes(entry.salt), proof)
    _check(_leaf(receipt), proof)
    return str(receipt)


def read_receipt(text: str) -> Receipt:
    """A receipt, nothing in it checked but its form. Raises BadNote."""
    head, _, rest = text.partition("\n")
    if head != HEAD:
        raise BadNote(f"A receipt begins with the line {HEAD}.")
    payload, _, rest = rest.partition("\n")
    _check_payload(payload)
    line, _, rest = rest.partition("\n")
    if not line.startswith("salt "):
        raise BadNote("The third line of a receipt begins with “salt ”.")
    salt = read_base64(line.removeprefix("salt "), "the line “salt”")
    if len(salt) != SALT_BYTES:
        raise BadNote(f"The salt does not have {SALT_BYTES} bytes.")
    return Receipt(payload, salt, read_proof(rest))


def check_receipt(receipt: Receipt, keys: Iterable[Key]) -> Checked:
    """What the receipt shows. Raises BadNote, BadProof, NotSigned where it fits and none of our keys has signed."""
    head, signers = check_checkpoint(receipt.proof.checkpoint, keys)
    check_inclusion(_leaf(receipt), receipt.proof.index, head.size, receipt.proof.hashes, head.root)
    if not signers:
        raise NotSigned("None of its signatures is from a key that we know.")
    return Checked(receipt.told, receipt.proof.index, head, signers)


def check_checkpoint(text: str, keys: Iterable[Key]) -> tuple[Head, tuple[Key, ...]]:
    """What a checkpoint says, and who of these has signed it: maybe nobody. Raises BadNote."""
    note = read_note(text)
    head = read_head(note)
    signers = tuple(signers_of(note, keys))
    if signers and head.origin not in {key.name for key in signers}:
        raise BadNote(f"The checkpoint is of the log {head.origin}, and it is signed under another name.")
    return head, signers


def _check(leaf: bytes, proof: Proof) -> None:
    """What we hand out verifies, or is not handed out."""
    head = read_head(read_note(proof.checkpoint))
    try:
        check_inclusion(leaf, proof.index, head.size, proof.hashes, head.root)
    except BadProof as problem:
        raise TreeDamaged(f"Entry {proof.index} is not the one that was signed.") from problem


def _leaf(receipt: Receipt) -> bytes:
    return leaf_hash(commitment_of(receipt.salt, receipt.payload))


def _check_payload(line: str) -> None:
    """One way of writing it, that everybody reads alike: nobody is shown something else than what was hashed."""
    if not PAYLOAD.fullmatch(line):
        raise BadNote("The second line is not written as an entry is: it was changed or cut off.")
    names = [name for name, _ in dict(json.loads(line, object_pairs_hook=list))["facts"]]
    if names != sorted(set(names)):
        raise BadNote("The facts in the second line do not stand in their order, each once.")
