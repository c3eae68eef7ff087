"""The key with which this site signs what it hands on, so that whoever gets it sees that it came from here.

It is worked out from the site's own key (Ed25519, RFC 8032). After that key was changed, what the old one signed is
still known as ours: both public keys are told.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kept.engine.portable import signed_text
from kept.vault.site_keys import site_keys

USE = "portability signature"
KEY_BYTES, SIGNATURE_BYTES = 32, 64


def sign(text: bytes) -> str:
    """Base64. What is signed begins with a line that says what it is for: see docs/reference/portability.md."""
    return base64.b64encode(_keys()[0].sign(text)).decode()


def sign_manifest(manifest: bytes) -> str:
    return sign(signed_text(manifest))


def public_keys() -> list[str]:
    """Base64, the one that signs now first."""
    return [base64.b64encode(key.public_key().public_bytes_raw()).decode() for key in _keys()]


def is_signed(text: bytes, signature: str, keys: Iterable[str]) -> bool:
    """Whether one of these keys signed it. What is no key or no signature signs nothing."""
    try:
        raw = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(raw) == SIGNATURE_BYTES and any(_signed(text, raw, key) for key in keys)


def _signed(text: bytes, signature: bytes, key: str) -> bool:
    try:
        raw = base64.b64decode(key, validate=True)
        if len(raw) != KEY_BYTES:
            return False
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, text)
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return True


def _keys() -> list[Ed25519PrivateKey]:
    return [Ed25519PrivateKey.from_private_bytes(seed) for seed in site_keys(USE)]
