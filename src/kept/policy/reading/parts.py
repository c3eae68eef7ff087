"""What any file of a policy is read into: headings, paragraphs and items, and how that is cut into sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["heading", "paragraph", "item"]

MOST_SIGNS = 1_000_000  # of text, in one file
ABBREVIATIONS = ("e.g.", "i.e.", "etc.", "cf.", "vs.", "no.", "nr.", "art.", "arts.", "inc.", "ltd.", "co.", "corp.",
                 "mr.", "mrs.", "ms.", "dr.", "st.", "sec.", "para.", "approx.", "pte.", "u.s.", "u.k.")  # fmt: skip
_END = re.compile(r"(?<=[.!?])[\"')\]\N{RIGHT DOUBLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}]*\s+")


@dataclass(frozen=True)
class Part:
    """One block of the text, its white space made plain."""

    kind: Kind
    text: str
    level: int = 0  # of a heading: 1 is the highest

    @property
    def sentences(self) -> list[str]:
        return sentences(self.text)


def tidy(parts: Iterable[Part]) -> Iterator[Part]:
    """The parts with words in them: invisible signs gone, white space one blank."""
    for part in parts:
        text = plain(part.text)
        if any(sign.isalnum() for sign in text):
            yield Part(part.kind, text, part.level)


def plain(text: str) -> str:
    """NFC, without control and format characters, white space made one blank."""
    shown = (
        " " if sign.isspace() else sign
        for sign in unicodedata.normalize("NFC", text)
        if sign.isspace() or unicodedata.category(sign)[0] != "C"
    )
    return " ".join("".join(shown).split())


def sentences(text: str) -> list[str]:
    """Sentences of running text; an abbreviation, an initial or a number before a small letter ends none."""
    found: list[str] = []
    begin = 0
    for end in _END.finditer(text):
        before, after = text[begin : end.start()].strip(), text[end.end() :]
        last = before.rsplit(" ", 1)[-1].lower().lstrip("(\"'")
        if last in ABBREVIATIONS or re.fullmatch(r"[a-z]\.", last) or not after or after[0].islower():
            continue
        found.append(text[begin : end.end()].strip())
        begin = end.end()
    rest = text[begin:].strip()
    return [*found, rest] if rest else found
