"""Cutting a text into clauses, and proposing for each the promise it may answer to. A person decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kept.policy.reading.likeness import LEAST, Likeness, Promises
from kept.policy.reading.parts import Part
from kept.policy.source import Policy
from kept.terms import Promise

JOINED = 0.5  # a neighbour joins a clause from this part of LEAST on


@dataclass(frozen=True)
class Proposal:
    """Sentences that stand together, and the promises they are like, the likest first."""

    sentences: tuple[str, ...]
    listed: bool  # an item of a list
    like: tuple[Likeness, ...]
    promise_id: str  # "": no promise is like it enough

    @property
    def score(self) -> float:
        return self.like[0].score if self.promise_id else 0.0


@dataclass(frozen=True)
class Head:
    """A heading of the text."""

    text: str
    level: int


Piece = Head | Proposal


def promises_of(catalogue: Mapping[str, Promise], shipped: Policy) -> Promises:
    """Each promise by what it states, what it needs and shows, and how the shipped policy says it."""
    said = {}
    for promise_id, promise in catalogue.items():
        words = [sentence for clause in shipped.passages(promise_id) for sentence in clause.sentences]
        narrowed = [text for one in promise.narrowed_by for text in (one.was, one.now)]
        said[promise_id] = [promise.states, " ".join(words), promise.needs, promise.shows, *narrowed]
    return Promises(said)


def propose(parts: Sequence[Part], promises: Promises, company: str = "") -> list[Piece]:
    """Headings and proposals in the order of the text. Neighbours within a paragraph that are like the same stand
    together; a sentence that says little of its own goes with the one before it. The company's name says nothing."""
    pieces: list[Piece] = []
    for part in parts:
        if part.kind == "heading":
            pieces.append(Head(part.text, part.level))
        else:
            pieces += _of_part(part, promises, company)
    return pieces


def _of_part(part: Part, promises: Promises, company: str) -> list[Proposal]:
    found: list[Proposal] = []
    for sentence in part.sentences:
        said = sentence.replace(company, " ") if company else sentence
        like = tuple(promises.like(said))
        best = like[0].promise_id if like and like[0].score >= LEAST else ""
        last = found[-1] if found else None
        if last is not None and _goes_with(last, best, said, promises):
            found[-1] = _joined(last, sentence, promises)
        else:
            found.append(Proposal((sentence,), part.kind == "item", like, best))
    return found


def _goes_with(last: Proposal, best: str, sentence: str, promises: Promises) -> bool:
    if best == last.promise_id:
        return True
    if best or not last.promise_id:
        return False
    near = {one.promise_id: one.score for one in promises.like(sentence, most=len(last.like) + 5)}
    return near.get(last.promise_id, 0.0) >= JOINED * LEAST


def _joined(last: Proposal, sentence: str, promises: Promises) -> Proposal:
    sentences = (*last.sentences, sentence)
    like = tuple(promises.like(" ".join(sentences)))
    if last.promise_id and (not like or like[0].promise_id != last.promise_id):
        like = last.like
    return Proposal(sentences, last.listed, like, last.promise_id)
