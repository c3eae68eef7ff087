"""The purposes of the policy, as `purposes.toml` says them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Literal, cast, get_args

from kept.engine.pack import Category

Class = Literal[
    "contract", "service_notice", "marketing.own", "marketing.third_party", "analytics", "improvement", "security",
    "legal", "licence",
]  # fmt: skip
Objectable = Literal["absolute", "weighed", "none"]
Recipient = Literal["us", "processor", "the person", "partner", "registrar", "authority"]
WhileRestricted = Literal["", "storage", "consent", "claims"]

CATEGORIES: tuple[Category, ...] = get_args(Category)
RECIPIENTS: tuple[Recipient, ...] = get_args(Recipient)
DPV = "https://w3id.org/dpv#"
GDPR = "https://w3id.org/dpv/legal/eu/gdpr#"
WORDS = {
    "name", "title", "means", "dpv", "basis", "class", "objection", "restricted", "clauses", "categories", "recipients",
    "from", "to",
}  # fmt: skip


class BadPurposes(Exception):
    """The table of purposes cannot be used; the message names the purpose and what is wrong. Nothing was decided."""


@dataclass(frozen=True)
class Purpose:
    """One purpose, for the days between `since` and `until`."""

    name: str
    title: str  # for staff
    means: str  # for the person, one sentence or two
    dpv: str  # the whole IRI
    letter: str  # of GDPR Art. 6(1)
    kind: Class
    objection: Objectable
    restricted: WhileRestricted  # GDPR Art. 18(2): why it goes on; "": it does not
    clauses: tuple[str, ...]
    categories: frozenset[str]
    recipients: frozenset[str]
    since: date
    until: date | None  # its last day; None: it has none

    @property
    def basis(self) -> str:
        return f"GDPR Art. 6(1)({self.letter})"

    @property
    def basis_iri(self) -> str:
        return f"{GDPR}A6-1-{self.letter}"

    @property
    def covered_by(self) -> frozenset[str]:
        """What an objection names to end this use: the purpose itself, or the whole of its marketing."""
        return frozenset({self.name, self.kind})


Purposes = Mapping[str, Purpose]


def purposes_on(day: date) -> Purposes:
    """Those in force on a day, by name."""
    return {one.name: one for one in all_purposes() if one.since <= day and (one.until is None or day <= one.until)}


def objectable(day: date) -> tuple[Purpose, ...]:
    """Those that a person can object to, what is absolute first. GDPR Art. 21."""
    found = [one for one in purposes_on(day).values() if one.objection != "none"]
    return tuple(sorted(found, key=lambda one: one.objection != "absolute"))


@cache
def all_purposes() -> tuple[Purpose, ...]:
    """Read once. Raises BadPurposes."""
    return read_purposes((resources.files("kept.use") / "purposes.toml").read_text(encoding="utf-8"))


def read_purposes(text: str) -> tuple[Purpose, ...]:
    """Raises BadPurposes."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise BadPurposes(f"not TOML: {problem}") from None
    given = table.get("purpose", [])
    if table.get("format") != 1 or not isinstance(given, list) or not given:
        raise BadPurposes("format must be 1, and [[purpose]] must stand there at least once")
    found = [_purpose(one) for one in given]
    for one in found:
        days = [other for other in found if other.name == one.name and other is not one]
        if any(other.since <= (one.until or date.max) and one.since <= (other.until or date.max) for other in days):
            raise BadPurposes(f"{one.name}: two entries are in force on the same day")
    return tuple(found)


def _purpose(one: dict[str, Any]) -> Purpose:
    name = str(one.get("name", "?"))

    def wrong(what: str) -> BadPurposes:
        return BadPurposes(f"{name}: {what}")

    if unknown := one.keys() - WORDS:
        raise wrong(f"unknown words {', '.join(sorted(unknown))}")
    for word in ("name", "title", "means", "dpv"):
        if not isinstance(one.get(word), str) or not one[word].strip():
            raise wrong(f"needs {word}")
    if len(name) > 40 or not name.replace(".", "").replace("_", "").isalnum():
        raise wrong("a name has at most 40 letters, with . or _ between")
    chosen = {
        "basis": tuple("abcdef"), "class": get_args(Class), "objection": get_args(Objectable),
        "restricted": get_args(WhileRestricted),
    }  # fmt: skip
    for word, choices in chosen.items():
        if one.get(word, "" if word == "restricted" else None) not in choices:
            raise wrong(f"{word} must be one of {', '.join(filter(None, choices))}")
    for word, known in (("categories", CATEGORIES), ("recipients", RECIPIENTS)):
        if not one.get(word) or not set(one[word]) <= set(known):
            raise wrong(f"{word} must be some of {', '.join(known)}")
    if one["class"].startswith("marketing.") != (one["objection"] == "absolute"):
        raise wrong("against marketing an objection is absolute, and only there (GDPR Art. 21(3))")
    since, until = one.get("from"), one.get("to")
    if type(since) is not date or (until is not None and (type(until) is not date or until < since)):
        raise wrong("from is a day, and to is a later one, or is not there")
    return Purpose(
        name=name,
        title=one["title"],
        means=one["means"],
        dpv=DPV + one["dpv"],
        letter=one["basis"],
        kind=cast(Class, one["class"]),
        objection=cast(Objectable, one["objection"]),
        restricted=cast(WhileRestricted, one.get("restricted", "")),
        clauses=tuple(one.get("clauses", ())),
        categories=frozenset(one["categories"]),
        recipients=frozenset(one["recipients"]),
        since=since,
        until=until,
    )
