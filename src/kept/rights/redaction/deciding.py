"""What is taken out of a text: plain rules on plain values. GDPR Art. 15(4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from kept.engine.third_parties import Span, taken_out

Marked = Mapping[str, Any]  # {"start", "end", "what", "why", "out"}
MOST_WORDS = 200  # signs of one thing that an officer adds


def suggested(spans: Iterable[Span], *, own: bool) -> list[dict[str, Any]]:
    """In the person's own words it stays, for they know it; in somebody else's it goes: until an officer says more."""
    return [{"start": one.start, "end": one.end, "what": one.what, "why": one.why, "out": not own} for one in spans]


def decided(text: str, marks: Sequence[Marked], out: Collection[int], also: Iterable[str]) -> list[dict[str, Any]]:
    """The marks with those numbered in `out` taken out, and each further place where one of `also` stands."""
    new = [{**mark, "out": number in out} for number, mark in enumerate(marks)]
    for words in also:
        start = text.find(words) if words.strip() else -1
        while start >= 0:
            end = start + len(words)
            new = [mark for mark in new if mark["end"] <= start or mark["start"] >= end]
            new.append({"start": start, "end": end, "what": "words", "why": "marked by an officer", "out": True})
            start = text.find(words, end)
    return sorted(new, key=lambda mark: int(mark["start"]))


def told(text: str, spans: Mapping[str, Sequence[Marked]]) -> tuple[list[str], list[str]]:
    """What a form shows of a decision: the numbers of the suggestions that are out, and what an officer added."""
    now = {(mark["start"], mark["end"]): mark for mark in spans["spans"] if mark["out"]}
    out = [str(number) for number, mark in enumerate(spans["suggested"]) if (mark["start"], mark["end"]) in now]
    added = [text[mark["start"] : mark["end"]] for mark in now.values() if mark["what"] == "words"]
    return out, [words for words in dict.fromkeys(added) if words != text]


def as_copied(text: str, marks: Iterable[Marked]) -> tuple[str, int]:
    """The text as the person gets it, and how many places were taken out."""
    spans = [Span(mark["start"], mark["end"], "name") for mark in marks if mark["out"]]
    return taken_out(text, spans), len(spans)
