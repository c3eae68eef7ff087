"""What an app may be allowed. An app gets no more than it needs."""

from __future__ import annotations

from typing import Literal, get_args

Scope = Literal["requests:open", "requests:read", "decisions:check", "automated:log"]

SCOPES: tuple[Scope, ...] = get_args(Scope)
MEANS: dict[Scope, str] = {
    "requests:open": "Open requests for people, have a new code mailed, and withdraw what it opened.",
    "requests:read": "See how the requests stand that it opened.",
    "decisions:check": "Ask whether an address may be used for a purpose.",
    "automated:log": "Log what it decided about somebody without a person, and fetch what a person found later.",
}


def known(words: list[str]) -> list[Scope]:
    """The scopes among these words, in their order here."""
    return [scope for scope in SCOPES if scope in words]
