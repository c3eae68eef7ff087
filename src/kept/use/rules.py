"""What use decides. Plain values in, plain values out."""

from __future__ import annotations

import hashlib
import hmac

from kept.terms import Identifier

KEPT_BY_LAW = "kept by law"  # what the hash of a kept account is for


def digest(identifier: Identifier, purpose: str, key: bytes) -> str:
    """A keyed hash of an identifier for one purpose: the same person's hashes of two purposes do not match."""
    text = "\x1f".join((purpose, identifier.kind, identifier.scope, identifier.value))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
