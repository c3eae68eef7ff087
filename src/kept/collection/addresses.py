"""Addresses that a text names: by them somebody is known again."""

from __future__ import annotations

import re
from collections.abc import Callable

from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.terms import Identifier
from kept.vault.errors import VaultError

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


def named_in(words: Callable[[], str]) -> list[Identifier]:
    """The same of sealed words, as what somebody is known by; none where they can no longer be opened."""
    try:
        return [Identifier("email", one) for one in addresses_in(words())]
    except VaultError:
        return []
