"""Where a text speaks of other people: suggestions for whoever decides what a copy may show. GDPR Art. 15(4).

Rules propose and a person decides: an address or a number of somebody else, a name in a greeting, below a farewell, in
the head of a quoted mail, beside "my wife", or of whom the records around the text name. What is the person's own
stays. No network and no model: the same text gives the same answer.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from kept.engine import third_party_cues as cues
from kept.engine.identifiers import name_form, phone_spellings
from kept.engine.shown import ADDRESS
from kept.terms import Identifier

What = Literal["email", "phone", "iban", "card", "ip", "name", "street", "birth_date"]

TAKEN_OUT = "[about somebody else]"
LONGEST = 200_000  # signs of one text that are looked at
NEAR = 30  # signs before a number in which a word says what it is


@dataclass(frozen=True, order=True)
class Span:
    """Signs `start` to `end` of a text that seem to be about somebody else."""

    start: int
    end: int
    what: What
    why: str = ""  # in a few words: what it stood beside


@dataclass(frozen=True)
class Whose:
    """Whose data it is, and who else the records beside the text name."""

    own: frozenset[Identifier] = field(repr=False)
    others: frozenset[str] = field(default=frozenset(), repr=False)
    company: str = ""
    hosts: frozenset[str] = frozenset()  # the company's own: its offices' addresses are nobody's


class Redactor:
    """Suggestions for the texts about one person. Made once for many texts; safe to share."""

    def __init__(self, whose: Whose) -> None:
        own = whose.own
        self.addresses = {one.value for one in own if one.kind == "email"}
        phones = [form for one in own if one.kind == "phone" for form in phone_spellings(one.value)]
        self.numbers = {_digits(form)[-7:] for form in phones}
        self.ips = {one.value for one in own if one.kind == "ip"}
        self.streets = {one.value for one in own if one.kind == "street"}
        self.dates = {one.value for one in own if one.kind == "birth_date"}
        self.names = {part for one in own if one.kind == "name" for part in re.split(r"[\s-]+", one.value)}
        self.hosts = whose.hosts
        self.nobody = cues.nobody() | {name_form(part) for part in whose.company.split()}
        self.others = _pattern_of(whose.others, self.names | self.nobody)

    def suggest(self, text: str) -> list[Span]:
        """In their order, without overlaps."""
        text = text[:LONGEST]
        return _apart([*self._numbers(text), *self._names(text)])

    def _numbers(self, text: str) -> Iterator[Span]:
        for match in ADDRESS.finditer(text):
            address = match.group().lower().rstrip(".")
            if address not in self.addresses and address.rpartition("@")[2] not in self.hosts:
                yield Span(match.start(), match.start() + len(address), "email", "an address")
        for match in cues.IBAN.finditer(text):
            if is_iban(match.group()):
                yield Span(*match.span(), "iban", "an account number")
        for match in cues.CARD.finditer(text):
            if is_card(match.group()):
                yield Span(*match.span(), "card", "a card number")
        for match in cues.IP.finditer(text):
            if (address := _ip(match.group())) and address not in self.ips:
                yield Span(*match.span(), "ip", "an IP address")
        for match in cues.PHONE.finditer(text):
            if self._is_others_phone(match.group().strip(), _before(text, match)):
                yield Span(*match.span(), "phone", "a phone number")
        for match in cues.street().finditer(text):
            if name_form(match.group()) not in self.streets:
                yield Span(*match.span(), "street", "a street and number")
        for match in cues.DATE.finditer(text):
            if cues.beside("born").search(_before(text, match)) and match.group() not in self.dates:
                yield Span(*match.span(), "birth_date", "a date of birth")

    def _is_others_phone(self, written: str, before: str) -> bool:
        """Written as one calls abroad or from town to town, or beside a word that says so."""
        digits = _digits(written)
        if not 7 <= len(digits) <= 15 or digits[-7:] in self.numbers:
            return False
        if cues.DATE.fullmatch(written) or cues.DAY.fullmatch(written) or is_card(written) or _ip(written):
            return False
        return (len(digits) >= 8 and written.startswith(("+", "0", "(0"))) or bool(cues.beside("phone").search(before))

    def _names(self, text: str) -> Iterator[Span]:
        addresses = {match.start() for match in ADDRESS.finditer(text)}
        for match in cues.NAME.finditer(text):
            start, led_by = self._begin(match)
            parts = {_bare(part) for part in re.split(r"[\s-]+", text[start : match.end()])} - {""}
            if not parts - self.names - self.nobody:
                continue  # "Dear Support" names nobody, and "Dear Alice" whose text it is
            if why := _why(text, start, match.end(), led_by, addresses):
                yield Span(start, match.end(), "name", why)
        for pattern, why in () if text.isascii() else cues.ASIAN_NAMES:
            for match in pattern.finditer(text):
                if name_form(match.group("name")) not in self.names:
                    yield Span(*match.span("name"), "name", why)
        for match in self.others.finditer(text) if self.others else ():
            yield Span(*match.span(), "name", "somebody in these records")

    def _begin(self, match: re.Match[str]) -> tuple[int, list[str]]:
        """Where the name itself begins, and the words with a capital before it: "Dear Mr Brook" is led by two."""
        start, led_by = match.start(), []
        for part in re.finditer(r"\S+\s*", match.group()):
            if _bare(part.group()) not in self.nobody:
                break
            led_by.append(_bare(part.group()))
            start = match.start() + part.end()
        return start, led_by


def _why(text: str, start: int, end: int, led_by: list[str], addresses: set[int]) -> str:
    """Beside what the name stands; "": beside nothing that tells, and then it may be any word with a capital."""
    line_start = text.rfind("\n", 0, start) + 1
    line = text[max(line_start, start - 80) : start]
    before = [_bare(word) for word in line.split() if _bare(word)]
    last = [" ".join(before[-count:]) for count in (1, 2, 3) if len(before) >= count]
    parts = len(text[start:end].split())
    after = text[end : end + 20]
    if any(phrase in cues.said("title") for phrase in last[:1]):
        return "a title"
    if any(phrase in cues.said("greeting") for phrase in last) and len(before) <= 3:
        return "a greeting"
    if line.rstrip().endswith(":") and any(phrase.rstrip(":") in cues.said("head") for phrase in last[:2]):
        return "the head of a mail"
    if any(phrase in cues.said("says") for phrase in last):
        return "somebody says who they are"
    if _is_kin(before):
        return "somebody’s relation"
    if any(after.lower().lstrip().startswith(word) for word in cues.said("wrote")) or before[-1:] in _wrote_before():
        return "a quoted mail"
    if end + len(after) - len(after.lstrip(' \t"<')) in addresses:
        return "beside an address"
    if parts > 1 and last and last[0] in cues.said("near"):
        return "a first and a last name"
    if (
        not before
        and not after.split("\n")[0].strip(" \t,.")
        and _line_before(text, line_start) in cues.said("farewell")
    ):
        return "a signature"
    return ""


def _is_kin(before: list[str]) -> bool:
    """My wife, Alice's husband, rakan sekerja saya."""
    kin, whose = cues.said("kin"), cues.said("whose")
    if len(before) >= 2 and before[-1] in kin and (before[-2] in whose or before[-2].endswith(("'s", "’s"))):
        return True
    return (
        before[-1:] != []
        and before[-1] in cues.said("kin_after")
        and ((before[-2:-1] and before[-2] in kin) or " ".join(before[-3:-1]) in kin)
    )


