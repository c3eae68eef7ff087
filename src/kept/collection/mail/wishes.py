"""What a mail asks for, as far as rules can tell. They propose; a person, or the proof of an address, decides.

The rules are data: one file for each language beside this one, `wishes/en.toml`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast, get_args

from kept.collection.addresses import addresses_in

Wish = Literal[
    "access", "erasure", "rectification", "restriction", "objection", "portability", "stop_marketing", "opt_in",
    "complaint", "automated",
]  # fmt: skip
WISHES: tuple[Wish, ...] = get_args(Wish)
FOLDER = Path(__file__).with_name("wishes")
LONGEST = 20_000  # signs of new text that are looked at
LONGEST_SENTENCE = 600
END = re.compile(r"(?<=[.!?。！？;；])\s+|(?<=[。！？；])|\n\s*\n|\n\s*[-*•]\s+|\n\s*\d{1,2}[.)]\s+")


@dataclass(frozen=True)
class Rule:
    id: str  # "en-erasure-2"
    wish: Wish
    language: str
    pattern: re.Pattern[str]
    negatable: bool  # whether a "not" in the sentence turns it round


@dataclass(frozen=True)
class Language:
    name: str
    rules: tuple[Rule, ...]
    negations: re.Pattern[str]
    others: re.Pattern[str]  # words by which somebody asks for another person
    unsure: re.Pattern[str]  # words of asking how, or what if: no request yet


@dataclass(frozen=True)
class Proposal:
    wish: Wish
    language: str
    rule: str


@dataclass(frozen=True)
class Proposals:
    """What was found. `clear`: one wish, of the sender, said without if and but."""

    wishes: tuple[Proposal, ...]
    people: tuple[str, ...]  # addresses of others that the text names, in normal form
    clear: bool
    why: str = ""  # why it is not clear


def propose(subject: str, new_text: str, sender: str, ours: frozenset[str] = frozenset()) -> Proposals:
    """`sender`, `ours`: addresses in normal form; ours are nobody whom a wish is about."""
    text = _plain(f"{subject}.\n\n{new_text}"[:LONGEST])
    found: dict[Wish, Proposal] = {}
    negated = unsure = others = False
    for sentence in _sentences(text):
        for language in languages().values():
            hits = [(rule, match) for rule in language.rules if (match := rule.pattern.search(sentence))]
            others = others or bool(language.others.search(sentence))
            for rule, _ in hits:
                if rule.negatable and language.negations.search(sentence):
                    negated = True
                    continue
                unsure = unsure or bool(language.unsure.search(sentence))
                found.setdefault(rule.wish, Proposal(rule.wish, rule.language, rule.id))
    people = tuple(one for one in addresses_in(new_text[:LONGEST]) if one != sender and one not in ours)
    rights = [wish for wish in found if wish not in ("stop_marketing", "opt_in")]
    if len(rights) > 1:
        why = "it asks for more than one thing"
    elif people or others:
        why = "it speaks of somebody else"
    elif negated:
        why = "it also says what not to do"
    elif unsure:
        why = "it may be a question"
    else:
        why = ""
    return Proposals(tuple(found.values()), people, clear=len(rights) == 1 and not why, why=why if found else "")


def _plain(text: str) -> str:
    """Without differences of width, case and quotation marks; line breaks stay."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("‘", "'").replace("´", "'")
    return re.sub(r"[^\S\n]+", " ", text)


def _sentences(text: str) -> Iterator[str]:
    for one in END.split(text):
        line = " ".join((one or "").split())
        for begin in range(0, len(line), LONGEST_SENTENCE):
            yield line[begin : begin + LONGEST_SENTENCE]


@cache
def languages() -> Mapping[str, Language]:
    """Every language that there is a file of."""
    return {path.stem: _language(path) for path in sorted(FOLDER.glob("*.toml"))}


def _language(path: Path) -> Language:
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    name, words = path.stem, {key: str(value) for key, value in told.get("words", {}).items()}
    rules = []
    for wish, entries in told["wish"].items():
        if wish not in WISHES:
            raise ValueError(f"{path.name}: {wish} is no wish")
        for number, pattern in enumerate(entries["any"], 1):
            compiled = _compiled(pattern, words)
            rules.append(
                Rule(f"{name}-{wish}-{number}", cast(Wish, wish), name, compiled, bool(entries.get("negatable", True)))
            )
    sides = (_compiled(str(told[key]), words) for key in ("not", "others", "unsure"))
    return Language(name, tuple(rules), *sides)


def _compiled(pattern: str, words: Mapping[str, str]) -> re.Pattern[str]:
    """`{data}` stands for the words of that name; a space for a gap."""
    for key, value in words.items():
        pattern = pattern.replace("{" + key + "}", f"(?:{value})")
    return re.compile(unicodedata.normalize("NFKC", pattern.replace("…", ".{0,40}?")))
