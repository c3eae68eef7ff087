"""What counts as a reason, and what is unusual about a look. Plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

# Why staff may look. What a person reads about looks at their own data says it in these words.
REASONS: Mapping[str, str] = {
    "case": "To answer your request",
    "identity": "To see whether records are yours",
    "third_parties": "To see what records say about other people",
    "law": "To see whether a law keeps records",
    "question": "You asked about them",
    "quality": "To see whether an answer is right and whole",
    "use": "To see what we may use your data for",
    "authority": "To answer an authority or a court",
    "audit": "To check that we keep our rules",
}

# The same for whoever reads the log.
FOR_STAFF: Mapping[str, str] = {
    "case": "to answer the request",
    "identity": "to see whether records are the person's",
    "third_parties": "to see what records say about others",
    "law": "to see whether a law keeps records",
    "question": "the person asked about them",
    "quality": "to see whether an answer is right",
    "use": "to see whether we may use the data",
    "authority": "to answer an authority or a court",
    "audit": "to check that rules are kept",
}

Flag = Literal["many", "no_open_case", "own"]
FLAG_WORDS: Mapping[str, str] = {
    "many": "many people in a short time",
    "no_open_case": "no open request",
    "own": "their own data",
}
TOGETHER = timedelta(minutes=10)  # unusual looks of one reader that are told of in one mail
WITHOUT_CASE = ("rows", "package", "accounts", "account")  # looks that only an open request explains


@dataclass(frozen=True)
class Limits:
    """More than `many` people within `span` are unusual for one reader."""

    many: int
    span: timedelta


def flags_of(what: str, case_open: bool | None, own: bool, people_lately: int, limits: Limits) -> list[Flag]:
    """What is unusual about one look. `people_lately`: how many the reader looked at within the span, this included.

    Looking at the log itself is an auditor's work and is only written down.
    """
    found: list[Flag] = []
    if what == "log":
        return found
    if people_lately > limits.many:
        found.append("many")
    if not case_open and what in WITHOUT_CASE:
        found.append("no_open_case")
    if own:
        found.append("own")
    return found


def slot_of(at: datetime) -> tuple[datetime, datetime]:
    """The ten minutes that an instant lies in: their first instant, and the first one after them."""
    begin = at.replace(minute=at.minute - at.minute % 10, second=0, microsecond=0)
    return begin, begin + TOGETHER
