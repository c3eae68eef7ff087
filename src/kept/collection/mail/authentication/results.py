"""Authentication-Results (RFC 8601): believed only where our own border wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterable

COMMENT = re.compile(r"\([^()]{0,500}\)")
METHOD = re.compile(r"^\s*(dkim|spf|dmarc)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)", re.IGNORECASE)
WORDS = {"pass": "pass", "fail": "fail", "softfail": "fail", "policy": "fail", "none": "none", "neutral": "none"}
UNSURE = {"temperror": "temperror", "permerror": "fail"}


def results_of(fields: Iterable[str], authserv: str) -> dict[str, str] | None:
    """The verdicts in the topmost field that carries this name; None: there is none. `fields`: from the top down."""
    for one in fields:
        text = COMMENT.sub(" ", one)
        first, *rest = text.split(";")
        if first.split()[:1] and first.split()[0].lower() == authserv.lower():
            return _verdicts(rest)
    return None


def _verdicts(parts: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in parts:
        if match := METHOD.match(part):
            name, word = match[1].lower(), match[2].lower()
            verdict = WORDS.get(word) or UNSURE.get(word, "none")
            if found.get(name) != "pass":  # one good signature is enough
                found[name] = verdict
    return found
