"""Finding a sealed value without opening any: a keyed hash of it, in a column of its own."""

from __future__ import annotations

import hashlib
import hmac

from kept.engine.errors import NotAnIdentifier
from kept.engine.identifiers import normal
from kept.vault.keys import secret_of_indexes
from kept.vault.site_keys import derived

INDEX_BYTES = 16


def index_of(place: str, text: str, secret: bytes | None = None) -> bytes:
    """HMAC-SHA256, cut to 16 bytes, under a key of this place alone: two columns' hashes of one text do not match.

    `secret`: that of the indexes, where it was read already.
    """
    return hmac.digest(key_for(place, secret), text.encode("utf-8", "surrogatepass"), hashlib.sha256)[:INDEX_BYTES]


def address_index(place: str, address: str, secret: bytes | None = None) -> bytes:
    """Of an e-mail address in its normal form."""
    try:
        return index_of(place, normal("email", address).value, secret)
    except NotAnIdentifier:
        return index_of(place, address.strip().lower(), secret)


def key_for(place: str, secret: bytes | None = None) -> bytes:
    return derived(secret_of_indexes() if secret is None else secret, f"index {place}")
