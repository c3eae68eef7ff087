"""The rights a person can use here, in plain words, each with the clause of the policy that promises it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Offer:
    """One right. `name` is also the word that a case stores."""

    name: str
    ask: str  # what the person wants, in their own voice
    means: str  # one sentence: what we do
    short: str  # one word, for lists of many
    clause: str  # the policy's clause
    runs: bool = False  # False: said honestly, and not offered
    request: str = ""  # what such a request is called in a heading


OFFERS: tuple[Offer, ...] = (
    Offer(
        "access",
        "Get a copy of my data",
        "We collect everything our systems hold about you and give it to you in one file.",
        "copy",
        "12.1",
        runs=True,
        request="Request for a copy of your data",
    ),
    Offer(
        "erasure",
        "Have my data erased",
        "We erase what no law makes us keep, look again, and tell you what stays and why.",
        "erasure",
        "12.3",
        runs=True,
        request="Request to erase your data",
    ),
    Offer(
        "rectification",
        "Have something put right",
        "We correct it in every system that holds it.",
        "correction",
        "12.2",
        runs=True,
        request="Request to put something right",
    ),
    Offer(
        "objection",
        "Stop a use of my data",
        "We stop that use. Against advertising your word is final.",
        "objection",
        "12.4",
        runs=True,
        request="Request to end a use of your data",
    ),
    Offer(
        "restriction",
        "Pause my data",
        "We keep it but do nothing with it while a question is open.",
        "restriction",
        "11.2",
        runs=True,
        request="Request to pause the use of your data",
    ),
    Offer(
        "portability",
        "Take my data elsewhere",
        "You get it in a form computers read, and we send it to another provider if you like.",
        "portability",
        "12.6",
        runs=True,
        request="Request for your data to take elsewhere",
    ),
    Offer(
        "automated",
        "Question a computer's decision",
        "A person looks at it again, explains it, and can change it.",
        "decision",
        "12.5",
        runs=True,
        request="Request to look again at a computer's decision",
    ),
)

RUNNING: tuple[Offer, ...] = tuple(offer for offer in OFFERS if offer.runs)
NOT_YET: tuple[Offer, ...] = tuple(offer for offer in OFFERS if not offer.runs)


def rights_in_words(offers: Sequence[Offer] = OFFERS) -> str:
    """What can be asked for here, and what not yet: the policy page says it, and it stays true as rights are built."""
    runs = [offer.short for offer in offers if offer.runs]
    lacks = [offer.short for offer in offers if not offer.runs]
    if not lacks:
        return "Every right can be asked for here."
    if not runs:
        return "No right can be asked for here yet."
    not_yet = f"{_listed(lacks)} {'does' if len(lacks) == 1 else 'do'} not run yet"
    return f"{_listed(runs).capitalize()} can be asked for here; {not_yet}."


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]


def offer_of(name: str) -> Offer:
    """The right of that name; a case of a right that is no longer known is a fault in the code: raises KeyError."""
    return {offer.name: offer for offer in OFFERS}[name]
