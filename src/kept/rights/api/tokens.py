"""Tokens of apps: made once, shown once, stored as a hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets

START = "kept_"  # so that a scanner for leaked secrets knows one when it sees it
BYTES = 32
HINT = 4


def new_token() -> str:
    return START + secrets.token_urlsafe(BYTES)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def hint_of(token: str) -> str:
    return token[-HINT:]


def keyed(token: str, use: str, what: bytes) -> str:
    """A hash that only who has the token can work out again."""
    return hmac.new(token.encode(), use.encode() + b"\0" + what, hashlib.sha256).hexdigest()
