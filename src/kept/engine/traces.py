"""Finding and taking out a person's identifiers in text.

Literal search alone hits other people (`32.1.2.3` in `132.1.2.34`): it only filters; every hit then has to stand
between the boundaries of its kind. Many people are searched at once with Hyperscan; without it, `re` does the same.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from types import ModuleType
from urllib.parse import quote

import phonenumbers

from kept.engine.identifiers import capital, stored_forms, upper
from kept.engine.subject import Batch
from kept.terms import Identifier, Kind

hyperscan: ModuleType | None
try:
    hyperscan = import_module("hyperscan")
except ImportError:  # no wheel for this machine: the fallback below serves
    hyperscan = None

REDACTED = "[erased]"
SHORT = "[-]"  # where REDACTED has no room: no trace is shorter
AT = r"(?:@|%40|%2540|&#64;|&#x40;|&commat;|=40|\\{1,2}u0040|\s?[(\[]at[)\]]\s?)"
# What may stand before a word although it ends in a letter or digit: the escapes of line breaks and signs that are no
# letters, in JSON, URLs and mail. Not every two digits after "=": `email=deanna@…` is not Anna.
AFTER_ESCAPE = "|".join(
    (
        r"(?<=\\[nrtbfv])",
        r"(?<=\\u00[23][0-9A-Fa-f])|(?<=\\u20[0-9A-Fa-f]{2})|(?<=\\u00[aAbB][0-9A-Fa-f])",
        r"(?<=%[2357][0-9A-Fa-f])|(?<=%0[9ADad])|(?<=%E2%80%[0-9A-Fa-f]{2})|(?<=%C2%[AB][0-9A-Fa-f])",
        r"(?<==(?:0[9AD]|2[0278C]|3[A-D]|5B|7[BC]))|(?<==E2=80=[0-9A-F]{2})|(?<==C2=[AB][0-9A-F])",
    )
)
# An ö or я before a word belongs to it. In Chinese or Japanese, words follow each other bare.
NO_LETTER_BEFORE = r"(?<![\u00c0-\u027f\u0340-\u04ff])"
WORD_START = rf"(?:(?<![A-Za-z0-9])|{AFTER_ESCAPE})"
WORD_END = r"(?![A-Za-z0-9])"
LOCAL = "A-Za-z0-9_.%+-"  # signs of an address before its @: with one more of them it is somebody else's
# But -a@b.de and __a@b.de__ are lists and emphasis.
DASHES = "|".join(rf"(?<={before}[-_]{{{n}}})" for before in (rf"[^{LOCAL}]", "^") for n in (1, 2))
ADDRESS_START = rf"(?:(?<![{LOCAL}])|{DASHES}|{AFTER_ESCAPE})"
HOST_END = r"(?!-*[A-Za-z0-9])(?!\.[A-Za-z0-9])"
GAP = r",?(?:\s|\\{1,2}[nrt]|%20|\+|=20|&nbsp;){1,3}"  # between the parts of a name
GAP_AT_LEAST = r"[\s\\nrt%20+=&bsp;,]{1,9}"  # what Hyperscan compiles in a third of the time: it only filters
STRONG_SIGN, NAME_SIGN, WEAK_SIGN = 1, 2, 4
TELLING = frozenset({1, 3, 5, 6, 7})  # what in one record is worth a closer look
TAIL = 8  # signs of a number that the filter looks for: more let Hyperscan compile half as fast, and find the same
LONGEST_TRACE = 700  # bytes a trace may span, escapes included


@dataclass(frozen=True)
class Trace:
    """One identifier of one subject, as it may stand in a text."""

    subject: int  # its number in the batch
    kind: Kind
    strong: bool  # weak traces count only beside the person's name
    core: str = field(repr=False)  # without boundaries, for the filter
    exact: str = field(repr=False)  # with them
    # Letters that must stand in the text in this order, in one of these ways: a coarser filter that any database has.
    letters: tuple[tuple[str, ...], ...] = field(default=(), repr=False)
    bare: str = field(default="", repr=False)  # what stays of a number when everything between its signs is left out

    @cached_property
    def text_pattern(self) -> re.Pattern[str]:
        return re.compile(NO_LETTER_BEFORE + self.exact, re.IGNORECASE)


def traces_of(batch: Batch) -> list[Trace]:
    """Every identifier of the batch that can be told apart in free text.

    Account numbers cannot: 42 is anybody's number outside its own column, where the re-read looks for it.
    """
    found = []
    for number, subject in enumerate(batch):
        for identifier in sorted(subject.identifiers):
            made = _pattern(identifier)
            if made:
                core, exact, strong = made
                found.append(
                    Trace(number, identifier.kind, strong, core, exact, _letters(identifier), _bare(identifier))
                )
    return found


def _pattern(identifier: Identifier) -> tuple[str, str, bool] | None:
    kind, value = identifier.kind, identifier.value
    if kind == "email":
        cores = []
        for form in _written(stored_forms(identifier)):
            local, _, host = form.rpartition("@")
            cores.append(f"{_literal(local)}{AT}{_literal(host)}".replace(r"\+", r"(?:\+|%2B)"))
        core = _any(cores)
        return core, f"{ADDRESS_START}{core}{HOST_END}", True
    if kind == "domain":
        core = _any([_literal(form) for form in _written(stored_forms(identifier))])
        return core, rf"(?:(?<![A-Za-z0-9-])|{AFTER_ESCAPE}){core}{HOST_END}", True
    if kind == "national_id" and len(value) >= 7:
        core = r"[\s./-]?".join(map(re.escape, value))
        return r"[\s./-]?".join(map(re.escape, value[-TAIL:])), f"{WORD_START}{core}{WORD_END}", True
    if kind == "customer_number" and len(value) >= 5 and re.search(r"[A-Za-z]", value):
        return re.escape(value), f"{WORD_START}{re.escape(value)}{WORD_END}", True
    if kind == "username" and len(value) >= 4:
        return re.escape(value), f"{WORD_START}{re.escape(value)}{WORD_END}", False
    if kind == "phone":
        digits = phonenumbers.national_significant_number(phonenumbers.parse(value))
        core = r"[\s()./-]{0,2}".join(digits)
        prefix = rf"(?:(?:(?:\+|00)?{_country(value)}[\s()./-]{{0,3}})?(?:\(?0\)?[\s()./-]{{0,2}})?)"
        tail = r"[\s()./-]{0,2}".join(digits[-TAIL:])
        return tail, rf"(?:(?<!\d)|{AFTER_ESCAPE}){prefix}{core}(?!\d)", False
    if kind == "name":
        return _name(value)
    if kind == "ip":
        core = _any([re.escape(form) for form in stored_forms(identifier)])
        if ":" in value:
            return core, rf"(?<![0-9A-Fa-f:]){core}(?![0-9A-Fa-f:])", False
        return core, rf"(?<![\d.]){core}(?!\d)(?!\.\d)", False
    if kind == "street":
        words = [_part(word) for word in value.split()]
        return GAP_AT_LEAST.join(words), f"{WORD_START}{GAP.join(words)}{WORD_END}", False
    if kind == "birth_date":
        return re.escape(value), rf"(?<!\d){re.escape(value)}(?!\d)", False
    return None


def _letters(identifier: Identifier) -> tuple[tuple[str, ...], ...]:
    """What of an identifier is written the same everywhere: ASCII letters and digits, lower case.

    (): nothing, since people put separators anywhere into it.
    """
    if identifier.kind == "name":
        return tuple(_plain_letters(" ".join(way)) for way in _ways(identifier.value.split()))
    if identifier.kind == "street":
        return (_plain_letters(identifier.value),)
    if identifier.kind in ("email", "domain"):
        forms = stored_forms(identifier)
        return tuple(tuple(filter(None, re.split(r"[@+]|[^\x21-\x7e]+", form))) for form in forms)
    return () if _bare(identifier) else tuple((form,) for form in stored_forms(identifier))


def _plain_letters(name: str) -> tuple[str, ...]:
    return tuple(filter(None, re.split(r"[^a-z0-9]+|ss", name)))


def _bare(identifier: Identifier) -> str:
    if identifier.kind == "phone":
        return phonenumbers.national_significant_number(phonenumbers.parse(identifier.value))
    return identifier.value.lower() if identifier.kind == "national_id" else ""


def _country(e164: str) -> str:
    return str(phonenumbers.parse(e164).country_code)


def _name(value: str) -> tuple[str, str, bool] | None:
    parts = value.split()
    if len(parts) < 2 and (value.isascii() or len(value) < 3):
        return None  # "Li" is everybody
    ways = [[_part(part) for part in way] for way in _ways(parts)]
    exact = _any([GAP.join(way) for way in ways])
    return _any([GAP_AT_LEAST.join(way) for way in ways]), f"{WORD_START}{exact}{WORD_END}", False


def _ways(parts: Sequence[str]) -> list[tuple[str, ...]]:
    """Systems keep the parts of a name in either order, and people write them in either."""
    return list(dict.fromkeys((*parts[turn:], *parts[:turn]) for turn in (0, 1, -1)))


def _part(name: str) -> str:
    """One part of a name; the normal form has ss for ß."""
    return _any([_literal(form) for form in _written([name, name.replace("ss", "ß")])])


def _written(forms: Sequence[str]) -> list[str]:
    """Letters beyond ASCII as they are written: in either case, since byte-wise matching folds only ASCII, taken
    apart into letter and accent, and escaped for JSON, URLs and mail."""
    spelled: dict[str, None] = {}
    for form in forms:
        spelled[form] = None
        if form.isascii():
            continue
        for cased in (form, upper(form), capital(form)):
            for one in (cased, unicodedata.normalize("NFD", cased)):
                in_url = "".join(sign if sign.isascii() else quote(sign) for sign in one)
                in_json = "".join(sign if sign.isascii() else json.dumps(sign)[1:-1] for sign in one)
                spelled |= dict.fromkeys((one, in_json, in_url, in_url.replace("%", "=")))
    return list(spelled)


def _literal(form: str) -> str:
    """A written form as a pattern; COPY doubles its backslashes, and a URL in a URL its %."""
    return re.escape(form).replace(r"\\u", r"\\{1,2}u").replace("%", "%(?:25)?")


def _any(cores: Sequence[str]) -> str:
    return cores[0] if len(cores) == 1 else f"(?:{'|'.join(cores)})"


class Finder:
    """Searches blocks of bytes for every trace of a batch at once."""

    def __init__(self, traces: Sequence[Trace], *, native: bool = True) -> None:
        self.traces = list(traces)
        self.signs = [
            STRONG_SIGN if trace.strong else NAME_SIGN if trace.kind == "name" else WEAK_SIGN for trace in traces
        ]
        self.database = None
        if native and hyperscan is not None and self.traces:
            database = hyperscan.Database()
            database.compile(
                expressions=[trace.core.encode() for trace in self.traces],
                ids=list(range(len(self.traces))),
                flags=[hyperscan.HS_FLAG_CASELESS] * len(self.traces),
            )
            self.database = database

    @cached_property
    def cores(self) -> list[re.Pattern[bytes]]:
        return [re.compile(trace.core.encode(), re.IGNORECASE) for trace in self.traces]

    def ends(self, block: bytes) -> list[tuple[int, int]]:
        """Where something that could be a trace ends: (number of the trace, offset), in the order of the offsets."""
        found: list[tuple[int, int]] = []
        if self.database is not None:

            def hit(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
                found.append((number, end))

            self.database.scan(block, match_event_handler=hit)
        else:
            for number, core in enumerate(self.cores):
                place = 0
                while match := core.search(block, place):
                    found.append((number, match.end()))
                    place = match.start() + 1  # they may overlap: Arden Alice Arden
            found.sort(key=lambda pair: pair[1])
        return found

    def records(self, block: bytes, between: bytes = b"\n") -> Iterator[tuple[int, int, set[int]]]:
        """The records that may say something: (start, end, subjects). `between`: what stands between two of them.

        A subject counts with a strong trace, or with the name and another weak one; boundaries are not looked at yet.
        Names alone stand in so many lines that each of them must cost next to nothing.
        """
        seen: dict[int, int] = {}
        start = end = -1
        for number, offset in self.ends(block):
            if offset > end:
                if subjects := {subject for subject, signs in seen.items() if signs in TELLING}:
                    yield start, end, subjects
                seen = {}
                before = block.rfind(between, 0, max(0, offset - 1))
                start = before + len(between) if before >= 0 else 0
                end = block.find(between, offset)
                end = len(block) if end < 0 else end
            trace = self.traces[number]
            seen[trace.subject] = seen.get(trace.subject, 0) | self.signs[number]
        if subjects := {subject for subject, signs in seen.items() if signs in TELLING}:
            yield start, end, subjects


def parts_of_names(batch: Batch) -> list[Trace]:
    """First and last names alone: only for texts that are known to be about the person."""
    return [
        Trace(number, "name", False, _part(part), f"{WORD_START}{_part(part)}{WORD_END}", (_plain_letters(part),))
        for number, subject in enumerate(batch)
        for identifier in sorted(subject.identifiers)
        if identifier.kind == "name"
        for part in identifier.value.split()
        if len(part) >= 3
    ]
