"""What changed between two wordings, sentence by sentence, and which consents that touches. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Said = Sequence[tuple[str, Sequence[str]]]  # clause id, its sentences; in the order of the text
Kind = Literal["new", "gone", "changed"]
Mark = Literal["same", "new", "gone"]


@dataclass(frozen=True)
class Line:
    mark: Mark
    sentence: str


@dataclass(frozen=True)
class Change:
    """What became of one clause."""

    clause_id: str  # "": the sentences that answer to no promise
    kind: Kind
    lines: tuple[Line, ...]


def diff(before: Said, after: Said) -> list[Change]:
    """The clauses whose words changed, in the order of the new text, then those that are gone."""
    old, new = dict(before), dict(after)
    found = []
    for clause_id, sentences in new.items():
        lines = compare(old.get(clause_id, ()), sentences)
        if any(line.mark != "same" for line in lines):
            found.append(Change(clause_id, "changed" if clause_id in old else "new", lines))
    for clause_id, sentences in old.items():
        if clause_id not in new:
            found.append(Change(clause_id, "gone", compare(sentences, ())))
    return found


def compare(before: Sequence[str], after: Sequence[str]) -> tuple[Line, ...]:
    """The sentences of both, in order: what is gone stands before what came in its place."""
    lines: list[Line] = []
    for what, old_from, old_to, new_from, new_to in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if what == "equal":
            lines += _lines("same", after[new_from:new_to])
        else:
            lines += _lines("gone", before[old_from:old_to]) + _lines("new", after[new_from:new_to])
    return tuple(lines)


def to_ask_again(changes: Iterable[Change], consents: Collection[str]) -> list[str]:
    """The clauses that rest on consent and no longer say what people agreed to. GDPR Art. 4(11), 7."""
    return [change.clause_id for change in changes if change.clause_id in consents and change.kind != "gone"]


def _lines(mark: Mark, sentences: Sequence[str]) -> list[Line]:
    return [Line(mark, sentence) for sentence in sentences]
