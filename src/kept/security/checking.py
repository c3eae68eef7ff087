"""A file that somebody brings, a receipt, a proof file or a checkpoint: what it shows, with nothing but the keys.

The answers are those of `verifier.py`, which does the same without Kept; tests hold the two together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kept.security.merkle import check_inclusion, leaf_hash
from kept.security.notes import PROOF_NAME, BadNote, Key, NotSigned, read_proof
from kept.security.receipts import HEAD, RECEIPT_NAME, check_checkpoint, check_receipt, read_receipt


def check_text(text: str, keys: Sequence[Key]) -> dict[str, object]:
    """What it shows: "what" it is, of which "log", "size" and "root", and for an entry its number and what it "says".

    Raises BadNote, BadProof; NotSigned where it fits and none of the keys has signed.
    """
    first, second = text.split("\n")[:2]
    if first.startswith(RECEIPT_NAME):
        checked = check_receipt(read_receipt(text), keys)
        shown: dict[str, object] = {"what": "receipt", "entry": checked.index, "says": checked.told}
        return shown | {"log": checked.head.origin, "size": checked.head.size, "root": checked.head.root.hex()}
    if first.startswith(PROOF_NAME):
        proof = read_proof(text)
        if proof.extra is None or len(proof.extra) != 32:
            raise BadNote("The line “extra” does not hold the 32 bytes of the entry's commitment.")
        head, signers = check_checkpoint(proof.checkpoint, keys)
        check_inclusion(leaf_hash(proof.extra), proof.index, head.size, proof.hashes, head.root)
        shown = {"what": "proof", "entry": proof.index}
    elif re.fullmatch("[0-9]+", second):
        head, signers = check_checkpoint(text, keys)
        shown = {"what": "checkpoint"}
    else:
        raise BadNote(f"It is no receipt, proof file or checkpoint. A receipt begins with the line {HEAD}.")
    if not signers:
        raise NotSigned("None of its signatures is from a key that we know.")
    return shown | {"log": head.origin, "size": head.size, "root": head.root.hex()}
