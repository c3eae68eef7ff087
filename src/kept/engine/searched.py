"""Searching one text for many people, and taking them out of it: what cannot be in it costs next to nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from kept.engine.traces import LONGEST_TRACE, REDACTED, Trace

NOT_DIGITS = bytes(set(range(256)) - set(b"0123456789"))
SEPARATORS = b"- \t\r\n./"  # of a national number; the dash first, as sets of signs in patterns want it


class Searched:
    """Texts derived once, for every trace that is searched in it."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def raw(self) -> bytes:
        return self.text.encode("utf-8", "surrogateescape")

    @cached_property
    def small(self) -> str:
        """In lower case, of the same length as the text, so that places agree; longer: they do not."""
        return self.text.lower()

    @cached_property
    def digits(self) -> bytes:
        return self.raw.translate(None, NOT_DIGITS)

    @cached_property
    def joined(self) -> bytes:
        """In lower case and without separators."""
        return self.raw.translate(None, SEPARATORS).lower()


def redact(text: str, traces: Sequence[Trace], word: str = REDACTED) -> str:
    """The text without these identifiers. What remains has none of them."""
    searched = Searched(text)
    for trace in traces:
        spans = list(_spans(trace, searched))
        if spans:
            places = [0, *(place for span in spans for place in span), len(searched.text)]
            searched = Searched(word.join(searched.text[a:b] for a, b in zip(places[::2], places[1::2], strict=True)))
    return searched.text


def possible_beside(text: str, telling: Sequence[Trace], others: Sequence[Trace]) -> list[Trace]:
    """The traces whose letters all stand in the text: quick, and none that is really in it is missing. The others only
    where one of the telling ones is possible."""
    searched = Searched(text)
    found = [trace for trace in telling if _possible(trace, searched)]
    return [*found, *(trace for trace in others if _possible(trace, searched))] if found else found


def found_in(text: str, traces: Sequence[Trace]) -> list[Trace]:
    searched = Searched(text)
    return [trace for trace in traces if any(True for _ in _spans(trace, searched))]


def _spans(trace: Trace, searched: Searched) -> Iterator[tuple[int, int]]:
    """Where a trace stands. The pattern is slow, so it only reads around its letters."""
    for first, last in _around(trace, searched):
        yield from (match.span() for match in trace.text_pattern.finditer(searched.text, first, last))


def _possible(trace: Trace, searched: Searched) -> bool:
    if trace.bare:
        return trace.bare.encode() in (searched.digits if trace.kind == "phone" else searched.joined)
    return not trace.letters or any(all(part in searched.small for part in way) for way in trace.letters)


def _around(trace: Trace, searched: Searched) -> Iterator[tuple[int, int]]:
    if not _possible(trace, searched):
        return
    whole = 0, len(searched.text)
    ways = [way for way in trace.letters if all(part in searched.small for part in way)]
    if not ways or not all(ways) or whole[1] < 4 * LONGEST_TRACE or whole[1] != len(searched.small):
        yield whole
        return
    rarest = {max(way, key=len) for way in ways}
    first = last = -1
    for place in sorted(place for letters in rarest for place in _places(letters, searched.small)):
        if place - LONGEST_TRACE > last:
            if last >= 0:
                yield first, last
            first = max(0, place - LONGEST_TRACE)
        last = min(place + LONGEST_TRACE, whole[1])
    yield first, last


def _places(letters: str, text: str) -> Iterator[int]:
    place = text.find(letters)
    while place >= 0:
        yield place
        place = text.find(letters, place + 1)
