"""One sealed value: AES-256-GCM under its owner's key, and bound to its place, so that it can be moved nowhere else.

0x01 │ nonce, 12 bytes │ ciphertext │ tag, 16 bytes
"""

from __future__ import annotations

import secrets
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kept.vault.errors import Unreadable

VERSION = b"\x01"
NONCE_BYTES = 12
SHORTEST = 1 + NONCE_BYTES + 16
_number = struct.Struct(">q").pack


def bound_to(number: int, place: str, row: str) -> bytes:
    """What is authenticated with the value: whose key, "table.column", and which row."""
    return _number(number) + f"{place}\0{row}".encode("utf-8", "surrogatepass")


def seal(cipher: AESGCM, plain: bytes, bound: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return VERSION + nonce + cipher.encrypt(nonce, plain, bound)


def unseal(cipher: AESGCM, sealed: bytes, bound: bytes) -> bytes:
    """Raises Unreadable."""
    if len(sealed) < SHORTEST or sealed[:1] != VERSION:
        raise Unreadable("not a sealed value")
    try:
        return cipher.decrypt(sealed[1:13], sealed[13:], bound)
    except InvalidTag:
        raise Unreadable("changed, moved, or sealed with another key") from None
