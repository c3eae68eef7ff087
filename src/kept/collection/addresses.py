"""Addresses that a text names. Plain text in, identifiers out."""

from __future__ import annotations

import re

from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.terms import Identifier

ADDRESS = re.compile(r"[\w.+%-]{1,64}@[\w.-]{1,190}\.[^\W\d_]{2,40}")
MOST = 50  # of one text


def addresses_in(text: str) -> list[str]:
    """The e-mail addresses of a text in normal form, each once, in its order."""
    found: dict[str, None] = {}
    for one in ADDRESS.findall(text)[:MOST]:
        try:
            found[normal("email", one.rstrip(".")).value] = None
        except NotAnIdentifier:
            continue
    return list(found)


def named_in(text: str) -> list[Identifier]:
    """The same, as what somebody is known by."""
    return [Identifier("email", one) for one in addresses_in(text)]
