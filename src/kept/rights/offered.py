"""The rights a person can use here, in plain words, each with the clause of the policy that promises it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Offer:
    """One right. `name` is also the word that a case stores."""

    name: str
    ask: str  # what the person wants, in their own voice
    means: str  # one sentence: what we do
    clause: str  # the policy's clause
    runs: bool = False  # False: said honestly, and not offered
    request: str = ""  # what such a request is called in a heading


OFFERS: tuple[Offer, ...] = (
    Offer(
        "access",
        "Get a copy of my data",
        "We collect everything our systems hold about you and give it to you in one file.",
        "12.1",
        runs=True,
        request="Request for a copy of your data",
    ),
    Offer(
        "erasure",
        "Have my data erased",
        "We erase what no law makes us keep, look again, and tell you what stays and why.",
        "12.3",
        runs=True,
        request="Request to erase your data",
    ),
    Offer("rectification", "Have something put right", "We correct it in every system that holds it.", "12.2"),
    Offer("objection", "Stop a use of my data", "We stop that use. Against advertising your word is final.", "12.4"),
    Offer("restriction", "Pause my data", "We keep it but do nothing with it while a question is open.", "11.2"),
    Offer("portability", "Take my data elsewhere", "We send it to another provider, in a form computers read.", "12.6"),
    Offer("automated", "Question a computer's decision", "A person looks at it again and explains it.", "12.5"),
)

RUNNING: tuple[Offer, ...] = tuple(offer for offer in OFFERS if offer.runs)
NOT_YET: tuple[Offer, ...] = tuple(offer for offer in OFFERS if not offer.runs)


def offer_of(name: str) -> Offer:
    """The right of that name; a case of a right that is no longer known is a fault in the code: raises KeyError."""
    return {offer.name: offer for offer in OFFERS}[name]
