"""`policy.toml`: what a policy is called, from when it holds, and what else its words alone do not say."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from kept.policy.inline import MOST_WORDS, too_long
from kept.policy.problems import BadPolicy, Problem

FORMAT = 1
LONGEST = range(10, 501)  # words that the longest sentence of an imported policy may have

Table = Mapping[str, object]
WORDS = (
    "format", "title", "company", "version", "effective", "contact", "short", "consent", "left_out", "longest_sentence",
)  # fmt: skip


@dataclass(frozen=True)
class Settings:
    title: str
    company: str
    version: str
    effective: date
    contact: Mapping[str, str]  # "privacy" -> address
    short: Mapping[str, str]  # section label -> one sentence, for the policy on one screen
    consents: tuple[str, ...]  # clauses that rest on consent: asked for again when their words change
    left_out: tuple[str, ...]  # promises that this policy does not make
    longest_sentence: int  # words


def read_settings(text: str, file: str = "policy.toml") -> Settings:
    """Raises BadPolicy with every problem found."""
    table = read_toml(text, file)
    problems = wrong_format(table, text, file)

    def wrong(word: str, what: str) -> None:
        problems.append(Problem(file, line_of(word, text), what))

    words = {name: _text(table.get(name)) for name in ("title", "company", "version")}
    for name, value in words.items():
        if not value.strip():
            wrong(name, f"{name} is missing: it is a short text")
        elif len(value) > 200 or (name == "version" and len(value) > 40):
            wrong(name, f"{name} is too long: it is a short text")
    effective = table.get("effective")
    if type(effective) is not date:  # a datetime is a date as well, and not meant here
        wrong("effective", "effective is a day without quotes: 2026-11-01")
        effective = date.min
    longest = table.get("longest_sentence", MOST_WORDS)
    if type(longest) is not int or longest not in LONGEST:
        wrong("longest_sentence", f"longest_sentence is a number from {LONGEST.start} to {LONGEST.stop - 1}")
        longest = MOST_WORDS
    lists = {name: _ids(table.get(name, [])) for name in ("consent", "left_out")}
    for name, ids in lists.items():
        if ids is None:
            wrong(name, f'{name} is a list of clause ids: ["5.6", "6.1"]')
    problems += [Problem(file, line_of(word, text), what) for word, what in _wrong_contacts(table.get("contact"))]
    problems += [Problem(file, line_of(word, text), what) for word, what in _wrong_short(table.get("short", {}))]
    for name in table.keys() - set(WORDS):
        wrong(name, f"the word “{name}” is not known")
    if problems:
        raise BadPolicy(problems)
    return Settings(
        words["title"], words["company"], words["version"], effective, _strings(table["contact"]),
        _strings(table.get("short", {})), lists["consent"] or (), lists["left_out"] or (), longest,
    )  # fmt: skip


def read_toml(text: str, file: str) -> dict[str, object]:
    """Raises BadPolicy with the line."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        place = re.search(r"\(at line (\d+)", str(problem))
        what = str(problem).partition(" (at ")[0]
        raise BadPolicy([Problem(file, int(place[1]) if place else 0, f"this is not TOML: {what}")]) from problem
    except RecursionError as problem:
        raise BadPolicy([Problem(file, 0, "this is not TOML: it is nested too deep")]) from problem


def wrong_format(table: Table, text: str, file: str) -> list[Problem]:
    if table.get("format") == FORMAT:
        return []
    return [Problem(file, line_of("format", text), f"format must be {FORMAT}")]


def line_of(word: str, text: str) -> int:
    """The first line that begins with a word; 0: none does."""
    return next((number for number, line in enumerate(text.split("\n"), 1) if line.strip().startswith(word)), 0)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _ids(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        return None
    return tuple(value)


def _strings(value: object) -> Mapping[str, str]:
    return {name: one for name, one in value.items() if isinstance(one, str)} if isinstance(value, dict) else {}


def _wrong_contacts(contact: object) -> Iterator[tuple[str, str]]:
    """What is wrong, each with the word whose line it stands in."""
    addresses = contact if isinstance(contact, dict) else {}
    for name in ("privacy", "support", "legal"):
        if name not in addresses:
            yield "[contact]", f"the contact {name} is missing"
    for name, address in addresses.items():
        if not isinstance(address, str) or not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", address):
            yield name, f"the contact {name} must be an e-mail address"
        if not re.fullmatch(r"[a-z][a-z_]*", name) or name == "company":
            yield name, f"“{name}” cannot name a contact: use small letters"


def _wrong_short(short: object) -> Iterator[tuple[str, str]]:
    if not isinstance(short, dict):
        yield "short", "short is a table: the number of a section, and one sentence"
        return
    for label, sentence in short.items():
        place = f'"{label}"'
        if not isinstance(sentence, str) or not sentence.strip():
            yield place, f"short: section {label} has no sentence"
        else:
            yield from ((place, f"short: {what}") for what in too_long(sentence))