def _wrote_before() -> list[list[str]]:
    return [[word] for word in cues.said("wrote")]


def _line_before(text: str, line_start: int) -> str:
    """The line before that says something, one empty line apart at most."""
    lines = text[max(0, line_start - 120) : line_start].split("\n")[:-1]
    while lines and not lines[-1].strip(" \t>"):
        lines.pop()
    return name_form(lines[-1].strip(" \t>,.!")) if lines else ""


def taken_out(text: str, spans: Iterable[Span]) -> str:
    """The text with TAKEN_OUT in their place. They must not overlap."""
    for span in sorted(spans, reverse=True):
        text = text[: span.start] + TAKEN_OUT + text[span.end :]
    return text


def is_card(text: str) -> bool:
    """Thirteen to nineteen digits with Luhn's check digit, in the range of a scheme; Mastercard's 2-series too."""
    digits = _digits(text)
    if not 13 <= len(digits) <= 19 or not re.match(r"3[0-9]|4|5[0-9]|2[2-7]|6", digits):
        return False
    pairs = enumerate(reversed(digits))
    return sum(sum(divmod((1 + place % 2) * int(digit), 10)) for place, digit in pairs) % 10 == 0


def is_iban(text: str) -> bool:
    """ISO 13616: with its check digits it is 1 modulo 97."""
    plain = re.sub(r"[ -]", "", text)
    turned = plain[4:] + plain[:4]
    return 15 <= len(plain) <= 34 and int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


def _apart(found: Iterable[Span]) -> list[Span]:
    """The longer of two that overlap."""
    kept: list[Span] = []
    for span in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
        elif span.end - span.start > kept[-1].end - kept[-1].start:
            kept[-1] = span
    return kept


def _pattern_of(names: Iterable[str], not_these: set[str]) -> re.Pattern[str] | None:
    """Names in full, in either order, and each part of one that is not also the person's, or a word."""
    forms: set[str] = set()
    for name in names:
        parts = [part for part in name.split() if "@" not in part]
        telling = [part for part in parts if len(part) >= 3 and part[0].isupper() and _bare(part) not in not_these]
        if telling and len(parts) > 1:
            turned = (parts[-1], *parts[:-1])
            forms |= {r"[ \t]+".join(map(re.escape, parts)), r",?[ \t]+".join(map(re.escape, turned))}
        forms |= {re.escape(part) for part in telling}
    if not forms:
        return None
    return re.compile(rf"(?<![\w@.-])(?:{'|'.join(sorted(forms, key=len, reverse=True))})(?![\w@])")


def _before(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - NEAR) : match.start()]


def _bare(part: str) -> str:
    return name_form(part).strip(".,’'")


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isascii() and sign.isdigit())


def _ip(text: str) -> str:
    """In its short form; "": it is none, or so short that it could be a time."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    return address.compressed if address.version == 4 or len(text) >= 6 else ""
