"""How a person is known again without being named. Plain values in, plain values out."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

from kept.terms import Identifier, Kind

KEPT_BY_LAW = "kept by law"  # what the hash of a kept account is for
OBJECTION, RESTRICTION = "objection", "restriction"  # and that of whoever objected, or had a use restricted
FOLDED = "email folded"  # the kind under which an address is suppressed in all its usual spellings

# What an objection or a restriction goes by. A user name or a domain is somebody else's in the next system.
NAMES: frozenset[Kind] = frozenset({"email", "account", "customer_number", "national_id"})

ONE_MAILBOX = frozenset({"gmail.com", "googlemail.com"})  # dots in the name before the @ make no other mailbox there


def digest(identifier: Identifier, purpose: str, key: bytes) -> str:
    """A keyed hash of an identifier for one purpose: the same person's hashes of two purposes do not match."""
    text = "\x1f".join((purpose, identifier.kind, identifier.scope, identifier.value))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def mark_of(key: bytes) -> str:
    """Tells one key from another, so that a hash whose key is gone is noticed. It opens nothing."""
    return hmac.new(key, b"mark", hashlib.sha256).hexdigest()[:16]


def folded(identifier: Identifier) -> Identifier:
    """An address without what people add to it for one mailbox: "+shop", dots where they do not count.

    For suppression only: rather one letter too few than one too many.
    """
    if identifier.kind != "email":
        return identifier
    local, _, host = identifier.value.rpartition("@")
    name = unicodedata.normalize("NFKC", local).casefold()
    name = name.partition("+")[0] or name
    if host in ONE_MAILBOX:
        host, name = "gmail.com", name.replace(".", "") or name
    return Identifier("email", f"{name}@{host}")
