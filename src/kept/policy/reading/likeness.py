"""How like a sentence is to each promise: the words they share, the rarer the weightier. No network, no model.

Each promise is a bag of words: what it states, needs and shows, and how the policy that Kept ships says it. Words are
cut to their stems, and words for one idea count as one. A word weighs by how few promises use it (TF-IDF); likeness is
the cosine of the two bags, 0 to 1.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LEAST = 0.17  # below it no binding is proposed
_WORDS = re.compile(r"\S+")
STOP = frozenset(
    _WORDS.findall("""
    a about above after again all also an and any are as at be because been before being below between both but
    by can could did do does doing down during each for from further had has have having here how however if in
    into is it its may might more most must no nor not of off on once only or other our ours out over own same
    shall should so some such than that the their them then there these they this those through to too under
    until up upon very was we were what when where which while who whom why will with within without would you
    your yours us please including include includes example e g i e etc hereby herein therefore thereof
    """)
)
# Words for one idea. Left: what it counts as.
SAME = {
    "erase": "delet destroy remov wipe purg dispos eras",
    "person": "individu peopl user custom client visitor person subject",
    "data": "inform detail data record",
    "child": "child children kid minor underag thirteen teen",
    "guardian": "parent guardian",
    "third": "third parti partner affili",
    "consent": "consent agree permission permit opt-in",
    "optout": "unsubscrib opt-out optout",
    "secure": "secur protect safeguard encrypt",
    "disclose": "disclos share transfer divulg hand reveal",
    "mail": "mail e-mail email newslett",
    "advertise": "market advertis promot",
    "correct": "correct rectif amend updat accur",
    "copy": "copi portabl export",
    "complain": "complaint complain griev",
    "authority": "author regul supervisori commission",
    "retain": "retent retain keep kept stor",
    "order": "order purchas bought buy contract",
    "support": "support help assist ticket helpdesk",
    "cookie": "cooki",
    "purpose": "purpos",
    "law": "law legal statut",
    "account": "account",
    "breach": "breach incid",
    "link": "link",
    "forum": "forum board chat testimoni bulletin",
    "police": "polic enforc subpoena warrant court crime",
    "merge": "merger acquisit bankruptci acquir sold",
}
_IDEA = {stem: idea for idea, stems in SAME.items() for stem in stems.split()}
_ENDINGS = ("ations", "ation", "ments", "ment", "ingly", "edly", "ities", "ness", "ings", "ions", "able", "ible", "ing",
            "ies", "ied", "ion", "ers", "ity", "ive", "ely", "ed", "er", "es", "ly", "al", "e", "s", "y")  # fmt: skip
_PHRASES = (
    (r"\bopt(?:ed|ing|s)?[ -]?out\b", " optout "),
    (r"\be-?mails?\b", " mail "),
    (r"\b(?:third|other) part(?:y|ies)\b", " third "),
    (r"\bgoogle analytics\b", " googleanalytics "),
    (r"\b(?:under|below)(?: the age of)? (?:13|thirteen)\b", " child "),
    (r"\b(?:gdpr|general data protection regulation)\b", " gdpr "),
    (r"\bip address(?:es)?\b", " ipaddress "),
)


@dataclass(frozen=True)
class Likeness:
    """One promise that a sentence is like."""

    promise_id: str
    score: float
    shared: tuple[str, ...]  # the ideas in common, the weightiest first


class Promises:
    """The promises as bags of weighted words."""

    def __init__(self, texts: Mapping[str, Iterable[str]]) -> None:
        """`texts`: for each promise what it says; the first text counts twice, since it says it shortest."""
        bags = {}
        for promise_id, said in texts.items():
            first, *others = said
            bags[promise_id] = Counter(ideas(first)) + Counter(ideas(first))
            for one in others:
                bags[promise_id] += Counter(ideas(one))
        used = Counter(idea for bag in bags.values() for idea in bag)
        self._weight = {idea: math.log((1 + len(bags)) / (0.5 + count)) for idea, count in used.items()}
        self._vectors = {promise_id: self._weighted(bag) for promise_id, bag in bags.items()}

    def like(self, sentence: str, most: int = 3) -> list[Likeness]:
        """The promises most like a sentence, the likest first; none where no word is shared."""
        own = self._weighted(Counter(ideas(sentence)))
        found = []
        for promise_id, vector in self._vectors.items():
            parts = {idea: weight * vector[idea] for idea, weight in own.items() if idea in vector}
            if score := sum(parts.values()):
                shared = tuple(sorted(parts, key=lambda idea: -parts[idea])[:5])
                found.append(Likeness(promise_id, round(score, 3), shared))
        return sorted(found, key=lambda one: (-one.score, one.promise_id))[:most]

    def _weighted(self, bag: Counter[str]) -> dict[str, float]:
        """Of length 1. A word that no promise uses weighs like the rarest: it makes everything less like."""
        rarest = max(self._weight.values(), default=1.0)
        vector = {idea: (1 + math.log(count)) * self._weight.get(idea, rarest) for idea, count in bag.items()}
        length = math.sqrt(sum(weight * weight for weight in vector.values())) or 1.0
        return {idea: weight / length for idea, weight in vector.items()}


def ideas(text: str) -> list[str]:
    """The words of a text that carry meaning, each as the idea it stands for."""
    text = unicodedata.normalize("NFKC", text).casefold()
    for phrase, idea in _PHRASES:
        text = re.sub(phrase, idea, text)
    words = re.findall(r"[^\W_]+(?:-[^\W_]+)*", text)
    return [_idea(word) for word in words if word not in STOP and len(word) > 1]


def _idea(word: str) -> str:
    stem = _stem(word)
    return _IDEA.get(word) or _IDEA.get(stem) or stem


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
