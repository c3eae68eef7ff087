"""What names, numbers and streets look like in a text, and beside which words a name stands: third_parties.toml.

Every pattern is bounded: a text made to be slow is read like any other.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources

from kept.engine.identifiers import name_form

# One part of a name: a capital and more, O'Brien and Anne-Marie among them. Letters of Latin, Greek and Cyrillic.
CAPITAL = "A-ZÀ-ÖØ-ÞŠŽĄĆĘŁŃŚŹŻŐŰĞİŞА-ЯЁΑ-Ω"
PART = rf"(?:(?:Mc|Mac|O['’]|D['’]|L['’])?[{CAPITAL}][\w'’]{{0,30}}\w(?:-[{CAPITAL}]\w{{1,30}}){{0,2}})"
LINK = (
    r"(?:(?:van|von|de|der|den|del|della|di|da|dos|bin|binti|binte|al|el|ter|zu|af|la|le)[ \t]{1,4}"
    r"|a/[lp][ \t]{1,4})"
)
INITIAL = r"(?:[A-Z]\.[ \t]?)"
NAME = re.compile(
    rf"(?<![\w@.'’-]){LINK}{{0,2}}{INITIAL}{{0,2}}{PART}"
    rf"(?:[ \t]{{1,4}}(?:{INITIAL}|{LINK}{{0,2}}{PART})){{0,4}}(?![\w@])"
)
HAN_OR_KANA = r"[\u4e00-\u9fff\u3040-\u30ffー々]"
ASIAN_NAMES = (
    (re.compile(rf"(?P<name>{HAN_OR_KANA}{{2,8}})[ \t]?(?=様|さん|氏|先生|女士|小姐)"), "a title"),
    (
        re.compile(rf"(?:(?<=私は)|(?<=我是)|(?<=我叫))(?P<name>{HAN_OR_KANA}{{2,6}}?)(?=です|と申|[\uff0c。,]|$)"),
        "somebody says who they are",
    ),
    (re.compile(r"(?:திரு|திருமதி|செல்வி|அன்புள்ள)\.?[ \t]{1,4}(?P<name>[\u0b80-\u0bff]{2,40})"), "a title"),
)

# Not behind the colon of a clock time: 12:30:05.654131 holds no number to call.
PHONE = re.compile(r"(?<![\w.+-])(?<!\d:)(?:\+|00)?\(?\d[\d \t()./\u2010-\u2015-]{5,20}\d(?![\w]|[-.]\d)")
IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{2,4}){3,8}(?![A-Za-z0-9])")
CARD = re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")
IP = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?![\w:]|\.\d)")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ \t]+\d{1,2})?")  # and the hour, as far as it looks like part of a number
DATE = re.compile(
    r"(?<!\d)(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}"
    r"|\d{1,2}(?:st|nd|rd|th|\.)?[ \t]{1,3}[^\W\d_]{3,10}\.?[ \t]{1,3}\d{4})(?!\d)"
)


@cache
def street() -> re.Pattern[str]:
    """14 Garden Street, Gartenstraße 14, 3 rue de la Paix."""
    after, end, before = (either(words_of(which)) for which in ("road_after", "road_end", "road_before"))
    number, gap = r"\d{1,5}[a-z]?", r"[ \t]{1,3}"
    return re.compile(
        rf"(?<![\w])(?:{number},?{gap}(?:{PART}{gap}){{1,3}}(?:{after})\b"
        rf"|[{CAPITAL}][\w-]{{0,40}}(?:{end}){gap}{number}\b"
        rf"|(?:{number},?{gap})?(?i:{before}){gap}(?:(?:de|du|des|la|del|los|las){gap}){{0,2}}"
        rf"{PART}(?:{gap}{PART}){{0,3}}(?:,?{gap}{number}\b)?)"
    )


@cache
def nobody() -> frozenset[str]:
    """Words that stand where a name could, in the form of names."""
    words = _told()["nobody"]
    assert isinstance(words, list)  # noqa: S101 - the file says so
    also = [part for which in ("title", "greeting", "head", "kin") for word in words_of(which) for part in word.split()]
    return frozenset(name_form(word) for word in (*words, *also))


@cache
def said(which: str) -> frozenset[str]:
    """Its phrases, in the form of names."""
    return frozenset(name_form(word) for word in words_of(which))


@cache
def beside(which: str) -> re.Pattern[str]:
    """Any of these words, however it goes on."""
    return re.compile(rf"(?<![^\W\d_])(?:{either(words_of(which))})", re.IGNORECASE)


def words_of(which: str) -> frozenset[str]:
    """Those of every language."""
    languages = [words for words in _told().values() if isinstance(words, dict)]
    return frozenset(word for words in languages for word in words.get(which, ()))


def either(words: Iterable[str]) -> str:
    """A pattern for any of them, the longest first."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


@cache
def _told() -> dict[str, object]:
    return tomllib.loads((resources.files("kept.engine") / "third_parties.toml").read_text(encoding="utf-8"))
