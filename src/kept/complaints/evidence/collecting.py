"""What goes into a bundle: entries with their proofs, deadlines with rule and inputs, hashes of files and letters.

Nobody is named but by role and opaque id. What names the person comes in only where two officers allowed it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from kept.clocks.counting import deadline
from kept.clocks.deadline import BadQuestion, Refused, question_of
from kept.clocks.rules import NoRule
from kept.people.matters import Dossier, Kind, kind_of
from kept.policy.models import Seen, Version
from kept.security.leaves import commitment_of, payload_of
from kept.security.ledger_errors import NoSuchEntry, TreeDamaged
from kept.security.merkle import BadProof, check_inclusion, leaf_hash
from kept.security.models import Approval, Entry
from kept.security.notes import Head, Proof
from kept.security.receipts import Receipt
from kept.security.sequencer import head_or_stop, present_log
from kept.security.tree import inclusion_proof

UNNAMED = "an entry whose words were erased"


@dataclass(frozen=True)
class Line:
    """One entry in the timeline. `number` is its place in the ledger."""

    number: int
    at: datetime
    kind: str
    words: str
    about: str
    by: str
    facts: Mapping[str, Any]
    decision: bool
    proof: str  # a receipt, or a proof file where the words were erased

    @property
    def file(self) -> str:
        return f"entries/{self.number:09d}.txt"

    def as_dict(self) -> dict[str, Any]:
        """`about`, `at`, `by`, `facts` and `kind` exactly as the entry says them: the verifier compares them."""
        instant = self.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        return {
            "entry": self.number, "kind": self.kind, "at": instant, "by": self.by, "about": self.about,
            "facts": dict(self.facts), "words": self.words, "decision": self.decision, "proof": self.file,
        }  # fmt: skip


@dataclass(frozen=True)
class Collected:
    dossiers: Sequence[Dossier]  # the matter itself, then what it is about
    lines: Sequence[Line]
    checkpoint: str
    head: Head
    versions: Sequence[tuple[str, Version]]  # when, and the wording that was in force then


def dossiers_of(name: str) -> list[Dossier]:
    """The matter of that name, and those it is about. Empty: no room knows it any more."""
    found: list[Dossier] = []
    for one in [name, *(linked for first in _dossier(name) for linked in first.linked)]:
        if one not in {known.matter.name for known in found}:
            found += _dossier(one)
    return found


def collect(name: str, at: datetime) -> Collected:
    """Everything, proven against one checkpoint. Raises NoSuchEntry where nothing is signed yet, TreeDamaged."""
    dossiers = dossiers_of(name)
    log = present_log()
    head = head_or_stop(log) if log else None
    if log is None or head is None or not dossiers:
        raise NoSuchEntry("Nothing about it is signed yet.")
    names = [one for dossier in dossiers for one in dossier.names]
    approvals = Approval.objects.filter(about__in=names).values_list("pk", flat=True)
    names += [f"security.approval:{pk}" for pk in approvals]
    entries = Entry.objects.filter(about__in=names, index__lt=head.size).order_by("index")
    words = {kind: said for dossier in dossiers for kind, said in dossier.words.items()}
    decisions = {kind for dossier in dossiers if (known := kind_of(dossier.matter.label)) for kind in known.decisions}
    lines = [_line(one, words, decisions, head, log.checkpoint) for one in entries]
    return Collected(dossiers, lines, log.checkpoint, head, _versions(dossiers[0], at))


def counted_again(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A stored deadline, and whether the same inputs give the same day today."""
    try:
        again = deadline(question_of(stored)).due_on.isoformat()
    except (NoRule, Refused, BadQuestion, KeyError, ValueError) as problem:
        again = f"cannot be counted again: {type(problem).__name__}"
    return {**stored, "counted_again": again, "same": again == stored.get("due_on")}


def as_json(told: object) -> bytes:
    return (json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n").encode()


def _dossier(name: str) -> list[Dossier]:
    label, _, key = name.partition(":")
    kind = kind_of(label)
    return [found] if kind and (found := _made(kind, key)) else []


def _made(kind: Kind, key: str) -> Dossier | None:
    matter = kind.get(UUID(key))
    return kind.dossier(UUID(key)) if matter else None


def _line(entry: Entry, words: Mapping[str, str], decisions: Iterable[str], head: Head, checkpoint: str) -> Line:
    """Raises TreeDamaged for an entry that is not as it was signed: it is handed to nobody."""
    number = entry.index
    assert number is not None  # noqa: S101 - asked for
    proof = Proof(number, tuple(inclusion_proof(number, head.size)), checkpoint)
    commitment = bytes(entry.commitment)
    if entry.erased_at is None:
        payload = payload_of(entry.kind, entry.about, entry.by, entry.at, entry.facts)
        text = str(Receipt(payload, bytes(entry.salt), proof))
        commitment = commitment_of(bytes(entry.salt), payload)
    else:
        text = str(Proof(number, proof.hashes, checkpoint, commitment))
    try:
        check_inclusion(leaf_hash(commitment), number, head.size, proof.hashes, head.root)
    except BadProof:
        raise TreeDamaged(f"Entry {number} is not the one that was signed.") from None
    said = words.get(entry.kind) or entry.kind.partition(".")[2].replace("_", " ").capitalize()
    return Line(
        number, entry.at, entry.kind, said if entry.erased_at is None else UNNAMED, entry.about, entry.by, entry.facts,
        entry.kind in decisions, text,
    )  # fmt: skip


def _versions(dossier: Dossier, at: datetime) -> list[tuple[str, Version]]:
    """The wordings of the policy that count for it: the one it was sent under, and the one in force now."""
    seen = Seen.objects.filter(case=dossier.matter.id).select_related("version").order_by("at").first()
    day = dossier.matter.received_at.date()
    then = seen.version if seen else _in_force(day)
    now = _in_force(at.date())
    found = [("when it came", then)] if then else []
    return [*found, *([("when this was made", now)] if now else [])]


def _in_force(day: object) -> Version | None:
    return Version.objects.filter(effective__lte=day).order_by("effective", "stored_at", "pk").last()
