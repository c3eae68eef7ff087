"""Reading what an app sends: JSON objects, strictly. Whatever is wrong is told without repeating it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from django.http import HttpRequest
from django.http.request import RawPostDataException
from ninja.parser import Parser

from kept.rights.api.problems import Place, Problem

NO_LETTER = re.compile("[\0\ud800-\udfff]")  # NUL, and half a surrogate pair: what no store can hold
DEEPEST = 8


class StrictParser(Parser):
    """Raises Problem."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        if request.content_type != "application/json":
            raise Problem("media-type")
        try:
            read = json.loads(request.body.decode("utf-8"), parse_constant=_no_number, object_pairs_hook=_once)
        except (ValueError, RecursionError, OSError, RawPostDataException):
            raise Problem("unreadable") from None
        _look(read, "", 0)
        if not isinstance(read, dict):
            raise Problem("invalid", places=[Place("", "The body is a JSON object.")])
        return read


def _no_number(_: str) -> NoReturn:
    raise ValueError


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """A name that stands twice is read differently by different programs: it is refused."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _look(value: object, where: str, depth: int) -> None:
    if depth > DEEPEST:
        raise Problem("unreadable", f"It is nested more than {DEEPEST} deep.")
    if isinstance(value, str) and NO_LETTER.search(value):
        raise Problem("invalid", places=[Place(where, "It holds a sign that no text holds (NUL, or half a letter).")])
    if isinstance(value, float) and not math.isfinite(value):
        raise Problem("unreadable")
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if NO_LETTER.search(name):
                raise Problem("unreadable")
            _look(inner, f"{where}/{_part(name)}", depth + 1)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _look(inner, f"{where}/{number}", depth + 1)


def _part(name: str) -> str:
    """As a JSON pointer holds it (RFC 6901); a long name, which is none of ours, is cut."""
    return name[:40].replace("~", "~0").replace("/", "~1")


WRONG: Mapping[str, str] = {
    "missing": "It is missing.",
    "extra_forbidden": "There is no such name here.",
    "string_type": "It is a text.",
    "bool_type": "It is true or false.",
    "dict_type": "It is an object.",
    "list_type": "It is a list.",
    "string_too_long": "It is too long.",
    "string_too_short": "It is too short.",
    "string_pattern_mismatch": "It does not have the form that the reference shows.",
    "enum": "It is none of the words that the reference lists.",
    "literal_error": "It is none of the words that the reference lists.",
    "uuid_parsing": "It is no UUID.",
}


def places_in(errors: Sequence[Mapping[str, Any]]) -> list[Place]:
    """What a schema found, in fixed words: its own would repeat what was sent."""
    found: dict[str, Place] = {}
    for error in errors:
        loc = [str(part) for part in error.get("loc", ())]
        where = _part(loc[-1]) if loc else ""
        if loc[:1] == ["body"]:  # body, the argument's name, and then the way into the body
            where = "".join(f"/{_part(part)}" for part in loc[2:])
        found.setdefault(where, Place(where, WRONG.get(str(error.get("type")), "It cannot be used.")))
    return list(found.values())
